"""What the commands of all apps share: how they print, fail and end."""

from __future__ import annotations

import json
import logging
import sys
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.errors import TaggarrError

OK = 0
SOME_FAILED = 1
COULD_NOT_RUN = 2

PLAIN_WIDTH = 240
"""Columns of a table that is not printed on a terminal: wide enough that nothing is folded."""

VERDICT_STYLES = {
    "dub": "green",
    "semi-dub": "yellow",
    "wrong-dub": "red",
    "original": "cyan",
    "unknown": "dim",
}
"""The colour of each verdict wherever a terminal shows it."""

# Control characters of a title or a file name could take over the terminal, and marks that turn the
# direction of writing spoil the lines after them.
_UNPRINTABLE = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd"
)


def printable(text: object) -> str:
    """Return a text as it may be shown on a terminal, in one line."""
    return str(text).translate(_UNPRINTABLE)


def verdict_text(verdict: str) -> Text:
    return Text(verdict, style=VERDICT_STYLES.get(verdict, ""))


def console_of(stream: object, *, no_color: bool = False) -> Console:
    """Return a rich console that takes no text for markup: titles are full of brackets and colons."""
    width = None if getattr(stream, "isatty", lambda: False)() else PLAIN_WIDTH
    return Console(
        file=cast("IO[str]", stream),
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=no_color or None,
    )


def table_of(*columns: str, rows: Sequence[Sequence[object]]) -> Table:
    """Return a table without a frame; a cell is a rich text, or anything whose text is shown as it is."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else printable(cell) for cell in row))
    return table


Argument = tuple[tuple[str, ...], dict[str, Any]]


def argument(*names: str, **what: Any) -> Argument:
    """Return an argument or option of a command, as `add_argument` of argparse takes it."""
    return names, what


class PlainCommand(BaseCommand):
    """A command that asks a service, prints its answer and ends with an exit code.

    A `TaggarrError` ends it with one line and exit code 2. With `--json` the answer, and the error too, is
    one JSON document on standard output, and nothing else is printed there.
    """

    requires_system_checks = ()
    arguments: Sequence[Argument] = ()
    has_json = False
    wants_json = False
    _no_color = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        for names, what in self.arguments:
            parser.add_argument(*names, **what)
        if self.has_json:
            parser.add_argument(
                "--json", action="store_true", help="print one JSON document and nothing else"
            )
        return parser

    @abstractmethod
    def run(self, **options: Any) -> int | None:
        """Do the work; return the exit code, None for 0."""

    def handle(self, *_: Any, **options: Any) -> None:
        # Rich ends and colours its lines itself.
        self.stdout.ending = self.stderr.ending = ""
        self.stderr.style_func = None
        self.wants_json = bool(options.get("json"))
        self._no_color = bool(options.get("no_color"))
        try:
            with _only_warnings(loud=options.get("verbosity", 1) > 1):
                code = self.run(**options)
        except TaggarrError as error:
            code = self.fail(str(error))
        except (OperationalError, ProgrammingError) as error:
            if not (isinstance(error, OperationalError) or _is_not_migrated(error)):
                raise
            code = self.fail(_about_database(error))
        if code:
            sys.exit(code)

    def fail(self, sentence: str) -> int:
        if self.wants_json:
            self.print_json({"error": sentence})
        else:
            self.tell_error(sentence)
        return COULD_NOT_RUN

    @property
    def out(self) -> Console:
        return console_of(self.stdout, no_color=self._no_color)

    @property
    def err(self) -> Console:
        return console_of(self.stderr, no_color=self._no_color)

    def tell(self, line: str | Text | Table, style: str = "") -> None:
        if isinstance(line, Table):
            self.out.print(line)
        else:
            text = line if isinstance(line, Text) else Text(printable(line), style=style)
            self.out.print(text, soft_wrap=True)

    def tell_error(self, sentence: str) -> None:
        """Print a sentence on standard error; a list may follow it, line by line."""
        for line in sentence.splitlines():
            self.err.print(Text(printable(line), style="red"), soft_wrap=True)

    def answer(self, document: object, shown: str | Iterable[str | Text | Table]) -> None:
        """Print what a command has to say: with `--json` the document, else what is shown, line by line."""
        if self.wants_json:
            self.print_json(document)
            return
        for line in shown.splitlines() if isinstance(shown, str) else shown:
            self.tell(line)

    def print_json(self, document: object) -> None:
        text = json.dumps(document, indent=2, ensure_ascii=True, default=str)
        self.stdout.write(f"{text}\n", ending="")


@contextmanager
def _only_warnings(*, loud: bool) -> Iterator[None]:
    """Keep the log's lines of information off the terminal of a person who reads a command's answer.

    They stay with `loud` (`--verbosity 2`), and where the log level is `debug`.
    """
    root = logging.getLogger()
    quiet = [] if loud or root.isEnabledFor(logging.DEBUG) else _terminals(root)
    before = [handler.level for handler in quiet]
    for handler in quiet:
        handler.setLevel(max(handler.level, logging.WARNING))
    try:
        yield
    finally:
        for handler, level in zip(quiet, before, strict=True):
            handler.setLevel(level)


def _terminals(logger: logging.Logger) -> list[logging.Handler]:
    """Return the handlers of a logger that print on standard error, and nothing else."""
    return [handler for handler in logger.handlers if getattr(handler, "stream", None) is sys.stderr]


def _is_not_migrated(error: Exception) -> bool:
    return isinstance(error.__cause__, UndefinedTable | UndefinedColumn)


def _about_database(error: Exception) -> str:
    if _is_not_migrated(error):
        return "The database is not up to date: run manage.py startup."
    reason = " ".join(str(error).split())
    return f"The database does not answer: start Taggarr with script/up, or check DATABASE_URL. {reason}"
