"""Connecting an instance by the languages that are wanted alone: its policy is found or made."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import TYPE_CHECKING

from django.db import transaction

from connections.models import Connection
from core.errors import ConfigError
from scanner.languages.codes import name_of_code
from scanner.models import Policy
from scanner.verdict.rules import clean_languages

from . import instance_settings

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def add_with_languages(
    languages: Sequence[str], *, name: str, kind: str, url: str, api_key: str = "", user: User | None = None
) -> Connection:
    """Add an instance for whoever wants these languages (names or codes), and return it.

    A policy that wants just these is taken, else one with the usual options is made. Raises FieldError
    where it cannot be connected to, ConfigError where a language is none or none is given.
    """
    targets = clean_languages(list(languages))
    if not targets:
        raise ConfigError("Name at least one language.")
    policy = Policy.objects.filter(target_languages=targets).first()
    if policy is None:
        policy = Policy.objects.create(name=_free_name(targets), target_languages=targets)
    return instance_settings.add(user=user, policy=policy, name=name, kind=kind, url=url, api_key=api_key)


def _free_name(targets: Sequence[str]) -> str:
    """A name for a policy with these targets: `English + German`, numbered where that is taken."""
    wanted = " + ".join(map(name_of_code, targets))[:90]
    taken = set(Policy.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    numbered = (f"{wanted} {number}" for number in count(2))
    return next(name for name in chain([wanted], numbered) if name not in taken)
