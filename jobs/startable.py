"""Jobs that are started by their name: what the API offers, and pages and commands start too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connections.models import Connection
from core.errors import ConfigError
from core.words import Phrase

from .handlers import may_start
from .models import Job, Trigger

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Startable:
    """A job that is started by its name; `of_connection` says that it is of one, and of which must be said.

    `start` takes `params`, `trigger` and `user` by name, and `connection` where it is of one. It returns the
    job and True; or False with a live job that stands in its way.
    """

    name: str
    start: Callable[..., tuple[Job, bool]]
    of_connection: bool = False


_known: dict[str, Startable] = {}


def declare(job: Startable) -> None:
    """Make a job known; `jobs.contract` does."""
    _known[job.name] = job


def names() -> list[str]:
    return list(_known)


def start(
    name: str,
    *,
    connection: Connection | None = None,
    params: Mapping[str, Any] | None = None,
    trigger: Trigger = Trigger.MANUAL,
    user: User | None = None,
) -> tuple[Job, bool]:
    """Start a job; return it and True, or the live one that stands in its way and False.

    Raises ConfigError for an unknown job, a wrong parameter, a feature that is off, and where a connection is
    missing or too much.
    """
    job = _known.get(name)
    if job is None:
        raise ConfigError("job.not-startable", name=name)
    if job.of_connection != (connection is not None):
        raise ConfigError(connection_trouble(name))
    may_start(name)
    about = {"connection": connection} if connection else {}
    return job.start(**about, params=dict(params or {}), trigger=trigger, user=user)


def is_of_connection(name: str) -> bool:
    """Whether a job is of one connection."""
    return _known[name].of_connection


def connection_trouble(name: str) -> str:
    """What to tell whoever named no connection, or one too much."""
    if is_of_connection(name):
        return Phrase("job.needs-connection", job=name)
    return Phrase("job.without-connection", job=name)
