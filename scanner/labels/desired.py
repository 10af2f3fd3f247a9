"""Which labels a title should carry, and what to change so that it does. Pure: data in, data out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """Labels to add and to remove, both free of labels that are not ours."""

    add: frozenset[str] = NOTHING
    remove: frozenset[str] = NOTHING

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of an instance that concern us.

    `managed` are ours, old ones too. `found` stood there before we ever wrote them and wait for a person to
    adopt them or to rename ours: they are neither added nor removed. Those of both that stand for languages
    and not for a verdict are `of_languages` too.
    """

    managed: frozenset[str] = NOTHING
    found: frozenset[str] = NOTHING
    of_languages: frozenset[str] = NOTHING

    @property
    def of_verdicts(self) -> Labels:
        """Those of verdicts, of which a title carries one at most."""
        return Labels(self.managed - self.of_languages, self.found - self.of_languages)

    def adopting(self, chosen: Collection[str]) -> Labels:
        """What they are once these of the found ones are ours."""
        taken = self.found & frozenset(chosen)
        return Labels(self.managed | taken, self.found - taken, self.of_languages)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a title's tags and NFO follow from.

    `language_labels` are those beside the verdict's, None where they are not known; `nfo_tags` is what we
    last saw to in its NFO, None where that is to be looked at; `untag` asks that no label of ours remains.
    `declined` are the labels that a person did not want it to get: while it should carry just these, it stays
    as it is.
    """

    verdict: str
    language_labels: Sequence[str] | None = None
    nfo_tags: Sequence[str] | None = None
    untag: bool = False
    declined: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Desired:
    """The labels that a title should carry: that of its verdict, and those of its languages.

    Either is None where it is not known: then nothing of its kind changes.
    """

    verdict: frozenset[str] | None = None
    languages: frozenset[str] | None = None

    @property
    def known(self) -> frozenset[str] | None:
        """All that is known to be wanted; None where the verdict is not known and nothing else is wanted."""
        if self.verdict is None and not self.languages:
            return None
        return (self.verdict or NOTHING) | (self.languages or NOTHING)


def desired(standing: Standing, labels: Mapping[str, str]) -> Desired:
    """Return which labels of ours a title should carry; nothing that is known where a person declined it.

    `labels` maps a verdict to its label (a policy's `labels`). An unknown verdict asks for no change.
    """
    wanted = asked_for(standing, labels)
    if standing.declined is not None and not standing.untag and wanted.known == frozenset(standing.declined):
        return Desired()
    return wanted


def asked_for(standing: Standing, labels: Mapping[str, str]) -> Desired:
    """Return which labels verdict and languages ask for, whatever a person said of it."""
    if standing.untag:
        return Desired(NOTHING, NOTHING)
    label, known = labels.get(standing.verdict), standing.language_labels
    of_verdict = None if standing.verdict == "unknown" else frozenset([label]) if label else NOTHING
    return Desired(of_verdict, None if known is None else frozenset(known))


def difference(tags: Collection[str], desired: frozenset[str] | None, labels: Labels) -> Change:
    """Return what to add to and remove from `tags` so that exactly `desired` of our labels remain.

    A title whose wanted label may not be written yet keeps the label it has: it never stands without one.
    """
    if desired is None:
        return Change()
    carried = frozenset(tags)
    missing = desired - carried
    if missing & labels.found:
        return Change()
    return Change(add=missing, remove=(carried & (labels.managed - labels.found)) - desired)


def change_to(tags: Collection[str], desired: Desired, labels: Labels) -> Change:
    """Return what to add to and remove from `tags`, for the verdict and for the languages by itself.

    A label that one of them wants is never removed on behalf of the other.
    """
    of_languages = Labels(labels.managed & labels.of_languages, labels.found)
    blocked = is_blocked(tags, desired, labels)
    verdict = Change() if blocked else difference(tags, desired.verdict, labels.of_verdicts)
    languages = difference(tags, desired.languages, of_languages)
    wanted = desired.known or NOTHING
    return Change(add=verdict.add | languages.add, remove=(verdict.remove | languages.remove) - wanted)


def is_blocked(tags: Collection[str], desired: Desired, labels: Labels) -> bool:
    """Whether a title keeps what it carries because the label of its verdict, or another such on it, waits
    for a person's word: beside a label that we may not remove, no other of its kind is written.
    """
    if desired.verdict is None:
        return False
    carried, found = frozenset(tags), labels.of_verdicts.found
    return bool(found & ((desired.verdict - carried) | (carried - desired.verdict)))
