"""What the clients of all players share: their transport, pages, and what came of a batch of edits."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar, Unpack

from core.errors import ApiAuthError, ApiError, ApiPermanentError, ApiTransientError, Later, TaggarrError
from core.outbound import answers, records, shapes
from core.outbound.transport import Auth, Method, Options, Params, Transport
from core.words import Phrase

from .contract import (
    LISTS,
    MOST_AT_ONCE,
    PAGE,
    POSTER,
    TITLE,
    Abilities,
    Edit,
    EditedError,
    Form,
    GoneError,
    Item,
    Library,
    Memory,
    NotKeptError,
    OtherItemError,
    Part,
    Present,
    Written,
    fitted_field,
    same,
    spelt,
)

T = TypeVar("T")
E = TypeVar("E", bound=ApiError)

CONNECT, READ = 5.0, 30.0
READ_TRIES, WRITE_TRIES = 2, 1
"""What a job does is done again by its engine: only what reads is tried again, or whole lists were lost."""

LARGEST_PAGE = 64 * 2**20
"""Bytes of one page of a list, or of a hundred whole items. No answer of a player is larger."""

MOST_VALUES = 2_000_000
MOST_ITEMS = 1_000_000
LONGEST_TEXT, LONGEST_PATH, LONGEST_NAME = 20_000, 4_096, 1_000

_SLASHES = "/\\"
_NAMED = re.compile(r"[^\s./\\]")

GUIDS = frozenset({"tmdb", "tvdb", "imdb"})


class Caller:
    """What calls one program, and tells its errors with the connection's name and without its key."""

    app: ClassVar[str]

    def __init__(self, url: str, auth: Auth, **options: Unpack[Options]) -> None:
        options.setdefault("connect", CONNECT)
        options.setdefault("timeout", READ)
        options.setdefault("tries", READ_TRIES)
        self.transport = Transport(self.app, url, auth, **options)

    def __repr__(self) -> str:
        return repr(self.transport)

    def _get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """The JSON object at a path."""
        data = self._json("GET", path, params=params)
        return self._read(lambda: shapes.as_object(data, path))

    def _get_list(self, path: str) -> list[dict[str, Any]]:
        data = self._json("GET", path)
        return self._read(lambda: shapes.read_list(data, dict, path))

    def _json(self, method: Method, path: str, **options: Any) -> Any:
        read = partial(records.read_whole, most=MOST_VALUES)
        return self.transport.request(method, path, read=read, largest=LARGEST_PAGE, **options)

    def _read(self, read: Callable[[], T]) -> T:
        """What `read` makes of an answer; ApiPermanentError where that is another program's."""
        try:
            return read()
        except shapes.WireError as error:
            raise self._named(answers.not_the_api(self.app, error)) from None

    def _named(self, error: E) -> E:
        error.say(self.transport.named(error.phrase))
        return error

    def _error(self, kind: type[E], code: str, **parts: Any) -> E:
        return self._named(kind(code, app=self.app, **parts))


