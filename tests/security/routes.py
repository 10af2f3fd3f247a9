"""Every address there is, filled in with rows that are there or with whatever else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

ROWS = {
    "api-keys": "accounts.ApiKey",
    "artwork": "artwork.Entity",
    "audit": "history.AuditEntry",
    "candidates": "artwork.Candidate",
    "channels": "notify.Channel",
    "entities": "artwork.Entity",
    "files": "library.File",
    "history": "history.Event",
    "held": "artwork.ArtSettings",
    "hook": "connections.Connection",
    "connections": "connections.Connection",
    "copies": "catalogue.Copy",
    "editions": "catalogue.Edition",
    "box": "catalogue.SetMember",
    "duplicates": "catalogue.Duplicate",
    "fields": "catalogue.OwnField",
    "libraries": "catalogue.Library",
    "own-fields": "catalogue.OwnField",
    "imports": "catalogue.Import",
    "instance": "connections.Connection",
    "items": "jobs.JobItem",
    "jobs": "jobs.Job",
    "keys": "accounts.ApiKey",
    "labels": "scanner.ManagedLabel",
    "links": "players.Link",
    "media": "library.Media",
    "notifications": "notify.Channel",
    "pictures": "catalogue.Picture",
    "places": "catalogue.Location",
    "players": "players.PlayerSettings",
    "policies": "scanner.Policy",
    "publications": "artwork.Publication",
    "blacklist": "artwork.Rejected",
    "review": "catalogue.ImportRow",
    "reviews": "catalogue.ImportRow",
    "routes": "players.Route",
    "seasons": "catalogue.Season",
    "setup": "connections.Connection",
    "tags": "library.Tag",
    "titles": "players.Link",
    "tasks": "jobs.Schedule",
    "users": "accounts.User",
    "webhook": "connections.Connection",
    "works": "catalogue.Work",
}
"""Which rows the number after a word of an address means."""

WORDS = {
    "badges": "inbox",
    "home": "health",
    "export": "table",
    "lists": "library",
    "backups": "taggarr-20260115-030000.zip",
    "logs": "web.log",
    "wanted": "wrong",
    "add": "ntfy",
}
PARAMETER = re.compile(r"<(?:\w+:)?\w+>|\(\?P<\w+>(?:[^()]|\([^()]*\))*\)")
Choose = Callable[[str], str]
"""What stands for the parameter after these parts of an address."""


@dataclass(frozen=True)
class Route:
    """One pattern of an address."""

    pattern: str

    @property
    def has_ids(self) -> bool:
        """Whether rows are named in it."""
        return bool(PARAMETER.search(self.pattern))

    def filled(self, choose: Choose) -> str:
        """The address with all parameters filled in."""
        address = self.pattern
        while found := PARAMETER.search(address):
            address = address[: found.start()] + choose(address[: found.start()]) + address[found.end() :]
        return re.sub(r"[\\^$?]|\\Z", "", address)


def routes() -> Iterator[Route]:
    """Every route of Taggarr."""

    def walk(patterns: Any, before: str) -> Iterator[Route]:
        for one in patterns:
            here = before + str(one.pattern).lstrip("^").rstrip("$").replace("\\Z", "")
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, here)
            elif isinstance(one, URLPattern):
                yield Route(here)

    yield from walk(get_resolver().url_patterns, "/")


def existing(before: str) -> str:
    """The newest row, or the file, that is there."""
    parts = before.strip("/-").split("/")
    if parts[0] == "admin" and len(parts) >= 3 and parts[1] != "r":
        return _newest(f"{parts[1]}.{parts[2]}")
    word = parts[-1]
    if word == "deliveries":
        return str(apps.get_model("jobs.JobItem")._default_manager.get(job__name="notify").pk)
    if word == "result":
        return str(apps.get_model("jobs.Job")._default_manager.get(name="scan").pk)
    if word == "pictures" and parts[0] == "artwork":
        return "poster" if parts[-2].isdigit() else _newest("artwork.Candidate")
    if word in ROWS and parts[0] != "account":
        return _newest(ROWS[word])
    return "sonarr" if parts[-2:] == ["connections", "add"] else WORDS.get(word, "x")


def _newest(label: str) -> str:
    rows = apps.get_model(label)._default_manager.order_by("pk")
    if label == "connections.Connection":  # most addresses are about those with titles
        rows = rows.filter(source__isnull=False)
    # The first title of artwork has a picture and a publication, the first work a season.
    row = rows.first() if label.startswith("artwork.") or label == "catalogue.Work" else rows.last()
    return str(row.pk) if row else "1"
