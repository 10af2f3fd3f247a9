"""How Plex is edited: one call for all items that are to be changed alike, and no label of others lost.

Whether `label[0].tag.tag` joins the labels that are there, or takes their place, is told both ways. Where it
joins them only our own are sent, and a label that somebody sets at the same moment stays. Until that is known
every call names all labels that its items are to have in the end, as they stood there a moment before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from core.errors import ApiAuthError, ApiPermanentError

from .base import Batch, Player, check_ids
from .contract import (
    DATE,
    DIRECTORS,
    LISTS,
    PERFORMERS,
    POSTER,
    RATING,
    SORT_TITLE,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TITLE,
    Edit,
    Form,
    Kind,
    Present,
    Written,
    fitted_field,
    labels_after,
    spelt,
    without,
)

TYPES = {Kind.MOVIE: 1, Kind.SHOW: 2, Kind.SEASON: 3, Kind.EPISODE: 4}

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

FRESH = 0.25
"""Seconds: what was seen longer ago is looked at again before it is written."""

Query = list[tuple[str, str | int]]


class Edits(Player):
    """The edits of one Plex. `joins`: whether its labels join those that are there; None is unknown yet."""

    joins: bool | None = None
    learnt: Callable[[bool | None], object] | None = None
    """Told what `joins` is from now on."""

    def write(self, edits: Sequence[Edit]) -> Written:
        written = super().write(edits)
        # Another version may take away by now what the one before let stand: that goes back at once.
        left = _lost(edits, written.present) if self.joins else []
        if left:
            self._learn(None)
        elif self.joins is None:
            left = self._learn_by(edits, written.present)
        if left:
            again = super().write(left)
            written = Written({**written.outcomes, **again.outcomes}, {**written.present, **again.present})
        return written

    def _edit(self, edits: Sequence[Edit], batch: Batch) -> None:
        left = {edit.id: edit for edit in edits}
        while left:
            if any(map(self._is_old, left.values())):
                sent = [edit.id for edit in edits if edit.id not in left and edit.id not in batch.shown]
                left = {edit.id: edit for edit in self._anew([*left.values()], batch, sent)}
            for number, (group, query) in enumerate(self._alike(left.values())):
                if number and any(map(self._is_old, group)):
                    break
                self._edit_alike(group, query, batch)
                for edit in group:
                    del left[edit.id]

    def _is_old(self, edit: Edit) -> bool:
        """Whether an edit might undo what somebody did there since it was seen."""
        undoes = edit.fields.keys() - {POSTER} or (not self.joins and any(edit.add.values()))
        return bool(undoes) and time.monotonic() - edit.seen.at > FRESH

    def _alike(self, edits: Iterable[Edit]) -> list[tuple[list[Edit], Query]]:
        """The edits by library, kind and what is to be done."""
        found: dict[tuple[str, Kind, tuple[tuple[str, str | int], ...]], list[Edit]] = {}
        for edit in edits:
            key = (edit.seen.library, edit.seen.kind, tuple(self._query(edit)))
            found.setdefault(key, []).append(edit)
        return [(group, list(query)) for (_library, _kind, query), group in found.items()]

    def _edit_alike(self, group: list[Edit], query: Query, batch: Batch) -> None:
        """One call; what is refused is halved until what is refused stands alone."""
        if not query:
            return
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
        named = ",".join(number_of(one) for one in ids)
        path = f"/library/sections/{number_of(library)}/all"
        self._send("PUT", path, [("type", TYPES[kind]), ("id", named), *query])

    def _query(self, edit: Edit) -> Query:
        query: Query = []
        for form in edit.forms:
            before = edit.seen.labels.get(form, ())
            after = labels_after(before, edit, form, self.abilities.labels_longest)
            ours, gone = spelt(edit.add.get(form, ()), self.abilities.labels_longest), without(before, after)
            if self.joins is None and form is Form.LABEL and _tells(edit):
                gone = ()
            elif not self.joins and ours:
                # What is only taken away needs no list: it goes by its name.
                ours = after
            query += _tags(FORMS[form], ours, gone)
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

    # Which of both it does

    def _learn_by(self, edits: Sequence[Edit], present: Mapping[str, Present]) -> list[Edit]:
        """Learn it where the old labels were not taken off yet; return what takes them off."""
        old, only_new = [], False
        for edit in filter(_tells, edits):
            now, ours = present.get(edit.id), edit.add[Form.LABEL]
            if now is None or not now.is_same(edit.seen) or without(ours, now.labels[Form.LABEL]):
                continue
            if not without(edit.seen.labels[Form.LABEL], now.labels[Form.LABEL]):
                old.append(Edit(now, remove={Form.LABEL: edit.remove[Form.LABEL]}))
            elif not without(now.labels[Form.LABEL], ours):
                only_new = True
        if old or only_new:
            self._learn(bool(old))
        return old

    def _learn(self, joins: bool | None) -> None:
        self.joins = joins
        if self.learnt is not None:
            self.learnt(joins)


def _tells(edit: Edit) -> bool:
    """Whether an item carries nothing but what goes, and gets something: nothing of others can be lost.

    Then the new labels are sent alone, and what stands there afterwards tells what Plex does.
    """
    before, ours = edit.seen.labels.get(Form.LABEL, ()), edit.add.get(Form.LABEL, ())
    others = without(before, edit.remove.get(Form.LABEL, ()))
    return bool(before and ours) and not others and without(before, ours) == before


def _lost(edits: Iterable[Edit], present: Mapping[str, Present]) -> list[Edit]:
    """What puts back the labels of others, where ours took the place of all that an item had."""
    found = []
    for edit in edits:
        now, back = present.get(edit.id), {}
        if now is None or not now.is_same(edit.seen):
            continue
        for form, ours in edit.add.items():
            others = without(edit.seen.labels.get(form, ()), [*ours, *edit.remove.get(form, ())])
            stand = now.labels[form]
            if others and not without(ours, stand):
                if without(stand, ours):
                    return []
                back[form] = others
        if back:
            found.append(Edit(now, back))
    return found


def _tags(name: str, after: Iterable[str], gone: Iterable[str]) -> Query:
    query: Query = [(f"{name}[{index}].tag.tag", tag) for index, tag in enumerate(after)]
    # A list with commas between: what is in a name has to be escaped once more.
    removed = ",".join(quote(tag, safe="") for tag in gone)
    if removed:
        query.append((f"{name}[].tag.tag-", removed))
    return [*query, (f"{name}.locked", 1)] if query else []


def number_of(id: str) -> str:
    """An id as it may stand in an address: ValueError for anything but a number."""
    if not (id.isascii() and id.isdecimal()):
        raise ValueError(f"{id!r} is no id of Plex")
    return id
