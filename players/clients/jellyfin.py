"""Jellyfin, and what is different in Emby, from which it was made.

Jellyfin replaces an item by what is posted: what is left out is lost. So the whole item is read, changed and
posted back, with a lock on what we wrote. (Jellyfin.Api/Controllers/ItemUpdateController.cs)
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Unpack

from core.errors import ApiPermanentError, ApiTransientError
from core.outbound import shapes
from core.outbound.answers import MissingError
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options, checked_key

from . import base
from .base import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT, Batch, Player, check_ids
from .contract import (
    DATE,
    DIRECTORS,
    MOST_PICTURE,
    PAGE,
    PERFORMERS,
    POSTER,
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
    Present,
    Value,
    fitted_field,
    labels_after,
    same,
    spelt,
)

TYPES = {Kind.MOVIE: "Movie", Kind.SHOW: "Series", Kind.SEASON: "Season", Kind.EPISODE: "Episode"}
KINDS = {name: kind for kind, name in TYPES.items()}
HOLDS = {"movies": Holds.MOVIES, "tvshows": Holds.SERIES}

LOCKS = {
    Form.TAG: "Tags",
    Form.GENRE: "Genres",
    TITLE: "Name",
    SUMMARY: "Overview",
    STUDIO: "Studios",
    PERFORMERS: "Cast",
    DIRECTORS: "Cast",
}
"""What `LockedFields` calls them; a date, a tagline and a sort title have no lock of their own."""

TEXTS = {TITLE: "Name", SORT_TITLE: "ForcedSortName", SUMMARY: "Overview"}
PEOPLE = {PERFORMERS: "Actor", DIRECTORS: "Director"}

_LISTED = "Path,ProviderIds,Tags,Genres"
_LOOKED = "Path,ProviderIds,Tags,Genres,Overview,Studios,Taglines,People,SortName,Settings"

_ID = re.compile(r"[0-9A-Fa-f-]{1,36}")
_PICTURES = {b"\xff\xd8": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}


class JellyfinClient(Player):
    """One connected Jellyfin."""

    app = "Jellyfin"
    scheme: ClassVar[str] = "MediaBrowser"
    refused: ClassVar[str] = "player.key-refused-jellyfin"
    product: ClassVar[str] = "Jellyfin Server"
    abilities = Abilities(
        forms={Form.TAG: frozenset(Kind), Form.GENRE: frozenset({Kind.MOVIE, Kind.SHOW})},
        fields=dict.fromkeys((TITLE, SORT_TITLE, TAGLINE, STUDIO, PERFORMERS, DIRECTORS), 255)
        | {SUMMARY: 10_000, DATE: 10, POSTER: 64},
        locks=True,
        tells_changes=True,
        lists_labels=True,
        passes_labels_on=True,
        posters=True,
        saves_files=True,
    )

    def __init__(
        self, url: str, api_key: str, *, device: str, version: str = "1", **options: Unpack[Options]
    ) -> None:
        super().__init__(url, self._auth(checked_key(api_key), device, version), **options)
        self._user_id = ""

    def _auth(self, key: str, device: str, version: str) -> Auth:
        """The one way that Jellyfin 12 still reads: the device belongs to it."""
        said = f'Client="Taggarr", Device="Taggarr", DeviceId="{device}", Version="{version}", Token="{key}"'
        return Auth({"Authorization": f"{self.scheme} {said}"}, (key,), self.refused)

    # Who it is, and what it has

    def ping(self) -> None:
        self.identity()

    def identity(self) -> Identity:
        data = self._get("/System/Info/Public")
        found = {
            name: shapes.text(data.get(name), 100) for name in ("Id", "ProductName", "Version", "ServerName")
        }
        # Emby tells no product.
        program = found["ProductName"] or ("Emby Server" if found["Id"] else "")
        if not found["Id"] or not found["Version"]:
            raise self._error(ApiPermanentError, "answer.not-api", what="a server's id was expected")
        if program != self.product:
            raise self._error(ApiPermanentError, "player.other-app", found=program)
        return Identity(found["Id"], program, found["Version"], found["ServerName"])

    def libraries(self) -> list[Library]:
        rows = self._get_list("/Library/VirtualFolders")
        return self._read(lambda: [_library(row) for row in rows])

    def items(
        self, library: Library, kind: Kind, since: datetime | None = None
    ) -> Iterator[tuple[Item, ...]]:
        given: dict[str, str | int] = {
            "ParentId": _checked(library.id),
            "Recursive": "true",
            "IncludeItemTypes": TYPES[kind],
            "Fields": _LISTED,
            "EnableImages": "false",
            "EnableUserData": "false",
            "SortBy": "DateCreated,SortName",
            "SortOrder": "Ascending",
            "Limit": PAGE,
        }
        if since is not None:
            given["MinDateLastSaved"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")

        def fetch(start: int) -> tuple[int, list[Item]]:
            data = self._get("/Items", {**given, "StartIndex": start})
            return self._read(lambda: (_total(data), [_item(row, library.id, kind) for row in _rows(data)]))

        return self._pages(fetch, shifts=since is not None)

    def look(self, ids: Sequence[str]) -> dict[str, Present]:
        check_ids(ids)
        data = self._get("/Items", {"Ids": ",".join(_checked(one) for one in ids), "Fields": _LOOKED})
        return self._asked_for(self._read(lambda: [_present(row) for row in _rows(data)]), ids)

    def find(self, path: str) -> list[Item]:  # noqa: ARG002
        raise self._cannot("path")

    # What it is to do

    def scan(self, folder: str) -> tuple[str, ...]:
        """Jellyfin waits a minute. Where it knows no item at the folder, it looks at the whole library."""
        asked = self._libraries_at(folder)
        if asked:
            update = {"Path": folder, "UpdateType": "Modified"}
            self._send("POST", "/Library/Media/Updated", body={"Updates": [update]})
        return tuple(library.id for library in asked)

    def refresh(self, id: str, *, pictures_only: bool = False) -> None:
        texts = "None" if pictures_only else "FullRefresh"
        how = {"Recursive": "false", "MetadataRefreshMode": texts, "ImageRefreshMode": "FullRefresh"}
        self._send("POST", f"/Items/{_checked(id)}/Refresh", how)

    def poster(self, id: str, picture: bytes) -> None:
        kind = next((kind for start, kind in _PICTURES.items() if picture.startswith(start)), "image/jpeg")
        path = f"/Items/{_checked(id)}/Images/Primary"
        self._send("POST", path, body=base64.b64encode(picture), kind=kind)

    def poster_of(self, id: str) -> str:
        """The digest of its bytes: the tag of a picture is another one whenever its file was touched."""
        picture = self.picture(id, "")
        return hashlib.sha256(picture).hexdigest() if picture else ""

    def picture(self, id: str, name: str) -> bytes:  # noqa: ARG002
        """The one that it shows: it keeps no other."""
        path = f"/Items/{_checked(id)}/Images/Primary"
        try:
            found: bytes = self.transport.request("GET", path, raw=True, largest=MOST_PICTURE)
        except MissingError:
            return b""
        return found

    # Edits

    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        for edit in edits:
            batch.call(edit.parts, lambda edit=edit: self._edit_one(edit))  # type: ignore[misc]

    def _edit_one(self, edit: Edit) -> None:
        # Pictures have doors of their own, and no lock.
        edit = edit.only([part.name for part in edit.parts if part.name != POSTER])
        if not edit.parts:
            return
        whole = self._whole(edit)
        changed = changes(whole, edit, self.abilities)
        if any(whole.get(name) != value for name, value in changed.items()):
            self._send("POST", f"/Items/{_checked(edit.id)}", body={**whole, **changed})

    def _whole(self, edit: Edit) -> dict[str, Any]:
        """All that there is to be posted back. Raises OtherItemError where it is that of another item."""
        try:
            whole = self._get(*self._whole_at(_checked(edit.id)))
        except MissingError:
            raise self._error(GoneError, "player.gone") from None
        present = self._read(lambda: _present(whole))
        if present.id != edit.id:
            raise self._error(ApiTransientError, "player.other-answer")
        self._check_still(edit, present)
        return whole

    def _whole_at(self, id: str) -> tuple[str, Mapping[str, str | int]]:
        return f"/Items/{id}", {"userId": self._user()}

    def _user(self) -> str:
        """An administrator, for a whole item is told to somebody only."""
        if not self._user_id:
            for row in self._get_list("/Users"):
                policy = row.get("Policy")
                if isinstance(policy, dict) and policy.get("IsAdministrator") is True:
                    self._user_id = _checked(shapes.text(row.get("Id"), 36))
                    break
            else:
                raise self._error(ApiPermanentError, "player.no-admin")
        return self._user_id


class EmbyClient(JellyfinClient):
    """One connected Emby: it has doors for tags alone, and finds an item by its path."""

    app = "Emby"
    scheme = "Emby"
    refused = "player.key-refused-emby"
    product = "Emby Server"
    abilities = Abilities(
        forms=JellyfinClient.abilities.forms,
        fields=JellyfinClient.abilities.fields,
        finds_paths=True,
        tells_changes=True,
        lists_labels=True,
        posters=True,
        saves_files=True,
    )

    def find(self, path: str) -> list[Item]:
        data = self._get("/Items", {"Path": path, "Recursive": "true", "Fields": _LISTED, "Limit": PAGE})
        rows = [row for row in self._read(lambda: _rows(data)) if row.get("Type") in KINDS]
        found = self._read(lambda: [_item(row, "", KINDS[row["Type"]]) for row in rows])
        return [item for item in found if path.rstrip("/\\") in item.paths]

    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        # Ids are numbers, which come again.
        for edit in self._anew(edits, batch):
            batch.call(edit.parts, lambda edit=edit: self._edit_sure(edit))  # type: ignore[misc]

    def _edit_sure(self, edit: Edit) -> None:
        for door, labels in (("Add", edit.add.get(Form.TAG, ())), ("Delete", edit.remove.get(Form.TAG, ()))):
            named = [{"Name": label} for label in spelt(labels, self.abilities.labels_longest)]
            if named:
                self._send("POST", f"/Items/{_checked(edit.id)}/Tags/{door}", body={"Tags": named})
        rest = edit.only([part.name for part in edit.parts if part.name != Form.TAG])
        if rest.parts:
            self._edit_one(rest)

    def _whole_at(self, id: str) -> tuple[str, Mapping[str, str | int]]:
        return f"/Users/{self._user()}/Items/{id}", {}


def changes(whole: Mapping[str, Any], edit: Edit, abilities: Abilities) -> dict[str, Any]:
    """What an edit makes of a whole item: the properties that are to stand there instead."""
    changed: dict[str, Any] = {}
    for form in edit.forms:
        name = "Tags" if form is Form.TAG else "Genres"
        # As they are: what nobody asked us to change goes back to the letter.
        there = [label for label in whole.get(name) or [] if isinstance(label, str)]
        changed[name] = list(labels_after(there, edit, form, abilities.labels_longest))
    for name, value in edit.fields.items():
        changed |= _changed_field({**whole, **changed}, name, fitted_field(abilities, name, value))
    locked = list(base.texts(whole.get("LockedFields")))
    ours = [LOCKS[name] for name in (*edit.forms, *edit.fields) if name in LOCKS]
    changed["LockedFields"] = list(dict.fromkeys([*locked, *ours]))
    return changed


def _changed_field(whole: Mapping[str, Any], name: str, value: Value) -> dict[str, Any]:
    if name in PEOPLE:
        return {"People": _people(base.objects(whole.get("People")), PEOPLE[name], tuple(value))}
    if name == STUDIO:
        return {"Studios": [{"Name": value}] if value else []}
    if name == TAGLINE:
        return {"Taglines": [value] if value else []}
    if name == DATE:
        return {"PremiereDate": f"{value}T00:00:00.0000000Z" if value else None}
    return {TEXTS[name]: value}


def _people(before: list[dict[str, Any]], job: str, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    """The people of an item with others for one job; who stays keeps the role that they have."""
    known = {same(str(one.get("Name"))): one for one in before if one.get("Type") == job}
    ours = [known.get(same(name)) or {"Name": name, "Type": job, "Role": ""} for name in wanted]
    return [*(one for one in before if one.get("Type") != job), *ours]


# Answers


def _checked(id: str) -> str:
    """An id as it may stand in an address: ValueError for anything but an id."""
    if not _ID.fullmatch(id):
        raise ValueError(f"{id!r} is no id of Jellyfin or Emby")
    return id


def _id(row: Mapping[str, Any]) -> str:
    found = shapes.text(row.get("Id"), 40)
    if not _ID.fullmatch(found):
        raise WireError("'Id' should be an id, as text")
    return found


def _rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return shapes.read_list(data.get("Items"), dict, "Items")


def _total(data: dict[str, Any]) -> int:
    return shapes.number(data, "TotalRecordCount", 0)


def _library(row: dict[str, Any]) -> Library:
    found = shapes.text(row.get("ItemId") or row.get("Id"), 40)
    if not _ID.fullmatch(found):
        raise WireError("'ItemId' should be an id, as text")
    holds = HOLDS.get(str(row.get("CollectionType")), Holds.OTHER)
    folders = base.texts(row.get("Locations"), longest=LONGEST_PATH)
    nfos, pictures = _saves(row.get("LibraryOptions"))
    return Library(found, shapes.text(row.get("Name"), LONGEST_NAME), holds, folders, nfos, pictures)


def _saves(options: Any) -> tuple[bool, bool]:
    """Whether a library saves NFO files, and pictures, beside its videos.

    Without a list of savers the switch for pictures holds for both.
    (MediaBrowser.Providers/Manager/ProviderManager.cs)
    """
    given = options if isinstance(options, dict) else {}
    pictures, savers = given.get("SaveLocalMetadata") is True, given.get("MetadataSavers")
    nfos = pictures if savers is None else any(same(one) == "nfo" for one in base.texts(savers))
    return nfos, pictures


def _kind(row: Mapping[str, Any]) -> Kind:
    found = KINDS.get(str(row.get("Type")))
    if found is None:
        raise WireError("'Type' is that of no movie, series, season or episode")
    return found


def _place(row: dict[str, Any], kind: Kind) -> tuple[str, int | None]:
    """The show and the number of its season that an item belongs to."""
    season = {Kind.SEASON: "IndexNumber", Kind.EPISODE: "ParentIndexNumber"}.get(kind, "")
    show = shapes.text(row.get("SeriesId"), 40) if season else ""
    return show, base.number_or_none(row, season)


def _paths(row: Mapping[str, Any]) -> tuple[str, ...]:
    """All files of an item, which may have several versions, or the folder that it is."""
    versions = base.texts(row.get("MediaSources"), "Path", LONGEST_PATH)
    own = shapes.text(row.get("Path"), LONGEST_PATH)
    return tuple(dict.fromkeys([own, *versions] if own else versions))


def _names(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The tags or genres of an item; Emby has its tags as objects."""
    if name == "Tags" and "TagItems" in row:
        return base.texts(row["TagItems"], "Name", LONGEST_TEXT)
    return base.texts(row.get(name), longest=LONGEST_TEXT)


