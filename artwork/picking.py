"""Which pictures a title gets: the candidates are scored, the best are fetched, and what is locked stays.

Only what is chosen is fetched, best first. What a picture really is, and that two show the same, is known
when it came: then it is chosen anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from artwork.choice import scoring
from artwork.choice.locking import Lock
from artwork.choice.rules import rule_from
from artwork.choice.scoring import NONE, Blocked, Key, Rule
from artwork.choice.selecting import Selection, or_of_series, select, why_not
from artwork.models import Adopt, ArtSettings, Candidate, ChosenBy, Entity, Rejected
from artwork.names import SLOTS, ArtType, Kind
from connections.models import Connection
from core import sql
from core.errors import ApiPermanentError
from core.words import Phrase
from providers.pictures import fetch_picture
from storage import keeping
from storage.heads import PictureError

MOST_REFUSED = 5
"""So many pictures of one slot may turn out to be none before the others have to wait for the next time."""

_CAME = "UPDATE artwork_candidate SET digest = %s WHERE id = %s"
_BY_PEOPLE = """
    SELECT DISTINCT entity_id, art FROM artwork_candidate
    WHERE entity_id = ANY (%s::bigint[]) AND chosen_by = %s
"""
_UNRANK = """
    UPDATE artwork_candidate SET rank = NULL WHERE entity_id = %s AND art = %s AND rank IS NOT NULL
