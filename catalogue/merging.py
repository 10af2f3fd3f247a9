"""Two works that are one become one, and two again: because a person says so, never by a machine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from catalogue import scope, snapshots, values
from catalogue.becoming import lock
from catalogue.editing import noted
from catalogue.filling import moved_on, origin
from catalogue.models import (
    Merge,
    Play,
    Progress,
    Season,
    Work,
)
from core.errors import ConfigError, FieldError

FIELDS = (
    *("title", "original_title", "kind", "year", "overview", "language", "runtime_min"),
    *("audience_rating", "community_rating", "series", "position"),
)
"""What a work has one of: where two differ, one is chosen."""

_WORKS, _LEFT = "works", "left"
_EMPTY = ("", None)


def pair(user: User, one: int, other: int) -> tuple[Work, Work]:
    """Two works that somebody may make one, as they are now, for this transaction alone.

    Raises ConfigError where they are not two of one library, and where somebody may not change both.
    """
    if one == other:
        raise ConfigError("catalogue.merge-with-itself")
    mine = scope.changeable_works(user).filter(pk__in=[one, other])
    held = Work.objects.select_for_update(of=("self",)).filter(pk__in=mine.values("pk")).order_by("pk")
    found = {work.pk: work for work in held}
    if len(found) < 2:
        raise ConfigError("catalogue.may-not-change")
    if found[one].library_id != found[other].library_id:
        raise ConfigError("catalogue.merge-of-libraries")
    return found[one], found[other]


def differing(one: Work, other: Work) -> list[str]:
    """The fields of which both works tell something, and not the same."""
    sides = ((name, getattr(one, name), getattr(other, name)) for name in FIELDS)
    return [name for name, ours, theirs in sides if ours != theirs and not {ours, theirs} & {*_EMPTY}]


@transaction.atomic
def merge(kept: Work, gone: Work, user: User, *, taken: Collection[str] = ()) -> Merge:
    """Have one work become part of another, with all that belongs to it; its address leads there.

    `taken` names the fields that are as the one says that goes; of the others those are that were empty.
    Raises FieldError, and ConfigError as `pair`.
    """
    if unknown := sorted(set(taken) - set(FIELDS)):
        raise FieldError("taken", "catalogue.no-such-field", name=unknown[0], known=FIELDS)
    lock()
    kept, gone = pair(user, kept.pk, gone.pk)
    ids = [kept.pk, gone.pk]
    before = snapshots.taken(ids)
    let_go, stays = _fill(kept, gone, taken)
    _move(kept, gone)
    kept.version += 1
    kept.save()
    gone.merged_into, gone.version = kept, gone.version + 1
    gone.save()
    noted(kept, user, let_go, {"merged": str(gone)} | stays)
    return Merge.objects.create(
        kept=kept,
        gone=gone,
        choices={"taken": sorted(taken)},
        before={_WORKS: before, _LEFT: snapshots.digests(ids)},
        made_by=user,
    )


@transaction.atomic
def undo(merge: Merge, user: User) -> Merge:
    """Make two works of one again, each exactly as it was.

    Raises ConfigError where somebody may not, where that was done, and where one was changed since.
    """
    lock()
    of = Merge.objects.select_for_update(of=("self",)).select_related("kept", "gone").get(pk=merge.pk)
    if of.undone_at is not None:
        raise ConfigError("catalogue.merge-undone")
    if not undoable(user).filter(pk=of.pk).exists():
        raise ConfigError("catalogue.may-not-change")
    ids = [of.kept_id, of.gone_id]
    # Nobody else changes them until this is done.
    list(Work.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    left = {str(pk): digest for pk, digest in snapshots.digests(ids).items()}
    if left != of.before[_LEFT]:
        raise ConfigError("catalogue.merge-touched", work=str(of.kept))
    snapshots.bring_back({pk: of.before[_WORKS][str(pk)] for pk in ids})
    noted(of.kept, user, {"merged": str(of.gone)}, {})
    of.undone_at = Now()
    of.save(update_fields=["undone_at"])
    return of


def undoable(user: User) -> QuerySet[Merge]:
    """The merges that somebody may take back, the last first: theirs, or all where they change everything."""
    rows = Merge.objects.filter(undone_at=None, kept__in=scope.changeable_works(user)).order_by("-pk")
    return rows if scope.changes_all(user) else rows.filter(made_by=user)


def last_into(user: User, pk: int) -> Merge:
    """What was merged into a work last and can be taken back. Raises ConfigError where there is nothing."""
    of = undoable(user).filter(kept=pk).select_related("gone").first()
    if of is None:
        raise ConfigError("catalogue.not-merged")
    return of


def leads_to(pk: int) -> int:
    """The work that one became part of, or that one itself."""
    while onto := Work.objects.filter(pk=pk).values_list("merged_into", flat=True).first():
        pk = onto
    return pk


def _fill(kept: Work, gone: Work, taken: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fill what is empty and what is taken; return of what differed what goes and what stays."""
    let_go: dict[str, Any] = {}
    stays: dict[str, Any] = {}
    for name in FIELDS:
        ours, theirs = getattr(kept, name), getattr(gone, name)
        if theirs in _EMPTY or theirs == ours:
            continue
        if name in taken or (ours in _EMPTY and name not in kept.locks):
            setattr(kept, name, theirs)
            kept.origins |= {name: origin(gone.origins, name)}
            if name in gone.locks and name not in kept.locks:
                kept.locks = [*kept.locks, name]
            let_go[name], stays[name] = ours, theirs
        else:
            let_go[name], stays[name] = theirs, ours
    if stays.get("title") == gone.title:
        kept.folded, kept.sort_title = gone.folded, gone.sort_title
    for name, text in gone.own.items():
        if kept.own.setdefault(name, text) != text:
            let_go[name], stays[name] = text, kept.own[name]
    return let_go, stays


