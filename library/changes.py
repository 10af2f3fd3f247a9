"""The outbox of the library: what changed of which title and folder, for features that follow it.

Whoever changes something records it in the same transaction, in bulk. A feature reads with a position of its
own and is told each change once, in the order of the transactions. Numbers are given before transactions
commit, so a reader that went by them alone would pass by what commits late: it sees only rows of
transactions below the snapshot's horizon, under which none is open any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from connections.models import Connection
from core import sql
from library.models import Change, Media, What

KEPT = timedelta(days=7)
"""So long changes are kept. A reader that was away for longer has to look at everything."""

MOST = 1000
"""Changes that a reader is handed at once."""

_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_START = f"""
    INSERT INTO library_changereader AS reader (name, transaction, change)
    VALUES (%(name)s, {_HORIZON}, 0)
    ON CONFLICT (name) DO UPDATE SET transaction = excluded.transaction, change = 0, read_at = now()
    WHERE reader.read_at < now() - %(kept)s OR reader.transaction > excluded.transaction
    RETURNING name
"""  # noqa: S608
_POSITION = "SELECT transaction, change FROM library_changereader WHERE name = %s FOR UPDATE"
_NEXT = f"""
    SELECT {{columns}} FROM library_change
    WHERE (transaction, id) > (%s, %s) AND transaction < {_HORIZON}
    ORDER BY transaction, id LIMIT %s
"""  # noqa: S608
_MOVE = """
    UPDATE library_changereader SET transaction = %s, change = %s, read_at = now() WHERE name = %s
"""
_STILL_HERE = """
    UPDATE library_changereader SET read_at = now() WHERE name = %s AND read_at < now() - interval '1 hour'
"""
_INSERT = """
    INSERT INTO library_change (media_id, connection_id, folder, what)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
"""
_ALL_GONE = """
    INSERT INTO library_change (media_id, connection_id, folder, what)
    SELECT id, connection_id, path, %s FROM library_media WHERE connection_id = %s
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is new to a reader. `missed` says that there was more than is told here: it reads for the first
    time, or was away for longer than changes are kept, or the database came from elsewhere.
    """

    changes: list[Change]
    missed: bool = False


def of(media: Media, what: What) -> Change:
    return Change(media_id=media.pk, connection_id=media.connection_id, folder=media.path, what=what)


def record(changes: Iterable[Change]) -> None:
    """Write changes in the caller's transaction: one statement for all of them, none where there are none."""
    columns = list(
        zip(*((one.media_id, one.connection_id, one.folder, one.what) for one in changes), strict=True)
    )
    if columns:
        sql.change(_INSERT, [list(column) for column in columns])


def record_all_gone(connection: Connection) -> None:
    sql.change(_ALL_GONE, [What.GONE, connection.pk])


@transaction.atomic
def read(reader: str, take: Callable[[Batch], object], *, most: int = MOST) -> int:
    """Hand a reader what is new to it, and return how many changes that were; `most`: there may be more.

    What `take` writes is committed together with the reader's new position, or neither is. Two that read
    under one name take turns. A transaction that stays open anywhere in the database's server keeps back what
    began after it.
    """
    missed = bool(sql.fetch(_START, {"name": reader, "kept": KEPT}))
    position = sql.fetch(_POSITION, [reader])[0]
    columns = sql.columns(Change, "library_change")
    found = [sql.build(Change, row) for row in sql.fetch(_NEXT.format(columns=columns), [*position, most])]
    if found or missed:
        take(Batch(found, missed))
    if found:
        sql.change(_MOVE, [found[-1].transaction, found[-1].pk, reader])
    else:
        sql.change(_STILL_HERE, [reader])
    return len(found)


def delete_old() -> int:
    """Delete the changes that are older than they are kept; return how many there were."""
    return Change.objects.filter(time__lt=Now() - KEPT).delete()[0]
