"""Fields of a Word document: what is shown is the result that was stored with them.

ECMA-376 part 1, §17.16: a complex field is its instructions, and a result behind a mark
of its own; one that nobody has worked out has none.
"""

from dataclasses import dataclass, field

from lxml import etree

from service.processing.formats.office_walk import child, number, value

_WITH_TEXT = frozenset(
    {
        "=", "author", "autotext", "comments", "compare", "createdate", "database",
        "date", "docproperty", "docvariable", "fillin", "if", "includetext", "link",
        "mergefield", "printdate", "quote", "ref", "savedate", "seq", "styleref",
        "subject", "time", "title",
    }
)  # fmt: skip
"""Fields whose result is content; the others number pages and repeat headings."""
_CHECKED, _UNCHECKED = "☒", "☐"
_OFF = frozenset({"0", "false", "off"})


@dataclass(slots=True)
class _Field:
    instructions: list[str] = field(default_factory=list)
    has_result: bool = False


class Fields:
    """The fields that are open where the walk is, and those without a result."""

    def __init__(self) -> None:
        self._open: list[_Field] = []
        self.unknown: list[str] = []
        """Names of fields whose result nobody stored."""

    def mark(self, element: etree._Element) -> str:
        """Take a mark of a complex field; gives what a form's field shows."""
        kind = value(element, "fldCharType")
        if kind == "begin":
            self._open.append(_Field())
            return _form_value(child(element, "ffData"))
        if self._open and kind == "separate":
            self._open[-1].has_result = True
        elif self._open and kind == "end":
            ended = self._open.pop()
            if not ended.has_result:
                self._add("".join(ended.instructions))
        return ""

    def instruct(self, element: etree._Element) -> None:
        """Take a piece of the instructions of the innermost field."""
        if self._open:
            self._open[-1].instructions.append(element.text or "")

    def simple(self, element: etree._Element) -> None:
        """Take a field whose result, if it has one, is inside its element."""
        if len(element) == 0:
            self._add(value(element, "instr") or "")

    def _add(self, instructions: str) -> None:
        text = instructions.strip()
        name = "=" if text.startswith("=") else text.partition(" ")[0]
        if name.lower() in _WITH_TEXT:
            self.unknown.append("formula" if name == "=" else name.upper())


def _form_value(data: etree._Element | None) -> str:
    """Give what was chosen in a field of a form, which has no result (§17.16.17)."""
    choices = child(data, "ddList")
    if choices is not None:
        entries = [value(each) for each in choices.iterchildren("{*}listEntry")]
        chosen = number(value(child(choices, "result"))) or 0
        return (entries[chosen] or "") if chosen < len(entries) else ""
    box = child(data, "checkBox")
    if box is None:
        return ""
    state = child(box, "checked")
    if state is None:
        state = child(box, "default")
    checked = state is not None and value(state) not in _OFF
    return _CHECKED if checked else _UNCHECKED
