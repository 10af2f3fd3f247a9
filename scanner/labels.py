"""The labels that Taggarr writes to an instance: which are ours, which were found there, and how to adopt
one.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection

from history.models import EventKind
from history.services import record
from library.errors import ConfigError
from library.labels import verdict_labels
from library.models import Instance, ManagedLabel, Tag
from library.sentences import say

from .desired import Labels


def labels_of(instance: Instance) -> Labels:
    """Return the labels of an instance that are ours, and those that wait for a person's word."""
    rows = instance.managed_labels.all()
    return Labels(
        managed=frozenset(row.label for row in rows if not row.found),
        found=frozenset(row.label for row in rows if row.found),
        of_languages=frozenset(row.label for row in rows if row.of_language and not row.found),
    )


def strange_labels(instance: Instance) -> frozenset[str]:
    """Return the labels that stand at the instance, though we never wrote them."""
    ours = instance.managed_labels.values("label")
    there = Tag.objects.filter(instance=instance).exclude(label__in=ours)
    return frozenset(there.values_list("label", flat=True))


def note_found_labels(instance: Instance, wanted: Collection[str] | None = None) -> list[str]:
    """Record which wanted labels stood at the instance before we ever wrote them; return the new ones.

    Called after each sync, and before labels are written: one that somebody else made is not touched until it
    is adopted or ours renamed.
    """
    wanted = verdict_labels(instance) if wanted is None else wanted
    found = sorted(strange_labels(instance).intersection(wanted))
    ManagedLabel.objects.bulk_create(
        [ManagedLabel(instance=instance, label=label, found=True) for label in found], ignore_conflicts=True
    )
    for label in found:
        record(EventKind.PROBLEM, found_label_text(instance, label), instance=instance)
    return found


def found_label_text(instance: Instance, label: str) -> str:
    """Return the sentence that asks a person what to do about a label that was already there."""
    return say(
        "The tag “%(label)s” already existed in %(instance)s before Taggarr wrote it: adopt it (%(command)s)"
        " or choose another label in the policy.",
        label=label,
        instance=instance.name,
        command=f"manage.py adopt_label {shlex.quote(instance.name)} {label}",
    )


def adopt_label(instance: Instance, label: str) -> None:
    """Treat a label that was found at an instance as ours from now on.

    Raises `ConfigError` where no such label waits.
    """
    adopted = ManagedLabel.objects.filter(instance=instance, label=label, found=True).update(found=False)
    if not adopted:
        raise ConfigError(
            say(
                "No tag “%(label)s” of %(instance)s waits to be adopted.", label=label, instance=instance.name
            )
        )
    told = say("Adopted the tag “%(label)s” of %(instance)s", label=label, instance=instance.name)
    record(EventKind.SETTINGS, told, instance=instance, after=label)


def own_labels(instance: Instance, labels: Collection[str], *, of_language: bool = False) -> None:
    """Remember labels as ours before they are written for the first time."""
    ManagedLabel.objects.bulk_create(
        [ManagedLabel(instance=instance, label=label, of_language=of_language) for label in sorted(labels)],
        ignore_conflicts=True,
    )
