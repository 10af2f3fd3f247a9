"""How commands say what answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connections.kinds import Answer
from connections.models import Connection
from connections.services import notes_on
from core.console import PlainCommand
from core.errors import ConfigError, why_unreadable


def content_of(file: str) -> str:
    """The text of a file that somebody named. Raises ConfigError where it is none."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file {file} cannot be read: {why_unreadable(error)}.") from None


class AnswerCommand(PlainCommand):
    """A command that connects to something and says what answered."""

    has_json = True

    def tell_answer(self, connection: Connection, answer: Answer, **more: Any) -> None:
        """Print what answered, its folders, and what may need a hand; `more` goes into the JSON."""
        notes = notes_on(connection, answer)
        if self.wants_json:
            told = {"connection": connection.name, "app": answer.app_name, "version": answer.version}
            self.print_json({**told, "folders": answer.folders, "notes": notes, **more})
            return
        app = f"{answer.app_name} {answer.version} answers" if answer.app_name else "it is there"
        self.tell(f"{connection.name}: {app}", "bold")
        for folder in answer.folders:
            self.tell(f"  {folder}")
        for note in notes:
            self.tell(f"  {note}", "yellow")
