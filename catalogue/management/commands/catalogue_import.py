"""`manage.py catalogue_import`: bring a list of another program into the collection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, TextIO

from accounts.models import User
from catalogue.formats.ours import OWN
from catalogue.imports import services
from catalogue.imports.result import write_result
from catalogue.models import Import, Mode
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
        argument("--result", metavar="FILE", help="write what became of each row as CSV, into a new file"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        path = Path(options["file"])
        if not path.is_file():
            raise ConfigError("catalogue.no-file", path=path)
        user, mapping = user_named(options["user"]), dict(map(_pair, options["map"]))
        result = None if options["preview"] else options["result"]
        # What cannot be written is said before anything is imported.
        with path.open("rb") as file, written(Path(result), anew=True) if result else nullcontext() as to:
            # It is here already: whoever runs this could have put it anywhere.
            most = path.stat().st_size
            of = services.upload(keeping.pieces_of(file), user, name=path.name, most=most)
            services.configure(of, mode=options["mode"], mapping=of.mapping | mapping)
            if options["preview"]:
                return self._preview(of)
            job = run_inline(services.start(of))
            of.refresh_from_db()
            if to:
                write_result(of, to)
        document = {"import": of.pk, "format": of.format, **of.counts}
        self.answer(document, f"{of.pk} ({of.format}): {of.counts}")
        return OK if job.state == JobState.COMPLETED and not of.counts.get("failed") else SOME_FAILED

    def _preview(self, of: Import) -> int:
        """Say what each column would become; that stays unsaved."""
        shown = services.preview(of)
        of.delete()
        named = ((column, of.mapping.get(column, column)) for column in of.columns)
        columns = [f"{column} = {OWN * (name in shown.unknown)}{name}" for column, name in named]
        document = {"format": shown.format, "rows": shown.number, "own": list(shown.unknown)}
        self.answer(document, "\n".join([f"{shown.format}: {shown.number}", *columns]))
        return OK


@contextmanager
def written(path: Path, *, anew: bool = False) -> Iterator[TextIO]:
    """A file to write a table to; `anew` one that is not there yet, and stays only if nothing fails.

    Raises ConfigError where there can be none.
    """
    with _telling(path), path.open("x" if anew else "w", encoding="utf-8", newline="") as to:
        try:
            yield to
        except BaseException:
            if anew:
                path.unlink()
            raise


@contextmanager
def written_bytes(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to. Raises ConfigError where there can be none."""
    with _telling(path), path.open("wb") as to:
        yield to


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError("catalogue.no-file-written", path=path, reason=error.strerror) from None


def _pair(text: str) -> tuple[str, str]:
    column, is_pair, name = text.rpartition("=")
    if not is_pair:
        raise ConfigError("catalogue.no-pair", text=text)
    return column, name


def user_named(name: str) -> User:
    """The user of this name. Raises ConfigError where there is none."""
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        raise ConfigError("catalogue.no-user", name=name)
    return user
