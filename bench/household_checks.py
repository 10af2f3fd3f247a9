"""What has to stand in the players of a household when all is calm, and what pages have to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plexapi.server import PlexServer

from bench.faults.library import FOREIGN, LABELS
from demo.players.process import StandIn
from demo.players.state import Item, PlayerState

if TYPE_CHECKING:
    from bench.household import Home

READ = 60
"""Titles that PlexAPI reads one by one."""

SHOWN = 3
PLEX_NAMES = {"title": "title", "summary": "summary", "studio": "studio"}


def wrong(home: Home, planted: int) -> Iterator[str]:
    """All that is not as it should be, each in a sentence."""
    states = {kind: player.state() for kind, player in home.players.items()}
    for kind, state in states.items():
        yield from _some(f"labels of {kind}", _labels(home, kind, state))
        yield from _some(f"labels of others in {kind}", _foreign(home, state))
        if isinstance(player := home.players[kind], StandIn):
            report = player.report()
            yield from report["catastrophes"]
            if len(report["devices"]) > 1:
                yield f"{kind} was called by more than one device"
    yield from _some("scenes in plex", _scenes(home, states["plex"]))
    yield from _some("edits by hand", _edits(home, states["plex"]))
    for kind in home.players:
        yield from _overview(home, kind, planted if kind == "plex" else 0)
    yield from _some("what pages say and PlexAPI reads", _pages(home, planted))


def _some(what: str, found: Iterator[str]) -> Iterator[str]:
    if every := list(found):
        yield f"{what}: {len(every)} are wrong: {'; '.join(every[:SHOWN])}"


def _of(item: Item, name: str) -> set[str]:
    return {one.casefold() for one in item.lists.get(name, [])}


def _labels(home: Home, kind: str, state: PlayerState) -> Iterator[str]:
    """Of shows, and of seasons where the player has labels for them."""
    for show in (item for item in state.items.values() if item.kind == "show"):
        wanted = {home.verdicts[show.title]} & set(LABELS)
        seasons = state.children(show.id) if kind != "kodi" else []
        for item in (show, *seasons):
            if _of(item, "label") & set(LABELS) != wanted:
                yield f"{show.title}, {item.kind}, has {sorted(_of(item, 'label'))}"


def _foreign(home: Home, state: PlayerState) -> Iterator[str]:
    for item in state.items.values():
        new = "/new_" in item.path
        if item.kind in ("show", "movie") and not new and FOREIGN not in _of(item, "label"):
            yield f"{item.path} has {sorted(_of(item, 'label'))}"
        if item.kind == "movie" and not new and FOREIGN not in _of(item, "genre"):
            yield f"{item.path} has the genres {sorted(_of(item, 'genre'))}"
    if state.kind == "plex":
        yield from (
            f"{state.items[id].title} lost a label of a person"
            for id in home.labelled
            if "mine" not in _of(state.items[id], "label")
        )


def _scenes(home: Home, plex: PlayerState) -> Iterator[str]:
    """Each clip shows its scene, but for what somebody wrote by hand; of one that is gone no tag is left."""
    stash = home.stash.state()
    at = {row.files[0].path.replace("/clips", "/data/clips", 1): row for row in stash.scenes.values()}
    for clip in (item for item in plex.items.values() if item.kind == "movie"):
        scene = at.get(clip.path)
        genres = _of(clip, "genre") - {FOREIGN}
        if scene is None:
            if genres:
                yield f"{clip.path} has {sorted(genres)}"
            continue
        by_hand = home.edits.get(clip.id, {})
        wanted: dict[str, Any] = {
            "title": scene.title,
            "summary": scene.details,
            "studio": stash.studios[scene.studio or 0].name,
            "date": scene.date,
            "actor": {stash.performers[one].name.casefold() for one in scene.performers},
            "genre": {stash.tags[one].name.casefold() for one in scene.tags},
        }
        shown = {
            "title": clip.title,
            "summary": clip.texts.get("summary"),
            "studio": clip.texts.get("studio"),
            "date": clip.texts.get("originallyAvailableAt"),
            "actor": _of(clip, "actor"),
            "genre": genres,
        }
        for name, value in wanted.items():
            if name not in by_hand and shown[name] != value:
                yield f"{clip.path} shows the {name} {shown[name]!r}, not {value!r}"


def _edits(home: Home, plex: PlayerState) -> Iterator[str]:
    for id, fields in home.edits.items():
        item = plex.items[id]
        for name, value in fields.items():
            shown = item.title if name == "title" else item.texts.get(name)
            if shown != value:
                yield f"the {name} of {item.path} is {shown!r}, not {value!r}"


def _overview(home: Home, kind: str, planted: int) -> Iterator[str]:
    """What waits for a person is what was planted, and nothing else waits."""
    found = home.stack.get(f"players/{home.ids[kind]}")
    shown = found["overview"]
    if shown["dead"] != planted:
        yield f"{kind} has {shown['dead']} dead letters: {shown['troubles']}"
    settled = shown["states"]["in_sync"] + shown["states"]["excluded"] + shown["states"]["ambiguous"]
    if settled != shown["total"] or found["held_since"]:
        yield f"{kind} is not done: {shown['states']} {found['held_reason']}"


def _pages(home: Home, planted: int) -> Iterator[str]:
    """The page of Plex names what was planted, and PlexAPI reads what the pages of some titles say."""
    from django.test import Client

    from accounts.models import User

    player = home.ids["plex"]
    page = Client(SERVER_NAME="127.0.0.1")
    page.force_login(User.objects.get())
    text = page.get(f"/players/{player}").content.decode()
    if f"{planted} titles" not in text:
        yield "the page of Plex does not say what waits for a person"
    server: Any = PlexServer(home.plex.url, home.plex.api_key, timeout=60)  # type: ignore[no-untyped-call]
    links = home.stack.get(f"players/{player}/links", state="in_sync", page_size=100)["results"]
    for link in home.chance.sample(links, min(READ, len(links))):
        preview = home.stack.get(f"players/{player}/links/{link['id']}/preview")
        for id in link["items"]:
            yield from _read(server.fetchItem(int(id)), preview, home.edits.get(int(id), {}))


def _read(item: Any, preview: dict[str, Any], by_hand: dict[str, str]) -> Iterator[str]:
    """What PlexAPI reads of an item that is not as its page says it should be."""
    fields = preview["fields"]
    for name, theirs in PLEX_NAMES.items():
        if name in fields and name not in by_hand and getattr(item, theirs) != fields[name]:
            yield f"{item.title}: {name} {getattr(item, theirs)!r}, the page says {fields[name]!r}"
    labels = {label.tag.casefold() for label in item.labels}
    genres = {genre.tag.casefold() for genre in getattr(item, "genres", [])}
    for wanted, shown in ((preview["labels"], labels), (fields.get("tags"), genres)):
        if wanted is not None and not {one.casefold() for one in wanted} <= shown:
            yield f"{item.title}: {sorted(shown)}, the page says {wanted}"
