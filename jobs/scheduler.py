"""The scheduler that beat runs: django-celery-beat's, but one that forgets no run and shows that it lives."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from core.data_folder import HEARTBEAT

from . import workers

logger = logging.getLogger(__name__)

SKEW = timedelta(minutes=1)
"""So far in the future a last run may lie where several clocks differ."""


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # the package is not typed
    """Knows every enabled task at every hour.

    The original leaves out, to save memory, what is due at an hour of the day that is further than two hours
    from now. A backup at 03:15 that was missed while Taggarr was off would then not be made up for at 09:00.
    """

    def enabled_models_qs(self) -> QuerySet[PeriodicTask]:
        enabled: QuerySet[PeriodicTask] = PeriodicTask.objects.filter(enabled=True)
        return enabled

    def update_from_dict(self, mapping: dict[str, dict[str, Any]]) -> None:
        """Add the tasks of the settings. Raises DatabaseError: beat ends, and is started again.

        The original logs it and goes on without them: for a first start without the tick, for ever.
        """
        entries = {name: self.Entry.from_entry(name, app=self.app, **task) for name, task in mapping.items()}
        self.schedule.update({name: entry for name, entry in entries.items() if entry.model.enabled})

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Do one round, then leave signs of life, for `system.alive` and for health."""
        self._follow_clock_back()
        wait = super().tick(*args, **kwargs)
        path = Path(settings.TAGGARR_DATA) / HEARTBEAT
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch()
        except OSError as error:
            logger.warning("%s cannot be written: %s", path, error.strerror)
        workers.leave_sign()
        return wait

    def close(self) -> None:
        """Write down what was sent, and take the sign of life in Redis away."""
        super().close()
        workers.remove_sign()

    def _follow_clock_back(self) -> None:
        """Count from now what was last sent in the future: the clock was set back.

        Else nothing would be sent until the wrong date comes again, the engine's tick neither.
        """
        now = timezone.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now + SKEW]
        for entry in ahead:
            entry.last_run_at = entry.model.last_run_at = now
            self._dirty.add(entry.name)
        if ahead:
            logger.warning("the clock was set back: %s schedules count from now", len(ahead))
            self._heap = None  # made anew from the entries; it held times of the other clock
