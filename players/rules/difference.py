"""What is to be written to one item, and what of it is ours from then on.

Ours is what we wrote, and nothing else. A label that stood there before us stays when we want it no more; a
field that somebody else filled or changed is held until a person says that we may have it. What is undone
again and again is left alone: somebody else's rule fights ours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from players.clients.contract import (
    COLLECTIONS,
    TAGS,
    TITLE,
    Abilities,
    Edit,
    Form,
    Present,
    Value,
    fitted,
    fitted_field,
    same,
)

FIGHT = 3
"""So often what we write may be undone."""


class Mode(StrEnum):
    """What is done with a field: nothing; only filled while empty; kept as people edit it; written over.

    Of labels `fill` adds none where there are some of others, `keep` leaves those alone, and `overwrite`
    removes them.
    """

    OFF = "off"
    FILL = "fill"
    KEEP = "keep"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True)
class Mark:
    """What we know of one label or field of an item.

    `ours` are the digests of what we wrote: two while it is not `sure` which of them stands there. `undone`
    counts how often it was gone again; `held` is the digest of what somebody else made of it, and a label
    that is held stood there before us. `seen` is of a picture alone: the stamp that it had in the player when
    that was asked last which one it is, and what it said.
    """

    ours: tuple[str, ...] = ()
    sure: bool = True
    undone: int = 0
    held: str = ""
    seen: tuple[str, ...] = ()

    @property
    def fights(self) -> bool:
        return self.undone >= FIGHT

    def to_json(self) -> dict[str, Any]:
        full = {
            "ours": list(self.ours),
            "sure": self.sure,
            "undone": self.undone,
            "held": self.held,
            "seen": list(self.seen),
        }
        usual = {"ours": [], "sure": True, "undone": 0, "held": "", "seen": []}
        return {name: value for name, value in full.items() if value != usual[name]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Mark:
        return cls(**{**kept, **{name: tuple(kept.get(name, ())) for name in ("ours", "seen")}})


Marks = Mapping[str, Mark]
"""What is known of an item, by the names of fields, and of labels as `label_key` has them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an item should show. Labels of a form that is not named, and fields that are not, stay."""

    labels: Mapping[Form, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    """How fields are written; those in `clear` are emptied where the source has nothing any more."""

    modes: Mapping[str, Mode] = field(default_factory=dict)
    clear: frozenset[str] = frozenset()

    def of_labels(self, form: Form) -> Mode:
        return self.modes.get(COLLECTIONS if form is Form.COLLECTION else TAGS, Mode.KEEP)


@dataclass(frozen=True, slots=True)
class Difference:
    """The edit, and the marks at each time: `claimed` before it is sent, so that a crash in between makes
    nothing of ours a stranger's; `done` where it was carried out. `takes`: it takes something of ours away,
    or changes it.
    """

    edit: Edit
    claimed: Marks
    done: Marks
    takes: bool = False

    def __bool__(self) -> bool:
        return bool(self.edit.parts)

    def without(self, name: str, mark: Mark | None) -> Difference:
        """The same where a field is not written after all, of which this is known."""
        kept = {} if mark is None else {name: mark}
        claimed, done = (
            {**{key: one for key, one in marks.items() if key != name}, **kept}
            for marks in (self.claimed, self.done)
        )
        others = [part.name for part in self.edit.parts if part.name != name]
        return Difference(self.edit.only(others), claimed, done, self.takes)

    def marks_after(self, failed: Collection[str], fields: Mapping[str, Value]) -> dict[str, Mark]:
        """The marks where the parts of these names (forms and fields) were not carried out.

        `fields` are what the player shows now: a spelling of its own is ours as well.
        """
        source = {
            key: self.claimed if part_of(key) in failed else self.done for key in {*self.claimed, *self.done}
        }
        found = {key: marks[key] for key, marks in source.items() if key in marks}
        for name in self.edit.fields.keys() - set(failed):
            if name in found and fields.get(name):
                both = dict.fromkeys((*found[name].ours, digest(fields[name])))
                found[name] = replace(found[name], ours=tuple(both))
        return found


def difference(
    wanted: Wanted, present: Present, marks: Marks, rules: Rules, abilities: Abilities
) -> Difference:
    """Decide what to write so that an item shows what is wanted of it, as far as that is ours to change."""
    found = _Found(dict(marks), dict(marks))
    add: dict[Form, tuple[str, ...]] = {}
    remove: dict[Form, tuple[str, ...]] = {}
    for form, labels in wanted.labels.items():
        label_mode = rules.of_labels(form)
        if label_mode is not Mode.OFF and present.kind in abilities.forms.get(form, ()):
            cut = (fitted(label, abilities.labels_longest) for label in labels)
            keyed = {label_key(form, label): label for label in cut if label}
            there = {same(label): label for label in present.labels.get(form, ())}
            _labels(form, keyed, there, label_mode, found)
            add[form], remove[form] = tuple(found.add), tuple(found.remove)
            found.add, found.remove = [], []
    values = {}
    for name, value in wanted.fields.items():
        mode = rules.modes.get(name, Mode.OFF)
        if mode is Mode.OFF or name not in abilities.fields or name not in present.fields:
            continue
        new = fitted_field(abilities, name, value)
        shown = fitted_field(abilities, name, present.fields[name])
        if name == TITLE and shown != new and _is_file_name(shown, present.paths):
            # A player without an agent makes titles of file names: nobody chose that one.
            shown = ""
        if _field(name, new, shown, mode, found, may_clear=name in rules.clear):
            values[name] = new
    edit = Edit(present, _filled(add), _filled(remove), values)
    return Difference(edit, found.claimed, found.done, found.takes)


@dataclass(slots=True)
class _Found:
    claimed: dict[str, Mark]
    done: dict[str, Mark]
    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    takes: bool = False

    def keep(self, key: str, mark: Mark | None) -> None:
        """Note what is so at once, whether anything is written or not."""
        for marks in (self.claimed, self.done):
            if mark is None:
                marks.pop(key, None)
            else:
                marks[key] = mark


def label_key(form: Form, label: str) -> str:
    return f"{form}:{same(label)}"


def part_of(key: str) -> str:
    """The form or field that a mark is of."""
    return key.partition(":")[0]


def taken_back(mark: Mark) -> Mark:
    """The mark of what a person hands over to us: it counts as ours, and its fights are forgotten."""
    return Mark(ours=(*mark.ours, mark.held) if mark.held else mark.ours, sure=False)


def conflicts(marks: Marks) -> Iterator[str]:
    """The fields that somebody else changed or keeps undoing, and the labels that keep being undone."""
    for key, mark in marks.items():
        if mark.fights or (mark.held and ":" not in key):
            yield key


def digest(value: Value) -> str:
    """What a value is remembered by; in which order a player lists names is its own matter."""
    text = json.dumps(value if isinstance(value, str) else sorted(map(same, value)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _is_file_name(title: Value, paths: Collection[str]) -> bool:
    """Whether a title is the name of one of the files, as far as letters and digits go."""
    names = (re.split(r"[/\\]", path)[-1].rpartition(".")[0] for path in paths)
    return isinstance(title, str) and _letters(title) in {_letters(name) for name in names} - {""}


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", same(text))


def _labels(
    form: Form, wanted: Mapping[str, str], there: Mapping[str, str], mode: Mode, found: _Found
) -> None:
    """Note what becomes of the labels of a form: those `wanted` by their keys, those `there` as folded."""
    known = {key for key in found.done if key.startswith(f"{form}:")}
    ours = {key for key in known if found.done[key].ours}
    others = {f"{form}:{folded}": label for folded, label in there.items() if folded}
    others = {key: label for key, label in others.items() if key not in ours}
    if mode is Mode.OVERWRITE and (unwanted := others.keys() - wanted.keys()):
        found.remove += [others[key] for key in sorted(unwanted)]
        found.takes = True
    for key in sorted({*wanted, *known}):
        mark, is_there = found.done.get(key), there.get(key.partition(":")[2])
        is_ours = mark is not None and bool(mark.ours)
        if key not in wanted:
            if is_ours and is_there is not None:
                found.remove.append(is_there)
                found.takes = True
                found.done.pop(key)
            else:
                found.keep(key, None)
        elif is_there is not None:
            found.keep(key, replace(mark, sure=True) if mark and is_ours else Mark(held=digest(is_there)))
        elif mode is not Mode.FILL or not others:
            _add_label(key, wanted[key], mark if is_ours else None, found)


def _add_label(key: str, label: str, mark: Mark | None, found: _Found) -> None:
    undone = _undone(mark, was_ours=mark is not None)
    written = Mark(ours=(digest(label),), undone=min(undone, FIGHT))
    found.keep(key, written)
    if not written.fights:
        found.claimed[key] = replace(written, sure=False)
        found.add.append(label)


def _field(name: str, new: Value, there: Value, mode: Mode, found: _Found, *, may_clear: bool) -> bool:
    """Note what becomes of a field; return whether it is to be written."""
    mark = found.done.get(name) or Mark()
    is_ours = digest(there) in mark.ours
    # A player may spell what we wrote in its own way: then there is nothing to write either.
    if digest(new) == digest(there) or (is_ours and mark.sure and digest(new) in mark.ours):
        # Nobody's but ours if we wrote it; else whoever did keeps it.
        ours = tuple(dict.fromkeys((digest(there), digest(new))))
        found.keep(name, replace(mark, ours=ours, sure=True, held="") if is_ours and new else None)
        return False
    if there and not is_ours and mode is Mode.KEEP and new:
        found.keep(name, replace(mark, held=digest(there)))
        return False
    if (there and mode is Mode.FILL) or (not new and not (may_clear and is_ours and there)):
        return False
    undone = _undone(mark, was_ours=digest(new) in mark.ours)
    if undone >= FIGHT:
        found.keep(name, replace(mark, undone=FIGHT, held=digest(there) if there else ""))
        return False
    found.takes |= bool(there) and is_ours
    before = (digest(there),) if there and is_ours else ()
    found.claimed[name] = Mark(ours=(*before, digest(new)), sure=False, undone=undone)
    if new:
        found.done[name] = Mark(ours=(digest(new),), undone=undone)
    else:
        found.done.pop(name, None)
    return True


def _undone(mark: Mark | None, *, was_ours: bool) -> int:
    """How often it was undone by now: what was surely written, and is not there, once more."""
    if mark is None or not was_ours:
        return 0
    return mark.undone + mark.sure


def _filled(labels: Mapping[Form, tuple[str, ...]]) -> dict[Form, tuple[str, ...]]:
    return {form: some for form, some in labels.items() if some}
