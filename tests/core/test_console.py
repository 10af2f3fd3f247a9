"""What the commands of all apps share: printing, failing, ending."""

from __future__ import annotations

import io
import logging
import sys

import pytest
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError
from psycopg.errors import SyntaxError as SqlSyntaxError
from psycopg.errors import UndefinedTable
from rich.text import Text

from core.console import PlainCommand, console_of, printable, table_of, verdict_text
from core.errors import ConfigError


class Told(PlainCommand):
    """A command that does what the test says."""

    has_json = True
    does: object = None

    def run(self, **_options):
        if isinstance(self.does, Exception):
            raise self.does
        return self.does


def ended(does: object, *arguments: str) -> tuple[int, str, str]:
    command = Told()
    command.does = does
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(("does", "code"), [(None, 0), (0, 0), (1, 1), (2, 2)])
def test_the_exit_code_is_what_the_command_returns(does, code):
    assert ended(does)[0] == code


def test_an_error_is_one_line_and_code_2():
    assert ended(ConfigError("It is wrong.")) == (2, "", "It is wrong.\n")


def test_a_list_may_follow_the_sentence():
    assert ended(ConfigError("Choose one.\n  1 A\n  2 B"))[2] == "Choose one.\n  1 A\n  2 B\n"


def test_with_json_the_error_is_json_too():
    assert ended(ConfigError("It is wrong."), "--json") == (2, '{\n  "error": "It is wrong."\n}\n', "")


def test_a_database_that_is_away_is_one_line():
    code, out, err = ended(OperationalError("connection refused\n\tIs the server running?"))
    assert (code, out) == (2, "")
    assert err == (
        "The database does not answer: start Taggarr with script/up, or check DATABASE_URL. "
        "connection refused Is the server running?\n"
    )


def test_a_database_that_is_not_migrated_is_one_line():
    error = caused(ProgrammingError("relation does not exist"), UndefinedTable())
    assert ended(error) == (2, "", "The database is not up to date: run manage.py startup.\n")


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(ProgrammingError):
        ended(caused(ProgrammingError("syntax error"), SqlSyntaxError()))


def test_what_could_take_over_a_terminal_is_not_printed():
    assert printable("a\x1b[2Jb\nc\x9bd\u202ee") == "a\ufffd[2Jb\ufffdc\ufffdd\ufffde"
    assert printable("עברית 🎬 [red] :smile:") == "עברית 🎬 [red] :smile:"


def test_a_table_takes_texts_as_they_are():
    out = io.StringIO()
    rows = [("[bold]:smile:", verdict_text("dub"), 3), ("b", Text("x"), "")]
    console_of(out).print(table_of("A", "B", "C", rows=rows))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines == ["A              B    C", "[bold]:smile:  dub  3", "b              x"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_verdicts_are_coloured_on_a_terminal_and_not_elsewhere(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen, file = Terminal(), io.StringIO()
    for stream in (screen, file):
        console_of(stream).print(verdict_text("dub"))
    assert screen.getvalue() == "\x1b[32mdub\x1b[0m\n"
    assert file.getvalue() == "dub\n"
    plain = Terminal()
    console_of(plain, no_color=True).print(verdict_text("dub"))
    assert plain.getvalue() == "dub\n"


class Chatty(PlainCommand):
    """A command whose services log what they do."""

    def run(self, **_options):
        logging.getLogger("library.chatty").info("it goes on")
        logging.getLogger("library.chatty").warning("it is late")


def printed_by_the_log(monkeypatch, *arguments: str) -> list[str]:
    """What the log prints on standard error while the command runs, and by a server after it."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(terminal)])
    logging.getLogger("library.chatty").setLevel(logging.INFO)
    call_command(Chatty(), *arguments)
    logging.getLogger("library.chatty").info("a server")
    return terminal.getvalue().splitlines()


@pytest.mark.parametrize(
    ("arguments", "expected"), [([], ["it is late"]), (["--verbosity", "2"], ["it goes on", "it is late"])]
)
def test_the_log_keeps_its_information_to_itself_while_a_person_reads(monkeypatch, arguments, expected):
    assert printed_by_the_log(monkeypatch, *arguments) == [*expected, "a server"]


def test_with_the_level_debug_everything_is_printed(monkeypatch):
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        assert printed_by_the_log(monkeypatch)[0] == "it goes on"
    finally:
        logging.getLogger().setLevel(before)