"""
_UNSIGNED = (1 << 64) - 1
SCORES = ("score", "chosen")
_DECIDED = ("score", "parts", "reason", "rank", "chosen_by")
_WRITTEN = (*_DECIDED, "digest", "refused")


@dataclass(slots=True)
class Slot:
    """The pictures of one type of one entity: all that it could have, and what was chosen of them.

    `left` are those of its series that a season does not have any more.
    """

    entity: Entity
    art: ArtType
    rows: list[Candidate]
    rule: Rule | None
    lock: Lock | None = None
    selection: Selection = field(default_factory=lambda: Selection(()))
    left: list[Candidate] = field(default_factory=list)

    @property
    def current(self) -> list[Key]:
        """What is chosen now."""
        chosen = sorted((row for row in self.rows if row.rank is not None), key=lambda row: row.rank or 0)
        return [key_of(row) for row in chosen]

    @property
    def is_other(self) -> bool:
        """Whether what was selected is another than what is chosen now."""
        return list(self.selection.chosen) != self.current


@dataclass(slots=True)
class Picked:
    """How many pictures came, in how many slots the choice is another, and how many still lack one."""

    fetched: int = 0
    changed: int = 0
    missing: int = 0


def key_of(row: Candidate) -> Key:
    return row.source, row.address


def rule_of(settings: ArtSettings, art: ArtType) -> Rule | None:
    """How pictures of a type are chosen; None where none are wanted."""
    own = settings.rules.get(art.value, {})
    return rule_from(art, own, settings.languages, settings.providers)


class Picking:
    """Chooses the pictures of one title; `pick` saves them, `choose` alone only says which they would be."""

    def __init__(
        self,
        title: Entity,
        settings: ArtSettings,
        connections: Mapping[str, Connection],
        original: str = "",
        *,
        unwanted: Blocked | None = None,
    ) -> None:
        self._title, self._settings, self._connections = title, settings, connections
        self._original = original
        self._blocked = blocked() if unwanted is None else unwanted
        self._fetched = 0
        self.slots = list(slots_of(title, settings))
        digests = {row.digest for slot in self.slots for row in slot.rows if row.digest}
        self._stored = keeping.find(digests) if digests else {}

    def choose(self, *, fetch: bool) -> None:
        """Choose for all slots, a title before its parts. With `fetch` what is chosen is fetched and judged.

        Raises Later, ApiTransientError and StorageError where a picture cannot come now.
        """
        posters = None
        for slot in self.slots:
            if slot.art is ArtType.POSTER and slot.entity.kind == Kind.SEASON and posters is not None:
                self._choose_of_season(slot, posters, fetch=fetch)
            else:
                slot.selection = self._choose(slot, slot.rows, fetch=fetch)
            if slot.art is ArtType.POSTER and slot.entity.kind == Kind.SERIES:
                posters = slot

    def _choose_of_season(self, slot: Slot, of_series: Slot, *, fetch: bool) -> None:
        """Choose the poster of a season; without one of its own it has that of its series."""
        theirs = {key_of(row): row for row in of_series.rows}
        own = [row for row in slot.rows if slot.lock or key_of(row) not in theirs]
        slot.selection = self._choose(slot, own, fetch=fetch)
        if slot.rule is not None and self._settings.fall_back:
            slot.selection = or_of_series(slot.selection, of_series.selection)
        if slot.selection.falls_back:
            first = theirs[slot.selection.chosen[0]]
            same = next((row for row in slot.rows if key_of(row) == key_of(first)), None)
            if same is None:
                slot.rows.append(_copy(first, slot.entity))
            else:
                # A provider lists it for the season too; it came as that of the series.
                same.digest = first.digest
        kept = set(slot.selection.chosen)
        slot.left = [row for row in slot.rows if row not in own and key_of(row) not in kept]
        slot.rows = [row for row in slot.rows if row not in slot.left]

    def _choose(self, slot: Slot, rows: Sequence[Candidate], *, fetch: bool) -> Selection:
        current = tuple(slot.current)
        if slot.rule is None:
            return Selection(current if slot.lock else (), lock=slot.lock)
        refused = 0
        while True:
            fit = [row for row in rows if self._may_be(row, only_kept=refused >= MOST_REFUSED)]
            selection = select(
                map(self._value, fit),
                slot.rule,
                current,
                original=self._original,
                blocked=self._blocked,
                lock=slot.lock,
            )
            chosen = {key_of(row): row for row in fit}
            waiting = (chosen[key] for key in selection.chosen if chosen[key].digest not in self._stored)
            if not fetch or slot.lock or (row := next(waiting, None)) is None:
                return selection
            refused += not self._fetch(row)

    def _may_be(self, row: Candidate, *, only_kept: bool) -> bool:
        """Whether there is a way to the picture, and it is none that turned out to be no picture."""
        can_come = row.source in self._connections and not only_kept
        return not row.refused and (can_come or row.digest in self._stored)

    def _fetch(self, row: Candidate) -> bool:
        """Fetch a picture; return whether it is one."""
        try:
            stored = fetch_picture(self._connections[row.source], row.address, digest=row.digest)
        except (PictureError, ApiPermanentError) as error:
            row.refused = error.phrase
            return False
        self._fetched += 1
        self._stored[stored.digest] = stored
        row.digest = stored.digest
        # What came stays known, whatever becomes of the others.
        if row.pk is not None:
            sql.change(_CAME, [row.digest, row.pk])
        return True

    def _value(self, row: Candidate) -> scoring.Candidate:
        """A candidate as the rules know it; what a picture is counts before what was said of it."""
        stored = self._stored.get(row.digest)
        is_picture = stored is not None and stored.is_picture
        return scoring.Candidate(
            row.source,
            row.address,
            None if row.language == NONE else row.language,
            stored.width or 0 if stored and is_picture else row.width,
            stored.height or 0 if stored and is_picture else row.height,
            row.favour,
            row.voters,
            row.digest,
            stored.phash & _UNSIGNED if stored and stored.phash is not None else None,
            stored.alpha if stored and is_picture else None,
            row.rejected,
            row.gone_at is not None,
        )

    def pick(self) -> Picked:
        """Choose, fetch and save. Raises as `choose`; call it outside transactions."""
        self.choose(fetch=True)
        return self.save()

    @transaction.atomic
    def save(self) -> Picked:
        """Save what was chosen, but where somebody locked or chose meanwhile."""
        done = Picked(self._fetched)
        entities = {row.pk: row for row in Entity.with_parts([self._title], lock=True)}
        by_people = set(sql.fetch(_BY_PEOPLE, [list(entities), ChosenBy.USER]))
        written: list[Candidate] = []
        left: list[Candidate] = []
        for slot in self.slots:
            key, art = slot.entity.pk, slot.art
            if key not in entities or (
                slot.lock is None and ((key, art) in by_people or entities[key].all_locks.of_slot(art))
            ):
                continue
            done.missing += slot.selection.missing
            is_other = slot.is_other
            done.changed += is_other
            settled = _settle(slot)
            if is_other:
                # No two may have one rank even for a moment.
                sql.change(_UNRANK, [key, art.value])
                settled += [row for row in slot.rows if row.rank is not None and row not in settled]
            written += settled
            left += slot.left
        chosen = {row.digest for row in written if row.rank is not None}
        if chosen:
            keeping.use(chosen)
        if left:
            Candidate.objects.filter(pk__in=[row.pk for row in left]).delete()
        sql.update([row for row in written if row.pk is not None], _WRITTEN)
        sql.insert([row for row in written if row.pk is None])
        return done


def _settle(slot: Slot) -> list[Candidate]:
    """Put into the rows of a slot what was decided of them; return those that are not as they were."""
    by_key = {one.candidate.key: one for one in slot.selection.ranking}
    places = {key: place for place, key in enumerate(slot.selection.chosen)}
    written = []
    for row in slot.rows:
        before = [getattr(row, name) for name in _DECIDED]
        key = key_of(row)
        scored = by_key.get(key)
        row.score, row.parts = (scored.score, parts_of(scored)) if scored else (None, {})
        reason = None if row.refused or slot.rule is None else why_not(key, slot.selection)
        row.reason = words_of(reason) if reason else ""
        row.rank = None if row.refused else places.get(key)
        row.chosen_by = "" if row.rank is None else row.chosen_by or ChosenBy.AUTO
        if row.pk is None or row.refused or [getattr(row, name) for name in _DECIDED] != before:
            written.append(row)
    return written


def parts_of(scored: scoring.Scored) -> dict[str, Any]:
    """What a score is made of, in JSON types."""
    names = ("tier", "resolution", "votes", "language", "provider")
    return {name: getattr(scored, name) for name in names}


def words_of(reason: scoring.Reason) -> Phrase:
    """Why a picture is not the choice, as a person is told."""
    figures = {
        name: round(figure, 1) if name in SCORES and isinstance(figure, float) else figure
        for name, figure in reason.figures.items()
    }
    return Phrase(f"artwork.why-{reason.why}", **figures)


def blocked() -> Blocked:
    """What nobody wants of any title."""
    rows = list(Rejected.objects.values_list("source", "address", "digest", "phash"))
    return Blocked(
        frozenset((source, address) for source, address, _, _ in rows),
        frozenset(digest for _, _, digest, _ in rows if digest),
        tuple(phash & _UNSIGNED for _, _, _, phash in rows if phash is not None),
    )


def slots_of(title: Entity, settings: ArtSettings) -> Iterator[Slot]:
    """All slots of a title and its parts, the title's own first."""
    entities = Entity.with_parts([title])
    candidates: dict[tuple[int, str], list[Candidate]] = defaultdict(list)
    for row in Candidate.of(entities):
        candidates[row.entity_id, row.art].append(row)
    for entity in entities:
        for art in SLOTS[Kind(entity.kind)]:
            of_slot = candidates[entity.pk, art.value]
            rule = rule_of(settings, art)
            yield Slot(entity, art, of_slot, rule, _lock_of(entity, art, of_slot, settings))


def _lock_of(entity: Entity, art: ArtType, rows: Iterable[Candidate], settings: ArtSettings) -> Lock | None:
    chosen = [row for row in rows if row.rank is not None]
    if any(row.chosen_by == ChosenBy.USER for row in chosen):
        return Lock.SLOT
    locks = replace(entity.all_locks, adopted=settings.adopt != Adopt.REPLACE)
    return locks.of_slot(art, is_adopted=any(row.chosen_by == ChosenBy.ADOPTED for row in chosen))


def _copy(row: Candidate, entity: Entity) -> Candidate:
    """The picture of a series as that of its season: gone, since nobody lists it as the season's own."""
    names = (
        "art", "source", "address", "thumbnail", "language", "width", "height", "favour", "voters", "digest",
    )  # fmt: skip
    return Candidate(
        entity=entity,
        gone_at=timezone.now(),
        **{name: getattr(row, name) for name in names},
    )
