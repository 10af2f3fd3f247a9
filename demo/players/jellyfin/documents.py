"""How Jellyfin and Emby word an item, and what an item that is sent back makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from demo.players.state import Item, PlayerState

Entry = dict[str, Any]

TYPES = {"movie": "Movie", "show": "Series", "season": "Season", "episode": "Episode", "collection": "BoxSet"}
KINDS = {name.casefold(): kind for kind, name in TYPES.items()}
# What `LockedFields` may hold, and what we call it.
LOCKS = {
    "Cast": "actor",
    "Genres": "genre",
    "ProductionLocations": "country",
    "Studios": "studio",
    "Tags": "label",
    "Name": "title",
    "Overview": "summary",
    "Runtime": "runtime",
    "OfficialRating": "contentRating",
}
ALL_LOCKED = "*"
"""Stands in an item's locks for `LockData`."""

_TEXTS = {
    "OriginalTitle": "originalTitle",
    "Overview": "summary",
    "PremiereDate": "originallyAvailableAt",
    "EndDate": "endDate",
    "OfficialRating": "contentRating",
    "CustomRating": "customRating",
    "ForcedSortName": "titleSort",
    "PreferredMetadataLanguage": "language",
    "PreferredMetadataCountryCode": "countryCode",
    "DisplayOrder": "displayOrder",
}
# What the field "Settings" stands for.
_SETTINGS = (
    *("LockedFields", "LockData", "ForcedSortName", "PreferredMetadataLanguage"),
    "PreferredMetadataCountryCode",
)
_NUMBERS = {"CommunityRating": "communityRating", "CriticRating": "criticRating"}
_PROVIDERS = {"imdb": "Imdb", "tmdb": "Tmdb", "tvdb": "Tvdb"}

Id = Callable[[Item], str]


def when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")


def item(state: PlayerState, row: Item, fields: set[str] | None, server: str, id_of: Id) -> Entry:
    """One item with the `fields` that were asked for, in lower case; None tells all."""
    made: Entry = {
        "Name": row.title,
        "ServerId": server,
        "Id": id_of(row),
        "Type": TYPES[row.kind],
        "IsFolder": row.kind not in ("movie", "episode"),
        "MediaType": "Video" if row.kind in ("movie", "episode") else "Unknown",
        "ProductionYear": row.year,
        "OfficialRating": row.texts.get("contentRating"),
        "CommunityRating": _number(row.texts.get("communityRating")),
        "PremiereDate": row.texts.get("originallyAvailableAt"),
        "ImageTags": {kind: digests[0] for kind, digests in row.pictures.items() if digests},
        "UserData": {
            "PlayCount": row.plays,
            "Played": row.plays > 0,
            "IsFavorite": False,
            "PlaybackPositionTicks": int(row.resume * 10_000_000),
            "Key": row.guids.get("tmdb", id_of(row)),
            **({"LastPlayedDate": when(row.last_played)} if row.last_played else {}),
        },
    }
    if row.kind in ("season", "episode"):
        made |= _place(state, row, id_of)
    more = _more(row, id_of)
    if fields is not None and "settings" in fields:
        fields = fields | {name.casefold() for name in _SETTINGS}
    made |= {name: value for name, value in more.items() if fields is None or name.casefold() in fields}
    return {name: value for name, value in made.items() if value is not None}


def _place(state: PlayerState, row: Item, id_of: Id) -> Entry:
    *seasons, show = state.ancestors(row)
    made: Entry = {"IndexNumber": row.number, "SeriesId": id_of(show), "SeriesName": show.title}
    for season in seasons:
        made |= {
            "SeasonId": id_of(season),
            "SeasonName": season.title,
            "ParentIndexNumber": season.number,
        }
    return made


