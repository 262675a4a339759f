import msgspec
import pytest

from service.domain.options import ProcessingOptions
from service.errors import InvalidRequestError
from service.processing.options import options_of_text

WRITTEN = {
    "ocr": ("off", "off"),
    "ocrLanguages": ("en, de", ["en", "de"]),
    "pages": ("1-3, 7", "1-3,7"),
    "tables": ("false", False),
    "expandAttachments": ("true", True),
    "model": ("required", "required"),
}
"""Each option as text, and as it stands in a request."""


def test_every_option_can_be_written_as_text() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(ProcessingOptions)}
    assert WRITTEN.keys() == names - {"expandBytes"}  # not the submitter's to say
    found = options_of_text({name: text for name, (text, _) in WRITTEN.items()})
    assert msgspec.json.decode(msgspec.json.encode(found)) == {
        name: value for name, (_, value) in WRITTEN.items()
    }


def test_a_page_is_text_although_it_looks_like_a_number() -> None:
    assert options_of_text({"pages": "7"}).pages == "7"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("speed", "9", "There are: ocr, ocrLanguages, pages"),
        ("ocr", "on", "ocr is one of auto, off, required, not 'on'"),
        ("model", "", "model is one of auto"),
        ("tables", "yes", "tables is true or false, not 'yes'"),
        ("expandAttachments", "1", "expandAttachments is true or false"),
        ("ocrLanguages", "english", "like en,de, not 'english'"),
        ("ocrLanguages", "en,", "codes of two letters"),
        ("ocrLanguages", "en,xx", "No language has the code 'xx'"),
        ("ocrLanguages", ",".join(["en"] * 11), "up to 10"),
        ("pages", "3-1", "ranges like 1-3,7"),
        ("pages", "0", "ranges like 1-3,7"),
        ("pages", "", "ranges like 1-3,7"),
    ],
)
def test_what_an_option_does_not_take_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        options_of_text({name: text})
    assert said in caught.value.message
