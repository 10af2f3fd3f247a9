"""History: what changed, why, by whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.words import Phrase


class EventKind(models.TextChoices):
    """What an event tells, where that is no app's own: apps bring theirs in their words."""

    BY_HAND = "by_hand", _("Done by hand")
    PROBLEM = "problem", _("Problem")


class Event(models.Model):
    """One line of history. It outlives its subject: `title` keeps that one's name."""

    time = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=30)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="events"
    )
    connection = models.ForeignKey(
        "connections.Connection", on_delete=models.SET_NULL, null=True, related_name="events"
    )
    subject_kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    subject_id = models.BigIntegerField(null=True)
    job = models.ForeignKey("jobs.Job", on_delete=models.SET_NULL, null=True, related_name="events")
    title = models.CharField(max_length=500, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    code = models.CharField(max_length=80)
    params = models.JSONField(default=dict)

    class Meta:
        ordering = ["-time", "-id"]
        indexes = [
            models.Index(fields=["-time", "-id"], name="event_time"),
            models.Index(fields=["job", "kind"], name="event_job_kind"),
            models.Index(
                fields=["subject_kind", "subject_id"],
                name="event_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> Phrase:
        """What happened; templates show it in the language of the page."""
        return Phrase(self.code, **self.params)


class AuditEntry(models.Model):
    """One line of the audit log. Its names outlive the rows that they name.

    `target` is a name, or with `params` the code of a phrase. Who signs in with a code for a name makes none.
    """

    time = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="audit"
    )
    actor_name = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=20)
    kind = models.CharField(max_length=50, blank=True)
    target = models.CharField(max_length=300, blank=True)
    params = models.JSONField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-time", "-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["-time", "-id"], name="audit_time")]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.called}".strip()

    @property
    def called(self) -> str:
        """What it was done to; templates show a phrase in the language of the page."""
        return self.target if self.params is None else Phrase(self.target, **self.params)
