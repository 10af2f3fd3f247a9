"""Finding what a person named: an instance or policy by its name, media by number or a part of the title."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from django.db.models import Q

from connections.models import Connection
from core.errors import ConfigError
from core.numbers import number_in
from library.models import Media
from scanner.models import Policy

LISTED = 20
"""So many media are named where a title fits several."""

FIRST_INSTANCE = "No instance is connected yet: add one with manage.py add_instance."


def instance_named(name: str) -> Connection:
    """Return the instance of this name, whatever its case. Raises `ConfigError` where there is none."""
    known = Connection.objects.select_related("scan_settings__policy")
    found = known.filter(name__iexact=name.strip(), scan_settings__isnull=False).first()
    if found is not None:
        return found
    names = list(Connection.objects.values_list("name", flat=True))
    if not names:
        raise ConfigError(FIRST_INSTANCE)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}."
    raise ConfigError(f"There is no instance called {name}: {hint}")


def instances_to_scan(names: Sequence[str]) -> list[Connection]:
    """Return the instances of these names, each once; all that are enabled where no name is given.

    Raises `ConfigError` where there is nothing to scan, or one of those named is unknown.
    """
    if names:
        return list({found.pk: found for found in map(instance_named, names)}.values())
    if not Connection.objects.exists():
        raise ConfigError(FIRST_INSTANCE)
    enabled = list(
        Connection.objects.select_related("scan_settings__policy").filter(
            enabled=True, scan_settings__isnull=False
        )
    )
    if not enabled:
        raise ConfigError("Every instance is disabled: enable one, or name one with --instance.")
    return enabled


def policy_named(name: str) -> Policy:
    """Return the policy of this name, whatever its case. Raises `ConfigError` where there is none."""
    found = Policy.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        names = ", ".join(Policy.objects.values_list("name", flat=True)) or "none yet"
        raise ConfigError(f"There is no policy called {name}; there are: {names}.")
    return found


def media_named(text: str) -> Media:
    """Return the media with this number (Taggarr's own id), or the one whose title this is or is a part of.

    Raises `ConfigError` where there is none; where there are several, it lists them with their numbers.
    """
    wanted = text.strip()
    media = Media.objects.select_related("connection__scan_settings__policy", "scan_state__policy_override")
    number = number_in(wanted)
    if number is not None and (numbered := media.filter(pk=number).first()):
        return numbered
    for fits in (Q(title__iexact=wanted), Q(title__icontains=wanted)):
        found = list(media.filter(fits)[:LISTED]) if wanted else []
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(_several(wanted, found, media.filter(fits).count()))
    raise ConfigError(f"No series or movie fits “{wanted}”: give a part of its title, or its number.")


def _several(text: str, found: Sequence[Media], total: int) -> str:
    lines = [f"{total} series and movies fit “{text}”: name one by its number."]
    lines += [f"  {media.pk}  {media}, {media.connection}" for media in found]
    if total > len(found):
        lines.append(f"  and {total - len(found)} more")
    return "\n".join(lines)
