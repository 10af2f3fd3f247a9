"""The jobs of the scanner."""

from __future__ import annotations

from typing import Any

from connections.models import Connection
from core.errors import ConfigError
from jobs.contract import Default, Jobs, Periodic, Startable
from jobs.models import Job
from library.models import Kind
from scanner import root_watch
from scanner.look_again import LookAgainHandler, look_again
from scanner.new_nfos import follow_nfos
from scanner.policies import DecideHandler
from scanner.root_asking import CheckRootsHandler
from scanner.scan import starting
from scanner.scan.fetch_job import FetchHandler
from scanner.scan.job import ScanHandler
from scanner.scan.reconcile import ReconcileHandler, reconcile_running_scans
from scanner.scan.starting import ScanParams


def _start_scan(*, connection: Connection, params: dict[str, Any], **asked: Any) -> tuple[Job, bool]:
    return starting.start_scan(connection, ScanParams.of(params), **asked)


def _start_reconcile(*, connection: Connection, params: dict[str, Any], **asked: Any) -> tuple[Job, bool]:
    if params:
        raise ConfigError("A reconcile of an instance has no parameters.")
    return starting.start_reconcile(connection, **asked), True


BRINGS = Jobs(
    handlers=(
        ScanHandler(),
        ReconcileHandler(),
        LookAgainHandler(),
        FetchHandler(),
        DecideHandler(),
        CheckRootsHandler(),
    ),
    startable=(
        Startable("scan", _start_scan, of_connection=True),
        Startable("reconcile", _start_reconcile, of_connection=True),
    ),
    schedules=(Default("scan", every=6 * 3600, kinds=tuple(Kind.values)),),
    ticks=(reconcile_running_scans, look_again, follow_nfos),
    periodic=(Periodic("look_at_roots", 60.0, root_watch.look),),
)
