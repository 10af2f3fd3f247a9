"""NFOs written: merged into one that exists, byte by byte, or whole.

A merge touches what we wrote before, what is empty and what is missing; what somebody else filled stays, and
so does every other byte. A whole NFO keeps the labels that stand in the old one and what players keep there.
Tags and the genre of a label are never ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from xml.sax.saxutils import escape, quoteattr

from artwork.nfo.reading import LINES, LISTS, mended, outlines, read_root, season_of, who_of
from artwork.nfo.value import BEST, Nfo, Root, clean, is_label
from core.errors import NfoError
from library.nfo import MAX_SIZE, Element, Outline, Splice, insertion, removal, spliced
from providers.contract import Actor

KEPT = frozenset(
    {
        "tag",
        "userrating",
        "playcount",
        "lastplayed",
        "watched",
        "resume",
        "dateadded",
        "lockdata",
        "lockedfields",
        "epbookmark",
        "showlink",
        "top250",
        "source",
        "edition",
        "fileinfo",
    }
)
"""What players and people keep in an NFO, and a whole one takes over as it stands."""

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_INDENT = "  "
_RATERS = {"tmdb": "themoviedb"}
"""Who rates, where Kodi spells it otherwise."""

_FIRST_IDS = {Root.MOVIE: ("tmdb", "imdb", "tvdb")}
_EMPTY: tuple[object, ...] = (None, "", ())


@dataclass(frozen=True, slots=True)
class _Part:
    """The elements that one field is, or one entry of it. `value` is what a value says there; `tells` whether
    an element of this name says that, or would if it were not empty.
    """

    name: str
    elements: tuple[str, ...]
    value: Callable[[Nfo], object]
    tells: Callable[[Element], bool] = lambda _: True
    is_group: bool = False


def merge(data: bytes, wanted: Sequence[Nfo], before: Sequence[Nfo] = ()) -> bytes:
    """Return the NFO with what is wanted, where that is missing, empty, or as it was written `before`.

    A root of several is that of its season and episode; one without its like among `wanted` stays. Where a
    file holds several episodes, those without a root get one behind the last. What is empty in `wanted`
    overwrites nothing. To merge a second time changes nothing. Raises NfoError where the
    NFO is malformed, hostile, too large, of something else, or has no place for an element.
    """
    splices: list[Splice] = []
    roots = outlines(data)
    found = [one for one in roots if one.root in {nfo.root for nfo in wanted}]
    if not found and wanted:
        raise NfoError("artwork.nfo-of-other", root=roots[0].root, wanted=f"{wanted[0].root}")
    told = [clean(read_root(outline)) for outline in found]
    for outline, there in zip(found, told, strict=True):
        alone = len(found) == 1
        new = _like(there, wanted, alone=alone)
        if new is not None:
            old = _like(there, before, alone=alone) or Nfo(there.root)
            splices += _merge(outline, there, clean(new), clean(old))
    for nfo in _without_root([clean(one) for one in wanted], told):
        last = found[-1]
        splices.append(Splice(last.end, last.end, _encoded(last, f"\n{_root(nfo, ())}".rstrip())))
    return spliced(data, splices)


def _without_root(wanted: Sequence[Nfo], told: Sequence[Nfo]) -> list[Nfo]:
    """The episodes of a file of which nothing is told where others of the same file are."""
    roots = {_key(one) for one in told}
    episodes = [one for one in wanted if one.root is Root.EPISODE]
    missing = [one for one in episodes if _key(one) not in roots]
    return missing if len(missing) < len(episodes) else []


def whole(wanted: Sequence[Nfo], existing: bytes | None = None) -> bytes:
    """Return an NFO with all that is wanted, each value a root of its own; equal values give equal bytes.

    Of an existing NFO the labels and what else is `KEPT` come over; of one that cannot be read nothing can.
    """
    kept = _kept(existing) if existing and len(existing) <= MAX_SIZE else {}
    # What a lone root keeps it keeps though its numbers change.
    lone = kept.get(None, []) if len(wanted) == 1 else []
    texts = [_DECLARATION]
    for nfo in map(clean, wanted):
        texts.append(_root(nfo, kept.get(_key(nfo), lone)))
    return "".join(texts).encode()


def _root(nfo: Nfo, kept: Sequence[str]) -> str:
    if nfo.root is None:
        raise ValueError("an NFO that is written has a root element")
    elements = [text for part in _parts(nfo, default=_default_id(nfo)) for text in part.elements]
    inner = "".join(f"{_INDENT}{text}\n" for text in (*elements, *kept))
    return f"<{nfo.root}>\n{inner}</{nfo.root}>\n"


_Key = tuple[Root | None, int | None, int | None]


def _key(nfo: Nfo) -> _Key:
    return nfo.root, nfo.season, nfo.episode


def _kept(existing: bytes) -> dict[_Key | None, list[str]]:
    """What is kept of each root, by what it is of; under None that of one which stands alone."""
    try:
        data = mended(existing)
        found = [one for one in outlines(data) if one.root in set(Root)]
    except NfoError:
        return {}
    kept: dict[_Key | None, list[str]] = {}
    for outline in found:
        texts = [
            data[child.start : child.end].decode()
            for child in outline.children
            if child.name in KEPT or (child.name == "genre" and is_label(child.plain))
        ]
        kept.setdefault(_key(read_root(outline)), texts)
        if len(found) == 1:
            kept[None] = texts
    return kept


def _like(there: Nfo, among: Sequence[Nfo], *, alone: bool) -> Nfo | None:
    """The value that is of the same as a root; two that stand alone are of the same."""
    same = [one for one in among if one.root is there.root]
    if alone and len(same) == 1:
        return same[0]
    return next((one for one in same if _key(one) == _key(there)), None)


def _merge(outline: Outline, there: Nfo, wanted: Nfo, before: Nfo) -> Iterator[Splice]:
    for part in _parts(wanted):
        now = part.value(there)
        is_empty = now in _EMPTY
        if now == part.value(wanted) or (not is_empty and now != part.value(before)):
            continue
        named = [child for child in outline.children if child.name == part.name]
        telling = [child for child in named if part.tells(child)]
        if not part.is_group and is_empty and any(child.plain or child.holds_elements for child in telling):
            continue  # filled with what cannot be read
        places = [child for child in telling if not child.holds_elements and is_empty != bool(child.plain)]
        if places and not part.is_group:
            place = places[0]
            yield Splice(place.start, place.end, _encoded(outline, _as_before(part.elements[0], place)))
            continue
        if not is_empty and part.is_group:
            yield from (removal(outline, child) for child in telling)
        elements = [_encoded(outline, text) for text in part.elements]
        yield insertion(outline, elements, telling or named or outline.children)


def _as_before(element: str, place: Element) -> str:
    """An element that stays the default id where it was."""
    is_default = place.name == "uniqueid" and place.attributes.get("default") == "true"
    return element.replace("<uniqueid ", '<uniqueid default="true" ', 1) if is_default else element


def _encoded(outline: Outline, text: str) -> bytes:
    """In the encoding of the file; in one that is not UTF-8 letters become references."""
    if outline.codec == "ascii" and (outline.declared or "utf-8").lower() in ("utf-8", "utf8"):
        return text.encode()
    return outline.encode(text)


# What a value is in elements


def _element(name: str, text: object, /, **attributes: str) -> str:
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{told}>{escape(str(text))}</{name}>"


def _nested(name: str, /, *elements: str, **attributes: str) -> str:
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{told}>{''.join(elements)}</{name}>"


def _parts(nfo: Nfo, default: str = "") -> Iterator[_Part]:
    """What is to be told, in one order; what is empty is not there. `default` is whose id is the first."""
    for field, name in _singles(nfo.root):
        value = getattr(nfo, field)
        if value not in _EMPTY:
            yield _Part(name, (_element(name, value),), attrgetter(field))
    if nfo.ratings:
        rated = (
            _nested(
                "rating",
                _element("value", f"{one.value:g}"),
                _element("votes", one.votes),
                name=_RATERS.get(one.name, one.name),
                max=f"{BEST:g}",
            )
            for one in nfo.ratings
        )
        yield _Part("ratings", (_nested("ratings", *rated),), attrgetter("ratings"), is_group=True)
    for who, id in nfo.ids.items():
        first = {"default": "true"} if who == default else {}
        yield _Part(
            "uniqueid",
            (_element("uniqueid", id, type=who, **first),),
            partial(_id, who),
            partial(_is_of, who),
        )
    for field, name in LISTS.items():
        texts = getattr(nfo, field)
        if texts and field != "tags":
            elements = tuple(_element(name, text) for text in texts)
            yield _Part(name, elements, attrgetter(field), _is_no_label, is_group=True)
    if nfo.collection:
        overview = [_element("overview", nfo.collection_plot)] if nfo.collection_plot else []
        element = _nested("set", _element("name", nfo.collection), *overview)
        yield _Part("set", (element,), _collection, is_group=True)
    for season, text in sorted(nfo.season_names.items()):
        element = _element("namedseason", text, number=str(season))
        yield _Part("namedseason", (element,), partial(_season_name, season), partial(_names, season))
    if nfo.cast:
        yield _Part("actor", tuple(map(_actor, nfo.cast)), attrgetter("cast"), is_group=True)


def _singles(root: Root | None) -> Iterator[tuple[str, str]]:
    """The fields that are one element each, with its name."""
    is_part = root in (Root.EPISODE, Root.SEASON)
    yield from ((field, names[0]) for field, names in LINES.items())
    if not is_part:
        yield "year", "year"
    yield "premiered", "aired" if root is Root.EPISODE else "premiered"
    yield "runtime", "runtime"
    yield "season", "seasonnumber" if root is Root.SEASON else "season"
    yield "episode", "episode"
    yield "display_season", "displayseason"
    yield "display_episode", "displayepisode"


def _default_id(nfo: Nfo) -> str:
    order = _FIRST_IDS.get(nfo.root, ("tvdb", "tmdb", "imdb"))  # type: ignore[arg-type]
    return next((who for who in (*order, *nfo.ids) if who in nfo.ids), "")


def _actor(one: Actor) -> str:
    role = [_element("role", one.role)] if one.role else []
    thumbnail = [_element("thumb", one.thumbnail)] if one.thumbnail else []
    return _nested("actor", _element("name", one.name), *role, _element("order", one.order), *thumbnail)


def _id(who: str, nfo: Nfo) -> str:
    return nfo.ids.get(who, "")


def _is_of(who: str, child: Element) -> bool:
    return who_of(child) == who


def _is_no_label(child: Element) -> bool:
    return not (child.name == "genre" and is_label(child.plain))


def _collection(nfo: Nfo) -> tuple[str, ...]:
    return (nfo.collection, nfo.collection_plot) if nfo.collection else ()


def _season_name(season: int, nfo: Nfo) -> str:
    return nfo.season_names.get(season, "")


def _names(season: int, child: Element) -> bool:
    return season_of(child) == season
