"""The answers of a provider that are kept: what was asked once is not asked again while it is true."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Min, Q, Value
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone

from connections.models import Connection
from core import sql
from providers import freshness
from providers.contract import Changes, Kind, Provider
from providers.models import Answer, Standing

_FIND = """
    SELECT {columns} FROM providers_answer AS answer
    WHERE connection_id = %s AND key = %s AND ends_at > statement_timestamp()
"""
_KEEP = """
    INSERT INTO providers_answer
        (connection_id, key, kind, subject, body, etag, fetched_at, stale_at, ends_at, is_changed)
    VALUES (%(connection)s, %(key)s, %(kind)s, %(subject)s, %(body)s, %(etag)s,
        %(fetched_at)s, %(stale_at)s, %(ends_at)s, %(is_changed)s)
    ON CONFLICT (connection_id, key) DO UPDATE SET kind = excluded.kind, subject = excluded.subject,
        body = excluded.body, etag = excluded.etag, fetched_at = excluded.fetched_at,
        stale_at = excluded.stale_at, ends_at = excluded.ends_at, is_changed = excluded.is_changed
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One GET without its secrets; `kind` and `subject` are the title that it is about."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    kind: Kind | None = None
    subject: str = ""

    def key(self, url: str) -> str:
        return sha256(f"{url}{self.path}?{urlencode(sorted(self.params.items()))}".encode()).hexdigest()


class Answers:
    """The kept answers of one connection. Who looks at one title `at_once` is handed what came once again
    without asking the database.
    """

    def __init__(self, connection: Connection, *, at_once: bool = False) -> None:
        self._connection = connection
        self._at_once = at_once
        self._seen: dict[str, Any] = {}

    def seen(self, request: Request) -> Any:
        """The JSON of an answer that came or was true a moment ago, None where there is none."""
        return self._seen.get(request.key(self._connection.url)) if self._at_once else None

    def see(self, request: Request, data: Any) -> None:
        if self._at_once:
            self._seen[request.key(self._connection.url)] = data

    def find(self, request: Request) -> Answer | None:
        key = request.key(self._connection.url)
        rows = sql.fetch(_FIND.format(columns=sql.columns(Answer, "answer")), [self._connection.pk, key])
        return sql.build(Answer, rows[0]) if rows else None

    def keep(self, request: Request, body: bytes | None, fresh: timedelta, etag: str = "") -> None:
        """Keep an answer in the place of the one before; without a body, that there is none."""
        key = request.key(self._connection.url)
        values = {
            "connection": self._connection.pk,
            "key": key,
            "kind": request.kind or "",
            "subject": request.subject,
            "body": None if body is None else gzip.compress(body, mtime=0),
            "etag": etag,
            **_times(key, fresh),
        }
        sql.change(_KEEP, values)

    def confirm(self, answer: Answer, fresh: timedelta) -> None:
        """Take an answer for true again: the provider says that it still holds."""
        Answer.objects.filter(pk=answer.pk).update(**_times(answer.key, fresh))


def is_fresh(answer: Answer) -> bool:
    return answer.stale_at > timezone.now()


def body_of(answer: Answer) -> bytes | None:
    return None if answer.body is None else gzip.decompress(answer.body)


def delete_old() -> int:
    """Delete what is used no more: after 180 days everything, and what a search or a list said before."""
    return Answer.objects.filter(Q(ends_at__lte=Now()) | Q(subject="", stale_at__lte=Now())).delete()[0]


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of a list of changes: answers that are asked for anew, and those that stay true without."""

    changed: int = 0
    vouched: int = 0


def follow_changes(connection: Connection, provider: Provider) -> Followed:
    """Ask what changed since the last time, have that asked for anew, and take all else for true.

    Without any answer of a title nothing is asked. Raises what `Provider.changes` raises.
    """
    about_titles = Answer.objects.filter(connection=connection).exclude(subject="")
    oldest = about_titles.aggregate(oldest=Min("fetched_at"))["oldest"]
    if oldest is None:
        return Followed()
    standing, _ = Standing.objects.get_or_create(connection=connection)
    since, asked_from = freshness.covered(
        standing.covered_since, standing.covered_until, oldest, timezone.now()
    )
    changes = provider.changes(asked_from)
    if changes.since > asked_from:
        since = changes.since
    changed = _mark(connection, changes)
    vouched = _vouch(connection, since, changes)
    Standing.objects.filter(pk=standing.pk).update(covered_since=since, covered_until=changes.until)
    return Followed(changed, vouched)


def _mark(connection: Connection, changes: Changes) -> int:
    """Have everything about these titles asked for anew that was there before the list ended."""
    return sum(
        Answer.objects.filter(
            connection=connection, kind=kind, subject__in=ids, fetched_at__lt=changes.until
        ).update(is_changed=True, stale_at=Now())
        for kind, ids in changes.ids.items()
        if ids
    )


def _vouch(connection: Connection, since: datetime, changes: Changes) -> int:
    """Take for true what no list named since it came; what is missing is not in any list."""
    rows = Answer.objects.filter(
        connection=connection,
        kind__in=list(changes.ids),
        fetched_at__gte=since,
        is_changed=False,
        body__isnull=False,
    ).exclude(subject="")
    until = Value(changes.until + freshness.VOUCHED)
    return rows.filter(stale_at__lt=until).update(
        stale_at=Least(Greatest(F("stale_at"), until), F("ends_at"))
    )


def _times(key: str, fresh: timedelta) -> dict[str, Any]:
    now = timezone.now()
    ends = freshness.ends_at(now, key)
    return {"fetched_at": now, "stale_at": min(now + fresh, ends), "ends_at": ends, "is_changed": False}
