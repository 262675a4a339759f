from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.processing.context import Limits
from service.processing.formats.content import cleaned
from service.processing.formats.encoding import declared_charset, decode
from service.processing.pipeline import Outcome
from tests.unit.processing.readers import read
from tests.unit.processing.running import SAMPLES, extract, issues, text

GERMAN = "Für die jährliche Wartung der Türen berechnen wir größere Beträge."
QUOTED = "He said “that will be 5 € please” and waited for her to pay."
RUSSIAN = "Договор вступает силу после подписания обеими сторонами. "


@pytest.mark.parametrize(
    ("content", "declared", "encoding", "expected"),
    [
        (GERMAN.encode(), None, "utf-8", GERMAN),
        (GERMAN.encode("utf-8-sig"), None, "utf-8", GERMAN),
        (GERMAN.encode("utf-16"), None, "utf-16-le", GERMAN),
        (GERMAN.encode("utf-16-be"), None, "utf-16-be", GERMAN),
        (GERMAN.encode("utf-32"), None, "utf-32-le", GERMAN),
        (GERMAN.encode("iso-8859-1"), None, "iso-8859-1", GERMAN),
        (QUOTED.encode("cp1252"), None, "windows-1252", QUOTED),
        (GERMAN.encode(), "iso-8859-1", "utf-8", GERMAN),
        ("łódź".encode("iso-8859-2"), "ISO-8859-2", "iso-8859-2", "łódź"),
        (GERMAN.encode("iso-8859-1"), "nonsense", "iso-8859-1", GERMAN),
        (GERMAN.encode("iso-8859-1"), "utf-8", "iso-8859-1", GERMAN),
        (b"caf\xc3", None, "utf-8", "caf"),
        (b"", None, "utf-8", ""),
    ],
)
def test_the_encoding_is_found_by_what_is_certain_first(
    content: bytes, declared: str | None, encoding: str, expected: str
) -> None:
    decoded = decode(content, declared)

    assert (decoded.text, decoded.encoding) == (expected, encoding)
    assert decoded.sure


def test_text_that_was_encoded_twice_is_not_taken_for_russian() -> None:
    twice = "an “odd quote here".encode().decode("cp1252").encode()

    assert decode(twice).encoding == "utf-8"


def test_many_high_bytes_are_guessed_and_said_to_be() -> None:
    russian = RUSSIAN * 5

    decoded = decode(russian.encode("cp1251"))

    assert decoded.text == russian
    assert not decoded.sure


def test_wrong_bytes_in_utf8_spoil_nothing_but_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"{GERMAN}\n".encode() * 3 + b"Stra\xdfe\n" + GERMAN.encode())

    outcome = extract(path)

    assert text(outcome) == f"{GERMAN}\n" * 3 + f"Stra\ufffde\n{GERMAN}"
    [issue] = outcome.data["issues"]
    assert (issue["code"], issue["severity"]) == ("ENCODING_UNSURE", "warning")
    assert "(1)" in issue["message"]


def test_an_unsure_encoding_is_an_issue_but_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(RUSSIAN.encode("cp1251"))

    outcome = extract(path)

    assert issues(outcome) == ["ENCODING_UNSURE"]
    assert outcome.status == "ok"


JSON = """{
 "items": [{"name": "Grüße \\n", "count": -12.5e3}, [], null, true],
 "total": 7.0
}"""


@pytest.mark.parametrize(
    "last",
    [
        ":",
        "[",
        "[{",
        "Grü",
        "\\",
        "-",
        "-12.",
        "12.5e",
        "},",
        "nul",
        "null,",
        "7.0",
        "\n",
    ],
)
def test_json_that_breaks_off_is_called_so(tmp_path: Path, last: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(JSON[: JSON.rindex(last) + len(last)].rstrip("}"), encoding="utf-8")

    outcome = extract(path)

    assert issues(outcome) == ["TRUNCATED"]
    assert outcome.status == "degraded"
    assert text(outcome).startswith('{\n "items": [')


def test_json_with_another_fault_is_read_as_text_saying_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1,}')

    outcome = extract(path)

    assert issues(outcome) == ["REPAIRED"]
    assert (outcome.status, text(outcome)) == ("ok", '{"a": 1,}')


@pytest.mark.parametrize(
    "content",
    [
        JSON.encode(),
        JSON.encode("utf-16"),
        JSON.encode("utf-8-sig"),
        b'{"a": 1}\n\n{"a": 2}\n',
        b"[" * 3_000 + b"]" * 3_000,
    ],
)
def test_whole_json_has_nothing_wrong(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)

    assert issues(extract(path)) == []


def test_json_whose_lines_break_off_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": 1}\n{"a": ')

    assert issues(extract(path)) == ["TRUNCATED"]


@given(
    st.binary(max_size=600), st.sampled_from([None, "utf-8", "ascii", "x-no", "idna"])
)
def test_any_bytes_decode_to_storable_text(
    content: bytes, declared: str | None
) -> None:
    decoded = decode(content, declared)

    assert cleaned(decoded.text).encode("utf-8").decode("utf-8") is not None


@given(st.text(max_size=300))
def test_utf8_comes_back_as_it_was(value: str) -> None:
    content = value.encode("utf-8", "ignore")
    if not content.startswith((b"\xef\xbb\xbf", b"\0")) and b"\0" not in content:
        assert decode(content).text == content.decode()


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        (None, None),
        ("text/plain", None),
        ("text/plain; charset=utf-8", "utf-8"),
        ('text/plain; format=flowed; Charset="ISO-8859-15"', "ISO-8859-15"),
    ],
)
def test_the_charset_is_read_from_a_media_type(
    media_type: str | None, charset: str | None
) -> None:
    assert declared_charset(media_type) == charset