def _labels(row: Mapping[str, Any]) -> dict[Form, tuple[str, ...]]:
    return {Form.TAG: _names(row, "Tags"), Form.GENRE: _names(row, "Genres")}


def _guids(row: Mapping[str, Any]) -> tuple[str, ...]:
    ids = row.get("ProviderIds")
    return base.guids((str(name), value) for name, value in (ids if isinstance(ids, dict) else {}).items())


def _item(row: dict[str, Any], library: str, kind: Kind) -> Item:
    if _kind(row) is not kind:
        raise WireError(f"'Type' should be {TYPES[kind]}")
    show, season = _place(row, kind)
    return Item(
        id=_id(row),
        kind=kind,
        library=library,
        title=shapes.text(row.get("Name"), LONGEST_NAME),
        paths=_paths(row),
        guids=_guids(row),
        year=base.number_or_none(row, "ProductionYear"),
        show=show,
        season=season,
        episode=base.number_or_none(row, "IndexNumber") if kind is Kind.EPISODE else None,
        labels=_labels(row),
    )


def _present(row: dict[str, Any]) -> Present:
    kind = _kind(row)
    show, season = _place(row, kind)
    people, images = base.objects(row.get("People")), row.get("ImageTags")
    fields: dict[str, Value] = {
        TITLE: shapes.text(row.get("Name"), LONGEST_TEXT),
        SORT_TITLE: shapes.text(row.get("ForcedSortName"), LONGEST_TEXT),
        SUMMARY: shapes.text(row.get("Overview"), LONGEST_TEXT),
        TAGLINE: next(iter(base.texts(row.get("Taglines"))), ""),
        STUDIO: next(iter(base.texts(row.get("Studios"), "Name")), ""),
        DATE: shapes.text(row.get("PremiereDate"), 10),
        POSTER: shapes.text(images.get("Primary"), LONGEST_NAME) if isinstance(images, dict) else "",
    }
    fields |= {
        name: base.texts([one for one in people if one.get("Type") == job], "Name")
        for name, job in PEOPLE.items()
    }
    locked = set(base.texts(row.get("LockedFields")))
    everything = row.get("LockData") is True
    return Present(
        id=_id(row),
        kind=kind,
        library="",
        title=shapes.text(row.get("Name"), LONGEST_NAME),
        paths=_paths(row),
        guids=_guids(row),
        labels=_labels(row),
        fields=fields,
        locked=frozenset(str(ours) for ours, theirs in LOCKS.items() if everything or theirs in locked),
        show=show,
        season=season,
    )
