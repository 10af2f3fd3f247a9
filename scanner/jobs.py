"""The jobs of the scanner."""

from __future__ import annotations

from jobs.contract import Jobs, Periodic
from jobs.schedules import Default
from library.models import Kind
from scanner import root_watch
from scanner.look_again import LookAgainHandler, look_again
from scanner.scan.job import ScanHandler
from scanner.scan.reconcile_job import ReconcileHandler, reconcile_running_scans

BRINGS = Jobs(
    handlers=(ScanHandler(), ReconcileHandler(), LookAgainHandler()),
    schedules=(Default("scan", every=6 * 3600, kinds=tuple(Kind.values)),),
    ticks=(reconcile_running_scans, look_again),
    periodic=(Periodic("look_at_roots", 60.0, root_watch.look),),
)
