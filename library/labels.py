"""Which labels the policies ask for."""

from __future__ import annotations

from django.db.models import Q

from library.models import Instance, ManagedLabel, Media, Policy


def verdict_labels(instance: Instance) -> frozenset[str]:
    """Return every label of a verdict that a policy in use at this instance may ask for."""
    policies = Policy.objects.filter(Q(instances=instance) | Q(media__instance=instance)).distinct()
    return frozenset(label for policy in policies for label in policy.labels.values())


def wanted_by_media(label: ManagedLabel) -> bool:
    """Return whether a media of its instance asks for this label because of the languages that it holds."""
    return Media.objects.filter(instance=label.instance_id, language_labels__contains=[label.label]).exists()
