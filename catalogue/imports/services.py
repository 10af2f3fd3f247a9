"""What somebody does with an import: upload, look, start, take back. Page, API and commands call these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Now

from accounts.models import User
from catalogue import scope
from catalogue.entries import clean
from catalogue.formats.ours import FIELDS, OWN, OWN_OF_WORK
from catalogue.imports import reading
from catalogue.imports.reading import Preview
from catalogue.models import Import, ImportRow, Library, Mode
from core.errors import ConfigError, FieldError
from core.live import inbox_changed
from jobs import services
from jobs.models import LIVE_JOB, Job, Trigger
from storage import keeping

IMPORT, UNDO, BRING = "catalogue_import", "catalogue_undo", "catalogue_bring"
MOST = 64 << 20
MOST_OF_ADMINS = 1 << 30
"""Bytes of a file."""

_SETTINGS = frozenset({"mapping", "mode", "library", "location", "with_progress"})


def upload(pieces: Iterable[bytes], user: User, *, name: str, most: int | None = None) -> Import:
    """Take in a file, and note what is known of it; nothing is imported yet.

    The columns are called as they were when a file with the same ones was last imported into the library.
    `most` bytes are taken in place of those that the user may send.
    Raises ConfigError where the user may not, PictureError where the file is too large, StorageError.
    """
    if not user.may_add:
        raise ConfigError("catalogue.may-not-add")
    if most is None:
        most = MOST_OF_ADMINS if user.is_admin else MOST
    stored = keeping.keep_file(pieces, most=most)
    of = Import(library=Library.usual(), made_by=user, name=clean(name)[-300:], digest=stored.digest)
    with reading.opened(of) as file:
        of.columns = list(reading.columns(file))
    of.mapping = _remembered(of.library, of.columns)
    of.save()
    return of


def preview(of: Import) -> Preview:
    """Say what the file would become. Raises StorageError where it is gone."""
    with reading.opened(of) as file:
        return reading.preview(file, of.mapping)


def before(of: Import) -> Import | None:
    """The same file, where it was imported before and not undone."""
    same = Import.objects.filter(digest=of.digest, library=of.library, undone_at=None)
    return same.exclude(started_at=None).exclude(pk=of.pk).first()


def configure(of: Import, **settings: Any) -> Import:
    """Say how an import is to be done, before it starts. Raises FieldError."""
    if of.started_at is not None:
        raise ConfigError("catalogue.import-started")
    if unknown := settings.keys() - _SETTINGS:
        raise TypeError(f"an import has no setting {', '.join(sorted(unknown))}")
    if "mode" in settings and settings["mode"] not in Mode.values:
        raise FieldError("mode", "catalogue.no-mode", mode=settings["mode"], known=Mode.values)
    if "library" in settings and of.made_by:
        visible = scope.libraries(of.made_by).filter(pk=settings["library"].pk, archived_at=None)
        if not visible.exists():
            raise FieldError("library", "catalogue.no-library")
    if "mapping" in settings:
        settings["mapping"] = _mapping(of, settings["mapping"])
    elif "library" in settings and not of.mapping:
        settings["mapping"] = _remembered(settings["library"], of.columns)
    for field, value in settings.items():
        setattr(of, field, value)
    of.save(update_fields=list(settings))
    return of


def start(of: Import, *, trigger: Trigger = Trigger.MANUAL) -> Job:
    """Start an import, or return its job. Raises ConfigError where it cannot, or the feature is off."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.started_at is not None:
            if held.job is None:
                raise ConfigError("catalogue.import-started")
            return held.job
        job, _ = services.start(
            IMPORT, params={"import": of.pk}, user=of.made_by, trigger=trigger, dedupe_key=f"{IMPORT}:{of.pk}"
        )
        Import.objects.filter(pk=of.pk).update(job=job, started_at=Now())
    of.refresh_from_db()
    return job


def bring_later(row: ImportRow) -> Job:
    """Start to bring what an archive has for a row that was decided: its pictures, and what is in its box."""
    ImportRow.objects.filter(pk=row.pk).update(is_due=True)
    params = {"import": row.of_id, "row": row.pk}
    return services.start(BRING, params=params, user=row.of.made_by, dedupe_key=f"{BRING}:{row.pk}")[0]


def undo(of: Import, user: User | None, *, trigger: Trigger = Trigger.MANUAL) -> Job:
    """Start to take an import back, or return the job that does.

    Raises ConfigError while it runs, and where it was not done or is undone already.
    """
    may_be_undone(of)
    job, _ = services.start(
        UNDO, params={"import": of.pk}, user=user, trigger=trigger, dedupe_key=f"{UNDO}:{of.pk}"
    )
    return job


def may_be_undone(of: Import) -> None:
    """Raise ConfigError where an import cannot be taken back."""
    of.refresh_from_db()
    if of.undone_at is not None:
        raise ConfigError("catalogue.undone-already", name=of.name)
    if of.started_at is None:
        raise ConfigError("catalogue.not-imported", name=of.name)
    brings = Job.objects.filter(name=BRING, state__in=LIVE_JOB, params__import=of.pk)
    if (of.job is not None and of.job.is_live) or brings.exists():
        raise ConfigError("catalogue.import-runs", name=of.name)


def count(of: Import) -> dict[str, int]:
    """Count the rows of an import by their outcomes, and keep that with it."""
    rows = ImportRow.objects.filter(of=of).order_by().values_list("outcome").annotate(Count("pk"))
    counts = dict(rows)
    Import.objects.filter(pk=of.pk).update(counts=counts)
    inbox_changed()
    return counts


def _remembered(library: Library, columns: Sequence[str]) -> Any:
    """How the same columns are called in a library: as they were when an import with them last started."""
    alike = Import.objects.filter(library=library, columns=columns) if columns else Import.objects.none()
    last = alike.order_by(F("started_at").desc(nulls_last=True), "-pk").first()
    return last.mapping if last else {}


def _mapping(of: Import, mapping: Mapping[str, str]) -> dict[str, str]:
    """The new names of columns.

    Raises FieldError for a column that is not there, a name that says nothing here, and one given twice.
    """
    wanted = {column: name for column, name in mapping.items() if name and name != column}
    for column, name in wanted.items():
        if column not in of.columns:
            raise FieldError("mapping", "catalogue.no-column", name=column, known=of.columns)
        if name.casefold() not in FIELDS and not name.startswith((OWN, OWN_OF_WORK)):
            raise FieldError("mapping", "catalogue.no-field", name=name, known=FIELDS)
    names = [wanted.get(column, column).casefold() for column in of.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FieldError("mapping", "catalogue.field-twice", name=twice[0])
    return wanted