def _more(row: Item, id_of: Id) -> Entry:
    """What is told only where it is asked for."""
    studios = row.lists.get("studio") or ([row.texts["studio"]] if "studio" in row.texts else [])
    made: Entry = {
        **{name: row.texts.get(ours) for name, ours in _TEXTS.items()},
        "CriticRating": _number(row.texts.get("criticRating")),
        "Path": row.path or None,
        "ProviderIds": {_PROVIDERS[name]: value for name, value in row.guids.items() if name in _PROVIDERS},
        "Tags": row.lists.get("label", []),
        "Genres": row.lists.get("genre", []),
        "Studios": [{"Name": name, "Id": str(number)} for number, name in enumerate(studios, 1)],
        "Taglines": [row.texts["tagline"]] if "tagline" in row.texts else [],
        "People": [{"Name": name, "Type": "Actor", "Role": ""} for name in row.lists.get("actor", [])],
        "ProductionLocations": row.lists.get("country", []),
        "LockedFields": [name for name, ours in LOCKS.items() if ours in row.locked],
        "LockData": ALL_LOCKED in row.locked,
        "DateCreated": when(row.added),
        "DateLastSaved": when(row.updated),
        "Etag": f"{row.updated:x}",
        "SortName": row.title.casefold(),
    }
    if row.kind in ("movie", "episode"):
        made["MediaSources"] = [{"Id": id_of(row), "Path": row.path, "Size": row.size, "Protocol": "File"}]
    return made


def _number(text: str | None) -> float | None:
    return float(text) if text else None


# Sent back


def lost(row: Item, sent: Entry) -> list[str]:
    """What an item has that one sent in its place takes away by leaving it out."""
    has: Entry = {name: row.texts.get(ours) for name, ours in {**_TEXTS, **_NUMBERS}.items()}
    has |= {"Name": row.title, "ProductionYear": row.year}
    has["LockData"] = ALL_LOCKED in row.locked
    if row.kind in ("season", "episode"):
        has["IndexNumber"] = row.number
    return [name for name, value in has.items() if value and sent.get(name) is None]


def put(state: PlayerState, row: Item, sent: Entry) -> None:
    """Puts what was sent in the place of an item: texts that were left out are gone, lists stay."""
    for name, ours in _TEXTS.items():
        state.set_field(row, ours, sent.get(name) or "")
    for name, ours in _NUMBERS.items():
        number = sent.get(name)
        state.set_field(row, ours, "" if number is None else str(number))
    row.title = sent.get("Name") or ""
    row.year = sent.get("ProductionYear")
    row.number = sent.get("IndexNumber") or 0
    for name, ours in (("Genres", "genre"), ("ProductionLocations", "country")):
        if sent.get(name) is not None:
            state.set_field(row, ours, distinct(sent[name]))
    for name, ours in (("Studios", "studio"), ("People", "actor")):
        if sent.get(name) is not None:
            state.set_field(row, ours, distinct(entry["Name"] for entry in sent[name]))
            row.texts.pop(ours, None)
    if sent.get("Taglines") is not None:
        state.set_field(row, "tagline", next(iter(sent["Taglines"]), ""))
    if sent.get("Tags") is not None:
        set_tags(state, row, distinct(sent["Tags"]))
    if sent.get("ProviderIds") is not None:
        names = {theirs: ours for ours, theirs in _PROVIDERS.items()}
        row.guids = {names[name]: value for name, value in sent["ProviderIds"].items() if name in names}
    locked = row.locked
    if sent.get("LockedFields") is not None:
        locked = [LOCKS[name] for name in sent["LockedFields"]]
    row.locked = [name for name in locked if name != ALL_LOCKED] + [ALL_LOCKED] * bool(sent.get("LockData"))


def set_tags(state: PlayerState, row: Item, tags: list[str]) -> None:
    """Sets the tags of an item; what is new or gone is so for all below it whose tags are not locked."""
    before = row.lists.get("label", [])
    added = [tag for tag in tags if tag not in before]
    gone = {tag for tag in before if tag not in tags}
    state.set_field(row, "label", tags)
    for child in state.below(row.id):
        if "label" not in child.locked:
            kept = [tag for tag in [*child.lists.get("label", []), *added] if tag not in gone]
            state.set_field(child, "label", distinct(kept))


def distinct(values: Any) -> list[str]:
    """The values without those that differ only in case, and without blanks around them."""
    made: dict[str, str] = {}
    for value in values:
        made.setdefault(value.strip().casefold(), value.strip())
    return list(made.values())
