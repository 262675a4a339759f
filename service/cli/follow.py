"""Follows a job on the terminal: live bars at a terminal, else one line a document."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from gateway.client import Client, Job
from service.cli.board import Board, Line, Work
from service.cli.text import printable, seconds

REDRAWS_PER_S: Final = 8
SPARE_LINES: Final = 5
"""Lines of the terminal that documents at work leave free."""
JOB_BAR_COLUMNS: Final = 40
WORK_BAR_COLUMNS: Final = 20
WORK_COLUMNS: Final = 50
"""What a line takes beside the document's name: spinner, bar, step, page."""

Show = Callable[[Line], None]


def follow(client: Client, job_id: str, console: Console) -> Job:
    """Show a job until it has ended and give its final status.

    Raises:
        ClientError: The client was closed meanwhile.
    """
    board, lock = Board(), threading.Lock()
    showing = _bars if console.is_terminal else _lines
    with showing(console, board, lock) as show:
        for event in client.watch(job_id):
            with lock:
                line = board.take(event)
            if line is not None:
                show(line)
            for task in client.tasks(job_id) if event.type == "snapshot" else ():
                with lock:
                    line = board.put(task)
                if line is not None:
                    show(line)
    return client.status(job_id)


@contextmanager
def _lines(console: Console, board: Board, lock: threading.Lock) -> Iterator[Show]:
    def show(line: Line) -> None:
        with lock:
            head = f"[{board.done}/{board.total}]"
        console.print(f"{head} {line.text}", markup=False, highlight=False)

    yield show


@contextmanager
def _bars(console: Console, board: Board, lock: threading.Lock) -> Iterator[Show]:
    drawing = _Drawing(console, board)

    def render() -> RenderableType:
        with lock:
            return drawing.render()

    def show(line: Line) -> None:
        if not line.good:
            console.print(Text(line.text, style="yellow"))

    with Live(get_renderable=render, console=console, refresh_per_second=REDRAWS_PER_S):
        yield show


class _Drawing:
    """Draws a board; keeps what turns and counts down between two events."""

    def __init__(self, console: Console, board: Board) -> None:
        self._console = console
        self._board = board
        self._spinner = Spinner("dots", style="cyan")
        self._estimate_ms: float | None = None
        self._estimated_at_s = 0.0

    def render(self) -> RenderableType:
        """Give the job's bar and a line for each document at work."""
        work = tuple(self._board.at_work.values())
        room = max(self._console.height - SPARE_LINES, 1)
        parts: list[RenderableType] = [self._job_line()]
        if work:
            parts.append(self._work_lines(work[:room]))
        if len(work) > room:
            parts.append(Text(f"  and {len(work) - room} more at work", style="dim"))
        return Group(*parts)

    def _job_line(self) -> RenderableType:
        board = self._board
        grid = Table.grid(padding=(0, 1))
        bar = ProgressBar(
            total=100,
            completed=board.percent,
            width=self._columns(JOB_BAR_COLUMNS),
            complete_style="cyan",
        )
        facts = Text(f"{board.done}/{board.total}", style="bold")
        facts.append(f"  {board.percent} %", style="cyan")
        if board.failed:
            facts.append(f"  {board.failed} failed", style="yellow")
        facts.append(self._eta(), style="dim")
        grid.add_row(bar, facts)
        return grid

    def _eta(self) -> str:
        now_s = self._console.get_time()
        if self._board.remaining_ms != self._estimate_ms:
            self._estimate_ms = self._board.remaining_ms
            self._estimated_at_s = now_s
        if self._estimate_ms is None or self._board.done == self._board.total:
            return ""
        left_s = self._estimate_ms / 1000 - (now_s - self._estimated_at_s)
        return f"  about {seconds(max(round(left_s), 1))} left" if left_s > 0 else ""

    def _work_lines(self, work: tuple[Work, ...]) -> RenderableType:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        name_columns = max(self._console.width - WORK_COLUMNS, 12)
        grid.add_column(no_wrap=True, overflow="ellipsis", max_width=name_columns)
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        for document in work:
            bar = ProgressBar(
                total=1.0,
                completed=document.fraction,
                width=self._columns(WORK_BAR_COLUMNS),
                complete_style="cyan",
            )
            grid.add_row(self._spinner, Text(document.name), bar, _doing(document))
        return grid

    def _columns(self, wanted: int) -> int:
        return max(min(wanted, self._console.width // 4), 5)


def _doing(document: Work) -> Text:
    words = Text(printable(document.step or "starting"), style="dim")
    if document.page is not None and document.pages:
        words.append(f" page {document.page}/{document.pages}")
    if document.attempt > 1:
        words.append(f" attempt {document.attempt}", style="yellow")
    return words
