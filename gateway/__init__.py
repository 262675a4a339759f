"""The HTTP API, its live streams, the dashboard and the Python client."""
