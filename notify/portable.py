"""Channels as configuration."""

from __future__ import annotations

from typing import Any

from connections.models import Connection
from core.errors import TaggarrError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section, Unset, nearest, variable_for
from core.secrets import Secret

from .contract import default_topics
from .contract import topics as known_topics
from .models import Channel, ChannelKind
from .services import check_channel, save_channel


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
            "instances": [connection.name for connection in channel.connections.all()],
        }
        for channel in Channel.objects.prefetch_related("connections")
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
    there_are = tuple(known_topics(also_off=True))
    for topic in topics:
        if topic not in there_are:
            reading.refuse(entry, "topics", f"There is no event {topic}: {nearest(topic, there_are)}")
    there = {one.lower() for one in Connection.objects.values_list("name", flat=True)}
    connections = reading.texts(entry, "instances")
    for connection in connections:
        if connection.lower() not in there | reading.names("connections"):
            hint = nearest(connection.lower(), tuple(sorted(there | reading.names("connections"))))
            reading.refuse(entry, "instances", f"There is no instance {connection}: {hint}")
    address = _secret(entry, "address", reading, known.address.reveal() if known else None)
    stored = known.secret.reveal() if known else None
    secret = _secret(entry, "secret", reading, stored) if "secret" in entry else (stored or "")
    enabled = reading.flag(entry, "enabled", default=True)
    always = reading.flag(entry, "always", default=False)
    if len(reading.problems) > before:
        return None
    given = {
        "name": name,
        "kind": kind,
        "address": address,
        "secret": secret,
        "topics": topics,
        "enabled": enabled,
        "always": always,
    }
    draft = Channel(pk=known.pk if known else None, **given)
    try:
        check_channel(draft)
    except TaggarrError as error:
        reading.refuse(entry, getattr(error, "field", "address"), str(error))
        return None
    return lambda: _apply(known, given, connections)


def _secret(entry: Entry, key: str, reading: Reading, stored: str | None) -> str:
    """Return a secret; the stored one where its variable is not set."""
    if isinstance(entry.get(key), Unset) and stored is not None:
        return stored
    return reading.text(entry, key)


def _apply(known: Channel | None, given: dict[str, Any], names: list[str]) -> str:
    connections = [Connection.objects.get(name__iexact=name) for name in names]
    if known is not None:
        alike = all(_is_already(getattr(known, key), value) for key, value in given.items())
        if alike and set(known.connections.values_list("pk", flat=True)) == {one.pk for one in connections}:
            return "same"
    channel = known or Channel()
    for key, value in given.items():
        setattr(channel, key, value)
    save_channel(channel, connections=connections)
    return "changed" if known else "added"


def _is_already(stored: Any, given: Any) -> bool:
    return stored.holds(given) if isinstance(stored, Secret) else bool(stored == given)


CHANNELS = Section(
    name="channels",
    place=4,
    keys=("name", "kind", "address", "secret", "enabled", "topics", "always", "instances"),
    required=("name", "kind", "address"),
    export=_export,
    check=_check,
)

BRINGS = Portable((CHANNELS,))
