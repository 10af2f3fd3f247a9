"""Who uses what, what nobody has used for long, and what is left over: computed, never counted.

A file goes only where its row says so in the statement that deletes it: unused and unseen for the whole
grace, and in no answer of this very look. Its row goes first, its bytes after the commit, under the lock that
`storage.keeping` holds to keep it: a crash between leaves bytes that the next sweep takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from core.features import brought
from storage import places
from storage.backends import Backend
from storage.contract import References
from storage.keeping import lock
from storage.models import Stored, Upload
from storage.pictures import WIDTHS

STRAY_AGE = timedelta(days=1)
"""So long bytes without a row may be somebody's who is just writing it."""

GIVEN_UP = timedelta(days=7)
"""The grace of what only people uploaded who want it no more."""

CHUNK = 500


@dataclass(slots=True)
class Collected:
    """What a collection did: files whose use ended, files and bytes that went, left-over names that went."""

    unused: int = 0
    files: int = 0
    bytes: int = 0
    strays: int = 0


def used() -> Iterator[str]:
    """The digests that features use, those of features that are off too."""
    for _, references in brought(References, also_off=True):
        for source in references.used:
            yield from source()


def collect(check: Callable[[], object] = lambda: None) -> Collected:
    """Mark what nobody uses, delete what nobody has used for the grace, sweep what has no row.

    `check` is called between the parts. What a source of references raises ends it, and nothing is deleted.
    """
    store = places.ready()
    done = Collected()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE storage_used (digest varchar(64) PRIMARY KEY)")
        for chunk in _chunks(used()):
            cursor.execute(
                "INSERT INTO storage_used SELECT unnest(%s::varchar[]) ON CONFLICT DO NOTHING", [chunk]
            )
            check()
        table = Stored._meta.db_table
        cursor.execute(
            f"UPDATE {table} SET unused_since = NULL, seen_at = now() WHERE unused_since IS NOT NULL "  # noqa: S608
            "AND digest IN (SELECT digest FROM storage_used)"
        )
        cursor.execute(
            f"UPDATE {table} SET unused_since = now() WHERE unused_since IS NULL "  # noqa: S608
            "AND NOT EXISTS (SELECT FROM storage_used WHERE storage_used.digest = " + table + ".digest)"
        )
        done.unused = cursor.rowcount
        cursor.execute("DROP TABLE storage_used")
    for stored in due().order_by("pk").iterator(CHUNK):
        check()
        if _drop(stored):
            _delete_bytes(store, stored)
            done.files += 1
            done.bytes += stored.size
    done.strays = sweep(store, check)
    return done


def due() -> QuerySet[Stored]:
    """The files that have been unused and unseen for the grace, or for a week where people gave them up."""
    wanted = Upload.objects.filter(stored=OuterRef("pk"), given_up_at=None)
    given_up = Upload.objects.filter(stored=OuterRef("pk"), given_up_at__isnull=False)
    rows = Stored.objects.annotate(is_given_up=Exists(given_up) & ~Exists(wanted) & Q(public=False))
    grace = timedelta(days=places.current().grace_days)
    return rows.filter(_unused_for(grace) | _unused_for(min(grace, GIVEN_UP)) & Q(is_given_up=True))


def _unused_for(grace: timedelta) -> Q:
    oldest = Now() - grace
    return Q(unused_since__lt=oldest, seen_at__lt=oldest, created_at__lt=oldest)


def _drop(stored: Stored) -> bool:
    """Delete the row where it is still due: somebody may have used it since."""
    with transaction.atomic():
        lock(stored.digest, shared=False)
        # Locked with its condition: who wants to use it meanwhile waits, and is told that it is gone.
        rows = due().filter(pk=stored.pk)
        if not rows.select_for_update().exists():
            return False
        return bool(rows.delete()[0])


def _delete_bytes(store: Backend, stored: Stored) -> None:
    with transaction.atomic():
        lock(stored.digest, shared=False)
        if not Stored.objects.filter(digest=stored.digest).exists():
            for width in WIDTHS:
                store.delete(stored.thumbnail_name(width))
            store.delete(stored.name)


def sweep(store: Backend, check: Callable[[], object] = lambda: None) -> int:
    """Delete what is older than a day and belongs to no row: drafts of a crash, bytes before their row."""
    oldest = timezone.now() - STRAY_AGE
    swept = 0
    old = (name for name, written in store.names() if written < oldest)
    for names in _chunks(old):
        check()
        digests = {name: digest_in(name) for name in names}
        kept = set(Stored.objects.filter(digest__in=set(digests.values())).values_list("digest", flat=True))
        for name, digest in digests.items():
            if digest is None:
                if _is_draft(name):
                    store.delete(name)
                    swept += 1
            elif digest not in kept:
                with transaction.atomic():
                    lock(digest, shared=False)
                    if not Stored.objects.filter(digest=digest).exists():
                        store.delete(name)
                        swept += 1
    return swept


def digest_in(name: str) -> str | None:
    """The digest that a name of ours is about; None for a draft, and for what is not ours."""
    folders, _, last = name.rpartition("/")
    digest = last[:64]
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef") or last[64:65] not in (".", "-"):
        return None
    place = f"{digest[:2]}/{digest[2:4]}"
    return digest if folders in (place, f"thumbs/{place}") else None


def _is_draft(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.count("/") in (2, 3) and last.startswith(".") and len(last.rpartition(".")[2]) == 32


def _chunks(things: Iterable[str]) -> Iterator[list[str]]:
    left = iter(things)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
