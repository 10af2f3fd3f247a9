"""Kodi: JSON-RPC over HTTP. An id counts within one kind of item, comes again, and changes with a refresh."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Unpack

from core.errors import ApiPermanentError, ApiTransientError, ConfigError, Later
from core.outbound import shapes
from core.outbound.transport import Auth, Options

from . import base
from .base import LONGEST_PATH, Batch, Player, check_ids
from .contract import (
    DATE,
    DIRECTORS,
    PAGE,
    SORT_TITLE,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TITLE,
    Abilities,
    Edit,
    Holds,
    Identity,
    Item,
    Kind,
    Library,
    Memory,
    Part,
    Present,
    fitted_field,
    labels_after,
)
from .kodi_art import prefixes, raw, to_set
from .kodi_rows import (
    FIELDS,
    FORMS,
    LIBRARIES,
    LISTS,
    NAMES,
    PLACE,
    TAKEN,
    art_of,
    details_of,
    file_of,
    folder_of,
    ids_of,
    items_of,
    lost,
    number_of,
    own_paths,
    present_of,
    taken,
    time_of,
    total,
)

_FILED = ["file", "uniqueid", "year", "tag", "genre"]

_SIGN = "taggarr"
"""The kind of a unique id that an item has while it is to be read anew, which takes all unique ids from it.
Nothing else tells whether Kodi did it: it says yes to all, drops what it is asked of a path that waits
already, be it of another episode in the same file, and forgets what waits when it is switched off.
"""

_INVALID = -32602
_SCANNING = "Library.IsScanningVideo"
_WAIT_WHILE_PLAYING, _WAIT_WHILE_SCANNING = 600.0, 60.0
_TOGETHER = timedelta(minutes=10)


class KodiClient(Player):
    """One connected Kodi."""

    app = "Kodi"
    abilities = Abilities(
        forms={form: frozenset({Kind.MOVIE, Kind.SHOW}) for form in FORMS},
        fields=dict.fromkeys((TITLE, SORT_TITLE, TAGLINE, STUDIO, DIRECTORS), 255)
        | {SUMMARY: 10_000, DATE: 10},
        batches=True,
        finds_paths=True,
        lists_labels=True,
        forgets=True,
    )

    def __init__(self, url: str, password: str, *, user: str = "kodi", **options: Unpack[Options]) -> None:
        super().__init__(url, auth(user, password), **options)

    # Calls

    def _call(self, method: str, *, writes: bool = False, **params: Any) -> dict[str, Any]:
        """The result of one method; ApiPermanentError where Kodi answers with an error."""
        data = self._post({**_request(method, params), "id": 0}, writes=writes)
        result = self._result(self._read(lambda: shapes.as_object(data, method)))
        return result if isinstance(result, dict) else {"said": result}

    def _call_all(self, calls: Sequence[tuple[str, dict[str, Any]]], *, writes: bool = False) -> list[Any]:
        """The answers to many calls in one, in their order; None where one is missing."""
        body = [{**_request(method, params), "id": number} for number, (method, params) in enumerate(calls)]
        data = self._post(body, writes=writes)
        rows = self._read(lambda: shapes.read_list(data, dict, "answers"))
        by_number = {row.get("id"): row for row in rows}
        if not by_number.keys() <= set(range(len(calls))):
            raise self._error(ApiTransientError, "player.other-answer")
        return [by_number.get(number) for number in range(len(calls))]

    def _post(self, body: Any, *, writes: bool) -> Any:
        tries = {"tries": base.WRITE_TRIES} if writes else {}
        return self._json("POST", "/jsonrpc", body=body, writes=writes, **tries)

    def _result(self, answer: Mapping[str, Any]) -> Any:
        error = answer.get("error")
        if isinstance(error, dict):
            raise self._said(error)
        if "result" not in answer or answer.get("jsonrpc") != "2.0":
            raise self._error(ApiPermanentError, "answer.not-api", what="a JSON-RPC answer was expected")
        return answer["result"]

    def _said(self, error: Mapping[str, Any]) -> ApiPermanentError:
        return self._error(
            ApiPermanentError, "player.said", said=shapes.text(error.get("message"), 200).rstrip(".")
        )

    # Who it is, and what it has

    def ping(self) -> None:
        self._call("JSONRPC.Ping")

    def identity(self) -> Identity:
        data = self._call("Application.GetProperties", properties=["name", "version"])
        name, version = shapes.text(data.get("name"), 100), data.get("version")
        if not name or not isinstance(version, dict):
            raise self._error(ApiPermanentError, "answer.not-api", what="a name and a version were expected")
        number = ".".join(str(version[part]) for part in ("major", "minor") if type(version.get(part)) is int)
        return Identity("", name, number)

    def libraries(self) -> list[Library]:
        """Kodi has one library of movies and one of shows, and does not tell which source feeds which."""
        data = self._call("Files.GetSources", media="video")
        found = base.texts(data.get("sources"), "file", LONGEST_PATH)
        folders = tuple(folder.rstrip("/") for folder in found)
        return [
            Library("movies", "Movies", Holds.MOVIES, folders),
            Library("tvshows", "TV shows", Holds.SERIES, folders),
        ]

    def items(
        self,
        library: Library,
        kind: Kind,
        since: datetime | None = None,  # noqa: ARG002
    ) -> Iterator[tuple[Item, ...]]:
        def fetch(start: int) -> tuple[int, list[Item]]:
            limits = {"start": start, "end": start + PAGE}
            data = self._call(f"VideoLibrary.Get{NAMES[kind]}s", properties=_listed(kind), limits=limits)
            return self._read(lambda: (total(data), items_of(data, kind, library.id)))

        return self._pages(fetch)

    def find(self, path: str) -> list[Item]:
        """The movies and episodes of a file, or the shows of a folder."""
        kinds = (Kind.MOVIE, Kind.EPISODE, Kind.SHOW)
        return [item for found in self._find([(kind, path) for kind in kinds]) for item in found]

    def _find(self, wanted: Sequence[tuple[Kind, str]]) -> list[list[Item]]:
        """The items of a kind that lie at a path, for each of these."""
        found = []
        for some in base.chunks(wanted):
            answers = self._call_all([_search(kind, path) for kind, path in some])
            for (kind, path), answer in zip(some, answers, strict=True):
                rows = self._read(partial(items_of, self._result(answer or {}), kind, LIBRARIES[kind]))
                found.append([item for item in rows if path.rstrip("/") in item.paths])
        return found

    def look(self, ids: Sequence[str]) -> dict[str, Present]:
        check_ids(ids)
        calls = []
        for one in ids:
            kind, number = number_of(one)
            # Kodi refuses one that is named twice.
            properties = list(dict.fromkeys([*_listed(kind), *FIELDS[kind].values()]))
            calls.append(
                (f"VideoLibrary.Get{NAMES[kind]}Details", _params(kind, number, properties=properties))
            )
        found: dict[str, Present] = {}
        for one, answer in zip(ids, self._call_all(calls), strict=True):
            if answer is None:
                raise self._error(ApiTransientError, "player.other-answer")
            if _is_gone(answer):
                continue
            found[one] = self._read(partial(present_of, one, self._result(answer)))
        return found

    # What it is to do

    def scan(self, folder: str) -> tuple[str, ...]:
        asked = self._libraries_at(folder)
        if asked:
            self._call("VideoLibrary.Scan", writes=True, directory=f"{folder.rstrip('/')}/")
        return tuple(library.id for library in asked)

    def refresh(self, id: str, *, pictures_only: bool = False) -> None:
        """A picture that took the place of another one stays on the screen until its texture is gone."""
        kind, number = number_of(id)
        if kind is Kind.SEASON:
            raise self._cannot(str(kind))
        self._check_at_rest(pictures_only=pictures_only)
        self._show_pictures(id, kind, number)
        if not pictures_only:
            method, params = _refresh(kind, number)
            self._call(method, writes=True, **params)

    def read_anew(self, id: str, waited: timedelta) -> tuple[str, ...]:
        """A show is read without its episodes: those whose NFOs are as new as the newest are named too.

        What is published together is written within seconds. Only times of one disk are compared: what
        changed first is older than what changed last by no more than was waited.
        """
        kind, number = number_of(id)
        if kind is not Kind.SHOW:
            return (id,)
        episodes = self._rows(Kind.EPISODE, tvshowid=number, properties=["file"])
        folders = set(map(folder_of, map(file_of, episodes)))
        found = self._listed(folders)
        times = {path: time for of in found.values() for path, time in of.items() if path.endswith(".nfo")}
        newest = max(times.values(), default=None)
        if newest is None:
            return (id,)
        oldest = newest - _TOGETHER - waited
        new = {posixpath.splitext(path)[0] for path, time in times.items() if time >= oldest}
        numbers = [row.get("episodeid") for row in episodes if posixpath.splitext(file_of(row))[0] in new]
        return (id, *(f"{Kind.EPISODE}-{one}" for one in numbers))

    def _show_pictures(self, id: str, kind: Kind, number: int) -> None:
        """Have the pictures beside an item shown, of a show those of its seasons and episodes too."""
        answer = self._call(
            f"VideoLibrary.Get{NAMES[kind]}Details", **_params(kind, number, properties=["art", "file"])
        )
        item = self._read(lambda: details_of(answer, id))
        rows = [(kind, number, item)]
        if kind is Kind.SHOW:
            for part, properties in ((Kind.SEASON, ["season", "art"]), (Kind.EPISODE, ["file", "art"])):
                found = self._rows(part, tvshowid=number, properties=properties)
                rows += [(part, int(row.get(f"{NAMES[part].lower()}id") or 0), row) for row in found]
        shown = {raw(path) for _, _, row in rows for path in art_of(row).values()}
        self._drop_textures(shown | self._tell_pictures(rows, item))

    def _tell_pictures(
        self, rows: Sequence[tuple[Kind, int, dict[str, Any]]], item: dict[str, Any]
    ) -> set[str]:
        """Have Kodi show what came beside some items, and not what is gone; return the paths of what came."""
        where = [
            (kind, number, row, file_of(item if kind is Kind.SEASON else row)) for kind, number, row in rows
        ]
        listed = self._listed({folder_of(file) for *_, file in where})
        calls = []
        for kind, number, row, file in where:
            folder = folder_of(file)
            names = [posixpath.basename(path) for path in listed.get(folder, ())]
            starts = prefixes(kind, file, names, season=row.get("season"))
            if names and (art := to_set(art_of(row), folder, names, starts)):
                calls.append((f"VideoLibrary.Set{NAMES[kind]}Details", _params(kind, number, art=art)))
        for some in base.chunks(calls):
            self._call_all(some, writes=True)
        return {path for _, params in calls for path in params["art"].values() if path}

    def _rows(self, kind: Kind, **params: Any) -> list[dict[str, Any]]:
        answer = self._call(f"VideoLibrary.Get{NAMES[kind]}s", **params)
        return base.objects(answer.get(f"{NAMES[kind].lower()}s"))

    def _listed(self, folders: Collection[str]) -> dict[str, dict[str, datetime]]:
        """When the files in folders were changed, by their paths; nothing of those that Kodi hides."""
        found: dict[str, dict[str, datetime]] = {}
        for some in base.chunks(sorted(folders)):
            about = {"media": "files", "properties": ["lastmodified"]}
            answers = self._call_all([("Files.GetDirectory", {"directory": one, **about}) for one in some])
            for folder, answer in zip(some, answers, strict=True):
                rows = base.objects(((answer or {}).get("result") or {}).get("files"))
                found[folder] = {file_of(row): time_of(row.get("lastmodified")) for row in rows}
        return found

    def _drop_textures(self, pictures: Collection[str]) -> None:
        """Forget the copies of pictures, which Kodi finds by the path as it is."""
        asked = [
            ("Textures.GetTextures", {"filter": {"field": "url", "operator": "is", "value": one}})
            for one in sorted(pictures)
        ]
        found = [one for some in base.chunks(asked) for one in self._call_all(some)]
        rows = [row for one in found for row in base.objects(self._result(one or {}).get("textures"))]
        drop = [("Textures.RemoveTexture", {"textureid": row.get("textureid")}) for row in rows]
        for some in base.chunks(drop):
            self._call_all(some, writes=True)

    def _check_at_rest(self, *, pictures_only: bool = False) -> None:
        """Raise `Later` while somebody watches something; for a refresh, also while scans are before it."""
        playing = base.objects(self._call("Player.GetActivePlayers").get("said"))
        if any(player.get("type") == "video" for player in playing):
            raise Later(_WAIT_WHILE_PLAYING)
        if not pictures_only and self._call("XBMC.GetInfoBooleans", booleans=[_SCANNING]).get(_SCANNING):
            raise Later(_WAIT_WHILE_SCANNING)

    def remember(self, ids: Sequence[str]) -> list[Memory]:
        """`Later` while somebody watches something, or a scan is before it."""
        self._check_at_rest()
        memories = []
        for id, row in self._rows_of([id for id in ids if number_of(id)[0] is not Kind.SEASON]).items():
            kind = number_of(id)[0]
            path = next(iter(own_paths(row)), "")
            episode, has_ids = base.number_or_none(row, "episode"), bool(ids_of(row).keys() - {_SIGN})
            memories.append(Memory(kind, id, path, taken(kind, row), episode, has_ids))
        self._set_all([_signed(memory.id) for memory in memories])
        return memories

    def read_again(self, memories: Sequence[Memory]) -> None:
        """Of those in one file only the first is asked for, and the next when that is done."""
        self._check_at_rest()
        first: dict[str, Memory] = {}
        for memory in memories:
            first.setdefault(memory.path, memory)
        # Signed anew: an earlier refresh may have taken the sign just now. And before it is asked: one that
        # keeps its id would be signed when Kodi has read it already, so quick it is.
        ids = self._ids_now([*first.values()])
        self._set_all([call for id in ids if id for call in (_signed(id), _refresh(*number_of(id)))])

    def give_back(self, memories: Sequence[Memory]) -> list[Memory]:
        ids = self._ids_now(memories)
        rows = self._rows_of(list(filter(None, ids)))
        left, calls = [], []
        for memory, id in zip(memories, ids, strict=True):
            row = rows.get(id)
            if row is None or _SIGN in ids_of(row):
                left.append(replace(memory, is_read=False))
                continue
            # Ids go first: one that has none any more may be about to lose the rest.
            if memory.has_ids and not memory.is_read and not ids_of(row):
                left.append(replace(memory, is_read=True))
                continue
            if again := lost(memory.values, taken(memory.kind, row)):
                calls.append(_change(id, **again))
        self._set_all(calls)
        return left

    def give_up(self, memories: Sequence[Memory]) -> int:
        ids = [id for id in self._ids_now(memories) if id]
        self._set_all([_signed(id, sign=None) for id in ids])
        self.give_back([replace(memory, is_read=True) for memory in memories])
        return len(ids)

    def _ids_now(self, memories: Sequence[Memory]) -> list[str]:
        """The ids that items have by now, which change when they are read anew; empty for what is gone, if
        only for the moment in which that is done.
        """
        found = self._find([(memory.kind, memory.path) for memory in memories])
        return [
            next((item.id for item in items if item.episode == memory.episode), "")
            for memory, items in zip(memories, found, strict=True)
        ]

    def _rows_of(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What a refresh takes from items, and what they are known by, of those that are there."""
        found = {}
        for some in base.chunks(ids):
            answers = self._call_all([_remembered(id) for id in some])
            for id, answer in zip(some, answers, strict=True):
                if answer is None:
                    raise self._error(ApiTransientError, "player.other-answer")
                if not _is_gone(answer):
                    found[id] = self._read(partial(details_of, self._result(answer), id))
        return found

    def _set_all(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Make calls of which what comes is looked at later."""
        for some in base.chunks(calls):
            self._call_all(some, writes=True)

    def poster(self, id: str, picture: bytes) -> None:  # noqa: ARG002
        raise self._cannot("poster")

    # Edits

    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        """One call of many; labels are a list that takes the place of the one before."""
        sure = self._anew(edits, batch)
        parts = [part for edit in sure for part in edit.parts]
        if sure:
            batch.call(parts, lambda: batch.note(self._set(sure)))

    def _set(self, edits: Sequence[Edit]) -> list[tuple[Part, ApiPermanentError]]:
        calls = []
        for edit in edits:
            kind, number = number_of(edit.id)
            calls.append(
                (f"VideoLibrary.Set{NAMES[kind]}Details", _params(kind, number, **self._values(edit)))
            )
        wrong: list[tuple[Part, ApiPermanentError]] = []
        for edit, answer in zip(edits, self._call_all(calls, writes=True), strict=True):
            error = answer.get("error") if answer else None
            if isinstance(error, dict):
                wrong += [(part, self._said(error)) for part in edit.parts]
        return wrong

    def _values(self, edit: Edit) -> dict[str, Any]:
        values: dict[str, Any] = {
            FORMS[form]: list(
                labels_after(edit.seen.labels.get(form, ()), edit, form, self.abilities.labels_longest)
            )
            for form in edit.forms
        }
        for name, value in edit.fields.items():
            theirs, wanted = FIELDS[edit.seen.kind][name], fitted_field(self.abilities, name, value)
            one = [wanted] if isinstance(wanted, str) else list(wanted)
            values[theirs] = [text for text in one if text] if theirs in LISTS else wanted
        return values

    def _refused(self, edit: Edit, name: str) -> ApiPermanentError | None:
        if name in self.abilities.fields and name not in FIELDS[edit.seen.kind]:
            return self._cannot(name)
        return super()._refused(edit, name)


def auth(user: str, password: str) -> Auth:
    """Name and password; Kodi asks for none where none is set."""
    if not (user + password).isprintable() or ":" in user or len(user + password) > 400:
        raise ConfigError("connection.key-invalid")
    packed = base64.b64encode(f"{user}:{password}".encode()).decode()
    secrets = (packed, password) if password else (packed,)
    return Auth({"Authorization": f"Basic {packed}"}, secrets, "player.key-refused-kodi")


def _request(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": dict(params)}


def _params(kind: Kind, number: int, **more: Any) -> dict[str, Any]:
    return {f"{NAMES[kind].lower()}id": number, **more}


def _search(kind: Kind, path: str) -> tuple[str, dict[str, Any]]:
    """The call that finds what lies at a path: a file, or the folder of a show."""
    folder, name = posixpath.split(path.rstrip("/"))
    rule: dict[str, Any] = {"field": "path", "operator": "is", "value": f"{path.rstrip('/')}/"}
    if kind is not Kind.SHOW:
        file = {"field": "filename", "operator": "is", "value": name}
        # The name of a file that Kodi shows together with others is `stack://…`, with all commas doubled.
        stacked = {**file, "operator": "contains", "value": f"/{name}".replace(",", ",,")}
        rule = {"and": [{**rule, "value": f"{folder}/"}, {"or": [file, stacked]}]}
    return f"VideoLibrary.Get{NAMES[kind]}s", {"properties": _listed(kind), "filter": rule}


def _refresh(kind: Kind, number: int) -> tuple[str, dict[str, Any]]:
    return f"VideoLibrary.Refresh{NAMES[kind]}", _params(kind, number, ignorenfo=False)


def _remembered(id: str) -> tuple[str, dict[str, Any]]:
    kind, number = number_of(id)
    properties = ["file", "uniqueid", *TAKEN[kind], *(["episode"] if kind is Kind.EPISODE else [])]
    return f"VideoLibrary.Get{NAMES[kind]}Details", _params(kind, number, properties=properties)


def _change(id: str, **values: Any) -> tuple[str, dict[str, Any]]:
    kind, number = number_of(id)
    return f"VideoLibrary.Set{NAMES[kind]}Details", _params(kind, number, **values)


def _signed(id: str, sign: str | None = "to be read anew") -> tuple[str, dict[str, Any]]:
    """The call that gives an item our sign, or takes it away."""
    return _change(id, uniqueid={_SIGN: sign})


def _listed(kind: Kind) -> list[str]:
    return ["title", *PLACE.get(kind, _FILED)]


def _is_gone(answer: Mapping[str, Any]) -> bool:
    """Whether there is no such item; where the question was wrong, data beside the error says in what."""
    error = answer.get("error")
    return isinstance(error, dict) and error.get("code") == _INVALID and "data" not in error
