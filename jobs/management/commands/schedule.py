"""`manage.py schedule`: when jobs start by themselves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.console import PlainCommand, table_of
from core.errors import ConfigError
from jobs.models import Schedule
from jobs.schedules import describe, ensure, run_now, save_schedule


class Command(PlainCommand):
    help = "List the schedules; change one; start its job now."
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "action", nargs="?", choices=["list", "set", "run"], default="list", help="list, if not named"
        )
        parser.add_argument("job", nargs="?", default="", help="such as scan, backup, cleanup")
        parser.add_argument("--instance", default="", metavar="NAME", help="where several have one")
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--every", type=int, metavar="SECONDS", help="so long after its last start")
        when.add_argument("--cron", metavar="LINE", help="such as '30 3 * * *', in the time zone of TZ")
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument("--enable", action="store_true", help="let it start jobs")
        switch.add_argument("--disable", action="store_true", help="let it start none")

    def run(self, **options: Any) -> None:
        ensure()
        if options["action"] == "list":
            rows = [_row(schedule) for schedule in Schedule.objects.select_related("connection")]
            cells = [[row["job"], row["instance"], row["when"], row["last_started_at"] or ""] for row in rows]
            self.answer(rows, [table_of("Job", "Instance", "When", "Last started", rows=cells)])
            return
        schedule = _find(options["job"], options["instance"])
        if options["action"] == "run":
            job, is_new = run_now(schedule)
            self.answer({"job": job.pk, "started": is_new}, _started(str(job), is_new))
            return
        if options["every"] is not None or options["cron"]:
            schedule.every, schedule.cron = options["every"], options["cron"] or ""
        if options["enable"] or options["disable"]:
            schedule.enabled = options["enable"]
        save_schedule(schedule)
        self.answer(_row(schedule), f"{schedule}, {describe(schedule)}")


def _find(job: str, connection: str) -> Schedule:
    found = Schedule.objects.select_related("connection").filter(job=job)
    if connection:
        found = found.filter(connection__name__iexact=connection)
    schedules = list(found)
    if len(schedules) != 1:
        why = "name its instance with --instance" if schedules else "manage.py schedule lists those there are"
        number = "several schedules" if schedules else "no schedule"
        raise ConfigError(f"There is {number} of {job or 'nothing'}: {why}.")
    return schedules[0]


def _row(schedule: Schedule) -> dict[str, Any]:
    last = schedule.last_started_at
    return {
        "job": schedule.job,
        "instance": schedule.connection.name if schedule.connection else "",
        "when": describe(schedule),
        "every": schedule.every,
        "cron": schedule.cron,
        "enabled": schedule.enabled,
        "last_started_at": f"{timezone.localtime(last):%Y-%m-%d %H:%M}" if last else None,
    }


def _started(job: str, is_new: bool) -> str:
    return f"Started {job}." if is_new else f"{job} runs already."
