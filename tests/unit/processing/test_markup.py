from html import escape
from pathlib import Path

import pytest

from service.processing.context import Limits
from tests.unit.processing.running import (
    SAMPLES,
    corpus,
    extract,
    issues,
    refusal,
    text,
)


def saved(tmp_path: Path, content: bytes | str, name: str = "a.html") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_page_is_read_as_its_reader_sees_it() -> None:
    outcome = extract(SAMPLES / "order.html")

    lines = text(outcome).splitlines()
    assert lines[:2] == ["Thank you for your order", "Hello Amara,"]
    assert "Fountain pen, fine nib\t1\t€42.00" in lines
    assert "document.title" not in text(outcome)
    assert outcome.data["metadata"]["title"] == "Order confirmation 55-20193"
    assert outcome.data["metadata"]["author"] == "Paper & Quill"
    assert outcome.data["metadata"]["language"] == "en"


def test_words_of_inline_elements_stay_together(tmp_path: Path) -> None:
    html = "<html><body><p>one<b>two</b> <i>three</i><br>four</p>tail</body></html>"

    assert text(extract(saved(tmp_path, html))) == "onetwo three\nfour\ntail"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("<html><p>Größe</p>".encode("utf-16"), "utf-16-le"),
        (
            "<html><meta charset=iso-8859-2><p>łódź</p>".encode("iso-8859-2"),
            "iso-8859-2",
        ),
        ("<html><p>Größe der Straße</p>".encode("latin-1"), "iso-8859-1"),
        ("<?xml version='1.0' encoding='utf-8'?><html><p>Größe</p></html>", "utf-8"),
    ],
)
def test_the_charset_is_found(
    tmp_path: Path, content: bytes | str, encoding: str
) -> None:
    outcome = extract(saved(tmp_path, content))

    assert outcome.data["text"]["encoding"] == encoding
    assert text(outcome)[-2:] in {"ße", "dź"}


def test_an_empty_page_is_fine(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, "<!doctype html><!-- nothing -->"))

    assert (outcome.status, text(outcome)) == ("ok", "")


def test_depth_that_loses_text_is_named(tmp_path: Path) -> None:
    html = "<html><body>" + "<div>" * 200_000 + "deep" + "</div>" * 200_000

    outcome = extract(saved(tmp_path, html))

    assert outcome.data["limitsHit"] == ("nesting_depth",)
    assert outcome.status == "degraded"


@pytest.mark.parametrize("name", ["a.html", "a.xml"])
def test_markup_over_the_limit_is_refused(tmp_path: Path, name: str) -> None:
    start = "<html>" if name == "a.html" else "<?xml version='1.0'?><a>"
    path = saved(tmp_path, start + "x" * 1_000, name)

    assert refusal(path, limits=Limits(max_part_bytes=999)) == "too_large"


def test_nothing_is_fetched(tmp_path: Path) -> None:
    html = (
        "<html><head><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>"
        "<link rel=stylesheet href='http://127.0.0.1:9/a.css'></head>"
        "<body>Here<img src='http://127.0.0.1:9/a.png'></body></html>"
    )

    assert text(extract(saved(tmp_path, html))) == "Here"


def test_the_text_of_xml_is_read(tmp_path: Path) -> None:
    xml = "<?xml version='1.0'?><a xml:lang='de'><b>eins</b><!-- no --><b>zwei</b></a>"

    outcome = extract(saved(tmp_path, xml, "a.xml"))

    assert text(outcome) == "eins\nzwei"
    assert outcome.data["metadata"]["language"] == "de"


def test_an_invoice_as_xml_gives_its_fields() -> None:
    outcome = extract(corpus("EN16931_Einfach.cii.xml"))

    assert outcome.data["fields"]["total"]["value"] == "529.87"
    assert outcome.data["fields"]["issuer"]["value"] == "Lieferant GmbH"


def test_xml_that_can_be_mended_completes_saying_so(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, "<?xml version='1.0'?><a><b>text</a>", "a.xml"))

    assert text(outcome) == "text"
    assert issues(outcome) == ["REPAIRED"]


ORDER = """<?xml version='1.0'?>
<order id='7'><!-- of May --><item kind="a>b">Nails &amp; bolts</item>
<note><![CDATA[ <soon> ]]></note><item kind="c"/><item>Größe</item></order>
"""


@pytest.mark.parametrize(
    "last", ["kind=", 'kind="c', "Nails", "Nails &am", "<![CDATA[ <s", "</not", "Grö"]
)
def test_xml_that_breaks_off_is_called_so(tmp_path: Path, last: str) -> None:
    cut = ORDER[: ORDER.rindex(last) + len(last)]

    outcome = extract(saved(tmp_path, cut, "a.xml"))

    assert issues(outcome) == ["TRUNCATED"]
    assert outcome.status == "degraded"


@pytest.mark.parametrize(
    "content",
    ["<a>one & two</a>", "<a>one</b>", "<a>one</a>two", "<a>0<b c=1>one</b></a>"],
)
def test_other_faults_of_xml_are_no_missing_end(tmp_path: Path, content: str) -> None:
    path = saved(tmp_path, f"<?xml version='1.0'?>{content}", "a.xml")

    assert issues(extract(path)) == ["REPAIRED"]


