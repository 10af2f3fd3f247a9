"""Kodi: JSON-RPC over HTTP. An id counts within one kind of item, comes again, and changes with a refresh."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Unpack
from urllib.parse import unquote

from core.errors import ApiPermanentError, ApiTransientError, ConfigError, Later
from core.outbound import shapes
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options

from . import base
from .base import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT, Batch, Player, check_ids
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
    Form,
    GoneError,
    Holds,
    Identity,
    Item,
    Kind,
    Library,
    Memory,
    OtherItemError,
    Part,
    Present,
    Value,
    fitted_field,
    labels_after,
)

NAMES = {Kind.MOVIE: "Movie", Kind.SHOW: "TVShow", Kind.SEASON: "Season", Kind.EPISODE: "Episode"}
LIBRARIES = {kind: "movies" if kind is Kind.MOVIE else "tvshows" for kind in Kind}
FORMS = {Form.TAG: "tag", Form.GENRE: "genre"}
_FILM = {
    TITLE: "title",
    SORT_TITLE: "sorttitle",
    SUMMARY: "plot",
    STUDIO: "studio",
    DATE: "premiered",
}
FIELDS = {
    Kind.MOVIE: {**_FILM, TAGLINE: "tagline", DIRECTORS: "director"},
    Kind.SHOW: _FILM,
    Kind.SEASON: {TITLE: "title"},
    Kind.EPISODE: {TITLE: "title", SUMMARY: "plot", DATE: "firstaired", DIRECTORS: "director"},
}
_LISTS = {"studio", "director"}
"""What Kodi holds as a list."""

_PLACE = {
    Kind.SEASON: ["season", "tvshowid"],
    Kind.EPISODE: ["season", "episode", "tvshowid", "file", "uniqueid"],
}
_FILED = ["file", "uniqueid", "year", "tag", "genre"]

_FORGOTTEN: dict[str, Any] = {"playcount": 0, "lastplayed": "", "userrating": 0}
"""What a refresh takes, and what stands there then. The point where somebody stopped stays, measured so."""

_INVALID = -32602
_WAIT_WHILE_PLAYING = 600.0


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
            return self._read(lambda: (_total(data), _items(data, kind, library.id)))

        return self._pages(fetch)

    def find(self, path: str) -> list[Item]:
        """The movies and episodes of a file, or the shows of a folder."""
        folder, name = posixpath.split(path.rstrip("/"))
        in_folder = {"field": "path", "operator": "is", "value": f"{folder}/"}
        file = {"and": [in_folder, {"field": "filename", "operator": "is", "value": name}]}
        own = {"field": "path", "operator": "is", "value": f"{path.rstrip('/')}/"}
        rules = {Kind.MOVIE: file, Kind.EPISODE: file, Kind.SHOW: own}
        calls = [
            (f"VideoLibrary.Get{NAMES[kind]}s", {"properties": _listed(kind), "filter": rule})
            for kind, rule in rules.items()
        ]
        found: list[Item] = []
        for kind, answer in zip(rules, self._call_all(calls), strict=True):
            found += self._read(partial(_items, self._result(answer or {}), kind, LIBRARIES[kind]))
        return [item for item in found if path.rstrip("/") in item.paths]

    def look(self, ids: Sequence[str]) -> dict[str, Present]:
        check_ids(ids)
        calls = []
        for one in ids:
            kind, number = _number(one)
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
            found[one] = self._read(partial(_present, one, self._result(answer)))
        return found

    # What it is to do

    def scan(self, folder: str) -> tuple[str, ...]:
        asked = self._libraries_at(folder)
        if asked:
            self._call("VideoLibrary.Scan", writes=True, directory=f"{folder.rstrip('/')}/")
        return tuple(library.id for library in asked)

    def remember(self, id: str) -> Memory | None:
        """`Later` while somebody watches something; a show that is read anew forgets nothing."""
        kind, number = _number(id)
        if self._is_playing():
            raise Later(_WAIT_WHILE_PLAYING)
        return None if kind in (Kind.SHOW, Kind.SEASON) else self._memory(id, kind, number)

    def refresh(self, id: str, *, pictures_only: bool = False) -> None:
        """A picture that took the place of another one stays on the screen until its texture is gone."""
        kind, number = _number(id)
        if kind is Kind.SEASON:
            raise self._cannot(str(kind))
        if self._is_playing():
            raise Later(_WAIT_WHILE_PLAYING)
        self._drop_textures(id, kind, number)
        if not pictures_only:
            self._call(
                f"VideoLibrary.Refresh{NAMES[kind]}", writes=True, **_params(kind, number, ignorenfo=False)
            )

    def _drop_textures(self, id: str, kind: Kind, number: int) -> None:
        """Forget the copies of an item's pictures, which Kodi finds by the path as it is."""
        answer = self._call(
            f"VideoLibrary.Get{NAMES[kind]}Details", **_params(kind, number, properties=["art"])
        )
        art = self._read(lambda: _details(answer, id)).get("art")
        shown = base.texts(list((art if isinstance(art, dict) else {}).values()), longest=LONGEST_PATH * 3)
        asked = [
            ("Textures.GetTextures", {"filter": {"field": "url", "operator": "is", "value": _raw(one)}})
            for one in shown
        ]
        found = self._call_all(asked) if asked else []
        rows = [row for one in found for row in base.objects(self._result(one or {}).get("textures"))]
        drop = [("Textures.RemoveTexture", {"textureid": row.get("textureid")}) for row in rows]
        if drop:
            self._call_all(drop, writes=True)

    def _is_playing(self) -> bool:
        playing = base.objects(self._call("Player.GetActivePlayers").get("said"))
        return any(player.get("type") == "video" for player in playing)

    def _memory(self, id: str, kind: Kind, number: int) -> Memory:
        properties = ["file", *_FORGOTTEN]
        answer = self._call(
            f"VideoLibrary.Get{NAMES[kind]}Details", **_params(kind, number, properties=properties)
        )
        details = self._read(lambda: _details(answer, id))
        path = self._read(lambda: _own_paths(details)[0] if _own_paths(details) else "")
        return Memory(
            kind, id, path, {name: details.get(name) or empty for name, empty in _FORGOTTEN.items()}
        )

    def give_back(self, memory: Memory) -> str | None:
        """None for good where an item kept its id and what it had: nothing tells whether it was read anew."""
        found = [item for item in self.find(memory.path) if item.kind == memory.kind]
        if not found:
            return None
        kind, number = _number(found[0].id)
        now = self._memory(found[0].id, kind, number).values
        lost = {
            name: value
            for name, value in memory.values.items()
            if value != _FORGOTTEN[name] and now[name] == _FORGOTTEN[name]
        }
        if lost:
            self._call(f"VideoLibrary.Set{NAMES[kind]}Details", writes=True, **_params(kind, number, **lost))
        return found[0].id if lost or found[0].id != memory.id else None

    def poster(self, id: str, picture: bytes) -> None:  # noqa: ARG002
        raise self._cannot("poster")

    # Edits

    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        """One call of many; labels are a list that takes the place of the one before."""
        fresh: dict[str, Present] = {}
        every = [part for edit in edits for part in edit.parts]
        if not edits or batch.call(every, lambda: fresh.update(self.look([edit.id for edit in edits]))):
            return
        sure: list[Edit] = []
        for edit in edits:
            now = fresh.get(edit.id)
            if now is None:
                batch.note((part, self._error(GoneError, "player.gone")) for part in edit.parts)
            elif not now.is_same(edit.seen):
                error = self._error(OtherItemError, "player.other-item", title=edit.seen.title)
                batch.note((part, error) for part in edit.parts)
            else:
                sure.append(Edit(now, edit.add, edit.remove, edit.fields))
        parts = [part for edit in sure for part in edit.parts]
        if sure:
            batch.call(parts, lambda: batch.note(self._set(sure)))

    def _set(self, edits: Sequence[Edit]) -> list[tuple[Part, ApiPermanentError]]:
        calls = []
        for edit in edits:
            kind, number = _number(edit.id)
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
            values[theirs] = [text for text in one if text] if theirs in _LISTS else wanted
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


