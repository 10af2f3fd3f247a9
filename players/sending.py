"""Sending: a batch of links that are due, from what their source says to what stands in the player.

Read the index for what is new, look at what stands there, decide, note what is about to be ours, write, and
save by generation. `players.ends` says what becomes of each link; people's edits are held by the rules.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from typing import Any, TypeVar

from django.utils import timezone

from connections.models import Connection
from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError, Later, TaggarrError
from core.words import Phrase
from jobs.handlers import Cancelled, ClaimLost, Stopping
from players import brake, index, links, new_files, outages
from players.clients.base import chunks
from players.clients.contract import (
    COLLECTIONS,
    LISTS,
    NEVER_EMPTIED,
    TAGS,
    Edit,
    Form,
    Kind,
    Part,
    PlayerClient,
    Present,
    Value,
    Written,
)
from players.ends import Work, ended, told, unwritten
from players.links import Claim, End
from players.models import Cause, Link, LinkState, Outage, PlayerSettings, RemoteItem, Route
from players.pace import Pacer
from players.pictures import Pictures
from players.rules.difference import Difference, Mode, Rules, Wanted, difference, part_of
from players.rules.matching import Match, State
from players.rules.paths import key
from players.sources import State as SubjectState
from players.stash.reading import read_scenes

T = TypeVar("T")
_COUNTED = ("written", "would_write", "taken", "edited")

MET_FOR = timedelta(minutes=5)
"""So long a player that answers all calls is taken for the installation that it was. Where it is another one
already, its ids and paths still have to be the same as in the index before anything is written.
"""

REREAD_AFTER = timedelta(minutes=10)
"""A player that does not tell what changed is read anew for what was not found no sooner than this."""


@dataclass(slots=True)
class Sent:
    """What a push did, counted: links by how they ended, edits, and what the brake goes by."""

    ended: Counter[str] = field(default_factory=Counter)
    written: int = 0
    would_write: int = 0
    taken: int = 0
    edited: int = 0
    held: str = ""

    def summary(self) -> dict[str, Any]:
        return {**self.ended, **{name: getattr(self, name) for name in _COUNTED}, "held": self.held}

    @classmethod
    def after(cls, summary: Mapping[str, Any]) -> Sent:
        """What was counted before this push was put off; what was held then a person has released."""
        ended = {state: summary[state] for state in LinkState.values if state in summary}
        return cls(Counter(ended), **{name: summary.get(name, 0) for name in _COUNTED})


@dataclass(frozen=True, slots=True)
class Compared:
    """What of a link stands in the player. `is_new_to_us`: an edit there that was not known of."""

    link: Link
    differences: Sequence[Difference]
    is_gone: bool
    is_new_to_us: bool


@dataclass(slots=True)
class Sender:
    """Sends what is due in one player."""

    player: Connection
    settings: PlayerSettings
    client: PlayerClient
    pacer: Pacer
    keep_alive: Callable[[], object] = lambda: None
    checkpoint: Callable[[Callable[[], object]], object] = lambda save: save()
    sent: Sent = field(default_factory=Sent)
    _routes: dict[int | None, Route] = field(init=False)
    _pictures: Pictures = field(init=False)
    _reread: bool = False

    def __post_init__(self) -> None:
        self._read_routes()

    def send(self) -> Sent:
        """Send everything that is due, batch by batch. Raises ApiError where the player is away."""
        self.meet()
        self._prepare()
        while self._may_go_on():
            size = self.pacer.batch_size(links.BATCH)
            if (claim := links.claim(self.player)) is None:
                break
            try:
                self.keep_alive()
                self._read_routes()
                self._batch(claim, size)
            except (TaggarrError, Cancelled, ClaimLost, Stopping):
                claim.free()
                raise
        if not self.sent.held and self.settings.released:
            PlayerSettings.objects.filter(pk=self.player.pk).update(released=False)
        return self.sent

    def _may_go_on(self) -> bool:
        """Whether neither the brake nor a person holds what is left."""
        held = PlayerSettings.objects.filter(pk=self.player.pk, held_since__isnull=False)
        return not self.sent.held and not held.exists()

    def _read_routes(self) -> None:
        self._routes = {route.source_id: route for route in Route.objects.filter(player=self.player)}

    def compare(self, some: Sequence[Link]) -> Iterator[Compared]:
        """Look at up to a hundred links that are in sync, and write nothing."""
        works = list(self._possible(self._works(some, []), []))
        for work in works:
            work.ids = work.ids or work.link.item_ids
        present = self._look(works)
        unknown = Pictures(self.client).look(works, present, ask=False)
        self._decide(works, present)
        for work in works:
            known = [work.known.get(one.edit.id, {}) for one in work.differences]
            noticed = any(one.done != marks for one, marks in zip(work.differences, known, strict=True))
            noticed |= not unknown.isdisjoint(work.ids)
            yield Compared(work.link, work.differences, not present.keys() >= set(work.ids), noticed)

    def meet(self) -> None:
        """See that it answers, and is the same installation as ever, unless it has just been seen to be."""
        if self._was_met_lately():
            return
        identity = self._call(self.client.identity)
        if self.settings.server and identity.id and identity.id != self.settings.server:
            raise ApiPermanentError("player.other-server", player=self.player, name=identity.name)
        self.settings.server, self.settings.met_at = self.settings.server or identity.id, timezone.now()
        self.settings.save(update_fields=["server", "met_at"])
        if outages.ended(self.player):
            self.pacer.came_back()

    def _was_met_lately(self) -> bool:
        """Whether it was met by this address and key not long ago, and answered ever since."""
        met = self.settings.met_at
        lately = met is not None and timezone.now() - met < MET_FOR and self.player.updated_at < met
        return lately and not Outage.objects.filter(player=self.player, ended_at=None).exists()

    def _prepare(self) -> None:
        """See that its index is there, and the brake."""
        if not index.is_whole(self.settings):
            self._call(self.read_index)
        if reason := brake.too_much(self.player, self.settings, self._routes):
            self._hold(reason)

    def read_index(self) -> None:
        """Read what the player has now, and have the links looked at that this concerns."""
        with self.pacer.reading():
            reading = index.bring_up_to_date(self.settings, self.client, keep_alive=self.keep_alive)
        links.follow(self.player, reading)
        self._reread = True

    def _call(self, function: Callable[[], T]) -> T:
        """Make a call that concerns the player as a whole."""
        with outages.noticed(self.player):
            return function()

    # One batch

    def _batch(self, claim: Claim, size: int) -> None:
        began = time.monotonic()
        ends: list[End] = []
        read = read_scenes(claim, self.keep_alive, size)
        ends += read.ends
        # Their Stash was asked for all of them in one call, which serves for the next batches too.
        claim.free(some=read.ready[size:])
        todo = list(self._possible(self._works(read.ready[:size], ends), ends))
        self._match(todo)
        present = self._look(todo)
        if moved := self._moved(todo, present):
            self._match_anew(moved, present)
        if self._unfound(todo) and self._may_reread():
            self._call(self.read_index)
            if lost := self._unfound(todo):
                self._match(lost)
                present |= self._look(lost)
        there = index.known(self.player.pk, {id for work in todo for id in work.known})
        for work in todo:
            _carry_over(work, there)
            work.strays = [id for id in work.known if work.ids and id not in work.ids and id in there]
        present |= self._look_at_strays(todo, there)
        self._pictures = Pictures(self.client, self.keep_alive)
        self._pictures.look(todo, present)
        self._decide(todo, present)
        if self._is_too_much(todo):
            claim.free()
            return
        if self.settings.dry_run:
            self._dry(todo, ends, claim)
            return
        written = self._write(todo, claim)
        ends += [ended(work, written, in_subset=self.settings.is_subset) for work in todo]
        self.checkpoint(lambda: self._save(claim, todo, ends))
        seconds = time.monotonic() - began
        self._count(ends, seconds)
        # What is due still was not done: it would make a title look quicker than it is.
        self.pacer.batch_done(sum(end.state is not LinkState.DUE for end in ends), seconds)
        self._stop_for(written)

    def _works(self, taken: Iterable[Link], ends: list[End]) -> Iterator[Work]:
        for link in taken:
            try:
                state = SubjectState.from_json(link.subject.state)
            except (ValueError, TypeError, LookupError) as error:
                why = Phrase("link.bad-source", title=link.subject, reason=type(error).__name__)
                ends.append(End(link, LinkState.FAILED, cause=Cause.BAD_SOURCE, error=why))
            else:
                yield self._work(link, state)

    def _work(self, link: Link, state: SubjectState) -> Work:
        link.player = self.player
        ids = [link.pinned["id"]] if link.pinned else []
        route = brake.route_for(self._routes, link.subject.source_id, link.subject.kind)
        return Work(link, state, route, ids, known=links.marks_of(link))

    def _possible(self, works: Iterable[Work], ends: list[End]) -> Iterator[Work]:
        """The links of which the player can show something; the others end here."""
        for work in works:
            kind = Kind(work.link.subject.kind)
            form = self._form(work)
            carries = form is not None and kind in self.client.abilities.forms[form]
            ours = any(work.known.values())
            if work.ends and not ours:
                ends.append(End(work.link, LinkState.EXCLUDED, forget=True))
            elif carries or ours or work.state.fields:
                yield work
            else:
                ends.append(End(work.link, LinkState.EXCLUDED))

    def _form(self, work: Work) -> Form | None:
        """As what labels go to this player: as the route says, else as its first form."""
        forms = self.client.abilities.forms
        named = work.route.form if work.route else ""
        return Form(named) if named in forms else next(iter(forms), None)

    def _match(self, works: Sequence[Work]) -> None:
        wanted = {work.link.pk: work.sought for work in works if not work.link.pinned}
        found = index.find(self.settings, wanted, self._chosen_shows(works)) if wanted else {}
        for work in works:
            if (match := found.get(work.link.pk)) is not None:
                work.match, work.ids = match, match.ids

    def _chosen_shows(self, works: Sequence[Work]) -> dict[int, str]:
        """The shows that people chose for the seasons among these."""
        seasons = {
            work.link.pk: work.link.subject.media_id
            for work in works
            if work.state.season is not None and work.link.subject.media_id is not None
        }
        shows = links.chosen_shows(self.player, {*seasons.values()}) if seasons else {}
        return {pk: shows[media_id] for pk, media_id in seasons.items() if media_id in shows}

    def _look(self, works: Sequence[Work]) -> dict[str, Present]:
        return self._look_at(dict.fromkeys(id for work in works for id in work.ids))

    def _look_at_strays(self, works: Sequence[Work], there: Mapping[str, RemoteItem]) -> dict[str, Present]:
        found = self._look_at(dict.fromkeys(id for work in works for id in work.strays))
        return {id: present for id, present in found.items() if _is_at(present, there[id].paths)}

    def _look_at(self, wanted: Iterable[str]) -> dict[str, Present]:
        ids = list(wanted)
        present: dict[str, Present] = {}
        for some in chunks(ids):
            self.keep_alive()
            present |= self._call(lambda some=some: self.client.look(some))  # type: ignore[misc]
        return present

    def _moved(self, works: Sequence[Work], present: Mapping[str, Present]) -> list[Work]:
        """The links of which an item is gone, or is not the one any more that the index has by its id."""
        rows = index.known(self.player.pk, {id for work in works for id in work.ids})

        def stands(work: Work, id: str) -> bool:
            row = rows.get(id)
            places = work.link.pinned["paths"] if work.link.pinned else row.paths if row else []
            return id in present and _is_at(present[id], places)

        return [work for work in works if not all(stands(work, id) for id in work.ids)]

    def _match_anew(self, works: Sequence[Work], present: dict[str, Present]) -> None:
        """Find items again whose ids are gone, or stand for others by now: by the index read anew."""
        index.forget(self.settings, {id for work in works for id in work.ids if id not in present})
        if not self._reread:
            self._call(self.read_index)
        self._match(works)
        for work in works:
            if work.link.pinned:
                work.ids = self._pinned_now(work.link)
        present |= self._look(works)
        for work in self._moved(works, present):
            work.ids, work.match = (), Match(State.NOT_THERE)

    def _pinned_now(self, link: Link) -> list[str]:
        """The item that lies now where the pinned one lay."""
        places = (link.pinned or {"paths": []})["paths"]
        wanted = {key(path) for path in places}
        rows = RemoteItem.objects.filter(player=self.player, paths__overlap=places)
        return [row.remote_id for row in rows if wanted & {key(path) for path in row.paths}]

    def _may_reread(self) -> bool:
        at = self.settings.indexed_at
        is_old = at is None or timezone.now() - at > REREAD_AFTER
        return not self._reread and (self.client.abilities.tells_changes or is_old)

    def _unfound(self, works: Sequence[Work]) -> list[Work]:
        return [work for work in works if not work.ids]

    # Deciding and writing

    def _decide(self, works: Sequence[Work], present: Mapping[str, Present]) -> None:
        taken: set[str] = set()
        for work in works:
            # Of two links to one item the second has to see what the first one wrote.
            work.postponed = not taken.isdisjoint(work.touched)
            if work.postponed:
                continue
            taken.update(work.touched)
            wanted, rules, nothing = self._wanted(work), _rules(work.route), Wanted(_no_labels(work))
            work.differences = [
                difference(
                    wanted if id in work.ids else nothing,
                    present[id],
                    work.known.get(id, {}),
                    rules,
                    self.client.abilities,
                )
                for id in work.touched
                if id in present
            ]

    def _wanted(self, work: Work) -> Wanted:
        fields, form, route = work.state.fields, self._form(work), work.route
        if work.link.subject.gone or route is None:
            emptied = fields.keys() - NEVER_EMPTIED
            nothing: dict[str, Value] = {name: () if name in LISTS else "" for name in emptied}
            return Wanted(_no_labels(work), nothing)
        labels: dict[Form, tuple[str, ...]] = {}
        own = fields.get(TAGS) if work.state.labels is None else work.state.labels
        if own is not None and form is not None:
            labels = {**_no_labels(work), form: tuple(map(route.spelt, own))}
        if Form.COLLECTION in self.client.abilities.forms and COLLECTIONS in fields:
            labels[Form.COLLECTION] = (*labels.get(Form.COLLECTION, ()), *fields[COLLECTIONS])
        return Wanted(labels, fields)

    def _is_too_much(self, works: Sequence[Work]) -> bool:
        """Whether what this push takes away or changes is to be held: counted as it goes on."""
        taken = sum(any(one.takes for one in work.differences) for work in works)
        self.sent.taken += taken
        if taken and not (self.settings.released or self.settings.leaving):
            total = Link.objects.filter(player=self.player).count()
            if brake.exceeds(self.sent.taken, total, self.settings.brake_percent):
                self._hold(brake.held_text(self.sent.taken, total))
                return True
        return False

    def _hold(self, reason: str) -> None:
        self.sent.held = reason
        staying = PlayerSettings.objects.filter(pk=self.player.pk, leaving=False)
        staying.update(held_since=timezone.now(), held_reason=reason)

    def _dry(self, works: Sequence[Work], ends: list[End], claim: Claim) -> None:
        """Count what would be written; it waits until the player may be written to."""
        for work in works:
            self.sent.would_write += any(work.differences)
            end = unwritten(work, in_subset=self.settings.is_subset)
            ends.append(end or replace(told(work, LinkState.DUE), marks=work.known))
        claim.save(ends)
        self._count(ends, 0.0)

    def _write(self, works: Sequence[Work], claim: Claim) -> Written:
        """Write all that differs; what is about to be ours is noted before."""
        kept = claim.keep_marks(
            {
                work.link.pk: {**work.known, **{one.edit.id: one.claimed for one in work.differences}}
                for work in works
                if any(work.differences)
            }
        )
        # What somebody asked anew of meanwhile is another's to write.
        lost = {one.edit.id for work in works if work.link.pk not in kept for one in work.differences}
        self._pictures.upload(works, lost)
        edits = [self._pictures.rest_of(one.edit) for work in works for one in work.differences]
        edits = [edit for edit in edits if edit.parts and edit.id not in lost]
        self.keep_alive()
        outcomes: dict[Part, TaggarrError | None] = {}
        present: dict[str, Present] = {}
        for some in chunks(edits):
            part = self._write_halved(some)
            outcomes |= part.outcomes
            present |= part.present
        outcomes |= self._pictures.failed
        present = self._pictures.named(present)
        self.sent.written += sum(error is None for error in outcomes.values())
        return Written(outcomes, present)

    def _write_halved(self, edits: Sequence[Edit]) -> Written:
        """Write a batch; where it is refused as a whole, its halves, until the culprit stands alone."""
        try:
            return self.client.write(edits)
        except ApiAuthError:
            raise
        except ApiPermanentError as error:
            if len(edits) == 1:
                return Written(dict.fromkeys(edits[0].parts, error))
        except ApiTransientError as error:
            return Written({part: error for edit in edits for part in edit.parts})
        half = len(edits) // 2
        first, second = self._write_halved(edits[:half]), self._write_halved(edits[half:])
        return Written({**first.outcomes, **second.outcomes}, {**first.present, **second.present})

    def _save(self, claim: Claim, works: Sequence[Work], ends: Sequence[End]) -> None:
        """Save how links ended; what its Stash has just told and is not there yet, the player looks for."""
        claim.save(ends)
        lost = {end.link.pk for end in ends if end.state is LinkState.NOT_THERE and not end.link.tries}
        scenes = (work for work in works if work.link.pk in lost and work.link.subject.media_id is None)
        files = (work.state.title.files for work in scenes if work.route and work.route.scan_new)
        new_files.note_folders(self.player, chain.from_iterable(files))

    def _stop_for(self, written: Written) -> None:
        """Raise what concerns the player as a whole, once what was done is saved."""
        for error in written.failed.values():
            if isinstance(error, ApiAuthError | Later):
                raise error
            if isinstance(error, ApiTransientError) and error.counts_for_breaker:
                outages.noted(self.player, error)
                raise error

    def _count(self, ends: Sequence[End], seconds: float) -> None:
        self.sent.ended.update(str(end.state) for end in ends)
        self.sent.edited += sum(
            end.cause == Cause.EDITED and end.conflict and not end.link.conflict for end in ends
        )
        grades = Counter(end.grade for end in ends if end.grade)
        outages.tally(self.player, Counter(str(end.state) for end in ends), grades, seconds)


def _rules(route: Route | None) -> Rules:
    if route is None:
        return Rules()
    return Rules({name: Mode(mode) for name, mode in route.fields.items()}, frozenset(route.clear))


def _no_labels(work: Work) -> dict[Form, tuple[str, ...]]:
    """None of the forms in which labels of ours stand there."""
    keys = [key for marks in work.known.values() for key in marks if ":" in key]
    return dict.fromkeys((Form(part_of(key)) for key in keys), ())


def _is_at(present: Present, paths: Sequence[str]) -> bool:
    """Whether an item lies where the index has it; what has no path is known by its id alone."""
    there = {key(path) for path in present.paths}
    return not there or not paths or bool(there & {key(path) for path in paths})


def _carry_over(work: Work, there: Collection[str]) -> None:
    """Keep what is known of items that have another id now: the index has none of the old one any more."""
    old = [id for id in work.known if id not in work.ids and id not in there]
    new = [id for id in work.ids if id not in work.known]
    for gone, id in zip(old, new, strict=False):
        work.known[id] = work.known.pop(gone)