def _move(kept: Work, gone: Work) -> None:
    gone.editions.update(work=kept)
    gone.boxes.update(work=kept)
    gone.links.update(work=kept)
    _move_pictures(kept, gone)
    _move_numbers(kept, gone)
    _move_names(kept.contributions.all(), gone.contributions.all(), kept, "person", "role")
    _move_names(kept.terms.all(), gone.terms.all(), kept, "term")
    _move_seasons(kept, gone)
    _move_progress(gone.progress.filter(season=None), kept, None)


def _move_numbers(kept: Work, gone: Work) -> None:
    there = {(number.scheme, number.value): number for number in kept.identifiers.all()}
    for number in gone.identifiers.all():
        same = there.get((number.scheme, number.value))
        if same is None:
            number.work = kept
            number.save()
            continue
        number.delete()
        if not number.shared:
            # What one of the two had for itself, both have.
            same.shared = False
            same.save()


def _move_pictures(kept: Work, gone: Work) -> None:
    """Move pictures behind those that are there, but for those that both have."""
    both = kept.pictures.filter(copy=None).values("digest")
    gone.pictures.filter(copy=None, digest__in=both).delete()
    last = kept.pictures.aggregate(last=Max("place"))["last"]
    gone.pictures.update(work=kept, place=F("place") + (0 if last is None else last + 1))


def _move_names(there: QuerySet[Any], rows: QuerySet[Any], kept: Work, *key: str) -> None:
    """Move rows behind those that are there, but for those that both have."""
    both = set(there.values_list(*key))
    twice = [pk for pk, *one in rows.values_list("pk", *key) if tuple(one) in both]
    rows.filter(pk__in=twice).delete()
    last = there.aggregate(last=Max("place"))["last"]
    rows.update(work=kept, place=F("place") + (0 if last is None else last + 1))


def _move_seasons(kept: Work, gone: Work) -> None:
    there = {season.number: season for season in kept.seasons.all()}
    for season in gone.seasons.all():
        same = there.get(season.number)
        if same is None:
            Season.objects.filter(pk=season.pk).update(work=kept)
            season.progress.update(work=kept)
            continue
        same.name = same.name or season.name
        same.expected = max(same.expected, season.expected)
        same.available = max(same.available, season.available)
        same.save()
        _move_progress(season.progress.all(), kept, same)
        season.delete()


def _move_progress(rows: QuerySet[Progress], kept: Work, season: Season | None) -> None:
    """Have people stand to a work as they stood to either: never behind what they were."""
    there = {row.user_id: row for row in kept.progress.filter(season=season)}
    for row in list(rows):
        ours = there.get(row.user_id)
        if ours is None:
            Progress.objects.filter(pk=row.pk).update(work=kept, season=season)
            continue
        now, told = _progress(ours), _progress(row)
        then = moved_on(now, told)
        ours.state, ours.times = then.state.value if then.state else "", then.times
        ours.rating, ours.is_wanted = then.rating, then.is_wanted
        # Of two reviews neither is lost.
        ours.review = "\n\n".join(filter(None, dict.fromkeys((now.review, told.review))))
        ours.save()
        for play in row.plays.all():
            if values.Play(play.started_on, play.finished_on) not in now.plays:
                Play.objects.filter(pk=play.pk).update(progress=ours)
        row.delete()


def _progress(row: Progress) -> values.Progress:
    return values.Progress(
        values.State(row.state) if row.state else None,
        row.times,
        row.rating,
        row.is_wanted,
        row.review,
        tuple(values.Play(play.started_on, play.finished_on) for play in row.plays.order_by("pk")),
    )
