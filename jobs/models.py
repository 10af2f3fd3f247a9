"""Jobs and their items: the queue of record."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.fields import PhraseField
from core.words import Phrase


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    FINISHING = "finishing", _("Finishing")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE_JOB = (JobState.QUEUED, JobState.RUNNING, JobState.FINISHING)


class ItemState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    CLAIMED = "claimed", _("Running")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE_ITEM = (ItemState.PENDING, ItemState.CLAIMED)


class Trigger(models.TextChoices):
    MANUAL = "manual", _("By hand")
    SCHEDULED = "scheduled", _("Schedule")
    WEBHOOK = "webhook", _("Webhook")
    API = "api", _("API")


class Queue(StrEnum):
    """Which workers run an item. The database keeps the name alone."""

    BULK = "bulk"
    INTERACTIVE = "interactive"
    IO = "io"


OUTCOME = "outcome"
"""The key in a job's summary under which stands the phrase of `Job.outcome`."""


class Job(models.Model):
    """One piece of background work that a person can see, cancel and retry; about one subject alone, or none.

    `dedupe_key` is unique among live jobs; `queue` is where its items go that name none.
    """

    name = models.CharField(max_length=50)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.MANUAL)
    connection = models.ForeignKey(Connection, on_delete=models.SET_NULL, null=True, related_name="jobs")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="jobs"
    )
    subject_kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    subject_id = models.BigIntegerField(null=True)
    dedupe_key = models.CharField(max_length=100, blank=True)
    queue = models.CharField(max_length=20, default=Queue.BULK.value)
    summary = models.JSONField(default=dict)
    error = PhraseField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                name="job_dedupe_key_of_live_jobs",
                condition=models.Q(state__in=[s.value for s in LIVE_JOB]) & ~models.Q(dedupe_key=""),
            )
        ]
        indexes = [
            models.Index(
                fields=["name"],
                name="job_live",
                condition=models.Q(state__in=[s.value for s in LIVE_JOB]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_JOB

    @property
    def outcome(self) -> str:
        """What a completed job says in place of that, such as what waits for a person; else empty."""
        return Phrase.of(self.summary[OUTCOME]) if OUTCOME in self.summary else ""


class JobItem(models.Model):
    """One unit of a job. `step` is `plan`, `finish` or a unit's own (`media`); `key` is unique in its job.

    `claim` is the fencing token of the worker that holds it; `published_at` is when its last doorbell was
    sent; `again` asks that it be done once more after the present run. `waits_since` is when its claim or
    its wait was last set: in the future only where the clock was set back since (`jobs.tick`).
    """

    # Every index below that begins with the job serves as the key's own.
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items", db_index=False)
    step = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    queue = models.CharField(max_length=20, default=Queue.BULK.value)
    subject_kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    subject_id = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    waits_since = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    again = models.BooleanField(default=False)
    error_kind = models.CharField(max_length=50, blank=True)
    error = PhraseField(blank=True)
    result = models.JSONField(default=dict)
    took_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="job_item_key_is_unique")]
        indexes = [
            models.Index(
                fields=["job", "id"],
                name="job_item_live",
                condition=models.Q(state__in=[s.value for s in LIVE_ITEM]),
            ),
            models.Index(
                fields=["queue", "due_at", "id"],
                name="job_item_unrung",
                condition=models.Q(state="pending", published_at=None),
            ),
            models.Index(
                fields=["queue", "published_at"],
                name="job_item_rung",
                condition=models.Q(state="pending", published_at__isnull=False),
            ),
            models.Index(fields=["job"], name="job_item_failed", condition=models.Q(state="failed")),
            models.Index(fields=["lease_until"], name="job_item_leased", condition=models.Q(state="claimed")),
            models.Index(
                fields=["subject_kind", "subject_id"],
                name="job_item_live_subject",
                condition=models.Q(state__in=[s.value for s in LIVE_ITEM]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.job_id}"


class Schedule(models.Model):
    """When a job starts by itself: `every` so many seconds, or by `cron` in the time zone of the settings.

    There is one for a job, or for a job of a connection; beat works by a copy of it (`jobs.schedules`).
    `heard_at` is when beat's message last arrived, whether or not that started a job.
    """

    job = models.CharField(max_length=50)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, related_name="schedules")
    every = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds.")
    cron = models.CharField(
        max_length=100, blank=True, help_text="Minute, hour, day of month, month, day of week: 30 3 * * *"
    )
    params = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    last_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    last_started_at = models.DateTimeField(null=True, editable=False)
    heard_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["job", "connection__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "connection"], name="schedule_is_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="schedule_is_interval_or_cron",
                condition=models.Q(every__isnull=False, cron="")
                | (models.Q(every__isnull=True) & ~models.Q(cron="")),
            ),
        ]

    def __str__(self) -> str:
        called = self.get_job_display()
        return Phrase("schedule.of", job=called, connection=self.connection) if self.connection_id else called

    def get_job_display(self) -> Phrase:
        return Phrase("job.name", name=self.job)
