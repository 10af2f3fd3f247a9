"""Switching flags while the programs run: kept in the database, followed by every process (`core.flags`)."""

from __future__ import annotations

from core import flags
from core.errors import ConfigError
from core.words import Phrase
from history import audit
from system.models import RuntimeSetting

PREFIX = "flag:"
"""Before the key of a flag, where it is stored."""


def stored() -> dict[str, bool]:
    rows = RuntimeSetting.objects.filter(name__startswith=PREFIX).values_list("name", "value")
    return {name.removeprefix(PREFIX): bool(value) for name, value in rows}


def switch(key: str, on: bool | None) -> bool:
    """Set a flag; None takes back what was set. Return how it stands now.

    All processes follow within ten seconds. Raises ConfigError for a flag that nobody declared.
    """
    if key not in {flag.key for flag in flags.declared()}:
        raise ConfigError("switch.unknown", key=key)
    before = flags.is_on(key)
    RuntimeSetting.put(PREFIX + key, on)
    flags.forget()
    after = flags.is_on(key)
    if after != before:
        audit.note(
            "changed", kind="switch", target=Phrase("switch.name", key=key), before=before, after=after
        )
    return after
