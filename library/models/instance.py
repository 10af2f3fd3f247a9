"""Connected Sonarr and Radarr servers, their tags and path mappings."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from library.fields import EncryptedTextField

from .policy import Policy, valid_label


class Kind(models.TextChoices):
    """Which app an instance runs."""

    SONARR = "sonarr", "Sonarr"
    RADARR = "radarr", "Radarr"


class FactsFrom(models.TextChoices):
    """Where the facts of an instance's files come from."""

    AUTO = "auto", _("Disk where the file is visible, else the app")
    DISK = "disk", _("Disk only")
    ARR = "arr", _("The app only")


class Breaker(models.TextChoices):
    """Whether calls to an instance are let through (`auth`: not until the instance is edited)."""

    CLOSED = "closed", _("Closed")
    OPEN = "open", _("Open")
    AUTH = "auth", _("Wrong API key")


class Instance(models.Model):
    """One Sonarr or Radarr server that we are connected to."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    url = models.CharField(max_length=500, help_text="With the URL base, such as http://nas:8989/sonarr")
    api_key = EncryptedTextField()
    enabled = models.BooleanField(default=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="instances")
    webhook_token = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the token, in hexadecimal."
    )
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

    app_version = models.CharField(max_length=50, blank=True, editable=False)
    last_sync_at = models.DateTimeField(null=True, editable=False)
    last_full_scan_at = models.DateTimeField(null=True, editable=False)
    last_deep_scan_at = models.DateTimeField(null=True, editable=False)
    held_since = models.DateTimeField(null=True, editable=False)
    held_reason = models.TextField(blank=True, editable=False)
    orphans_held = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Media that the last sync kept though the app no longer lists them.",
    )
    orphans_released = models.PositiveIntegerField(
        default=0, editable=False, help_text="So many the next sync may forget: a person has looked at them."
    )

    breaker = models.CharField(max_length=10, choices=Breaker, default=Breaker.CLOSED, editable=False)
    breaker_failures = models.PositiveIntegerField(default=0, editable=False)
    breaker_open_until = models.DateTimeField(null=True, editable=False)
    breaker_pause = models.PositiveIntegerField(default=0, editable=False, help_text="Seconds.")
    breaker_reason = models.TextField(blank=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Instances are listed by name, which is unique whatever its case."""

        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="instance_name_is_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sonarr(self) -> bool:
        """Whether this instance holds series (else movies)."""
        return self.kind == Kind.SONARR


class PathMapping(models.Model):
    """Says under which folder here a folder of the instance is found."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="path_mappings")
    remote_prefix = models.CharField(max_length=1000, help_text="The folder as the app names it.")
    local_prefix = models.CharField(max_length=1000, help_text="The same folder as Taggarr sees it.")

    class Meta:
        """One mapping for each folder of an instance."""

        constraints = [
            models.UniqueConstraint(fields=["instance", "remote_prefix"], name="path_mapping_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.remote_prefix} → {self.local_prefix}"


class Tag(models.Model):
    """A tag of an instance as the last sync saw it. Its id is not trusted across syncs."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="tags")
    arr_id = models.IntegerField()
    label = models.CharField(max_length=200)

    class Meta:
        """The app's own ids are unique within an instance."""

        constraints = [models.UniqueConstraint(fields=["instance", "arr_id"], name="tag_is_unique")]

    def __str__(self) -> str:
        return self.label


class ManagedLabel(models.Model):
    """A label that Taggarr writes, or once wrote, to an instance.

    `found` is true where the label stood there before we ever wrote it and nobody has said yet whether it
    may be adopted: until then it is neither added nor removed. `of_language` is true for a label that stands
    for a language and not for a verdict.
    """

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="managed_labels")
    label = models.CharField(max_length=50, validators=[valid_label])
    found = models.BooleanField(default=False)
    of_language = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One row a label."""

        constraints = [models.UniqueConstraint(fields=["instance", "label"], name="managed_label_is_unique")]

    def __str__(self) -> str:
        return self.label