class Player(Caller, ABC):
    """One connected player; see `contract.PlayerClient`."""

    abilities: ClassVar[Abilities]

    def _send(self, method: Method, path: str, params: Params | None = None, **options: Any) -> Any:
        """Change something; what is answered is of no interest, but for an error."""
        given = {"params": params, "empty": True, "tries": WRITE_TRIES, "writes": True, **options}
        return self.transport.request(method, path, **given)

    def _cannot(self, what: str) -> ApiPermanentError:
        return self._error(ApiPermanentError, "player.cannot", what=Phrase(f"detail.{what}"))

    def _pages(
        self, fetch: Callable[[int], tuple[int, list[Item]]], *, shifts: bool = False
    ) -> Iterator[tuple[Item, ...]]:
        """Yield a list page by page; `fetch` gives from one on how many there are in all, and the next ones.

        With `shifts` the order may change meanwhile, so that one comes twice.
        """
        seen: set[str] = set()
        start = total = 0
        while True:
            said, rows = fetch(start)
            ids = {row.id for row in rows}
            if not start + len(rows) <= said <= MOST_ITEMS or len(rows) > PAGE:
                raise self._error(ApiTransientError, "player.page-count", said=said, number=len(rows))
            if not shifts and (len(ids) < len(rows) or not seen.isdisjoint(ids)):
                raise self._error(ApiTransientError, "player.page-twice")
            if said < total or (not rows and start < said):
                raise self._error(ApiTransientError, "player.page-gone")
            seen |= ids
            start, total = start + len(rows), said
            if rows:
                yield tuple(rows)
            if start >= said:
                return

    def _asked_for(self, found: Iterable[Present], ids: Sequence[str]) -> dict[str, Present]:
        """Items by their ids. Raises ApiTransientError where one comes that nobody asked for."""
        by_id = {one.id: one for one in found}
        if not by_id.keys() <= set(ids):
            raise self._error(ApiTransientError, "player.other-answer")
        return by_id

    def _libraries_at(self, folder: str) -> list[Library]:
        """The libraries that are to look at a folder: none where it is all of one, for that takes hours."""
        check_folder(folder)
        found = nearest_libraries(self.libraries(), folder)
        return [one for one in found if _bare(folder) not in map(_bare, one.folders)]

    def read_anew(self, id: str, waited: timedelta) -> tuple[str, ...]:  # noqa: ARG002
        return (id,)

    def remember(self, ids: Sequence[str]) -> list[Memory]:  # noqa: ARG002
        return []

    def read_again(self, memories: Sequence[Memory]) -> None:
        pass

    def give_back(self, memories: Sequence[Memory]) -> list[Memory]:  # noqa: ARG002
        return []

    def give_up(self, memories: Sequence[Memory]) -> int:  # noqa: ARG002
        return 0

    def poster_of(self, id: str) -> str:  # noqa: ARG002
        raise self._cannot("poster")

    def picture(self, id: str, name: str) -> bytes:  # noqa: ARG002
        raise self._cannot("poster")

    # What every player does in its own way

    @abstractmethod
    def libraries(self) -> list[Library]: ...

    @abstractmethod
    def look(self, ids: Sequence[str]) -> dict[str, Present]: ...

    @abstractmethod
    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        """Send the edits, and note in the batch what went wrong with which parts."""

    # Writing

    def write(self, edits: Sequence[Edit]) -> Written:
        check_edits(edits)
        batch = Batch(self)
        self._edit(self._possible(edits, batch), batch)
        if batch.stopped is not None:
            return Written(batch.outcomes(edits))
        present = batch.shown
        try:
            if ids := [edit.id for edit in edits if edit.id not in present]:
                present |= self.look(ids)
        except (ApiError, Later) as error:
            batch.stopped = error
            return Written(batch.outcomes(edits))
        return Written(batch.outcomes(edits, present), present)

    def _anew(self, edits: Sequence[Edit], batch: Batch, sent: Sequence[str] = ()) -> list[Edit]:
        """The edits by what stands there at this moment; those that may not be made any more are noted.

        Those that are `sent` already are looked at in the same call.
        """
        fresh: dict[str, Present] = {}
        every = [part for edit in edits for part in edit.parts]
        ids = [*sent, *(edit.id for edit in edits)]
        if not edits or batch.call(every, lambda: fresh.update(self.look(ids))) is not None:
            return []
        batch.shown |= {id: fresh[id] for id in sent if id in fresh}
        return [
            Edit(fresh[edit.id], edit.add, edit.remove, edit.fields)
            for edit in edits
            if batch.call(edit.parts, partial(self._check_still, edit, fresh.get(edit.id))) is None
        ]

    def look_again(self, edit: Edit) -> Present:
        return self._same(edit, self.look([edit.id]).get(edit.id))

    def _same(self, edit: Edit, now: Present | None) -> Present:
        if now is None:
            raise self._error(GoneError, "player.gone")
        if not now.is_same(edit.seen):
            raise self._error(OtherItemError, "player.other-item", title=edit.seen.title)
        return now

    def _check_still(self, edit: Edit, now: Present | None) -> None:
        """Raise ApiPermanentError where an item is another one by now, or somebody edited it meanwhile."""
        same = self._same(edit, now)
        for name in edit.fields:
            # A picture was sent before, and has another stamp since.
            if name != POSTER and same.fields.get(name) != edit.seen.fields.get(name):
                raise self._error(EditedError, "player.edited-just-now", what=Phrase(f"detail.{name}"))

    def _possible(self, edits: Sequence[Edit], batch: Batch) -> list[Edit]:
        """The edits without what the player cannot do, which is noted."""
        possible = []
        for edit in edits:
            wrong = {part.name: error for part in edit.parts if (error := self._refused(edit, part.name))}
            batch.note((Part(edit.id, name), error) for name, error in wrong.items())
            kept = edit.only([part.name for part in edit.parts if part.name not in wrong])
            if kept.parts:
                possible.append(kept)
        return possible

    def _refused(self, edit: Edit, name: str) -> ApiPermanentError | None:
        if name in self.abilities.fields:
            if name == TITLE and not fitted_field(self.abilities, name, edit.fields[name]):
                return self._error(ApiPermanentError, "player.no-title")
            return None
        forms = [form for form in self.abilities.forms if form == name]
        if forms and edit.seen.kind in self.abilities.forms[forms[0]]:
            return None
        return self._cannot(name)

    def _stands(self, edit: Edit, name: str, present: Present) -> bool:
        """Whether what an edit writes to one part stands there."""
        if name in edit.fields:
            wanted, now = fitted_field(self.abilities, name, edit.fields[name]), present.fields.get(name, "")
            if name in LISTS:
                return {same(one) for one in wanted} == {same(one) for one in now}
            # What is neither as before nor as it was sent is the player's own spelling of it.
            return now == wanted or now != edit.seen.fields.get(name, "")
        form = Form(name)
        now_has = {same(label) for label in present.labels.get(form, ())}
        longest = self.abilities.labels_longest
        ours = {same(label) for label in spelt(edit.add.get(form, ()), longest)}
        gone = {same(label) for label in spelt(edit.remove.get(form, ()), longest)}
        return ours <= now_has and not (gone - ours) & now_has


