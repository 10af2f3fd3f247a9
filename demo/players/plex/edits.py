"""What Plex makes of an edit: `PUT …/all?id=1,2&label[0].tag.tag=Dub&label.locked=1`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from demo.players.plex.documents import LISTS, TEXTS
from demo.players.program import Quirks
from demo.players.state import Item, PlayerState, without

_TAG = re.compile(r"(?P<name>\w+)\[\d+\]\.tag\.tag")
_TAKEN = re.compile(r"(?P<name>\w+)\[\]\.tag\.tag-")
_ALL_TAKEN = re.compile(r"(?P<name>\w+)\[\]\.tag")


@dataclass(slots=True)
class Edit:
    """One edit: texts by name, tags to set and to take away, and locks."""

    texts: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    taken: dict[str, list[str]] = field(default_factory=dict)
    locks: dict[str, bool] = field(default_factory=dict)


def read(query: list[tuple[str, str]]) -> Edit:
    """What a query asks for; parameters that mean no edit are passed over, as Plex does."""
    edit = Edit()
    for name, value in query:
        if found := _TAG.fullmatch(name):
            edit.tags.setdefault(found["name"], []).append(value)
        elif found := _TAKEN.fullmatch(name):
            edit.taken[found["name"]] = [unquote(part) for part in value.split(",")]
        elif found := _ALL_TAKEN.fullmatch(name):
            edit.tags[found["name"]] = []
        elif name.endswith(".value"):
            edit.texts[name.removesuffix(".value")] = value
        elif name.endswith(".locked"):
            edit.locks[name.removesuffix(".locked")] = value == "1"
    edit.tags = {name: tags for name, tags in edit.tags.items() if name in LISTS}
    edit.texts = {name: text for name, text in edit.texts.items() if name in (*TEXTS, "title", "userRating")}
    return edit


def carry_out(state: PlayerState, quirks: Quirks, edit: Edit, item: Item) -> None:
    for name, text in edit.texts.items():
        if name == "userRating":
            item.rating = float(text)
            state.touch(item)
            continue
        state.set_field(item, name, text)
        if name == "title" and not text:
            item.title = item.given.get("title", "")
    for name, tags in edit.tags.items():
        before = item.lists.get(name, [])
        joins = quirks.tag_edits == "add" and tags
        kept = [*before, *without(tags, before)] if joins else tags
        state.set_field(item, name, _written(kept, before, quirks))
    for name, gone in edit.taken.items():
        state.set_field(item, name, without(item.lists.get(name, []), gone))
    for name, locked in edit.locks.items():
        others = [known for known in item.locked if known != name]
        item.locked = [*others, name] if locked else others


def _written(tags: list[str], before: list[str], quirks: Quirks) -> list[str]:
    """Tags as Plex writes them: one for each spelling, with a capital first."""
    known = {tag.casefold(): tag for tag in before}
    made: dict[str, str] = {}
    for tag in tags:
        made.setdefault(tag.casefold(), known.get(tag.casefold()) or _capital(tag, quirks))
    return list(made.values())


def _capital(tag: str, quirks: Quirks) -> str:
    first = next((index for index, letter in enumerate(tag) if letter.isalpha()), None)
    if first is None or not quirks.capitals:
        return tag
    return tag[:first] + tag[first].upper() + tag[first + 1 :]
