"""Works that may be one: proposed to a person, never made one by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from catalogue import scope
from catalogue.matching import TITLE_ALONE, USUAL, How, Match, What, match
from catalogue.models import Duplicate, Library, Work
from catalogue.models.works import SHOWN
from catalogue.shelf import Shelf
from core import sql
from core.errors import ConfigError
from core.live import inbox_changed

JOB = "catalogue_duplicates"
ALIKE = 0.85
"""How like each other two titles are that are compared at all, where they are not equal."""

MOST_ALIKE = 12
"""So many works of one title are compared: of more, as of "Greatest Hits", none is a double."""

MOST = 5_000
"""So many pairs of one library are looked at."""

_TOGETHER = 200

Pair = tuple[int, int]


def look(check: Callable[[], object] = lambda: None) -> int:
    """Look for works that may be one, and propose them; return how many pairs wait for a person.

    What somebody said are two stays so; what is no longer alike is proposed no more.
    """
    for library in Library.objects.order_by("pk"):
        pairs = sorted({*_titled(library), *_numbered(library), *_nearly(library)})[:MOST]
        found: dict[Pair, Duplicate] = {}
        for start in range(0, len(pairs), _TOGETHER):
            check()
            found |= _scored(library, pairs[start : start + _TOGETHER])
        _propose(library, found)
    inbox_changed()
    return Duplicate.objects.filter(dismissed_at=None).count()


@transaction.atomic
def _propose(library: Library, found: dict[Pair, Duplicate]) -> None:
    known = {(row.one_id, row.other_id): row for row in Duplicate.objects.filter(one__library=library)}
    gone = [row.pk for pair, row in known.items() if row.dismissed_at is None and pair not in found]
    Duplicate.objects.filter(pk__in=gone).delete()
    for pair, row in known.items():
        if (now := found.get(pair)) and (now.score, now.parts) != (row.score, row.parts):
            Duplicate.objects.filter(pk=row.pk).update(score=now.score, parts=now.parts)
    sql.insert([duplicate for pair, duplicate in found.items() if pair not in known])


def proposed(user: User) -> QuerySet[Duplicate]:
    """The pairs that somebody could make one, the likeliest first."""
    mine = scope.changeable_works(user).order_by()
    rows = Duplicate.objects.filter(
        Exists(mine.filter(pk=OuterRef("one"))),
        Exists(mine.filter(pk=OuterRef("other"))),
        dismissed_at=None,
        one__library=F("other__library"),
    )
    return rows.order_by("-score", "pk")


def dismiss(duplicate: Duplicate, user: User) -> None:
    """Say that two works are two: nobody is asked again. Raises ConfigError where somebody may not."""
    if not proposed(user).filter(pk=duplicate.pk).update(dismissed_at=Now(), dismissed_by=user):
        raise ConfigError("catalogue.no-duplicate")
    inbox_changed()


def ask_again(duplicate: Duplicate, user: User) -> None:
    """Take back that two works are two. Raises ConfigError where somebody may not."""
    mine = scope.changeable_works(user)
    rows = Duplicate.objects.filter(pk=duplicate.pk, one__in=mine, other__in=mine, dismissed_at__isnull=False)
    if not rows.update(dismissed_at=None, dismissed_by=None):
        raise ConfigError("catalogue.no-duplicate")
    inbox_changed()


def _titled(library: Library) -> Iterator[Pair]:
    """Works with the same title, where they are few."""
    yield from sql.fetch(
        "WITH alike AS (SELECT folded FROM catalogue_work WHERE library_id = %s AND deleted_at IS NULL "
        "AND merged_into_id IS NULL AND folded <> '' GROUP BY folded HAVING count(*) BETWEEN 2 AND %s) "
        "SELECT a.id, b.id FROM alike JOIN catalogue_work a ON a.library_id = %s AND a.folded = alike.folded "
        "JOIN catalogue_work b ON b.library_id = a.library_id AND b.folded = a.folded AND b.id > a.id "
        "WHERE a.deleted_at IS NULL AND a.merged_into_id IS NULL AND b.deleted_at IS NULL "
        "AND b.merged_into_id IS NULL ORDER BY 1, 2 LIMIT %s",
        [library.pk, MOST_ALIKE, library.pk, MOST],
    )


def _numbered(library: Library) -> Iterator[Pair]:
    """Works with the same number, of which somebody said that it is of several."""
    yield from sql.fetch(
        "WITH said AS (SELECT DISTINCT i.scheme, i.value, coalesce(i.work_id, e.work_id) AS work "
        "FROM catalogue_identifier i LEFT JOIN catalogue_edition e ON e.id = i.edition_id "
        "WHERE i.library_id = %s AND i.shared) "
        "SELECT DISTINCT a.work, b.work FROM said a JOIN said b ON a.scheme = b.scheme AND a.value = b.value "
        "AND a.work < b.work JOIN catalogue_work w ON w.id = a.work JOIN catalogue_work v ON v.id = b.work "
        "WHERE w.deleted_at IS NULL AND w.merged_into_id IS NULL AND v.deleted_at IS NULL "
        "AND v.merged_into_id IS NULL LIMIT %s",
        [library.pk, MOST],
    )


def _nearly(library: Library) -> Iterator[Pair]:
    """Works of one year whose titles are nearly the same, from their first letters on."""
    yield from sql.fetch(
        "SELECT a.id, b.id FROM catalogue_work a JOIN catalogue_work b ON b.library_id = a.library_id "
        "AND b.year = a.year AND left(b.folded, 2) = left(a.folded, 2) AND b.id > a.id "
        "AND b.folded <> a.folded AND similarity(b.folded, a.folded) >= %s "
        "WHERE a.library_id = %s AND a.deleted_at IS NULL AND a.merged_into_id IS NULL "
        "AND b.deleted_at IS NULL AND b.merged_into_id IS NULL ORDER BY 1, 2 LIMIT %s",
        [ALIKE, library.pk, MOST],
    )


def _scored(library: Library, pairs: list[Pair]) -> dict[Pair, Duplicate]:
    """The pairs that a person should look at, with what speaks for them and against."""
    held = Shelf(library, None, (), {pk for pair in pairs for pk in pair}).held
    found = {}
    for one, other in pairs:
        if one in held and other in held:
            told = match(held[one].description, held[other].description)
            score = max(told.score, _of_near_titles(told))
            if score >= USUAL.review:
                parts = [[part.what.value, part.how.value, part.detail] for part in told.parts]
                found[one, other] = Duplicate(one_id=one, other_id=other, score=score, parts=parts)
    return found


def _of_near_titles(told: Match) -> float:
    """The worth of titles that are nearly the same: of one year, and where nothing speaks against it."""
    parts = {part.what: part for part in told.parts}
    title, year = parts.get(What.TITLE), parts.get(What.YEAR)
    if any(part.how is How.DIFFERS for part in told.parts) or title is None or title.how is not How.NEAR:
        return 0.0
    is_near = float(title.detail) >= ALIKE and year is not None and year.how is How.EQUAL
    return TITLE_ALONE if is_near else 0.0


def number_proposed() -> int:
    """How many pairs wait for anybody."""
    shown = Work.objects.filter(SHOWN)
    return Duplicate.objects.filter(dismissed_at=None, one__in=shown, other__in=shown).count()
