"""What the engine has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core import features
from core.features import Words

TEXTS = {
    "beat.never-ran": _("The scheduler (beat) has never run."),
    "beat.several": _("%(number)d schedulers (beat) are running: %(names)s."),
    "beat.silent": _("The scheduler (beat) is silent."),
    "broker.silent": _("The message broker (Redis) does not answer."),
    "feature.off": _("%(feature)s is switched off: switch it on first."),
    "item.database-away": _("The database could not be reached or was busy."),
    "item.time-limit": _("It took longer than one task may take, and goes on."),
    "item.unexpected": _("An unexpected error (%(kind)s) stopped it: the log says more."),
    "item.worker-lost": _("The worker stopped, or was stopped, in the middle of it."),
    "job.items-failed": ngettext_lazy(
        "%(number)d item of the last job “%(job)s” failed (%(names)s): %(error)s",
        "%(number)d items of the last job “%(job)s” failed (%(names)s): %(error)s",
        "number",
    ),
    "job.last-failed": _("The last %(job)s failed: %(error)s"),
    "job.needs-connection": _("The job %(job)s needs an instance: name one."),
    "job.newer-live": _(
        "%(job)s cannot go on while a newer job of its kind is running: wait for that one, or cancel it."
    ),
    "job.not-startable": _("No job called %(name)s can be started."),
    "job.unknown": _("There is no job called %(name)s; known jobs: %(known)s."),
    "job.without-connection": _("The job %(job)s takes no instance: leave it out."),
    "queue.unserved": _("Work is waiting in the queue “%(queue)s”, and no worker takes it."),
    "schedule.cron": _(
        "“%(line)s” is not a cron line: write minute, hour, day of month, month and day of week, such "
        "as 30 3 * * *."
    ),
    "schedule.daily": _("every day at %(at)s"),
    "schedule.days": ngettext_lazy("every day", "every %(number)d days", "number"),
    "schedule.friday": _("Fridays at %(at)s"),
    "schedule.hours": ngettext_lazy("every hour", "every %(number)d hours", "number"),
    "schedule.interval": _("An interval is %(least)d to %(most)d seconds long."),
    "schedule.minutes": ngettext_lazy("every minute", "every %(number)d minutes", "number"),
    "schedule.monday": _("Mondays at %(at)s"),
    "schedule.never": _("never (disabled)"),
    "schedule.of": _("%(job)s: %(connection)s"),
    "schedule.one-of-two": _("Enter either an interval in seconds or a cron line."),
    "schedule.saturday": _("Saturdays at %(at)s"),
    "schedule.seconds": ngettext_lazy("every second", "every %(number)d seconds", "number"),
    "schedule.sunday": _("Sundays at %(at)s"),
    "schedule.thursday": _("Thursdays at %(at)s"),
    "schedule.tuesday": _("Tuesdays at %(at)s"),
    "schedule.wednesday": _("Wednesdays at %(at)s"),
    "worker.none": _("No worker answers."),
    "worker.none-serves": _("No worker serves %(queues)s."),
}


def _job(name: str) -> str:
    return str(features.words("jobs").get(name, name))


BRINGS = Words(texts={**TEXTS, "job.name": _job}, audited={"schedule": _("schedule")})