def test_a_declared_charset_is_believed_when_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("zażółć gęślą jaźń".encode("iso-8859-2"))

    outcome = extract(path, declared="text/plain; charset=iso-8859-2")

    assert text(outcome) == "zażółć gęślą jaźń"
    assert outcome.data["text"]["encoding"] == "iso-8859-2"


def test_both_sample_texts_keep_their_letters() -> None:
    assert "Zoë Brandt" in text(extract_sample("minutes-utf8.txt"))
    german = extract_sample("letter-latin1.txt")
    assert "Jörg Schäfer" in text(german)
    assert german.data["language"] == "de"
    assert german.data["text"]["encoding"] == "iso-8859-1"


def test_a_table_keeps_its_rows() -> None:
    outcome = extract_sample("stock.csv")

    assert outcome.media_type == "text/csv"
    assert '22-007,"Pipe clamp 1/2""",Bristol,310,400,1.85' in text(outcome)


def test_a_long_text_goes_to_a_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("a word and another\n" * 500)

    outcome = extract(path, output_prefix=tmp_path / "made")

    assert "text.txt" in [output.name for output in outcome.outputs]
    assert outcome.data["text"]["charCount"] == 9_499
    assert len(text(outcome)) == 2_000
    assert outcome.data["text"]["truncated"] is False
    full = (tmp_path / "made.text.txt").read_text()
    assert len(full) == 9_499
    assert full.startswith(text(outcome))


def test_a_text_over_the_limit_is_cut_and_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("ä" * 5_000)

    outcome = extract(path, limits=Limits(max_text_chars=3_000))

    assert outcome.data["text"]["truncated"] is True
    assert outcome.data["text"]["charCount"] == 3_000
    assert outcome.data["limitsHit"] == ("text_chars",)
    assert outcome.status == "degraded"


def test_control_characters_do_not_reach_the_result(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\x1b[31m red\r\nline" + b" more" * 50)

    assert text(extract(path)).startswith("a[31m red\nline")


def extract_sample(name: str) -> Outcome:
    return extract(SAMPLES / name)


@pytest.mark.parametrize(
    ("content", "declared", "encoding", "lowest", "highest"),
    [
        (GERMAN.encode(), None, "utf-8", 1.0, 1.0),
        (GERMAN.encode("utf-16"), None, "utf-16-le", 1.0, 1.0),
        ("łódź".encode("iso-8859-2"), "iso-8859-2", "iso-8859-2", 1.0, 1.0),
        (GERMAN.encode("iso-8859-1"), None, "iso-8859-1", 0.8, 0.99),
        (QUOTED.encode("cp1252"), None, "windows-1252", 0.8, 0.99),
        ((RUSSIAN * 5).encode("cp1251"), None, "cp1251", 0.3, 0.79),
        (GERMAN.encode("iso-8859-1") + b"\x81", None, "iso-8859-15", 0.1, 0.79),
    ],
)
def test_confidence_is_full_only_for_what_is_certain(
    content: bytes, declared: str | None, encoding: str, lowest: float, highest: float
) -> None:
    decoded = decode(content, declared)

    assert decoded.encoding == encoding
    assert lowest <= decoded.confidence <= highest


@pytest.mark.parametrize(
    ("text", "really", "declared"),
    [
        (QUOTED, "cp1252", "iso-8859-1"),
        (QUOTED, "cp1252", "iso-8859-2"),
        (GERMAN, "iso-8859-1", "utf-16"),
        (GERMAN, "iso-8859-1", "utf-7"),
        (GERMAN, "iso-8859-1", "unicode-escape"),
        (GERMAN, "iso-8859-1", "punycode"),
        (GERMAN, "iso-8859-1", "zlib"),
        (GERMAN, "iso-8859-1", "a\0b"),
        (GERMAN, "utf-8", "utf-16"),
    ],
)
def test_a_wrong_declaration_is_not_believed(
    text: str, really: str, declared: str
) -> None:
    assert decode(text.encode(really), declared).text == text


@pytest.mark.parametrize(
    "text",
    [GERMAN, RUSSIAN, "Στη σύμβαση αυτή ισχύει από σήμερα. Τέλος.", "שלום לכולם\n"],
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))

    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_the_confidence_reaches_the_content() -> None:
    content = read(SAMPLES / "letter-latin1.txt")

    assert content.encoding == "iso-8859-1"
    assert content.encoding_confidence == 0.9


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"M\u00fcnchen", "München"),
        (r"\ud83d\ude00!", "😀!"),
        (r"\ud83dA", "\ufffdA"),
        (r"a\nb\tc\/d\"e", 'a\nb\tc/d"e'),
        (r"C:\\new\\u00e4", r"C:\new\u00e4"),
        (r"a\u0000b", "ab"),
    ],
)
def test_strings_of_json_are_what_they_say(
    tmp_path: Path, written: str, shown: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(f'{{"a": "{written}"}}', encoding="utf-8")

    assert text(extract(path)) == f'{{"a": "{shown}"}}'


def test_what_is_found_in_json_stands_where_it_says(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        r'{"firm": "B\u00fcro M\u00fcller", "paid": "12,50 \u20ac on 3 M\u00e4rz 2026"}'
    )

    found = extract(path, job_type="FULL_ANALYSIS").data

    data = found["extraction"]
    assert [each["value"] for each in data["entities"]] == [
        {"amount": "12.50", "currency": "EUR"},
        "2026-03-03",
    ]
    whole = data["text"]["preview"]
    for each in data["entities"]:
        assert whole[each["charStart"] : each["charEnd"]] == each["raw"]
    assert all("u00" not in each["term"] for each in found["keywords"])


def test_escapes_of_what_is_no_json_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(r'{"a": "\u00fc",}')

    assert text(extract(path)) == r'{"a": "\u00fc",}'
