"""The console: tables and progress in a terminal, plain lines elsewhere; what is said also goes to the log."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from model.report.table_text import aligned

if TYPE_CHECKING:
    from rich.console import Console


class Screen:
    """Says things to the user; ``lines`` keeps them for ``run.log``."""

    def __init__(self, stream: TextIO | None = None, errors: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.errors = errors or sys.stderr
        self.lines: list[str] = []
        self._console: Console | None = None
        if self.stream.isatty():
            from rich.console import Console

            self._console = Console(file=self.stream, highlight=False)

    @classmethod
    def silent(cls) -> Screen:
        """A screen that only keeps what is said."""
        return cls(io.StringIO(), io.StringIO())

    def line(self, text: str = "", *, style: str = "") -> None:
        """Say one line, or several with line breaks."""
        self.lines.extend(text.split("\n"))
        if self._console is None:
            print(text, file=self.stream, flush=True)
        else:
            self._console.print(text, style=style or None, markup=False)

    def heading(self, text: str) -> None:
        """Say a heading after an empty line."""
        self.line()
        self.line(text, style="bold")

    def notice(self, text: str) -> None:
        """Say something to mind that is no error."""
        self.line(f"Note: {text}", style="yellow")

    def error(self, text: str) -> None:
        """Say what went wrong, apart from what a script may read."""
        self.lines.extend(text.split("\n"))
        self.stream.flush()
        print(text, file=self.errors, flush=True)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> None:
        """Show a table; its first columns are names, the others numbers."""
        plain = aligned(header, rows, text_columns=text_columns)
        if self._console is None:
            self.line("\n".join(plain))
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        self.lines.extend(plain)
        shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for i, name in enumerate(header):
            shown.add_column(Text(name), justify="left" if i < text_columns else "right", overflow="fold")
        for row in rows:
            shown.add_row(*map(Text, row))
        self._console.print(shown)

    @contextmanager
    def counting(self) -> Iterator[Callable[[str], None]]:
        """Show how far something is, one line that changes; where there is no terminal, a line every ten seconds."""
        if self._console is not None:
            with self._console.status("") as status:
                yield status.update
            return
        said = time.perf_counter()

        def say(text: str) -> None:
            nonlocal said
            if time.perf_counter() - said > 10:
                said = time.perf_counter()
                self.line(text)

        yield say

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show that something is being done; where there is no terminal, say afterwards what took over two seconds."""
        started = time.perf_counter()
        if self._console is None:
            yield
            seconds = time.perf_counter() - started
            if seconds > 2:
                self.line(f"{text} ({seconds:.1f} s)")
            return
        with self._console.status(text):
            yield
