import pytest

from service.processing.entities.contacts import emails, phones, region_of, urls
from service.processing.entities.identifiers import identifiers


def read(text: str) -> list[tuple[str, str, bool | None]]:
    return [(each.type, each.value, each.valid) for each in identifiers(text)]


def test_an_iban_ends_where_its_country_says() -> None:
    assert read("IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX") == [
        ("iban", "DE89370400440532013000", True),
        ("bic", "COBADEFFXXX", True),
    ]


def test_a_wrong_checksum_is_named() -> None:
    (found,) = identifiers("IBAN DE89 3704 0044 0532 0130 01")

    assert (found.valid, found.reason) == (False, "checksum")


def test_an_iban_of_the_wrong_length_is_not_valid() -> None:
    assert all(not valid for _, _, valid in read("IBAN DE89 3704 0044 0532"))


def test_letters_and_digits_without_a_label_are_no_iban() -> None:
    assert read("order DE89370400440532013001") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("USt-IdNr. DE136695976", "DE136695976"),
        ("VAT No. GB 980 7806 84", "GB980780684"),
        ("TVA FR 40 303 265 045", "FR40303265045"),
        ("BTW NL004495445B01", "NL004495445B01"),
        ("P. IVA IT00743110157", "IT00743110157"),
        ("CHE-100.155.212 MWST", "CHE100155212MWST"),
    ],
)
def test_vat_numbers_are_found_with_their_verdict(text: str, value: str) -> None:
    assert read(text) == [("vat_id", value, True)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("P.IVA 00743110157 - C.F. MRTGLI80A41L219X", "IT00743110157"),
        ("Partita IVA: 00743110157", "IT00743110157"),
        ("Contribuinte n.º 501964843", "PT501964843"),
        ("NIF: 501 964 843", "PT501964843"),
        ("CIF B58378431", "ESB58378431"),
        ("NIF 12345678Z", "ES12345678Z"),
        ("NIP: 526-000-12-46", "PL5260001246"),
        ("CVR-nr. 13585628", "DK13585628"),
        ("VAT Reg No 980 7806 84", "GB980780684"),
    ],
)
def test_vat_numbers_are_found_as_they_are_written_at_home(
    text: str, value: str
) -> None:
    assert read(text) == [("vat_id", value, True)]


@pytest.mark.parametrize(
    "text",
    ["P.IVA 00743110158", "NIP 526-000-12-47", "Tel. 501964843", "C.F. 00743110157"],
)
def test_digits_without_a_name_or_checksum_are_no_vat_number(text: str) -> None:
    assert read(text) == []


def test_a_wrong_vat_number_is_listed_where_it_is_labelled() -> None:
    assert read("USt.-Id.-Nr.: DE123456789") == [("vat_id", "DE123456789", False)]
    assert read("parcel DE123456789") == []


def test_securities_and_entities_have_numbers_too() -> None:
    assert read("US0378331005, LEI 213800KUD8LAJWSQ9D15") == [
        ("lei", "213800KUD8LAJWSQ9D15", True),
        ("isin", "US0378331005", True),
    ]


def test_words_in_capitals_are_no_bank_codes() -> None:
    assert read("RECHNUNG DELIVERY QUANTITY") == []


def test_contacts_are_found() -> None:
    text = "Tel. 08031/12345-9, Info@Example.co.uk,\nsee www.example.com."

    assert [each.value for each in emails(text)] == ["info@example.co.uk"]
    assert [each.value for each in urls(text)] == ["https://www.example.com"]
    assert [each.value for each in phones(text, "DE")[0]] == ["+498031123459"]


def test_numbers_on_lines_without_phones_are_no_phones() -> None:
    assert phones("Invoice 08031 123459", "DE") == ([], True)


def test_the_account_says_where_phones_are_from() -> None:
    assert region_of("de", "EUR", "AT") == "AT"
    assert region_of("en", "GBP", None) == "GB"
    assert region_of("fr", None, None) == "FR"
    assert region_of(None, None, None) is None
