"""What a label says that the value near it is."""

from typing import Literal

Role = Literal[
    "invoice_number",
    "order_number",
    "other_number",
    "number",
    "issue_date",
    "due_date",
    "other_date",
    "net_total",
    "subtotal",
    "tax_total",
    "total",
    "amount_due",
    "paid",
    "other_amount",
    "column",
    "iban",
    "bic",
    "vat_id",
    "payment_reference",
    "recipient",
    "issuer",
    "other_party",
    "name",
]

_DATES: frozenset[Role] = frozenset({"issue_date", "due_date", "other_date"})
_FAMILIES: tuple[frozenset[Role], ...] = (
    _DATES,
    frozenset(
        {"net_total", "subtotal", "tax_total", "total", "amount_due", "paid",
         "other_amount"}
    ),
)  # fmt: skip


def are_rivals(one: Role, other: Role) -> bool:
    """Say whether a label between another and a value may claim it.

    "Payable net by 3 May" has a date behind a label of amounts.
    """
    own = next((family for family in _FAMILIES if one in family), None)
    if own is not None:
        return other in own
    return not any(other in family for family in _FAMILIES)


def is_date(role: Role) -> bool:
    """Say whether a label's values are dates."""
    return role in _DATES
