"""Words that only name something: files, variables, and what is between quotes."""

import re

_EXTENSIONS = (
    "bmp|csv|docx?|eml|gif|heic|html?|jpe?g|json|md|msg|od[pst]|pdf|png|pptx?|py|rtf|"
    "tiff?|txt|webp|xls[mx]?|xml|ya?ml|zip"
)
_NAMES = re.compile(
    rf"(?<![\w./\\-])[\w./\\-]{{1,200}}\.(?:{_EXTENSIONS})(?!\w)"  # invoice-1.pdf
    r"|(?<!\w)[^\W_]{1,60}(?:_[^\W_]{1,60})+(?!\w)"  # invoice_number
    r'|"[^"\n]{0,200}"|`[^`\n]{0,200}`',
    re.IGNORECASE,
)


def without_names(text: str) -> str:
    """Give text of the same length, blanks for words that only name something.

    A list of files says "invoice" on every line and is none.
    """
    return _NAMES.sub(lambda match: " " * len(match[0]), text)
