"""Plex: JSON over HTTP, one device for each installation, labels of many items in one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Unpack
from urllib.parse import quote

from core.errors import ApiAuthError, ApiError, ApiPermanentError, ApiTransientError
from core.outbound import shapes
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options, checked_key

from . import base
from .base import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT, Batch, Player, check_ids
from .contract import (
    DATE,
    DIRECTORS,
    LISTS,
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
    Edit,
    Form,
    Holds,
    Identity,
    Item,
    Kind,
    Library,
    Present,
    Value,
    fitted_field,
    labels_after,
    without,
)

TYPES = {Kind.MOVIE: 1, Kind.SHOW: 2, Kind.SEASON: 3, Kind.EPISODE: 4}
HOLDS = {"movie": Holds.MOVIES, "show": Holds.SERIES}

# What Plex calls them in an edit, and in the JSON of an item.
FORMS = {Form.LABEL: "label", Form.GENRE: "genre", Form.COLLECTION: "collection"}
TEXTS = {
    TITLE: "title",
    SORT_TITLE: "titleSort",
    SUMMARY: "summary",
    TAGLINE: "tagline",
    STUDIO: "studio",
    DATE: "originallyAvailableAt",
    RATING: "userRating",
}
NAMES = {PERFORMERS: "actor", DIRECTORS: "director"}
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


class PlexClient(Player):
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
                f"/library/sections/{_number(library.id)}/all",
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
        path = f"/library/metadata/{','.join(_number(one) for one in ids)}"
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
            self._send("GET", f"/library/sections/{_number(library.id)}/refresh", {"path": folder})
        return tuple(library.id for library in asked)

    def refresh(self, id: str, *, pictures_only: bool = False) -> None:  # noqa: ARG002
        self._send("PUT", f"/library/metadata/{_number(id)}/refresh")

    def poster(self, id: str, picture: bytes) -> None:
        path = f"/library/metadata/{_number(id)}/posters"
        self._send("POST", path, body=picture, kind="application/octet-stream")

    def poster_of(self, id: str) -> str:
        container = self._container(f"/library/metadata/{_number(id)}/posters")
        rows = base.objects(container.get("Metadata") or container.get("Photo"))
        chosen = next((row for row in rows if row.get("selected") in (True, "1")), {})
        name = shapes.text(chosen.get("ratingKey"), LONGEST_NAME)
        if not name or name.startswith(_UPLOADED):
            return name
        # One that an agent found is somebody's choice where it is locked.
        found = self.look([id]).get(id)
        return name if found is not None and POSTER in found.locked else ""

    def picture(self, id: str, name: str) -> bytes:
        path = f"/library/metadata/{_number(id)}/file"
        found: bytes = self.transport.request(
            "GET", path, params={"url": name}, raw=True, largest=MOST_PICTURE
        )
        return found

    # Edits

    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        """Send one call for all items of a library and kind that are to be changed alike.

        Whether `label[0].tag.tag` adds a label, or takes the place of those that are there, is told both
        ways: so every call names all labels that its items are to have in the end.
        """
        alike: dict[tuple[str, Kind, tuple[tuple[str, str | int], ...]], list[Edit]] = {}
        for edit in edits:
            query = tuple(self._query(edit))
            if query:
                alike.setdefault((edit.seen.library, edit.seen.kind, query), []).append(edit)
        for (_library_id, _kind, query), group in alike.items():
            self._edit_alike(group, list(query), batch)

    def _edit_alike(self, group: list[Edit], query: Query, batch: Batch) -> None:
        """One call; what is refused is halved until what is refused stands alone."""
        parts = [part for edit in group for part in edit.parts]
        first = group[0].seen
        ids = [edit.id for edit in group]
        error = batch.call(parts, lambda: self._put(first.library, first.kind, ids, query))
        if not isinstance(error, ApiPermanentError) or isinstance(error, ApiAuthError):
            return
        if len(group) > 1:
            half = len(group) // 2
            halves = [group[:half], group[half:]]
        elif len(group[0].parts) > 1 and error.status != HTTPStatus.NOT_FOUND:
            halves = [[group[0].only([part.name])] for part in group[0].parts]
        else:
            return
        batch.forget(parts)
        for half_of in halves:
            self._edit_alike(half_of, self._query(half_of[0]), batch)

    def _put(self, library: str, kind: Kind, ids: Sequence[str], query: Query) -> None:
        """The one call that edits. Without ids it would be an edit of the whole library: ValueError."""
        check_ids(ids)
        named = ",".join(_number(one) for one in ids)
        path = f"/library/sections/{_number(library)}/all"
        self._send("PUT", path, [("type", TYPES[kind]), ("id", named), *query])

    def _query(self, edit: Edit) -> Query:
        query: Query = []
        for form in edit.forms:
            before = edit.seen.labels.get(form, ())
            after = labels_after(before, edit, form, self.abilities.labels_longest)
            query += _tags(FORMS[form], after, without(before, after))
        for name, value in edit.fields.items():
            wanted = fitted_field(self.abilities, name, value)
            if name == POSTER:
                # It is there by now; not every version locks what is uploaded.
                query.append(("thumb.locked", 1))
            elif name in LISTS:
                query += _tags(NAMES[name], wanted, without(edit.seen.fields.get(name, ()), wanted))
            else:
                query += [(f"{TEXTS[name]}.value", str(wanted)), (f"{TEXTS[name]}.locked", 1)]
        return query

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


def _tags(name: str, after: Iterable[str], gone: Iterable[str]) -> Query:
    query: Query = [(f"{name}[{index}].tag.tag", tag) for index, tag in enumerate(after)]
    # A list with commas between: what is in a name has to be escaped once more.
    removed = ",".join(quote(tag, safe="") for tag in gone)
    if removed:
        query.append((f"{name}[].tag.tag-", removed))
    return [*query, (f"{name}.locked", 1)] if query else []


def _number(id: str) -> str:
    """An id as it may stand in an address: ValueError for anything but a number."""
    if not (id.isascii() and id.isdecimal()):
        raise ValueError(f"{id!r} is no id of Plex")
    return id


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
