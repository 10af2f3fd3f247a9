"""The jobs of the system."""

from __future__ import annotations

from django.conf import settings

from accounts import password_resets
from jobs.contract import Default, Jobs, Periodic, Startable
from jobs.models import Queue

from .backup.job import BackupHandler, start_backup
from .cleanup import CleanupHandler
from .health import watch
from .versions import look_for_newer

BRINGS = Jobs(
    handlers=(BackupHandler(), CleanupHandler()),
    startable=(Startable("backup", start_backup),),
    schedules=(Default("backup", cron="15 3 * * *"), Default("cleanup", cron="45 4 * * *")),
    periodic=(
        # Health looks into mapped folders: where a mount hangs, that must not hold what the tick needs.
        Periodic("watch_health", 60.0, watch.look, Queue.INTERACTIVE),
        Periodic("look_for_newer", 24 * 3600.0, look_for_newer, life=3600),
        *((Periodic("send_password_resets", 10.0, password_resets.send_due),) if settings.MAIL else ()),
    ),
)
