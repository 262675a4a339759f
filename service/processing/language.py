"""Says which language a text is in.

Importing this loads the model (0.35 s): it belongs into the sandbox server, whose
children then share it.
"""

import re

from py3langid import langid

_IDENTIFIER = langid.LanguageIdentifier.from_model_file(
    langid.MODEL_FILE, norm_probs=True
)
_SAMPLE_CHARS = 10_000
_LETTERS_NEEDED = 20
_SURE = 0.7
_WORD = re.compile(r"[^\W\d_]{2,}")


def detect(text: str) -> tuple[str | None, float | None]:
    """Give the text's language (ISO 639-1) and how sure that is, 0-1.

    The language is None when it cannot be told.

    Numbers, single letters and codes say nothing about a language, so only words
    count, and a few of them are needed: without them the confidence is None, too.
    """
    words = _WORD.findall(text[:_SAMPLE_CHARS])
    if sum(len(word) for word in words) < _LETTERS_NEEDED:
        return None, None
    language, probability = _IDENTIFIER.classify(" ".join(words))
    confidence = round(float(probability), 3)
    return (str(language) if probability >= _SURE else None), confidence
