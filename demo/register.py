"""Makes the demo's account, policy and connections, switches features on, and waits for a worker.

A program of its own (`python -m demo.register`), because it needs Django, and its connections must be closed
before the demo stops the database. What to make comes as one JSON object on standard input.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, TypedDict

from core import env
from core.loading import load

POLICY = "English dub"
ARTWORK = {
    "art_languages": "original, en, none",
    "art_rules": [{"type": art, "rule": "most 0"} for art in ("banner", "clearlogo")],
}
"""Which pictures the demo wants of each title: those that one sees first."""

WORKER_LIMIT = 60.0


class InstanceToMake(TypedDict):
    """One stand-in, as the instance that it becomes."""

    name: str
    kind: str
    url: str
    api_key: str


class ProgramToMake(TypedDict):
    """A stand-in of a player or a provider; `key` is its secret, by the name that its kind has for it."""

    name: str
    kind: str
    url: str
    key: dict[str, str]


class ToMake(TypedDict):
    user: str
    password: str
    targets: list[str]
    instances: list[InstanceToMake]
    programs: list[ProgramToMake]
    features: list[str]


def make(wanted: ToMake) -> None:
    """Make what is not there; bring the password and the instances' addresses up to date.

    Raises ConfigError where a stand-in does not answer.
    """
    from scanner.models import Policy
    from system import switches

    for key in wanted["features"]:
        switches.switch(key, True)
    _account(wanted["user"], wanted["password"])
    # The apps are stand-ins: nothing can be lost by showing what may be asked of them.
    shown = {"target_languages": list(wanted["targets"]), "allow_search": True, "allow_unmonitor": True}
    policy, _ = Policy.objects.get_or_create(name=POLICY, defaults=shown)
    for instance in wanted["instances"]:
        _connection({**instance}, {"api_key": instance["api_key"]}, policy=policy, **ARTWORK)
    for program in wanted["programs"]:
        about = {name: program[name] for name in ("name", "kind", "url")}
        _connection({**about, **program["key"]}, program["key"])


def _account(name: str, password: str) -> None:
    from accounts.models import Role, User

    user, _ = User.objects.get_or_create(username=name)
    if not user.check_password(password):
        user.set_password(password)
    user.role = Role.ADMIN
    user.save()


def _connection(wanted: dict[str, Any], secrets: dict[str, Any], **beside: Any) -> None:
    from connections import services
    from connections.models import Connection

    known = Connection.objects.filter(name=wanted["name"]).first()
    if known is None:
        services.add(**wanted, **beside)
    elif known.url != wanted["url"] or not known.holds(secrets):
        services.edit(known, url=wanted["url"], **secrets)


def wait_for_worker() -> None:
    """Return when a worker takes scans. Raises ConfigError after a minute without one."""
    from core.errors import ConfigError
    from jobs.models import Queue
    from jobs.workers import why_not_served

    end = time.monotonic() + WORKER_LIMIT
    while reason := why_not_served(Queue.BULK):
        if time.monotonic() > end:
            raise ConfigError(f"The workers did not start: {reason}")


def main() -> None:
    load()
    with env.refusing():
        make(json.load(sys.stdin))
        wait_for_worker()


if __name__ == "__main__":
    main()
