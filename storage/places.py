"""Which store is the one in use."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from core import sql
from core.errors import ConfigError, StorageError
from storage.backends import Backend
from storage.backends.local import Local
from storage.backends.s3 import S3, Bucket
from storage.models import Place, PlaceKind, Stored

FOLDER = "storage"
_PLACE = "SELECT {columns} FROM storage_place AS place ORDER BY id LIMIT 1"


def current() -> Place:
    """Where files are kept: what somebody set, else the defaults."""
    rows = sql.fetch(_PLACE.format(columns=sql.columns(Place, "place")), [])
    return sql.build(Place, rows[0]) if rows else Place(pk=1)


def backend(place: Place | None = None) -> Backend:
    """The store in use. Raises ConfigError where its settings are wrong or its secret does not decrypt."""
    place = place or current()
    if place.kind == PlaceKind.S3:
        return S3(
            Bucket(
                url=place.url,
                bucket=place.bucket,
                region=place.region,
                prefix=place.prefix,
                key_id=place.key_id,
                secret=place.secret.reveal(),
            )
        )
    return Local(folder_of(place))


def folder_of(place: Place) -> Path:
    return Path(place.folder) if place.folder else Path(settings.TAGGARR_DATA) / FOLDER


def ready() -> Backend:
    """The store in use, prepared if nothing was ever kept. Raises StorageError where it is away."""
    store = backend()
    if not store.is_there():
        if Stored.objects.exists():
            raise StorageError("storage.away")
        store.prepare()
    return store


def use(place: Place) -> None:
    """Keep files there from now on.

    Raises ConfigError where it cannot be used, or where files are kept elsewhere that it does not hold.
    """
    if place.kind == PlaceKind.LOCAL and place.folder and not Path(place.folder).is_absolute():
        raise ConfigError("storage.full-path")
    place.pk = 1
    store = backend(place)
    sample = Stored.objects.filter(damaged_at=None).order_by("-seen_at").first()
    if sample is not None and (not store.is_there() or store.size(sample.name) != sample.size):
        raise ConfigError("storage.not-copied")
    store.prepare()
    place.save()
