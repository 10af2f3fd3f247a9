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

    `managed` are ours, old ones too; those of them that stand for languages and not for a verdict are
    `of_languages` too. `found` stood there before we ever wrote them and wait for a person to adopt them or
    to rename ours: they are neither added nor removed.
    """

    managed: frozenset[str] = NOTHING
    found: frozenset[str] = NOTHING
    of_languages: frozenset[str] = NOTHING


@dataclass(frozen=True, slots=True)
class Standing:
    """What a title's tags and NFO follow from.

    `language_labels` are those beside the verdict's, None where they are not known; `nfo_tags` is what we
    last saw to in its NFO, None where that is to be looked at; `untag` asks that no label of ours remains.
    """

    verdict: str
    language_labels: Sequence[str] | None = None
    nfo_tags: Sequence[str] | None = None
    untag: bool = False


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
    """Return which labels of ours a title should carry.

    `labels` maps a verdict to its label (a policy's `labels`). An unknown verdict asks for no change.
    """
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
    of_verdicts = Labels(labels.managed - labels.of_languages, labels.found)
    of_languages = Labels(labels.of_languages, labels.found)
    verdict = difference(tags, desired.verdict, of_verdicts)
    languages = difference(tags, desired.languages, of_languages)
    wanted = desired.known or NOTHING
    return Change(add=verdict.add | languages.add, remove=(verdict.remove | languages.remove) - wanted)
