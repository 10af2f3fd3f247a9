"""The scanner app: what we do about audio."""

from __future__ import annotations

from django.apps import AppConfig


class ScannerConfig(AppConfig):
    """Registers the scan and reconcile jobs."""

    name = "scanner"

    def ready(self) -> None:
        """Make the jobs of this app known to the engine."""
        from history import sentences
        from jobs import handlers, schedules
        from jobs.tick import on_tick
        from library.models import Verdict
        from library.portable import register_section

        from .language_names import named
        from .portable import INSTANCES, POLICIES
        from .reconcile_job import ReconcileHandler, reconcile_running_scans
        from .scan import ScanHandler
        from .sentences import tell_why

        schedules.declare(schedules.Default("scan", every=6 * 3600, per_instance=True))
        register_section(POLICIES)
        register_section(INSTANCES)
        handlers.register(ScanHandler())
        handlers.register(ReconcileHandler())
        on_tick(reconcile_running_scans)
        sentences.register("language", named)
        sentences.register("verdict", lambda code: str(Verdict(code).label))
        sentences.register("why", tell_why)
