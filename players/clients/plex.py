"""Plex: JSON over HTTP, one device for each installation, labels of many items in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Unpack

from core.errors import ApiError, ApiPermanentError, ApiTransientError
from core.outbound import shapes
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options, checked_key

from . import base
from .base import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT, check_ids
from .contract import (
    DATE,
    DIRECTORS,
    MOST_PICTURE,
    PAGE,
    PERFORMERS,
    POSTER,
    RATING,
    SORT_TITLE,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TITLE,
    Abilities,
    Form,
    Holds,
    Identity,
    Item,
    Kind,
    Library,
    Present,
    Value,
)
from .plex_edits import FORMS, NAMES, TEXTS, TYPES, Edits, number_of

HOLDS = {"movie": Holds.MOVIES, "show": Holds.SERIES}

ELEMENTS = {
    "label": "Label",
    "genre": "Genre",
    "collection": "Collection",
    "actor": "Role",
    "director": "Director",
}

# What is of no use in a list of a thousand items.
_LISTED_WITHOUT = "Genre,Collection,Role,Director,Writer,Producer,Country,Field,Rating,Image,UltraBlurColors"
_LOOKED_WITHOUT = "Chapter,Marker,Similar,Review,Extras,Rating,Image,UltraBlurColors,Preferences"

_UPLOADED = "upload://"

Query = list[tuple[str, str | int]]


def auth(token: str, device: str, version: str) -> Auth:
    """The token, and which device calls: the same for good, or Plex tells its owner of a new one."""
    key = checked_key(token)
    headers = {
        "X-Plex-Token": key,
        "X-Plex-Client-Identifier": device,
        "X-Plex-Product": "Taggarr",
        "X-Plex-Version": version,
        "X-Plex-Device": "Taggarr",
        "X-Plex-Device-Name": "Taggarr",
        "X-Plex-Platform": "Taggarr",
    }
    return Auth(headers, (key,), "player.key-refused-plex")


class PlexClient(Edits):
    """One connected Plex Media Server."""

    app = "Plex"
    abilities = Abilities(
        forms={
            Form.LABEL: frozenset(Kind),
            Form.GENRE: frozenset({Kind.MOVIE, Kind.SHOW}),
            Form.COLLECTION: frozenset(Kind),
        },
        fields=dict.fromkeys((TITLE, SORT_TITLE, TAGLINE, STUDIO, PERFORMERS, DIRECTORS), 255)
        | {SUMMARY: 10_000, DATE: 10, RATING: 4, POSTER: 64},
        # Every edit is an address, of which servers take 64 KiB.
        in_address=2**15,
        batches=True,
        locks=True,
        tells_changes=True,
        posters=True,
        tells_givers=True,
        reads_nfos=False,
    )

    def __init__(
        self, url: str, token: str, *, device: str, version: str = "", **options: Unpack[Options]
    ) -> None:
        super().__init__(url, auth(token, device, version), **options)

    # Who it is, and what it has

    def ping(self) -> None:
        """GET /identity, which Plex answers when its database does."""
        self.identity()

    def identity(self) -> Identity:
        container = self._container("/identity")
        machine = shapes.text(container.get("machineIdentifier"), 100)
        version = shapes.text(container.get("version"), 50)
        if not machine or not version:
            raise self._not_plex("an identity")
        return Identity(machine, "Plex Media Server", version)

    def libraries(self) -> list[Library]:
        rows = self._rows(self._container("/library/sections"), "Directory")
        return self._read(lambda: [_library(row) for row in rows])

    def items(
        self, library: Library, kind: Kind, since: datetime | None = None
    ) -> Iterator[tuple[Item, ...]]:
        # New ones come last, so that no page shifts while the list is read.
        order = "addedAt:asc" if since is None else "updatedAt:desc"

        def fetch(start: int) -> tuple[int, list[Item]]:
            container = self._container(
                f"/library/sections/{number_of(library.id)}/all",
                {
                    "type": TYPES[kind],
                    "includeGuids": 1,
                    "sort": order,
                    "excludeElements": _LISTED_WITHOUT,
                    "excludeFields": "summary,tagline",
                    "X-Plex-Container-Start": start,
                    "X-Plex-Container-Size": PAGE,
                },
            )
            total = self._read(lambda: shapes.number(container, "totalSize", 0))
            rows = self._rows(container, "Metadata")
            return total, self._read(lambda: [_item(row, library.id, kind) for row in rows])

        for page in self._pages(fetch, shifts=since is not None):
            kept = page if since is None else tuple(row for row in page if _is_since(row, since))
            if kept:
                yield self._with_folders(kept) if kind is Kind.SHOW else kept
            if len(kept) < len(page):
                return

    def _with_folders(self, shows: tuple[Item, ...]) -> tuple[Item, ...]:
        """Shows with their folders, of which not every version of Plex tells in a list."""
        bare = [show.id for show in shows if not show.paths]
        found: dict[str, Present] = {}
        for ids in base.chunks(bare):
            found |= self.look(ids)
        return tuple(
            show if show.id not in found else replace(show, paths=found[show.id].paths) for show in shows
        )

    def look(self, ids: Sequence[str]) -> dict[str, Present]:
        check_ids(ids)
        path = f"/library/metadata/{','.join(number_of(one) for one in ids)}"
        try:
            container = self._container(path, {"includeGuids": 1, "excludeElements": _LOOKED_WITHOUT})
        except ApiPermanentError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            # None of them is there; or what answers is no Plex, which this tells.
            self.identity()
            return {}
        rows = self._rows(container, "Metadata")
        return self._asked_for(self._read(lambda: [_present(row) for row in rows]), ids)

    def find(self, path: str) -> list[Item]:  # noqa: ARG002
        raise self._cannot("path")

    # What it is to do

    def scan(self, folder: str) -> tuple[str, ...]:
        asked = self._libraries_at(folder)
        for library in asked:
            self._send("GET", f"/library/sections/{number_of(library.id)}/refresh", {"path": folder})
        return tuple(library.id for library in asked)

    def refresh(self, id: str, *, pictures_only: bool = False) -> None:  # noqa: ARG002
        self._send("PUT", f"/library/metadata/{number_of(id)}/refresh")

    def poster(self, id: str, picture: bytes) -> None:
        path = f"/library/metadata/{number_of(id)}/posters"
        self._send("POST", path, body=picture, kind="application/octet-stream")

    def poster_of(self, id: str) -> str:
        container = self._container(f"/library/metadata/{number_of(id)}/posters")
        rows = base.objects(container.get("Metadata") or container.get("Photo"))
        chosen = next((row for row in rows if row.get("selected") in (True, "1")), {})
        name = shapes.text(chosen.get("ratingKey"), LONGEST_NAME)
        if not name or name.startswith(_UPLOADED):
            return name
        # One that an agent found is somebody's choice where it is locked.
        found = self.look([id]).get(id)
        return name if found is not None and POSTER in found.locked else ""

    def picture(self, id: str, name: str) -> bytes:
        path = f"/library/metadata/{number_of(id)}/file"
        found: bytes = self.transport.request(
            "GET", path, params={"url": name}, raw=True, largest=MOST_PICTURE
        )
        return found

    # Answers

    def _container(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        data = self._get(path, params)
        return self._read(lambda: shapes.as_object(data.get("MediaContainer"), "MediaContainer"))

    def _rows(self, container: dict[str, Any], name: str) -> list[dict[str, Any]]:
        """The objects of a container; ApiTransientError where they are not as many as it says."""
        rows = self._read(lambda: shapes.read_list(container.get(name) or [], dict, name))
        if container.get("size", len(rows)) != len(rows):
            said = base.number_or_none(container, "size") or 0
            raise self._error(ApiTransientError, "player.page-count", said=said, number=len(rows))
        return rows

    def _not_plex(self, what: str) -> ApiError:
        return self._error(ApiPermanentError, "answer.not-api", what=f"{what} was expected")


def _is_since(item: Item, since: datetime) -> bool:
    return item.changed is None or item.changed >= since


def _library(row: dict[str, Any]) -> Library:
    key = _id(row, "key")
    folders = base.texts(row.get("Location"), "path", LONGEST_PATH)
    holds = HOLDS.get(str(row.get("type")), Holds.OTHER)
    return Library(key, shapes.text(row.get("title"), base.LONGEST_NAME), holds, folders)


def _id(row: dict[str, Any], name: str) -> str:
    found = shapes.text(row.get(name), 20)
    if not (found.isascii() and found.isdecimal()):
        raise WireError(f"'{name}' should be a number, as text")
    return found


def _kind(row: dict[str, Any]) -> Kind:
    try:
        return Kind(str(row.get("type")))
    except ValueError:
        raise WireError("'type' is that of no movie, show, season or episode") from None


def _item(row: dict[str, Any], library: str, kind: Kind) -> Item:
    if _kind(row) is not kind:
        raise WireError(f"'type' should be {kind}")
    season = {Kind.SEASON: "index", Kind.EPISODE: "parentIndex"}.get(kind, "")
    return Item(
        id=_id(row, "ratingKey"),
        kind=kind,
        library=library,
        title=shapes.text(row.get("title"), base.LONGEST_NAME),
        paths=_paths(row),
        guids=_guids(row),
        year=base.number_or_none(row, "year"),
        show=_show(row, kind),
        season=base.number_or_none(row, season),
        episode=base.number_or_none(row, "index") if kind is Kind.EPISODE else None,
        changed=base.moment(row.get("updatedAt")),
    )


def _show(row: dict[str, Any], kind: Kind) -> str:
    above = {Kind.SEASON: "parentRatingKey", Kind.EPISODE: "grandparentRatingKey"}.get(kind, "")
    return shapes.text(row.get(above), 20)


def _paths(row: dict[str, Any]) -> tuple[str, ...]:
    """The files of an item, or the folders of a show."""
    parts = [part for medium in base.objects(row.get("Media")) for part in base.objects(medium.get("Part"))]
    files = base.texts(parts, "file", LONGEST_PATH)
    return tuple(dict.fromkeys(files or base.texts(row.get("Location"), "path", LONGEST_PATH)))


def _guids(row: dict[str, Any]) -> tuple[str, ...]:
    pairs = (guid.partition("://") for guid in base.texts(row.get("Guid"), "id"))
    return base.guids((source, value) for source, _mark, value in pairs)


def _present(row: dict[str, Any]) -> Present:
    kind = _kind(row)
    tags = {name: base.texts(row.get(element), "tag", LONGEST_TEXT) for name, element in ELEMENTS.items()}
    fields: dict[str, Value] = {
        name: shapes.text(row.get(theirs), LONGEST_TEXT) for name, theirs in TEXTS.items()
    }
    fields |= {name: tags[theirs] for name, theirs in NAMES.items()}
    fields |= {RATING: _rating(row.get("userRating")), POSTER: shapes.text(row.get("thumb"), LONGEST_PATH)}
    ours = {theirs: name for names in (FORMS, TEXTS, NAMES) for name, theirs in names.items()}
    ours["thumb"] = POSTER
    locked = [one.get("name") for one in base.objects(row.get("Field")) if one.get("locked")]
    return Present(
        id=_id(row, "ratingKey"),
        kind=kind,
        library=str(shapes.number(row, "librarySectionID", 0)),
        title=shapes.text(row.get("title"), base.LONGEST_NAME),
        paths=_paths(row),
        guids=_guids(row),
        labels={form: tags[theirs] for form, theirs in FORMS.items()},
        fields=fields,
        locked=frozenset(str(ours[name]) for name in locked if name in ours),
        show=_show(row, kind),
        season=base.number_or_none(row, {Kind.SEASON: "index", Kind.EPISODE: "parentIndex"}.get(kind, "")),
    )


def _rating(told: Any) -> str:
    return f"{told:g}" if isinstance(told, int | float) and 0 < told <= 10 else ""
