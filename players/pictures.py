"""Pictures: the cover of a source as the poster of its items, uploaded only where it is another one.

What stands there a player tells item by item: it is asked where its stamp is not the one that it had when it
was asked last. One that somebody else gave an item is treated as any other field that was edited, up to the
moment of the upload: no player takes a picture on condition that none came since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from connections.models import Connection
from core.errors import (
    ApiAuthError,
    ApiError,
    ApiPermanentError,
    ApiTransientError,
    ConfigError,
    Later,
    TaggarrError,
)
from core.words import Phrase
from players.clients.contract import (
    POSTER,
    Edit,
    EditedError,
    NotKeptError,
    Part,
    PlayerClient,
    Present,
)
from players.connections import abilities_of, stash_client_for
from players.models import Route, Subject
from players.rules.difference import Mark, Mode, digest
from players.stash.noting import PREFIX
from storage.heads import kind_of

if TYPE_CHECKING:
    from players.ends import Work

T = TypeVar("T")

KINDS = frozenset({"jpg", "png", "gif", "webp"})
"""What every player shows."""

AWAY = 60.0
"""Seconds until a picture is asked for again whose source does not give it."""


def digest_of(picture: bytes) -> str:
    """What a picture is known by; empty for what is none that a player would show."""
    return hashlib.sha256(picture).hexdigest() if kind_of(picture) in KINDS else ""


def are_wanted(source: Connection) -> bool:
    """Whether any player is to show the pictures of a source."""
    routes = Route.objects.filter(source=source, enabled=True).select_related("player")
    return any(_shows(route) and POSTER in abilities_of(route.player).fields for route in routes)


def _shows(route: Route | None) -> bool:
    return route is not None and route.fields.get(POSTER, Mode.OFF) != Mode.OFF


@dataclass(slots=True)
class Pictures:
    """The pictures of one batch. `failed` says of which items the player did not tell, or take, one."""

    client: PlayerClient
    keep_alive: Callable[[], object] = lambda: None
    failed: dict[Part, TaggarrError] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _stamps: dict[str, str] = field(default_factory=dict)
    _stopped: TaggarrError | None = None

    def look(self, works: Sequence[Work], present: dict[str, Present], *, ask: bool = True) -> set[str]:
        """Put the names of pictures in the place of their stamps; without `ask` only those that are known.

        Return the items of which none is known: nothing is decided about their pictures.
        """
        unknown = set()
        for work in works:
            if work.ends or not _shows(work.route) or POSTER not in work.state.fields:
                continue
            for id in work.ids:
                if id not in present or POSTER not in present[id].fields:
                    continue
                fields = dict(present[id].fields)
                stamp, mark = str(fields.pop(POSTER)), work.known.get(id, {}).get(POSTER, Mark())
                self._stamps[id] = stamp
                if stamp and not mark.ours and self._may_be_theirs(work.route):
                    present[id] = replace(present[id], fields=fields)
                    continue
                if stamp and mark.seen[:1] != (stamp,) and ask:
                    new = str(work.state.fields[POSTER])
                    mark = self._carefully(id, partial(self._asked, id, stamp, new, mark)) or mark
                    work.known[id] = {**work.known.get(id, {}), POSTER: mark}
                if not stamp or mark.seen[:1] == (stamp,):
                    fields[POSTER] = mark.seen[1] if stamp else ""
                else:
                    unknown.add(id)
                present[id] = replace(present[id], fields=fields)
        return unknown

    def _may_be_theirs(self, route: Route | None) -> bool:
        """Whether a picture that was there before ours stays, for the player does not tell who gave it."""
        overwrites = route is not None and route.fields.get(POSTER) == Mode.OVERWRITE
        return not self.client.abilities.tells_givers and not overwrites

    def _asked(self, id: str, stamp: str, new: str, mark: Mark) -> Mark:
        """What is known of a picture, once the player has said which one it shows."""
        name = self.client.poster_of(id)
        if name and mark.ours and not mark.sure and digest(name) not in mark.ours:
            # What was uploaded when we were stopped has a name that we never heard.
            there = digest_of(self.client.picture(id, name))
            if digest(there) in mark.ours:
                mark = replace(mark, ours=(*mark.ours, digest(name)), sure=there == new)
        return replace(mark, seen=(stamp, name))

    def upload(self, works: Sequence[Work], but: Collection[str]) -> None:
        """Give items their new pictures, those of `but` excepted.

        Where the source does not give one now, its title is sent without it, and again a little later.
        """
        for work in works:
            for place, one in enumerate(work.differences):
                if POSTER in one.edit.fields and one.edit.id not in but and self._stopped is None:
                    self.keep_alive()
                    if (picture := _cover(work.link.subject, str(one.edit.fields[POSTER]))) is None:
                        work.differences[place] = one.without(
                            POSTER, work.known.get(one.edit.id, {}).get(POSTER)
                        )
                        work.again_in = AWAY
                    else:
                        self._carefully(one.edit.id, partial(self._give, work, one.edit, picture))
                elif POSTER in one.edit.fields and self._stopped is not None:
                    self.failed[Part(one.edit.id, POSTER)] = self._stopped

    def _give(self, work: Work, edit: Edit, picture: bytes) -> str:
        """Upload a picture, unless somebody just chose one, and see that it is shown."""
        self._check_still(work, edit)
        self.client.poster(edit.id, picture)
        name = self._names[edit.id] = self.client.poster_of(edit.id)
        if not name or name == edit.seen.fields[POSTER]:
            raise NotKeptError("player.not-kept", app=work.link.player, what=Phrase("detail.poster"))
        return name

    def _check_still(self, work: Work, edit: Edit) -> None:
        """Raise ApiPermanentError where the item is another one by now, or has another picture."""
        stamp = str(self.client.look_again(edit).fields.get(POSTER, ""))
        # A stamp may change for less.
        if stamp != self._stamps.get(edit.id, "") and edit.seen.fields[POSTER] != (
            self.client.poster_of(edit.id) if stamp else ""
        ):
            what = Phrase("detail.poster")
            raise EditedError("player.edited-just-now", app=work.link.player, what=what)

    def _carefully(self, id: str, call: Callable[[], T]) -> T | None:
        """Make calls for one item; None where they fail, or others did before that would meet all."""
        if self._stopped is None:
            self.keep_alive()
            try:
                return call()
            except (ApiError, Later) as error:
                if isinstance(error, ApiAuthError) or not isinstance(error, ApiPermanentError):
                    self._stopped = error
                self.failed[Part(id, POSTER)] = error
        else:
            self.failed[Part(id, POSTER)] = self._stopped
        return None

    def rest_of(self, edit: Edit) -> Edit:
        """An edit without a picture that was not taken."""
        gone = {part.name for part in edit.parts if part in self.failed}
        return edit.only([part.name for part in edit.parts if part.name not in gone]) if gone else edit

    def named(self, present: Mapping[str, Present]) -> dict[str, Present]:
        """What the player shows afterwards, with the names of what was uploaded."""
        return {
            id: replace(one, fields={**one.fields, POSTER: self._names[id]}) if id in self._names else one
            for id, one in present.items()
        }


def _cover(subject: Subject, wanted: str) -> bytes | None:
    """The picture of a scene; None where its source does not give it now, or gives another one by now."""
    source = subject.source
    if source is None:
        return None
    try:
        picture = stash_client_for(source).cover(subject.key.removeprefix(PREFIX))
    except (ApiTransientError, ApiAuthError, ConfigError):
        return None
    except ApiPermanentError:
        picture = b""
    if digest_of(picture) == wanted:
        return picture
    # It is read anew.
    Subject.objects.filter(pk=subject.pk).update(state={**subject.state, "cover": ""})
    return None
