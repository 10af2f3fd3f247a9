"""How a link ends: what becomes of a title after a push has looked at it, or written it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.errors import ApiTransientError, Later, TaggarrError
from core.words import Phrase
from players.clients.contract import Written
from players.index import Sought
from players.links import LOOKS, End, cause_of
from players.models import Cause, Link, LinkState, Route
from players.rules.difference import Difference, Mark, conflicts
from players.rules.matching import Match, State
from players.sources import State as SubjectState

TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 5.0, 80.0
"""Seconds before what failed and may pass is tried again: longer each time."""

FIRST_LOOK, LONGEST_LOOK = 30.0, 600.0
"""What is not in the player yet is looked for `LOOKS` times, then daily, and whenever that has new items."""

DAY = 24 * 3600.0

SHOWN_CANDIDATES = 10


@dataclass(slots=True)
class Work:
    """One link on its way through a batch. `again_in`: seconds until what was left out of it is sent."""

    link: Link
    state: SubjectState
    route: Route | None
    ids: Sequence[str] = ()
    strays: Sequence[str] = ()
    match: Match | None = None
    known: dict[str, dict[str, Mark]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    postponed: bool = False
    again_in: float | None = None

    @property
    def ends(self) -> bool:
        """Whether it is to be taken off: its source has it no more, or it no longer goes to this player."""
        return self.link.subject.gone or self.route is None

    @property
    def touched(self) -> tuple[str, ...]:
        """Its items, and those that it was before."""
        return (*self.ids, *self.strays)

    @property
    def sought(self) -> Sought:
        return Sought(self.state.title, self.state.season)


def ended(work: Work, written: Written, *, in_subset: bool = False) -> End:
    """How a link ends of which something was to be written; `in_subset` as for `unwritten`."""
    if (end := unwritten(work, in_subset=in_subset)) is not None:
        return end
    if work.postponed:
        return replace(told(work, LinkState.DUE), due_in=0.0, marks=work.known)
    wrong = {part: error for part, error in written.failed.items() if part.id in work.touched}
    marks = dict(work.known)
    for one in work.differences:
        names = {part.name for part in wrong if part.id == one.edit.id}
        shown = written.present.get(one.edit.id)
        marks[one.edit.id] = one.marks_after(names, shown.fields if shown else {})
    if wrong:
        marks = {id: some for id, some in marks.items() if id in work.touched}
        return replace(failed(work, list(wrong.values())), marks=marks)
    marks = {id: some for id, some in marks.items() if id in work.ids}
    if work.ends:
        return End(work.link, LinkState.EXCLUDED, forget=True)
    end = replace(told(work, LinkState.IN_SYNC), marks=marks)
    if work.again_in is not None:
        end = replace(end, state=LinkState.DUE, due_in=work.again_in)
    if edited := sorted({name for some in marks.values() for name in conflicts(some)}):
        what = [name_of(key) for key in edited]
        error = Phrase("link.edited", what=what, title=work.link.subject, player=work.link.player)
        end = replace(end, cause=Cause.EDITED.value, error=error)
    return end


def name_of(key: str) -> Phrase | str:
    """What a field or label is called, by the key of its mark."""
    return key.partition(":")[2] or Phrase(f"detail.{key}")


def told(work: Work, state: LinkState) -> End:
    grade = work.match.grade if work.match and work.match.grade else work.link.grade
    return End(work.link, state, item_ids=work.ids, grade=grade)


def unwritten(work: Work, *, in_subset: bool = False) -> End | None:
    """How a link ends that has no item; None where it has one. `in_subset` says that it need not be there."""
    if work.ids:
        return None
    if work.ends:
        return End(work.link, LinkState.EXCLUDED, forget=True)
    if work.match is not None and work.match.state is State.AMBIGUOUS:
        shown = [
            {"id": one.item.id, "title": one.item.title, "year": one.item.year, "grade": int(one.grade),
             "library": one.item.library, "path": one.item.paths[0] if one.item.paths else ""}
            for one in work.match.graded[:SHOWN_CANDIDATES]
        ]  # fmt: skip
        error = Phrase("link.ambiguous", number=len(work.match.graded), player=work.link.player)
        end = End(work.link, LinkState.AMBIGUOUS, DAY, 0, Cause.AMBIGUOUS, error, candidates=shown)
        return replace(end, grade=work.match.grade, marks=work.known)
    if in_subset:
        return replace(End(work.link, LinkState.EXCLUDED), marks=work.known)
    tries = work.link.tries + 1
    wait = min(FIRST_LOOK * 2.0 ** min(tries - 1, 10), LONGEST_LOOK) if tries < LOOKS else DAY
    error = Phrase("link.not-there", title=work.link.subject, player=work.link.player)
    end = End(work.link, LinkState.NOT_THERE, wait, min(tries, LOOKS), Cause.NOT_THERE, error)
    return replace(end, marks=work.known)


def failed(work: Work, errors: Sequence[TaggarrError]) -> End:
    """How a link ends of which something was not written."""
    later = [error.seconds for error in errors if isinstance(error, Later)]
    away = any(isinstance(one, ApiTransientError) and one.counts_for_breaker for one in errors)
    if later or away:
        # It was no fault of its own: at no cost of a try.
        return replace(told(work, LinkState.DUE), due_in=max(later, default=0.0), tries=work.link.tries)
    worst = max(errors, key=lambda error: list(Cause).index(cause_of(error)))
    cause, tries = cause_of(worst), work.link.tries + 1
    passes = cause not in (Cause.REFUSED_VALUE, Cause.BAD_SOURCE, Cause.REFUSED_KEY)
    end = told(work, LinkState.DUE if passes and tries < TRIES else LinkState.FAILED)
    wait = min(FIRST_WAIT * 2.0 ** (tries - 1), LONGEST_WAIT) if end.state is LinkState.DUE else None
    return replace(end, due_in=wait, tries=tries, cause=cause.value, error=worst.phrase)
