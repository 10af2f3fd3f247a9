"""`manage.py catalogue_import`: bring a list of another program into the collection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from accounts.models import User
from catalogue.imports import services
from catalogue.imports.result import write_result
from catalogue.models import Mode
from core.console import OK, SOME_FAILED, PlainCommand, argument
from core.errors import ConfigError
from jobs.models import JobState
from jobs.services import run_inline
from storage import keeping


class Command(PlainCommand):
    help = "Import a file into the collection, here and now; its format is recognised by what is in it."
    arguments = (
        argument("file", help="the file that another program exported"),
        argument("--user", required=True, help="whose reading, ratings and rights it is"),
        argument("--mode", choices=Mode.values, default="fill", help="what becomes of what is known"),
        argument("--map", action="append", default=[], metavar="COLUMN=NAME", help="call a column otherwise"),
        argument("--preview", action="store_true", help="only say what the file would become"),
        argument("--result", metavar="FILE", help="write what became of each row as CSV"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        path = Path(options["file"])
        if not path.is_file():
            raise ConfigError("catalogue.no-file", path=path)
        with path.open("rb") as file:
            of = services.upload(keeping.pieces_of(file), user_named(options["user"]), name=path.name)
        mapping = dict(pair.split("=", 1) for pair in options["map"] if "=" in pair)
        services.configure(of, mode=options["mode"], mapping=of.mapping | mapping)
        shown = services.preview(of)
        if options["preview"]:
            of.delete()
            document = {"format": shown.format, "rows": shown.number, "own": list(shown.unknown)}
            self.answer(document, f"{shown.format}: {shown.number}")
            return OK
        job = run_inline(services.start(of))
        of.refresh_from_db()
        if options["result"]:
            with written(Path(options["result"])) as to:
                write_result(of, to)
        document = {"import": of.pk, "format": of.format, **of.counts}
        self.answer(document, f"{of.pk} ({of.format}): {of.counts}")
        return OK if job.state == JobState.COMPLETED and not of.counts.get("failed") else SOME_FAILED


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A file to write a table to. Raises ConfigError where there can be none."""
    try:
        with path.open("w", encoding="utf-8", newline="") as to:
            yield to
    except OSError as error:
        raise ConfigError("catalogue.no-file-written", path=path, reason=error.strerror) from None


def user_named(name: str) -> User:
    """The user of this name. Raises ConfigError where there is none."""
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        raise ConfigError("catalogue.no-user", name=name)
    return user
