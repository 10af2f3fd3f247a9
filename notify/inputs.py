"""What the form of a channel shows of what is stored, and what becomes of what is typed into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.errors import FieldError
from core.masking import masked_but_end

from .kinds import FORMS, Field, address_of, values_of
from .models import Channel, ChannelKind

LONGEST = 2000
"""So many characters may be typed into a field."""


def shown_values(channel: Channel) -> dict[str, str]:
    """Return what is stored for a channel and not secret, by the names of its kind's fields."""
    stored = _stored(channel)
    return {field.name: stored.get(field.name, "") for field in _fields(channel) if not field.secret}


def shown_secrets(channel: Channel) -> dict[str, str]:
    """Return a mask for every secret that is stored for a channel, with its last four characters."""
    stored = _stored(channel)
    secrets = [field.name for field in _fields(channel) if field.secret and stored.get(field.name)]
    return {name: masked_but_end(stored[name]) for name in secrets}


def is_from_elsewhere(channel: Channel) -> bool:
    """Whether the address is none that the form could have made: it can only be kept, or typed anew."""
    return not values_of(channel.kind, channel.address.reveal())


def take_input(channel: Channel, typed: Mapping[str, str], forget: Collection[str] = ()) -> None:
    """Set address and secret of a channel, new or known, to what was typed; nothing is saved.

    A secret that is left empty stays as it is stored, unless it is in `forget`; but a stored secret is never
    sent to a server that somebody just typed. Raises FieldError.
    """
    fields = _fields(channel)
    given = {field.name: str(typed.get(field.name) or "").strip() for field in fields}
    if channel.address and is_from_elsewhere(channel) and not any(given.values()):
        return
    stored = _stored(channel)
    kept = [
        field.name
        for field in fields
        if field.secret and field.name not in forget and not given[field.name] and stored.get(field.name)
    ]
    if kept and given.get("server", "") != stored.get("server", ""):
        raise FieldError(kept[0], "channel.secret-again")
    given.update({name: stored[name] for name in kept})
    channel.address = address_of(channel.kind, given)
    channel.secret = given.get("secret", "")


def _fields(channel: Channel) -> tuple[Field, ...]:
    return FORMS[ChannelKind(channel.kind)].fields


def _stored(channel: Channel) -> dict[str, str]:
    if not channel.address:
        return {}
    return {**values_of(channel.kind, channel.address.reveal()), "secret": channel.secret.reveal()}
