"""Connecting a Sonarr or Radarr: policy, instance and path mappings in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING

from django.db import transaction

from connections import services
from connections.kinds import Answer
from connections.models import Connection
from core.errors import ConfigError
from library.path_mappings import check_mapping_shape
from library.paths import check_mapping, local_path
from scanner.languages.codes import name_of_code
from scanner.models import FactsFrom, Policy
from scanner.verdict.rules import clean_languages

from . import instance_settings

if TYPE_CHECKING:
    pass

FIRST_POLICY = "Default"
"""The name of a policy that is made without one."""


@dataclass(frozen=True, slots=True)
class NewInstance:
    """What a person gave. `policy` is a name; `mappings` are (remote, local) folders.

    `languages` (names or codes) are for a policy that is not there yet.
    """

    name: str
    kind: str
    url: str
    api_key: str
    policy: str = ""
    languages: Sequence[str] = ()
    mappings: Sequence[tuple[str, str]] = ()
    facts_from: str = FactsFrom.AUTO


@dataclass(frozen=True, slots=True)
class SeenFolder:
    """A root folder as the app names it, where it lies here, and what is wrong with that (empty: nothing)."""

    path: str
    local: str
    problem: str


@dataclass(frozen=True, slots=True)
class Joined:
    """An instance with what was found when it was connected to."""

    connection: Connection
    found: Answer
    folders: list[SeenFolder] = field(default_factory=list)


def join(new: NewInstance) -> Joined:
    """Connect to an instance and add it, with a policy of its own where that is missing.

    Nothing is saved where anything is wrong. Raises `ConfigError`, with one sentence.
    """
    for remote, local in new.mappings:
        check_mapping_shape(remote, local)
    with transaction.atomic():
        policy = _policy(new.policy.strip(), new.languages)
        checked = services.check(kind=new.kind, name=new.name, url=new.url, secrets={"api_key": new.api_key})
        connection = instance_settings.add_checked(
            checked, policy=policy, facts_from=new.facts_from, mappings=new.mappings
        )
    assert checked.found is not None  # noqa: S101  (the check connects, or raises)
    return Joined(connection, checked.found, see_folders(connection, checked.found))


@transaction.atomic
def add_with_languages(
    languages: Sequence[str], *, name: str, kind: str, url: str, api_key: str = ""
) -> Connection:
    """Add an instance for whoever wants these languages (names or codes), and return it.

    A policy that wants just these is taken, else one with the usual options is made. Raises FieldError
    where it cannot be connected to, ConfigError where a language is none or none is given.
    """
    targets = clean_languages(list(languages))
    if not targets:
        raise ConfigError("joining.no-language")
    policy = Policy.objects.filter(target_languages=targets).first()
    if policy is None:
        policy = Policy.objects.create(name=_free_name(targets), target_languages=targets)
    return instance_settings.add(policy=policy, name=name, kind=kind, url=url, api_key=api_key)


def connect(connection: Connection) -> Joined:
    """Connect to a known instance. Raises `ConfigError`, with one sentence."""
    found = services.test(connection)
    return Joined(connection, found, see_folders(connection, found))


def see_folders(connection: Connection, found: Answer) -> list[SeenFolder]:
    """Return for each root folder of an app whether it is visible on this machine."""
    mappings = list(connection.path_mappings.all())
    seen = []
    for path in found.folders:
        local = local_path(path, mappings)
        problem = check_mapping(path, local) if local.startswith("/") else _NOT_MAPPED
        seen.append(SeenFolder(path, local, problem))
    return seen


_NOT_MAPPED = "It is a path of another machine: add a path mapping."


def _policy(name: str, languages: Sequence[str]) -> Policy:
    """Return the policy of this name, made where it is missing and languages are given."""
    codes = clean_languages(list(languages))
    if not name and not codes:
        return _only_policy()
    found = Policy.objects.filter(name__iexact=name or FIRST_POLICY).first()
    if found is None:
        if not codes:
            known = ", ".join(Policy.objects.values_list("name", flat=True))
            raise ConfigError(
                f"There is no policy called {name}: say with --languages what it wants"
                + (f", or name one of these: {known}." if known else ".")
            )
        return Policy.objects.create(name=name or FIRST_POLICY, target_languages=codes)
    if codes and codes != found.target_languages:
        wants = ", ".join(map(name_of_code, found.target_languages))
        raise ConfigError(
            f"There is a policy called {found.name} already, and it wants {wants}: "
            "leave --languages out, or give the new policy another name with --policy."
        )
    return found


def _only_policy() -> Policy:
    policies = list(Policy.objects.all()[:2])
    if len(policies) == 1:
        return policies[0]
    if policies:
        names = ", ".join(Policy.objects.values_list("name", flat=True))
        raise ConfigError(f"Say with --policy which policy it follows: {names}.")
    raise ConfigError("Say with --languages which languages you want, such as --languages English,Japanese.")


def _free_name(targets: Sequence[str]) -> str:
    """A name for a policy with these targets: `English + German`, numbered where that is taken."""
    wanted = " + ".join(map(name_of_code, targets))[:90]
    taken = set(Policy.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    numbered = (f"{wanted} {number}" for number in count(2))
    return next(name for name in chain([wanted], numbered) if name not in taken)