class Batch:
    """What went wrong with which parts of a batch of edits. What would meet all further calls ends it.

    `shown` are the items that were looked at since they were written.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self.shown: dict[str, Present] = {}
        self._errors: dict[Part, TaggarrError] = {}
        self.stopped: TaggarrError | None = None

    def note(self, errors: Iterable[tuple[Part, TaggarrError]]) -> None:
        self._errors.update(errors)

    def forget(self, parts: Iterable[Part]) -> None:
        for part in parts:
            self._errors.pop(part, None)

    def call(self, parts: Iterable[Part], function: Callable[[], object]) -> TaggarrError | None:
        """Make a call for these parts; return what went wrong. After the end of the batch none is made."""
        if self.stopped is not None:
            return self.stopped
        try:
            function()
        except (ApiError, Later) as error:
            if _meets_all(error):
                self.stopped = error
            self.note((part, error) for part in parts)
            return error
        return None

    def outcomes(
        self, edits: Sequence[Edit], present: dict[str, Present] | None = None
    ) -> dict[Part, TaggarrError | None]:
        """What came of each part: what stands there decides, whatever was answered to the call."""
        if present is None:
            return {part: self._errors.get(part, self.stopped) for edit in edits for part in edit.parts}
        return {
            part: self._outcome(edit, part, present.get(edit.id)) for edit in edits for part in edit.parts
        }

    def _outcome(self, edit: Edit, part: Part, present: Present | None) -> TaggarrError | None:
        error = self._errors.get(part)
        name = self._player._error
        if present is None:
            return name(GoneError, "player.gone")
        if not present.is_same(edit.seen):
            return name(OtherItemError, "player.other-item", title=edit.seen.title)
        if isinstance(error, ApiPermanentError):
            return error
        if self._player._stands(edit, part.name, present):
            return None
        return error or name(NotKeptError, "player.not-kept", what=Phrase(f"detail.{part.name}"))


def check_edits(edits: Sequence[Edit]) -> None:
    """Raise ValueError where there is no edit, too many, two for one item, or one for none."""
    ids = {edit.id for edit in edits}
    if not edits or len(edits) > MOST_AT_ONCE or len(ids) < len(edits) or "" in ids:
        raise ValueError("a write needs items: one to a hundred, each once")


def check_ids(ids: Sequence[str]) -> None:
    if not ids or len(ids) > MOST_AT_ONCE or "" in ids:
        raise ValueError("a call needs items: one to a hundred")


def check_folder(folder: str) -> None:
    """Raise ValueError for what is no folder: an empty one would have a player look at all that it has."""
    if not _NAMED.search(folder) or not _is_full(folder):
        raise ValueError(f"{folder!r} is no folder to be looked at")


def _is_full(folder: str) -> bool:
    return folder.startswith(("/", "\\\\")) or "://" in folder or folder[1:3] in (":\\", ":/")


def _meets_all(error: TaggarrError) -> bool:
    """Whether an error says nothing of one item, but of the program or of us."""
    if isinstance(error, ApiTransientError):
        return error.status != HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, ApiAuthError | Later)


# Reading what is told of items


def texts(data: Any, name: str = "", longest: int = LONGEST_NAME) -> tuple[str, ...]:
    """The texts of a list, or of the field `name` of its objects; what is neither is passed over."""
    rows = data if isinstance(data, list) else []
    found = [row.get(name) if name and isinstance(row, dict) else row for row in rows]
    return tuple(clean for one in found if (clean := shapes.text(one, longest)))


def objects(data: Any) -> list[dict[str, Any]]:
    """The objects of a list; what is none is passed over."""
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def guids(pairs: Iterable[tuple[str, Any]]) -> tuple[str, ...]:
    """Ids of the world's databases, spelt `tmdb:12`."""
    found = ((source.casefold(), shapes.text(str(value), 100)) for source, value in pairs if value)
    return tuple(dict.fromkeys(f"{source}:{value}" for source, value in found if source in GUIDS))


def number_or_none(record: dict[str, Any], name: str) -> int | None:
    """A whole number of what is told for people alone, None where there is no sensible one."""
    try:
        return shapes.number(record, name, 0)
    except shapes.WireError:
        return None


def moment(seconds: Any) -> datetime | None:
    """A time of seconds since 1970, None where it is none."""
    if type(seconds) is not int or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def moment_of(text: Any) -> datetime | None:
    """A time in ISO 8601, None where it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def chunks(rows: Sequence[T], size: int = MOST_AT_ONCE) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def nearest_libraries(libraries: Iterable[Library], folder: str) -> list[Library]:
    """The libraries that a folder lies in, by the longest of their own folders that holds it."""
    holding = [
        (len(_bare(own)), library)
        for library in libraries
        for own in library.folders
        if _lies_in(folder, own)
    ]
    longest = max((length for length, _library in holding), default=0)
    return [library for length, library in holding if length == longest]


def _bare(folder: str) -> str:
    return folder.rstrip(_SLASHES)


def _lies_in(folder: str, own: str) -> bool:
    base_folder = _bare(own)
    return folder == base_folder or folder.startswith((f"{base_folder}/", f"{base_folder}\\"))