PAGE = """<!doctype html><html><head><title>Order</title><style>p > b {}</style>
</head><body><div class="a"><p>Thank you</p><!-- note --><table><tr><td>12</table>
<script>if (1 < 2) {}</script><p>Bye</div></body></html>
"""


@pytest.mark.parametrize(
    "last",
    ["<title>Ord", "p > b", "<div cla", "Thank", "<!-- no", "<td>1", "1 < ", "Bye"],
)
def test_a_web_page_that_breaks_off_is_called_so(tmp_path: Path, last: str) -> None:
    cut = PAGE[: PAGE.index(last) + len(last)]

    outcome = extract(saved(tmp_path, cut))

    assert issues(outcome) == ["TRUNCATED"]
    assert outcome.status == "degraded"


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        "<html><body><p>No end is needed",
        "<html><body><div>One is forgotten</body></html>",
        "<div>A part of a page",
        "<p>1 < 2",
        "<!doctype html><title>t</title><ul><li>one<li>two</ul>",
    ],
)
def test_a_web_page_may_leave_out_what_it_likes(tmp_path: Path, content: str) -> None:
    assert issues(extract(saved(tmp_path, content))) == []


def test_xml_without_anything_in_it_is_corrupt(tmp_path: Path) -> None:
    path = saved(tmp_path, "<?xml version='1.0'?><", "a.xml")

    assert refusal(path) == "corrupt"


def test_endless_xml_depth_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, "<?xml version='1.0'?>" + "<a>" * 90_000, "a.xml")

    assert refusal(path) == "too_large"


def test_entities_are_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("do not show")
    entity = f"<!ENTITY e SYSTEM 'file://{tmp_path}/secret'>"
    xml = f"<?xml version='1.0'?><!DOCTYPE r [{entity}]><r>seen &e;</r>"

    outcome = extract(saved(tmp_path, xml, "a.xml"))

    assert text(outcome).startswith("seen")
    assert "do not show" not in text(outcome)


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    laughs = "<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
    )
    xml = f"<?xml version='1.0'?><!DOCTYPE r [{laughs}]><r>&a11;</r>"

    assert refusal(saved(tmp_path, xml, "a.xml")) == "too_large"


def test_attributes_of_xml_are_what_elements_without_text_say(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        "<c:Bill xmlns:c='urn:c' xmlns:s='http://www.w3.org/2001/XMLSchema-instance' "
        "s:schemaLocation='urn:c c.xsd' Total='116.00' Currency='MXN'>"
        "<c:Item c:Name='Screws' price='5'/><Note kind='x'>Thanks</Note> end</c:Bill>"
    )

    assert text(extract(path)).splitlines() == [
        "Total: 116.00",
        "Currency: MXN",
        "Name: Screws",
        "price: 5",
        "Thanks",
        "end",
    ]


def test_amounts_in_xml_have_their_currency(tmp_path: Path) -> None:
    path = tmp_path / "camt.xml"
    path.write_text(
        "<Stmt><Amt Ccy='CHF'>12.50</Amt><Due currencyID='EUR' kind='x'>9.99</Due>"
        "<Fee currency='EUR'>EUR 1.00</Fee></Stmt>"
    )

    outcome = extract(path)

    assert text(outcome) == "12.50 CHF\n9.99 EUR\nEUR 1.00"
    assert [each["value"] for each in outcome.data["entities"]] == [
        {"amount": "12.50", "currency": "CHF"},
        {"amount": "9.99", "currency": "EUR"},
        {"amount": "1.00", "currency": "EUR"},
    ]


def test_attributes_of_drawings_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'><path d='M 0 0'/>"
        "<text>Plan</text></svg>"
    )

    assert text(extract(path)) == "Plan"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            "<p>a</p><iframe srcdoc='&lt;p&gt;Größe&lt;/p&gt;'>old</iframe>b",
            "a\nGröße\nb",
        ),
        ("<iframe srcdoc=' &lt;!-- --&gt; '></iframe>a", "a"),
        ("Name <input value='Kunz'> <input type=hidden value='x'>", "Name Kunz"),
        ("<input type=submit value='Send'><input>", ""),
        ("<svg><title>t</title><desc>d</desc><text>Plan</text></svg>", "Plan"),
    ],
)
def test_what_is_seen_of_a_page_is_read(tmp_path: Path, body: str, shown: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{body}</body></html>")

    assert text(extract(path)) == shown


def test_pages_in_pages_end(tmp_path: Path) -> None:
    page = "<p>deep</p>"
    for level in range(5):
        page = f'<p>{level}</p><iframe srcdoc="{escape(page, quote=True)}"></iframe>'
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html><body>{page}</body></html>")

    outcome = extract(path, job_type="FULL_ANALYSIS")

    assert outcome.data["extraction"]["text"]["preview"] == "4\n3\n2\n1"
    assert issues(outcome) == ["HIDDEN_TEXT"]
