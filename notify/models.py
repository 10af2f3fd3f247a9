"""Channels, and the messages that go through them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.fields import PhraseField
from core.secrets import EncryptedTextField, RowKey
from history.models import Event
from jobs.models import Job

from .contract import default_topics

TEST = "test"
"""The topic of the message that somebody sends to see whether a channel works; no channel can choose it."""


class ChannelKind(models.TextChoices):
    """How a channel is reached. Those but the last two have a form of their own (`notify.kinds`)."""

    DISCORD = "discord", "Discord"
    TELEGRAM = "telegram", "Telegram"
    EMAIL = "email", _("E-mail")
    PUSHOVER = "pushover", "Pushover"
    GOTIFY = "gotify", "Gotify"
    NTFY = "ntfy", "ntfy"
    APPRISE = "apprise", _("Apprise address")
    WEBHOOK = "webhook", _("JSON webhook")


class Channel(models.Model):
    """One way to tell somebody something.

    `address` is the Apprise address, or the webhook's; it holds tokens, so it is encrypted and never shown.
    `secret` signs what goes to a webhook. `paused_until` keeps messages waiting after failures.
    """

    id = RowKey(primary_key=True)
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=ChannelKind)
    address = EncryptedTextField()
    secret = EncryptedTextField(blank=True)
    enabled = models.BooleanField(default=True)
    topics = ArrayField(models.CharField(max_length=40), default=default_topics)
    connections = models.ManyToManyField(
        Connection, blank=True, related_name="channels", help_text="None chosen: all of them."
    )
    always = models.BooleanField(
        default=False, help_text="Tell of every completed scan, also where nothing changed."
    )

    failures = models.PositiveIntegerField(default=0, editable=False)
    last_error = PhraseField(blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    paused_until = models.DateTimeField(null=True, editable=False)
    last_sent_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def forget_failures(self) -> None:
        """As if it had never failed, so that messages go out at once; nothing is saved."""
        self.failures, self.last_error = 0, ""
        self.failing_since = self.paused_until = None


class Message(models.Model):
    """Something worth telling. It is delivered by a job with one item for each channel."""

    topic = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField()
    link = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)
    connection = models.ForeignKey(Connection, on_delete=models.SET_NULL, null=True, related_name="messages")
    delivery = models.OneToOneField(Job, on_delete=models.CASCADE, null=True, related_name="message")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class Told(models.Model):
    """Marks a job, or an event, of which messages have been made: each is told once."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, null=True, related_name="told")
    event = models.OneToOneField(Event, on_delete=models.CASCADE, null=True, related_name="told")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"job {self.job_id}" if self.job_id else f"event {self.event_id}"
