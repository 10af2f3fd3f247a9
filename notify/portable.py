"""Channels as configuration."""

from __future__ import annotations

from typing import Any

from library.errors import TaggarrError
from library.models import Instance
from library.portable import Apply, Entry, Reading, Section, Unset, nearest, variable_for

from .models import CHOSEN_TOPICS, Channel, ChannelKind, default_topics
from .sending import check_address
from .services import save_channel

TOPICS = tuple(topic.value for topic in CHOSEN_TOPICS)


def _export() -> list[dict[str, Any]]:
    signed = set(Channel.objects.exclude(secret="").values_list("pk", flat=True))
    return [
        {
            "name": channel.name,
            "kind": channel.kind,
            "address": variable_for(channel.name, "ADDRESS"),
            **({"secret": variable_for(channel.name, "SECRET")} if channel.pk in signed else {}),
            "enabled": channel.enabled,
            "topics": channel.topics,
            "always": channel.always,
            "instances": [instance.name for instance in channel.instances.all()],
        }
        for channel in Channel.objects.defer("address", "secret").prefetch_related("instances")
    ]


def _check(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name, kind = reading.text(entry, "name"), reading.text(entry, "kind")
    known = Channel.objects.filter(name__iexact=name).first()
    if kind not in ChannelKind.values:
        reading.refuse(
            entry, "kind", f"There is no kind of channel {kind}: {nearest(kind, tuple(ChannelKind.values))}"
        )
    topics = reading.texts(entry, "topics") if "topics" in entry else default_topics()
    for topic in topics:
        if topic not in TOPICS:
            reading.refuse(entry, "topics", f"There is no event {topic}: {nearest(topic, TOPICS)}")
    there = {one.lower() for one in Instance.objects.values_list("name", flat=True)}
    instances = reading.texts(entry, "instances")
    for instance in instances:
        if instance.lower() not in there | reading.names("instances"):
            hint = nearest(instance.lower(), tuple(sorted(there | reading.names("instances"))))
            reading.refuse(entry, "instances", f"There is no instance {instance}: {hint}")
    address = _secret(entry, "address", reading, known.address if known else None)
    stored = known.secret if known else None
    secret = _secret(entry, "secret", reading, stored) if "secret" in entry else (stored or "")
    if len(reading.problems) > before:
        return None
    try:
        check_address(kind, address)
    except TaggarrError as error:
        reading.refuse(entry, "address", str(error))
        return None
    given = {
        "name": name,
        "kind": kind,
        "address": address,
        "secret": secret,
        "topics": topics,
        "enabled": bool(entry.get("enabled", True)),
        "always": bool(entry.get("always", False)),
    }
    return lambda: _apply(known, given, instances)


def _secret(entry: Entry, key: str, reading: Reading, stored: str | None) -> str:
    """Return a secret; the stored one where its variable is not set."""
    if isinstance(entry.get(key), Unset) and stored is not None:
        return stored
    return reading.text(entry, key)


def _apply(known: Channel | None, given: dict[str, Any], names: list[str]) -> str:
    instances = [Instance.objects.defer("api_key").get(name__iexact=name) for name in names]
    if known is not None:
        alike = all(getattr(known, key) == value for key, value in given.items())
        if alike and set(known.instances.values_list("pk", flat=True)) == {one.pk for one in instances}:
            return "same"
    channel = known or Channel()
    for key, value in given.items():
        setattr(channel, key, value)
    save_channel(channel, instances=instances)
    return "changed" if known else "added"


CHANNELS = Section(
    name="channels",
    place=4,
    keys=("name", "kind", "address", "secret", "enabled", "topics", "always", "instances"),
    required=("name", "kind", "address"),
    export=_export,
    check=_check,
)