def _listed(kind: Kind) -> list[str]:
    return ["title", *_PLACE.get(kind, _FILED)]


def _number(id: str) -> tuple[Kind, int]:
    """The kind and number that an id of ours is made of: ValueError for anything else."""
    kind, _dash, number = id.partition("-")
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"{id!r} is no id of Kodi")
    return Kind(kind), int(number)


def _raw(picture: str) -> str:
    """The path of a picture that Kodi names `image://…/`."""
    return unquote(picture.removeprefix("image://").removesuffix("/"))


def _is_gone(answer: Mapping[str, Any]) -> bool:
    """Whether there is no such item; where the question was wrong, data beside the error says in what."""
    error = answer.get("error")
    return isinstance(error, dict) and error.get("code") == _INVALID and "data" not in error


def _total(data: Mapping[str, Any]) -> int:
    return shapes.number(shapes.as_object(data.get("limits"), "limits"), "total", 0)


def _items(result: Any, kind: Kind, library: str) -> list[Item]:
    data = shapes.as_object(result, "result")
    rows = shapes.read_list(data.get(f"{NAMES[kind].lower()}s") or [], dict, "items")
    return [_item(row, kind, library) for row in rows]


def _own_paths(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The files of an item (several stand in one `stack://`), or the folder of a show."""
    file = shapes.text(row.get("file"), LONGEST_PATH * 4)
    if file.startswith("stack://"):
        return tuple(part.replace(",,", ",") for part in file.removeprefix("stack://").split(" , "))
    return (file.rstrip("/"),) if file else ()


def _place(row: dict[str, Any], kind: Kind) -> tuple[str, int | None]:
    if kind not in _PLACE:
        return "", None
    return f"{Kind.SHOW}-{shapes.number(row, 'tvshowid', -1)}", base.number_or_none(row, "season")


def _labels(row: Mapping[str, Any]) -> dict[Form, tuple[str, ...]]:
    return {
        form: base.texts(row.get(name), longest=LONGEST_TEXT) for form, name in FORMS.items() if name in row
    }


def _guids(row: Mapping[str, Any]) -> tuple[str, ...]:
    ids = row.get("uniqueid")
    return base.guids((str(name), value) for name, value in (ids if isinstance(ids, dict) else {}).items())


def _title(row: Mapping[str, Any]) -> str:
    return shapes.text(row.get("title") or row.get("label"), LONGEST_NAME)


def _item(row: dict[str, Any], kind: Kind, library: str) -> Item:
    show, season = _place(row, kind)
    return Item(
        id=f"{kind}-{shapes.number(row, f'{NAMES[kind].lower()}id', 1)}",
        kind=kind,
        library=library,
        title=_title(row),
        paths=_own_paths(row),
        guids=_guids(row),
        year=base.number_or_none(row, "year") or None,
        show=show,
        season=season,
        episode=base.number_or_none(row, "episode") if kind is Kind.EPISODE else None,
        labels=_labels(row),
    )


def _details(result: Any, id: str) -> dict[str, Any]:
    """The details of the item that was asked for. Raises WireError for those of another."""
    kind, number = _number(id)
    name = NAMES[kind].lower()
    row = shapes.as_object(shapes.as_object(result, "result").get(f"{name}details"), f"{name}details")
    if row.get(f"{name}id") != number:
        raise WireError(f"the details of {name} {number} were expected")
    return row


def _present(id: str, result: Any) -> Present:
    row = _details(result, id)
    kind, _number_of = _number(id)
    show, season = _place(row, kind)
    fields: dict[str, Value] = {}
    for name, theirs in FIELDS[kind].items():
        if name == DIRECTORS:
            fields[name] = base.texts(row.get(theirs))
        elif theirs in _LISTS:
            fields[name] = next(iter(base.texts(row.get(theirs))), "")
        else:
            fields[name] = shapes.text(row.get(theirs), LONGEST_TEXT)
    return Present(
        id=id,
        kind=kind,
        library=LIBRARIES[kind],
        title=_title(row),
        paths=_own_paths(row),
        guids=_guids(row),
        labels=_labels(row),
        fields=fields,
        show=show,
        season=season,
    )
