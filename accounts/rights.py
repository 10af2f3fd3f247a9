"""Who may do what: the one place that answers it, for pages, the API and whatever else asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from accounts.models import ApiKey, Role, Scope, User
from core.features import Brings, contribution


@dataclass(frozen=True, slots=True)
class Need:
    """What an act asks of whoever wants it: a scope of a key, and a role or one above it.

    No key has a scope for what is done `in_person`.
    """

    scope: Scope | None
    role: Role = Role.ADMIN

    @property
    def in_person(self) -> bool:
        return self.scope is None


LOOK = Need(Scope.READ, Role.VIEWER)
"""See the library, jobs, history and health."""

OWN = Need(Scope.WRITE, Role.VIEWER)
"""Change what is one's own matter: how one stands to a thing."""

ADD = Need(Scope.WRITE, Role.USER)
"""Add things of one's own, and edit those."""

CHANGE = Need(Scope.WRITE)
"""Scan, tag, and change policies and titles."""

MANAGE = Need(Scope.SETTINGS)
"""See and change how Taggarr is set up."""

IN_PERSON = Need(None)
"""What would outlive a stolen key or session, or hands everything out: users, keys, channels, downloads,
restore."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Who may send a large file to an address, and how many bytes; an admin as many `of_admins`."""

    need: Need
    most: int
    of_admins: int = 0

    def of(self, user: User) -> int:
        return max(self.most, self.of_admins) if user.role == Role.ADMIN else self.most


@contribution
@dataclass(frozen=True)
class Allowances(Brings):
    """Addresses that take large files, by how they end."""

    MODULE = "allowances"

    addresses: Mapping[str, Allowance] = field(default_factory=dict)


_RANKS = (Role.VIEWER, Role.USER, Role.ADMIN)


class Refusal(Enum):
    STRANGER = auto()
    ROLE = auto()
    KEY = auto()
    SCOPE = auto()
    OLD_SIGN_IN = auto()


def refusal(need: Need, user: Any, *, key: ApiKey | None = None, recent: bool = False) -> Refusal | None:
    """Return why a user may not, None where they may; `recent` says that their sign-in is.

    With a `key` it is asked for the key, which never does more than its owner.
    """
    if not user.is_authenticated or not user.is_active:
        return Refusal.STRANGER
    if _RANKS.index(user.role) < _RANKS.index(need.role):
        return Refusal.ROLE
    if key is not None:
        if need.in_person:
            return Refusal.KEY
        return None if need.scope in key.scopes else Refusal.SCOPE
    return Refusal.OLD_SIGN_IN if need.in_person and not recent else None
