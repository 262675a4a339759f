"""Puts a page together from its parts, so that its text and its structure agree.

The text holds what the blocks hold, in the same order: paragraphs one below the other,
a line a row of a table, its cells apart by tabs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from service.processing.context import StepContext
from service.processing.formats.content import (
    Block,
    PageContent,
    TableContent,
    cleaned,
)
from service.processing.formats.table_head import has_header

Kind = Literal["heading", "paragraph", "list_item", "code"]

_COLUMNS_MAX = 63
"""Columns one cell may span: as many as a table of Word has."""
_COLUMNS_TO_GUESS = 3
"""Columns from which a first row may be taken for a header by its looks."""
_ROWS_MAX = 1_000
"""Rows one cell may span."""
_CELLS_LEFT = "table_cells_left"


@dataclass(slots=True)
class _Cell:
    items: "list[_Item]" = field(default_factory=list)
    columns: int = 1
    rows: int = 1
    header: bool = False


@dataclass(slots=True)
class _Table:
    """A table while its cells come in."""

    rows: list[list[str]] = field(default_factory=list)
    items: "list[_Item]" = field(default_factory=list)
    """What its cells hold, for when it only lays out other tables."""
    row: list[str] | None = None
    cell: _Cell | None = None
    below: dict[int, int] = field(default_factory=dict)
    """For how many more rows a cell above reaches into a column."""
    nested: bool = False
    has_header: bool = False
    heads: int = 0
    """How many cells of the present row name a column or row."""


_Item: TypeAlias = Block | _Table


class Flow:
    """A page that grows from its top to its bottom.

    What is started is ended in reverse order; parts of tables without a table around
    them do no harm.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._lines: list[str] = []
        self._section_at = 0
        self._blocks: list[Block] = []
        self._tables: list[TableContent] = []
        self._open: list[_Table] = []
        self._started: list[bool] = []
        self._padding_left = context.limits.max_table_cells
        self.hidden_chars = 0

    def add(
        self,
        text: str,
        kind: Kind = "paragraph",
        *,
        level: int = 1,
        ordered: bool = False,
    ) -> None:
        """Add a part; one without text is an empty line."""
        text = cleaned(text).strip("\n")
        self._place(Block(kind=kind, text=text, level=level, ordered=ordered))

    def hit_limit(self, name: str, message: str) -> None:
        """Say that something is not all here."""
        self._context.hit_limit(name, message)

    def add_section(self) -> None:
        """Begin another section: no empty lines at the end of the one before."""
        while len(self._lines) > self._section_at and not self._lines[-1]:
            self._lines.pop()
        self._section_at = len(self._lines)

    def add_table(self, rows: Sequence[Sequence[str]], *, has_header: bool) -> None:
        """Add a table whose rows are known."""
        storable = [[cleaned(cell) for cell in row] for row in rows]
        self._end_table(_Table(rows=storable, has_header=has_header))

    def start_table(self, *, has_header: bool = False) -> None:
        """Begin a table; inside a cell it makes the table around it mere layout."""
        self._open.append(_Table(has_header=has_header))

    def start_row(self, *, header: bool = False) -> None:
        """Begin a row."""
        table = self._open[-1] if self._open else None
        started = table is not None and table.row is None
        self._started.append(started)
        if table is not None and started:
            table.row, table.heads = [], 0
            table.has_header |= header and not table.rows

    def start_cell(
        self, *, columns: int = 1, rows: int = 1, header: bool = False
    ) -> None:
        """Begin a cell that reaches over so many columns and rows."""
        table = self._open[-1] if self._open else None
        started = table is not None and table.row is not None and table.cell is None
        self._started.append(started)
        if table is not None and started:
            table.cell = _Cell(columns=columns, rows=rows, header=header)

    def end_cell(self) -> None:
        """End a cell."""
        if not self._started.pop():
            return
        table = self._open[-1]
        cell, row = table.cell, table.row
        if cell is None or row is None:
            return
        if table.below:
            self._reach_down(table, row)
        texts = [item.text for item in cell.items if isinstance(item, Block)]
        table.nested |= len(texts) < len(cell.items)
        table.items += cell.items
        columns = max(1, min(cell.columns, _COLUMNS_MAX))
        if cell.rows > 1:
            rows_below = min(cell.rows, _ROWS_MAX) - 1
            below = range(len(row), len(row) + columns)
            table.below |= dict.fromkeys(below, rows_below)
        row.append("\n".join(filter(None, texts)))
        self._pad(row, columns - 1)
        table.heads += cell.header
        table.cell = None

    def end_row(self) -> None:
        """End a row."""
        if not self._started.pop():
            return
        table = self._open[-1]
        if table.row is None:
            return
        cells = len(table.row)
        self._reach_down(table, table.row)
        table.has_header |= not table.rows and 0 < cells == table.heads
        if table.row:
            table.rows.append(table.row)
        table.row = None

    def end_table(self) -> None:
        """End a table."""
        table = self._open.pop()
        if table.nested or max(map(len, table.rows), default=0) < 2:
            for item in table.items:
                self._place(item)
        else:
            self._place(table)

    def page(self) -> PageContent:
        """Give the page."""
        self.add_section()
        return PageContent(
            text="\n".join(self._lines).strip("\n"),
            blocks=tuple(self._blocks),
            tables=tuple(self._tables),
            hidden_chars=self.hidden_chars,
        )

    def _place(self, item: _Item) -> None:
        around = next((table for table in self._open[::-1] if table.cell), None)
        if around is not None and around.cell is not None:
            around.cell.items.append(item)
        elif isinstance(item, _Table):
            self._end_table(item)
        elif item.text:
            self._lines.append(item.text)
            self._blocks.append(item)
        elif len(self._lines) > self._section_at:
            self._lines.append("")

    def _end_table(self, table: _Table) -> None:
        lines = ["\t".join(row).rstrip("\t") for row in table.rows]
        text = "\n".join(lines)
        self._lines.append(text)
        if not self._context.options.tables:
            self._blocks.append(Block(kind="paragraph", text=text.strip("\n")))
            return
        self._blocks.append(Block(kind="table", table=len(self._tables)))
        # Tables of two columns are often names and values: the first row is one, too.
        known = table.has_header or len(table.rows[0]) < _COLUMNS_TO_GUESS
        content = TableContent(
            rows=tuple(map(tuple, table.rows)),
            has_header=table.has_header if known else has_header(table.rows),
        )
        self._tables.append(within_limit(self._context, content))

    def _reach_down(self, table: _Table, row: list[str]) -> None:
        """Fill the columns into which cells of the rows above reach."""
        while table.below.get(len(row), 0) and self._padding_left:
            table.below[len(row)] -= 1
            self._pad(row, 1)

    def _pad(self, row: list[str], count: int) -> None:
        count = min(count, self._padding_left)
        self._padding_left -= count
        row.extend([""] * count)


def within_limit(context: StepContext, table: TableContent) -> TableContent:
    """Give as many rows of a table as the document's tables may have cells."""
    limit = context.limits.max_table_cells
    left = context.state.get(_CELLS_LEFT, limit)
    kept = 0
    for row in table.rows:
        if len(row) > left:
            break
        left -= len(row)
        kept += 1
    context.state[_CELLS_LEFT] = left
    if kept == len(table.rows):
        return table
    context.hit_limit("table_cells", f"Tables were cut off at {limit} cells in all.")
    return replace(
        table,
        rows=table.rows[:kept],
        row_count=table.row_count or len(table.rows),
    )
