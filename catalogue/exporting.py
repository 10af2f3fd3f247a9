"""The collection as entries, a row for each copy: what `formats.ours` writes, and reads again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, TextIO

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from catalogue import scope, values
from catalogue.codes import Code, Scheme
from catalogue.formats import ours
from catalogue.models import Copy, Edition, Identifier, Progress, Work

TOGETHER = 500


def write(user: User, to: TextIO) -> int:
    """Write all that a user sees as our table, and return the number of rows."""
    entries = list(entries_of(user))
    ours.write(entries, to)
    return len(entries)


def entries_of(user: User) -> Iterator[values.Entry]:
    """All that a user sees, with how they stand to it themselves."""
    works = scope.works(user).order_by("pk").values_list("pk", flat=True).iterator()
    number = 0
    while some := list(islice(works, TOGETHER)):
        for entry in _entries(user, scope.works(user).filter(pk__in=some)):
            number += 1
            yield values.Entry(number, **entry)


def _entries(user: User, works: QuerySet[Work]) -> Iterator[dict[str, Any]]:
    copies = scope.copies(user).filter(edition__work__in=works).select_related("location").order_by("pk")
    by_edition: dict[int, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_edition[copy.edition_id].append(copy)
    progress = scope.progress(user).filter(work__in=works, season=None).prefetch_related("plays")
    by_work = {row.work_id: row for row in progress}
    editions = Prefetch(
        "editions", Edition.objects.order_by("pk").prefetch_related("identifiers"), to_attr="told_editions"
    )
    listed = works.prefetch_related(editions, "identifiers", "contributions__person", "terms__term")
    for work in listed.order_by("pk"):
        about = {
            "work": _work(work),
            "progress": _progress(by_work.get(work.pk)),
            "added_on": work.added_on,
        }
        own = tuple(work.own.items())
        numbers = _codes(work.identifiers.all())
        told: Sequence[Edition] = work.told_editions
        if not told:
            yield {**about, "codes": numbers, "own": own}
        for edition in told:
            rest = {
                **about,
                "edition": _edition(edition),
                "codes": (*numbers, *_codes(edition.identifiers.all())),
            }
            for copy in by_edition[edition.pk]:
                yield {**rest, "copy": _copy(copy), "own": (*own, *copy.own.items())}
            if not by_edition[edition.pk]:
                yield {**rest, "own": own}


def _work(work: Work) -> values.Work:
    return values.Work(
        values.Kind(work.kind),
        work.title,
        work.original_title,
        work.year,
        work.overview,
        work.language,
        work.runtime_min,
        work.audience_rating,
        _short(work.community_rating),
        work.series,
        work.position,
        tuple(values.Person(row.person.name, values.Role(row.role)) for row in work.contributions.all()),
        tuple(values.Term(values.TermKind(row.term.kind), row.term.name) for row in work.terms.all()),
    )


def _edition(edition: Edition) -> values.Edition:
    return values.Edition(
        edition.name,
        edition.format,
        edition.publisher,
        edition.published_on,
        edition.region,
        edition.resolution,
        edition.pages,
        edition.discs,
    )


def _codes(numbers: Iterable[Identifier]) -> tuple[Code, ...]:
    rows = sorted(numbers, key=lambda row: row.pk)
    return tuple(Code(Scheme(row.scheme), row.value) for row in rows)


def _copy(copy: Copy) -> values.Copy:
    signed = (
        values.Signature(
            one["by"], one["role"], date.fromisoformat(one["on"]) if one["on"] else None, one["at"]
        )
        for one in copy.signatures
    )
    return values.Copy(
        copy.location.name if copy.location else "",
        copy.condition,
        copy.condition_note,
        copy.acquired_on,
        _short(copy.price),
        copy.currency,
        copy.from_where,
        copy.quantity,
        copy.lent_to,
        copy.notes,
        tuple(signed),
    )


def _progress(row: Progress | None) -> values.Progress | None:
    if row is None:
        return None
    return values.Progress(
        values.State(row.state) if row.state else None,
        row.times,
        _short(row.rating),
        row.is_wanted,
        row.review,
        tuple(values.Play(play.started_on, play.finished_on) for play in row.plays.order_by("pk")),
    )


def _short(number: Any) -> Any:
    """A number without the zeros that its column adds."""
    return None if number is None else number.normalize() + 0
