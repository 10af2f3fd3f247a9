"""New and changed files: players look at their folders, and are watched until they know what is there.

Which folders those are stands in `players.new_files`. Players tell nobody what came of a scan, so the title
is looked for until it is there; then its links become due. What is no title of our library is looked for as
all is that a player does not have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from connections.models import Connection
from core.errors import ApiAuthError, ApiPermanentError, Later
from core.words import Phrase
from history.services import record
from library.models import File, Media, What
from players import index, links, outages
from players.clients.base import chunks
from players.clients.contract import Kind, Memory, PlayerClient
from players.events import PlayerEvent
from players.index import Sought
from players.models import Link, LinkState, Refresh, Subject
from players.rules.matching import Grade, Match
from players.rules.matching import State as MatchState
from players.rules.paths import in_player
from players.sending import Sender
from players.sources import State

logger = logging.getLogger(__name__)

FIRST_LOOK, LONGEST_LOOK = 5.0, 600.0
LOOKS = 12
"""So often a player is asked for what is new; after that its links are looked for as all others are."""

LONGEST_READING = timedelta(minutes=10)
"""So long what a player does not show any more may be one that it reads anew."""

AT_ONCE = 100


@dataclass(slots=True)
class Refresher:
    """Has one player look at what is due, and looks for what it was to find."""

    sender: Sender
    asked: int = 0
    found: int = 0
    looked: bool = False

    @classmethod
    def after(cls, sender: Sender, result: Mapping[str, Any] | None) -> Refresher:
        """One that counts on from what an earlier attempt counted."""
        told = result or {}
        return cls(sender, told.get("asked", 0), told.get("found", 0), looked="found" in told)

    @property
    def player(self) -> Connection:
        return self.sender.player

    @property
    def client(self) -> PlayerClient:
        return self.sender.client

    def summary(self) -> dict[str, int]:
        return {"asked": self.asked, "found": self.found} if self.looked else {}

    def run(self) -> None:
        """Raises ApiError where the player is away: what is due stays so."""
        rows = list(
            Refresh.objects.filter(player=self.player, due_at__lte=Now()).order_by("due_at")[:AT_ONCE]
        )
        if not rows:
            return
        self.looked = True
        self.sender.meet()
        with outages.noticed(self.player):
            for row in rows:
                if row.looks is None:
                    self._one(row, self._ask)
                elif row.what != What.FILES:
                    self._one(row, self._give_back)
            self._look([row for row in rows if row.looks is not None and row.what == What.FILES])

    def _one(self, row: Refresh, do: Callable[[Refresh], None]) -> None:
        """Do what is next; what the player refuses is not asked of it again."""
        self.sender.keep_alive()
        try:
            do(row)
        except ApiAuthError:
            raise
        except ApiPermanentError as error:
            logger.info("%s: %s is not looked at: %s", self.player, row.folder, error)
            if row.memory and (row.looks or 0) + 1 < LOOKS:
                _look_later(row)
            else:
                _drop(row)
        except Later as later:
            _put_off(row, later.seconds, row.looks)

    # Asking

    def _ask(self, row: Refresh) -> None:
        asked = self._scan(row) if row.what == What.FILES else self._refresh(row)
        self.asked += asked
        if asked and row.media_id is not None:
            _put_off(row, FIRST_LOOK, 0)
        else:
            _drop(row)

    def _scan(self, row: Refresh) -> bool:
        """Have the folder looked at wherever it may lie; return whether any library has it."""
        places = in_player(row.folder, index.mappings_of(self.player.pk)) if row.folder else ()
        asked = [library for place in places for library in self.client.scan(place)]
        return bool(asked)

    def _refresh(self, row: Refresh) -> bool:
        """Have the title read anew; what a player forgets with that is kept before."""
        ids = self._items_of(row)
        if row.what == What.PICTURES:
            for id in ids:
                self.client.refresh(id, pictures_only=True)
            return bool(ids)
        if not self.client.abilities.reads_nfos:
            return False
        waited = timezone.now() - row.began_at
        parts = dict.fromkeys(part for id in ids for part in self.client.read_anew(id, waited))
        if not self.client.abilities.forgets:
            for part in parts:
                self.client.refresh(part)
            return bool(parts)
        memories = self.client.give_back(_memories(row))
        known = {memory.id for memory in memories}
        for some in chunks([part for part in parts if part not in known]):
            memories += self.client.remember(some)
            _keep(row, memories)
            self.sender.keep_alive()
        self.client.read_again(memories)
        return bool(memories)

    def _items_of(self, row: Refresh) -> list[str]:
        """The movie or show itself, as far as the player has it.

        Where ids change with each refresh, and come again for others, that is what lies at its path by now.
        """
        if row.media_id is None:
            return []
        rows = Link.objects.filter(player=self.player, subject__media_id=row.media_id)
        titles = rows.exclude(subject__kind=Kind.SEASON).values_list("item_ids", flat=True)
        known = index.known(self.player.pk, {id for of_link in titles for id in of_link})
        if not self.client.abilities.forgets:
            return sorted(known)
        now: list[str] = []
        for one in known.values():
            places = [item for path in one.paths[:1] for item in self.client.find(path)]
            found = [item.id for item in places if item.kind == one.kind]
            if not found and timezone.now() - row.began_at < LONGEST_READING:
                # It is gone for a moment while it is read anew.
                raise Later(FIRST_LOOK)
            now += found
        return sorted(set(now))

    # What came of it

    def _give_back(self, row: Refresh) -> None:
        before = _memories(row)
        left = self.client.give_back(before)
        unread = _unread(left)
        is_further = (len(left), len(unread)) < (len(before), len(_unread(before)))
        _keep(row, left)
        if not left:
            self._is_known(row)
        elif is_further:
            self.client.read_again(unread)
            _put_off(row, FIRST_LOOK, 0)
        elif (row.looks or 0) + 1 < LOOKS:
            self.client.read_again(unread)
            _look_later(row)
        else:
            self._give_up(row, left)
            self._is_known(row)

    def _give_up(self, row: Refresh, memories: Sequence[Memory]) -> None:
        """Wait no longer until it has read them; what is still there is told: a person can have it read."""
        left, media = self.client.give_up(memories), Media.objects.filter(pk__in=[row.media_id]).first()
        if left and media:
            told = Phrase("player.unread", player=self.player, title=media)
            record(PlayerEvent.UNREAD, told, subject=media, connection_id=self.player.pk)

    def _look(self, rows: Sequence[Refresh]) -> None:
        """Look for what was scanned: the index is read once for all, where one of them may be there."""
        there = [row for row in rows if not self.client.abilities.finds_paths or self._finds(row)]
        known: Collection[int | None] = ()
        if there:
            self.sender.read_index()
            known = self._known({row.media_id for row in there if row.media_id is not None})
        for row in rows:
            if row.media_id in known or (row.looks or 0) + 1 >= LOOKS:
                self._is_known(row)
            else:
                _look_later(row)

    def _finds(self, row: Refresh) -> bool:
        """Whether the player itself has the newest file of a title."""
        path = File.objects.filter(media=row.media_id).order_by("-pk").values_list("path", flat=True).first()
        places = in_player(path, index.mappings_of(self.player.pk)) if path else ()
        return any(self.client.find(place) for place in places)

    def _known(self, media_ids: Collection[int]) -> set[int]:
        """The titles that the index has, with all their seasons, and of a movie the file itself."""
        subjects = Subject.objects.filter(media_id__in=media_ids, gone=False)
        states = {row.pk: (row.media_id, State.from_json(row.state)) for row in subjects}
        wanted = {pk: Sought(state.title, state.season) for pk, (_, state) in states.items()}
        found = index.find(self.sender.settings, wanted) if wanted else {}
        seen = {media_id for media_id, _ in states.values()}
        unsure = {states[pk][0] for pk, match in found.items() if not _is_sure(match, states[pk][1])}
        return {media_id for media_id in seen - unsure if media_id is not None}

    def _is_known(self, row: Refresh) -> None:
        """Let the title be looked at, and written to, by itself."""
        mine = Q(player=self.player, subject__media_id=row.media_id)
        links.send_again(mine & ~Q(state=LinkState.DISMISSED), keep_tries=True)
        self.found += 1
        _drop(row)


def _is_sure(match: Match, state: State) -> bool:
    found = match.state is MatchState.FOUND
    return found and (not state.title.files or state.season is not None or match.grade == Grade.PATH)


def _look_later(row: Refresh) -> None:
    looks = (row.looks or 0) + 1
    _put_off(row, min(FIRST_LOOK * 2.0**looks, LONGEST_LOOK), looks)


def _put_off(row: Refresh, seconds: float, looks: int | None) -> None:
    """Go on with it later, unless something changed meanwhile."""
    due_at = Now() + timedelta(seconds=seconds)
    Refresh.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=due_at, looks=looks)


def _drop(row: Refresh) -> None:
    """Be done with it, unless something changed meanwhile."""
    Refresh.objects.filter(pk=row.pk, due_at=row.due_at).delete()


def _memories(row: Refresh) -> list[Memory]:
    """What the player has yet to be told of what it forgot."""
    return [Memory(**{**kept, "kind": Kind(kept["kind"])}) for kept in row.memory]


def _unread(memories: Sequence[Memory]) -> list[Memory]:
    return [memory for memory in memories if not memory.is_read]


def _keep(row: Refresh, memories: Sequence[Memory]) -> None:
    row.memory = [asdict(memory) for memory in memories]
    Refresh.objects.filter(pk=row.pk).update(memory=row.memory)
