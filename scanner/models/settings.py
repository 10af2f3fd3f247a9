"""How an instance is scanned, and the labels that Taggarr writes to it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.fields import PhraseField

from .policy import Policy, valid_label


class FactsFrom(models.TextChoices):
    AUTO = "auto", _("Disk where the file is visible, else the app")
    DISK = "disk", _("Disk only")
    ARR = "arr", _("The app only")


class ScanSettings(models.Model):
    """The policy of an instance, how careful scans of it are, and how far they have come."""

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="scan_settings"
    )
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="scan_settings")
    facts_from = models.CharField(max_length=10, choices=FactsFrom, default=FactsFrom.AUTO)
    deep_scan_every = models.PositiveIntegerField(
        default=7 * 24 * 3600, help_text="Seconds between two looks at every file's size and time."
    )
    brake_verdicts_percent = models.PositiveSmallIntegerField(
        default=20, help_text="A scan that changes more of the verdicts than this stops and asks."
    )
    brake_orphans_percent = models.PositiveSmallIntegerField(
        default=10, help_text="A scan that would forget more of the media than this stops and asks."
    )
    last_full_scan_at = models.DateTimeField(null=True, editable=False)
    last_deep_scan_at = models.DateTimeField(null=True, editable=False)
    held_since = models.DateTimeField(null=True, editable=False)
    held_reason = PhraseField(blank=True, editable=False)
    in_setup = models.BooleanField(
        default=False, editable=False, help_text="Held until its first run has been walked through."
    )

    class Meta:
        verbose_name = "scan settings"
        verbose_name_plural = "scan settings"

    def __str__(self) -> str:
        return str(self.connection)


class ManagedLabel(models.Model):
    """A label that Taggarr writes, or once wrote, to an instance.

    `found` is true where the label stood there before we ever wrote it and nobody has said yet whether it
    may be adopted: until then it is neither added nor removed. `of_language` is true for a label that stands
    for a language and not for a verdict. `left_alone` says that a person was asked and left it as it is.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="managed_labels")
    label = models.CharField(max_length=50, validators=[valid_label])
    found = models.BooleanField(default=False)
    left_alone = models.BooleanField(default=False, db_default=False)
    of_language = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "label"], name="managed_label_is_unique")
        ]

    def __str__(self) -> str:
        return self.label
