"""Starting the scans that a person asked for on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from connections.models import Breaker, Connection
from core.errors import ConfigError
from scanner import lookup
from scanner.scan.starting import ScanParams, start_media_scan, start_scan

from .following import Followed, shut_off


@dataclass(slots=True)
class Started:
    """The scans that were started or joined; the sentences why others were not; and what else to say."""

    scans: list[Followed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def start_scans(names: Sequence[str], params: ScanParams) -> Started:
    """Start a scan of each of these instances (all that are enabled where none is named), or join a live one.

    Raises `ConfigError` where an instance is unknown or disabled, or none could be started.
    """
    started = Started()
    for connection in lookup.instances_to_scan(names):
        if connection.breaker != Breaker.CLOSED:
            started.refused.append(shut_off(connection))
            continue
        job, is_new = start_scan(connection, params)
        started.scans.append(Followed(job))
        if not is_new:
            started.notes.append(_joined(connection, job.params, params))
    if not started.scans:
        raise ConfigError("\n".join(started.refused))
    return started


def start_one(text: str, params: ScanParams) -> Started:
    """Start the scan of the one title that `text` names. Raises `ConfigError`."""
    media = lookup.media_named(text)
    if media.connection.breaker != Breaker.CLOSED:
        raise ConfigError(shut_off(media.connection))
    item = start_media_scan(media, params)
    return Started([Followed(item.job, item)])


def _joined(connection: Connection, running: dict[str, object], asked: ScanParams) -> str:
    if running == asdict(asked):
        return f"A scan of {connection.name} is under way already: waiting for that one."
    return (
        f"A scan of {connection.name} with other options (mode {running.get('mode')}) is under way already: "
        "waiting for that one."
    )
