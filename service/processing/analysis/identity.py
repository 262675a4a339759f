"""Whether the numbers that identify an issuer and its account hold."""

from collections.abc import Iterator, Sequence

from service.processing.analysis.tax_rates import country_of
from service.processing.entities.identifiers import verdict
from service.processing.results import Anomaly, AnomalyCode, Entity, EntityType, Fields

_CHECKED: tuple[tuple[EntityType, AnomalyCode, str], ...] = (
    ("iban", "INVALID_IBAN", "An account number fails its check."),
    ("vat_id", "INVALID_VAT_ID", "A VAT number fails its check."),
)


def check_numbers(entities: Sequence[Entity], fields: Fields) -> Iterator[Anomaly]:
    """Give the account and VAT numbers whose check digits are wrong, each once.

    Those of XML and codes are fields without being found in the text.
    """
    for kind, code, message in _CHECKED:
        wrong = {
            str(entity.value): entity.reason
            for entity in entities
            if entity.type == kind and entity.valid is False
        }
        stated = getattr(fields, kind)
        if stated is not None and verdict(kind, stated.value) == "checksum":
            wrong.setdefault(stated.value, "checksum")
        for value, reason in wrong.items():
            yield Anomaly(
                code=code,
                severity="error",
                message=message,
                evidence={"value": value, "reason": reason},
            )


def check_countries(fields: Fields) -> Iterator[Anomaly]:
    """Say when the account is not in the issuer's country."""
    if fields.iban is None or fields.vat_id is None:
        return
    account, issuer = country_of(fields.iban.value), country_of(fields.vat_id.value)
    # A VAT number that does not begin with a country is a national one.
    if account != issuer and account.isalpha() and issuer.isalpha():
        yield Anomaly(
            code="IBAN_COUNTRY_DIFFERS",
            severity="warning",
            message="The account is in another country than the issuer.",
            evidence={"iban": fields.iban.value, "vatId": fields.vat_id.value},
        )
