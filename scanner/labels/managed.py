"""The labels that a series or movie should carry, and those of an instance that are ours or to adopt."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from connections.models import Connection
from core import live
from core.words import Phrase
from history.models import EventKind
from history.services import record
from library.models import Media, Tag
from scanner.labels.desired import Change, Desired, Labels, change_to, desired
from scanner.models import ManagedLabel, Policy, ScanState


def desired_of(media: Media) -> Desired:
    """Return which labels of ours a title should carry. `instance` and policies must be loaded."""
    return desired(media.scan_state.standing, media.scan_state.policy.labels)


def change_of(media: Media, labels: Labels) -> Change:
    """Return what would have to change on the tags of a media. `instance` and policies must be loaded."""
    return change_to(media.tags, desired_of(media), labels)


def labels_of(connection: Connection) -> Labels:
    """Return the labels of an instance that are ours, and those that wait for a person's word."""
    rows = connection.managed_labels.all()
    return Labels(
        managed=frozenset(row.label for row in rows if not row.found),
        found=frozenset(row.label for row in rows if row.found),
        of_languages=frozenset(row.label for row in rows if row.of_language),
    )


def strange_labels(connection: Connection) -> frozenset[str]:
    """Return the labels that stand at the instance, though we never wrote them."""
    ours = connection.managed_labels.values("label")
    there = Tag.objects.filter(connection=connection).exclude(label__in=ours)
    return frozenset(there.values_list("label", flat=True))


def note_found_labels(connection: Connection, wanted: Collection[str] | None = None) -> list[str]:
    """Record which wanted labels stood at the instance before we ever wrote them; return the new ones.

    Called after each sync, and before labels are written: one that somebody else made is not touched until it
    is adopted or ours renamed.
    """
    of_verdicts = verdict_labels(connection)
    found = sorted(strange_labels(connection).intersection(of_verdicts if wanted is None else wanted))
    ManagedLabel.objects.bulk_create(
        [
            ManagedLabel(connection=connection, label=label, found=True, of_language=label not in of_verdicts)
            for label in found
        ],
        ignore_conflicts=True,
    )
    for label in found:
        told = Phrase("label.adopt", label=label, instance=connection.name)
        record(EventKind.PROBLEM, told, connection=connection)
    if found:
        live.inbox_changed()
    return found


def own_labels(connection: Connection, labels: Collection[str], *, of_language: bool = False) -> None:
    """Remember labels as ours before they are written for the first time."""
    ManagedLabel.objects.bulk_create(
        [
            ManagedLabel(connection=connection, label=label, of_language=of_language)
            for label in sorted(labels)
        ],
        ignore_conflicts=True,
    )


def verdict_labels(connection: Connection) -> frozenset[str]:
    """Return every label of a verdict that a policy in use at this instance may ask for."""
    policies = Policy.objects.filter(
        Q(scan_settings__connection=connection) | Q(scan_states__media__connection=connection)
    ).distinct()
    return frozenset(label for policy in policies for label in policy.labels.values())


def labels_in_question() -> QuerySet[ManagedLabel]:
    """The found labels in use of which nobody has said what is to become of them: a policy in force asks for
    them, or a title does because of its languages.
    """
    connection, label = OuterRef("connection"), OuterRef("label")
    in_force = Q(scan_settings__connection=connection) | Q(scan_states__media__connection=connection)
    of_verdict = Q(label_dub=label) | Q(label_semi_dub=label) | Q(label_wrong_dub=label)
    asking = ScanState.objects.filter(media__connection=connection, language_labels__contains=[label])
    rows = ManagedLabel.objects.filter(found=True, left_alone=False, connection__enabled=True)
    return rows.filter(Exists(Policy.objects.filter(in_force, of_verdict)) | Exists(asking)).order_by("label")
