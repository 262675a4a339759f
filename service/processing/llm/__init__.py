"""A language model behind an OpenAI-compatible address, as an optional helper.

Everything here expects trouble: every answer is checked against a schema, every wait
has an end, and whoever asks must be able to do without. `client.Model` is the way in;
its modules are imported one by one, for most of them are light and the HTTP client is
not.
"""
