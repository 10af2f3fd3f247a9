"""What pictures and NFOs beside a title are called: the names that are written, and all that players read.

What Kodi reads was measured with Kodi 20, what Jellyfin reads is what its documents and source say, what Plex
reads is what its documents say. All names are paths inside the title's folder. No Django.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from providers.contract import ALL_SEASONS

SPECIALS = 0
LONGEST = 255
"""Bytes of one name that file systems take."""

EXTENSIONS = frozenset({"jpg", "jpeg", "png", "webp", "gif", "bmp", "tbn", "avif", "svg"})
"""What players take for a picture; what is written is a JPEG, PNG or WebP."""


class Kind(StrEnum):
    MOVIE = "movie"
    SERIES = "series"
    SEASON = "season"
    EPISODE = "episode"


class ArtType(StrEnum):
    """What a picture is for. Only an episode has a `THUMB`: that of a title is its landscape."""

    POSTER = "poster"
    FANART = "fanart"
    BANNER = "banner"
    LANDSCAPE = "landscape"
    CLEARLOGO = "clearlogo"
    CLEARART = "clearart"
    DISCART = "discart"
    KEYART = "keyart"
    CHARACTERART = "characterart"
    THUMB = "thumb"


class Profile(StrEnum):
    """Whose names are written; `UNIVERSAL` are those of all three players."""

    KODI = "kodi"
    JELLYFIN = "jellyfin"
    PLEX = "plex"
    UNIVERSAL = "universal"


PLAYERS: Mapping[Profile, tuple[Profile, ...]] = {
    Profile.KODI: (Profile.KODI,),
    Profile.JELLYFIN: (Profile.JELLYFIN,),
    Profile.PLEX: (Profile.PLEX,),
    Profile.UNIVERSAL: (Profile.KODI, Profile.JELLYFIN, Profile.PLEX),
}

SLOTS: Mapping[Kind, tuple[ArtType, ...]] = {
    Kind.MOVIE: (
        ArtType.POSTER,
        ArtType.FANART,
        ArtType.BANNER,
        ArtType.LANDSCAPE,
        ArtType.CLEARLOGO,
        ArtType.CLEARART,
        ArtType.DISCART,
        ArtType.KEYART,
    ),
    Kind.SERIES: (
        ArtType.POSTER,
        ArtType.FANART,
        ArtType.BANNER,
        ArtType.LANDSCAPE,
        ArtType.CLEARLOGO,
        ArtType.CLEARART,
        ArtType.KEYART,
        ArtType.CHARACTERART,
    ),
    Kind.SEASON: (ArtType.POSTER, ArtType.FANART, ArtType.BANNER, ArtType.LANDSCAPE),
    Kind.EPISODE: (ArtType.THUMB,),
}
"""The pictures that each kind has."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a picture or NFO is of.

    `stem` is the path of the video without its suffix; that of a series is the name of its folder. A movie
    may share its folder with others: then it has no `own_folder`. `season` may be `ALL_SEASONS`, and its
    `folder` is empty where the episodes lie in that of the series.
    """

    kind: Kind
    stem: str = ""
    own_folder: bool = True
    season: int | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """`rank` 0 is the picture that players show, others are more of its type."""

    place: Place
    art: ArtType
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Shadow:
    """A picture that stands there and that a player shows, or may show, in place of the planned one."""

    name: str
    planned: str
    player: Profile


class Reason(StrEnum):
    """Why a name is not written."""

    OUTSIDE = "outside"
    UNREADABLE = "unreadable"
    TOO_LONG = "too-long"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Refused:
    """`other` is the name that is the same one, where a file system or an eye tells no difference."""

    name: str
    reason: Reason
    other: str = ""


# Words that name a type, in the order in which a player looks for them.
_POSTER = ("poster", "folder", "cover", "default")
_WORDS: Mapping[Profile, Mapping[ArtType, tuple[str, ...]]] = {
    Profile.KODI: {
        **{art: (art.value,) for art in ArtType},
        ArtType.POSTER: ("poster", "folder"),
    },
    Profile.JELLYFIN: {
        ArtType.POSTER: _POSTER,
        ArtType.FANART: ("fanart", "background", "art", "backdrop"),
        ArtType.BANNER: ("banner",),
        ArtType.LANDSCAPE: ("landscape", "thumb"),
        ArtType.CLEARLOGO: ("logo", "clearlogo"),
        ArtType.CLEARART: ("clearart",),
        ArtType.DISCART: ("disc", "cdart", "discart"),
        ArtType.THUMB: ("thumb",),
    },
    Profile.PLEX: {
        ArtType.POSTER: _POSTER,
        ArtType.FANART: ("art", "backdrop", "background", "fanart"),
        ArtType.BANNER: ("banner",),
        ArtType.CLEARLOGO: ("clearlogo", "logo"),
        ArtType.THUMB: (),
    },
}
_POSTER_OF = {Kind.MOVIE: ("movie",), Kind.SERIES: ("show",)}
_NUMBERED = re.compile(r"(?P<base>.*[^\W\d_])(?P<dash>-?)0?(?P<rank>[1-9]\d?)", re.DOTALL)
_EXTRA_FANART = "extrafanart"
_BACKDROP = "backdrop"
"""The one word behind which Jellyfin wants a bare number."""


def names_for(
    profile: Profile, place: Place, art: ArtType, rank: int = 0, extension: str = "jpg"
) -> tuple[str, ...]:
    """Return what a picture is called; nothing where no player of the profile reads such a one.

    Only of fanart there are several. Whether the names can be written says `refused`.
    """
    names = (_written(player, place, art, rank) for player in PLAYERS[profile])
    return tuple(dict.fromkeys(f"{name}.{extension}" for name in names if name))


def nfo_name(profile: Profile, place: Place) -> str | None:
    """Return what the NFO is called that is written where there is none."""
    if place.kind is Kind.SEASON:
        own = profile is Profile.JELLYFIN and place.folder
        return f"{place.folder}/season.nfo" if own else None
    if place.kind is Kind.SERIES:
        return "tvshow.nfo"
    return "movie.nfo" if place.kind is Kind.MOVIE and place.own_folder else f"{place.stem}.nfo"


def nfo_names(place: Place) -> tuple[str, ...]:
    """Return all names of its NFO that players read, the one that wins first."""
    written = (nfo_name(Profile.JELLYFIN, place),)
    beside = (f"{place.stem}.nfo",) if place.kind is Kind.MOVIE else ()
    return tuple(dict.fromkeys(name for name in (*written, *beside) if name))


def read_name(name: str, places: Iterable[Place]) -> Slot | None:
    """Return what the picture of this name is of, in any spelling that a player reads."""
    return read_names([name], places).get(name)


def read_names(names: Iterable[str], places: Iterable[Place]) -> dict[str, Slot]:
    """Return what pictures are of, by their names; what is none of these places is left out."""
    index = _index(places)
    found = ((name, _look_up(name, index)) for name in names)
    return {name: read.slot for name, read in found if read}


def shadows(existing: Iterable[str], planned: Iterable[str], places: Iterable[Place]) -> list[Shadow]:
    """Return what stands there and would be read instead of ours, for each player that reads ours.

    Of two files that differ in nothing but suffix or case nobody says which one is read.
    """
    index = _index(places)
    ours = {name: read for name in planned if (read := _look_up(name, index))}
    others = [
        (name, read) for name in sorted(existing) if name not in ours and (read := _look_up(name, index))
    ]
    by_slot: dict[tuple[Profile, Slot], tuple[int, str]] = {}
    for name, read in ours.items():
        for player, order in read.orders.items():
            key = (player, read.slot)
            by_slot[key] = min(by_slot.get(key, (order, name)), (order, name))
    return [
        Shadow(name, by_slot[player, read.slot][1], player)
        for name, read in others
        for player, order in read.orders.items()
        if (player, read.slot) in by_slot and order <= by_slot[player, read.slot][0]
    ]


def refused(names: Sequence[str]) -> tuple[Refused, ...]:
    """Return which names are not written, and why: all that one title wants are looked at together."""
    found = []
    seen: dict[str, str] = {}
    for name in names:
        parts, folded = name.split("/"), _fold(name)
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
            found.append(Refused(name, Reason.UNREADABLE))
        elif any(part in ("", ".", "..") for part in parts):
            found.append(Refused(name, Reason.OUTSIDE))
        elif any(len(part.encode()) > LONGEST for part in parts):
            found.append(Refused(name, Reason.TOO_LONG))
        elif folded in seen:
            found.append(Refused(name, Reason.TAKEN, seen[folded]))
        else:
            seen[folded] = name
    return tuple(found)


def _written(player: Profile, place: Place, art: ArtType, rank: int) -> str:
    if art not in SLOTS[place.kind] or art not in _WORDS[player] or (rank and art is not ArtType.FANART):
        return ""
    if place.kind is Kind.SEASON:
        return _written_of_season(player, place, art, rank)
    number = f"{rank}" if player is Profile.KODI else f"-{rank}"
    base = art.value + (number if rank else "")
    if place.kind is Kind.EPISODE:
        return place.stem if player is Profile.PLEX else f"{place.stem}-{base}"
    if place.kind is Kind.MOVIE and not place.own_folder:
        bare = player is Profile.PLEX and art is ArtType.POSTER
        return place.stem if bare else f"{place.stem}-{base}"
    return base


def _written_of_season(player: Profile, place: Place, art: ArtType, rank: int) -> str:
    mark = _season_mark(place)
    if player is Profile.KODI:
        return f"{mark}-{art}{rank or ''}"
    if rank or place.season == ALL_SEASONS:
        return ""
    if player is Profile.JELLYFIN:
        return f"{mark}-{art}"
    if art is not ArtType.POSTER:
        return ""
    return _within(place.folder, f"{mark}-poster" if place.season == SPECIALS else mark.capitalize())


def _season_mark(place: Place) -> str:
    number = place.season or SPECIALS
    return {ALL_SEASONS: "season-all", SPECIALS: "season-specials"}.get(number) or f"season{number:02}"


def _within(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


@dataclass(slots=True)
class _Read:
    """A name without suffix and number. `orders`: as how many-th a player looks for it; the lower wins."""

    slot: Slot
    counts: bool
    orders: dict[Profile, int] = field(default_factory=dict)


def _index(places: Iterable[Place]) -> dict[str, _Read]:
    """All spellings of the pictures of places. One with its type goes before the bare name of a video."""
    index: dict[str, _Read] = {}
    bare: list[tuple[str, Slot, Profile, int]] = []
    for place in places:
        # Folded once: all words that are put behind it are folded already.
        folded = Place(place.kind, _fold(place.stem), place.own_folder, place.season, _fold(place.folder))
        for art in SLOTS[place.kind]:
            slot = Slot(place, art)
            for player in PLAYERS[Profile.UNIVERSAL]:
                if art not in _WORDS[player]:
                    continue
                for order, (name, has_word) in enumerate(_spellings(player, folded, art)):
                    if has_word:
                        _note(index, name, slot, player, order, counts=True)
                    else:
                        bare.append((name, slot, player, order))
    for name, slot, player, order in bare:
        _note(index, name, slot, player, order, counts=False)
    return index


def _note(
    index: dict[str, _Read], name: str, slot: Slot, player: Profile, order: int, *, counts: bool
) -> None:
    read = index.get(name)
    if read is None:
        read = index[name] = _Read(slot, counts)
    if read.slot is slot or read.slot == slot:
        read.orders.setdefault(player, order)


def _spellings(player: Profile, place: Place, art: ArtType) -> Iterator[tuple[str, bool]]:
    """The names that a player looks for, in its order, and whether each ends with a word for its type."""
    words = _WORDS[player][art]
    if art is ArtType.POSTER and player is not Profile.KODI:
        words += _POSTER_OF.get(place.kind, ())
    if place.kind is Kind.EPISODE:
        if player is not Profile.KODI:
            yield place.stem, False
        yield from ((f"{place.stem}-{word}", True) for word in words)
        if player is Profile.JELLYFIN:
            folder, _, name = place.stem.rpartition("/")
            yield _within(_within(folder, "metadata"), name), False
    elif place.kind is Kind.SEASON:
        yield from _spellings_of_season(player, place, art, words)
    else:
        is_movie = place.kind is Kind.MOVIE
        named = place.stem and (is_movie or player is Profile.JELLYFIN)
        if named and art is ArtType.POSTER and player is not Profile.KODI:
            yield place.stem, False
        if named:
            yield from ((f"{place.stem}-{word}", True) for word in words)
        if place.own_folder:
            yield from ((word, True) for word in words)


def _spellings_of_season(
    player: Profile, place: Place, art: ArtType, words: tuple[str, ...]
) -> Iterator[tuple[str, bool]]:
    marks = [_season_mark(place)]
    if place.season != ALL_SEASONS:
        marks += [f"season{place.season}", f"season{place.season:02}"]
    for mark in dict.fromkeys(marks):
        if player is not Profile.PLEX:
            yield f"{mark}-{art}", True
        elif art is ArtType.POSTER:
            yield _within(place.folder, mark), False
            yield _within(place.folder, f"{mark}-{art}"), True
    if player is Profile.JELLYFIN and place.folder:
        if art is ArtType.POSTER:
            yield f"{place.folder}/{place.folder.rpartition('/')[2]}", False
        yield from ((f"{place.folder}/{word}", True) for word in words)


def _look_up(name: str, index: Mapping[str, _Read]) -> _Read | None:
    base, dot, extension = _fold(name).rpartition(".")
    if not dot or extension not in EXTENSIONS:
        return None
    if read := index.get(base):
        return read
    numbered = _NUMBERED.fullmatch(base)
    if not numbered:
        return None
    folder, _, word = numbered["base"].rpartition("/")
    if folder == _EXTRA_FANART:
        word, folder = ArtType.FANART.value, ""
    read = index.get(_within(folder, word))
    if read is None or not read.counts:
        return None
    bare = not numbered["dash"]
    orders = {
        player: order
        for player, order in read.orders.items()
        if bare == (player is Profile.KODI or (player is Profile.JELLYFIN and word.endswith(_BACKDROP)))
    }
    return _Read(Slot(read.slot.place, read.slot.art, int(numbered["rank"])), True, orders)


def _fold(name: str) -> str:
    """The form in which two names are one: on many file systems neither case nor form of Unicode counts."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
