"""Other programs and services: where they are, their secrets, and whether calls to them are let through."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core import masking
from core.errors import ConfigError
from core.fields import PhraseField
from core.secrets import EncryptedTextField, RowKey

from . import kinds


class Breaker(models.TextChoices):
    """Whether calls are let through (`refused`: the secret is wrong, and none goes until it is edited)."""

    CLOSED = "closed", _("connected")
    OPEN = "open", _("does not answer")
    REFUSED = "refused", _("refuses the secret")


def _known_kind(slug: str) -> None:
    try:
        kinds.kind_of(slug)
    except ConfigError as error:
        raise ValidationError(str(error)) from None


class Connection(models.Model):
    """One program or service that Taggarr talks to.

    `secret` holds the secrets of its kind as one JSON object, `options` what else its kind asks for.
    `rate_at` is when the next call would be due if all went evenly, `held_until` is until when the service
    asked us to wait (`connections.rate`).
    """

    id = RowKey(primary_key=True)
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=30, validators=[_known_kind])
    url = models.CharField(max_length=500)
    secret = EncryptedTextField(blank=True, default="")
    enabled = models.BooleanField(default=True)
    options = models.JSONField(default=dict, blank=True)

    version = models.CharField(max_length=50, blank=True, editable=False)
    latency_ms = models.PositiveIntegerField(null=True, editable=False)
    breaker = models.CharField(max_length=10, choices=Breaker, default=Breaker.CLOSED, editable=False)
    breaker_failures = models.PositiveIntegerField(default=0, editable=False)
    breaker_open_until = models.DateTimeField(null=True, editable=False)
    breaker_pause = models.PositiveIntegerField(default=0, editable=False, help_text="Seconds.")
    breaker_reason = PhraseField(blank=True, editable=False)
    rate_at = models.DateTimeField(null=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="connection_name_is_unique")]

    def __str__(self) -> str:
        return self.name

    def get_kind_display(self) -> str:
        return str(kinds.kind_of(self.kind).title)

    def secrets(self) -> dict[str, str]:
        """All secrets in plain text, from now on masked in logs. Raises ConfigError if no key fits."""
        found: dict[str, str] = json.loads(self.secret.reveal() or "{}")
        for plain in found.values():
            masking.remember(plain)
        return found

    def reveal(self, name: str) -> str:
        """One secret in plain text, empty where there is none. Raises ConfigError where no key opens it."""
        return self.secrets().get(name, "")

    def holds(self, secrets: Mapping[str, str]) -> bool:
        """Whether these are its secrets; what no key opens any more holds nothing."""
        try:
            return self.secrets() == dict(secrets)
        except ConfigError:
            return False

    def keep_secrets(self, secrets: Mapping[str, str]) -> None:
        """Seal these secrets in place of those before, from now on masked in logs; the caller saves."""
        for plain in secrets.values():
            masking.remember(plain)
        self.secret = json.dumps(dict(secrets)) if any(secrets.values()) else ""
