"""What is told of the system: its health, newer versions, and backups that failed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from history.models import Event
from jobs.models import Job, JobState
from notify.contract import News, Notice, Topic, link_to
from system.words import SystemEvent

HEALTH_ISSUE = Topic("health_issue", _("Health issue"), "system/news/health_issue.txt", "warning")
HEALTH_RESTORED = Topic("health_restored", _("Health restored"), "system/news/health_restored.txt", "success")
NEW_VERSION = Topic("new_version", _("New version"), "system/news/new_version.txt")
BACKUP_FAILED = Topic("backup_failed", _("Backup failed"), "system/news/backup_failed.txt", "failure")


def _of_backup(job: Job) -> Iterator[Notice]:
    if job.state == JobState.FAILED:
        data = {"job": job.pk, "error": job.error, "summary": job.summary}
        yield Notice(BACKUP_FAILED.name, {"error": job.error}, data, link=link_to("job", job.pk))


def _of_health(event: Event) -> Iterator[Notice]:
    topic = HEALTH_ISSUE if event.kind == SystemEvent.HEALTH else HEALTH_RESTORED
    yield _of_event(event, topic, "health")


def _of_version(event: Event) -> Iterator[Notice]:
    yield _of_event(event, NEW_VERSION, "system")


def _of_event(event: Event, topic: Topic, page: str) -> Notice:
    issue = event.after if isinstance(event.after, dict) else {}
    return Notice(
        topic.name,
        {"event": event, "issue": issue},
        data={"source": event.title, "issue": issue, "text": event.text},
        connection=event.connection,
        link=link_to(page),
        about=event.title,
    )


BRINGS = News(
    topics=(HEALTH_ISSUE, HEALTH_RESTORED, NEW_VERSION, BACKUP_FAILED),
    jobs={"backup": _of_backup},
    events={
        SystemEvent.HEALTH.value: _of_health,
        SystemEvent.RESTORED.value: _of_health,
        SystemEvent.NEW_VERSION.value: _of_version,
    },
)
