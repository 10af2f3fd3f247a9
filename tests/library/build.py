"""Rows of the library together with what the scanner keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connections.models import Connection
    from library.models import File, Media, Season


def add_title(connection: Connection, *, arr_id: int = 1, **given: Any) -> Media:
    """Make a series or movie; what is given of its state is written there."""
    from library.models import Media

    media: Media = _make(Media, connection=connection, arr_id=arr_id, **given)
    return media


def add_season(media: Media, *, number: int, **given: Any) -> Season:
    """Make a season, and its state likewise."""
    from library.models import Season

    season: Season = _make(Season, media=media, number=number, **given)
    return season


def add_file(media: Media, path: str, **given: Any) -> File:
    """Make a file, and its state likewise."""
    from library.models import File

    file: File = _make(File, media=media, path=path, **given)
    return file


def add_files(files: list[File], **state: Any) -> None:
    """Make files whose states are alike, in two statements."""
    from library.models import File

    made = File.objects.bulk_create(files)
    states: Any = File._meta.get_field("scan_state").related_model
    assert states.objects.filter(pk__in=[file.pk for file in made]).update(**state) == len(made)


def _make(model: Any, **given: Any) -> Any:
    own = {name for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    row = model.objects.create(**{name: value for name, value in given.items() if name in own})
    state = {name: value for name, value in given.items() if name not in own}
    if state:
        known = row._meta.get_field("scan_state").related_model.objects.filter(pk=row.pk)
        assert known.update(**state) == 1
    return row
