"""Where series and movies come from: what a connection to them has beside, its tags and path mappings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models import Connection


class Kind(models.TextChoices):
    SONARR = "sonarr", "Sonarr"
    RADARR = "radarr", "Radarr"
    SERIES_FOLDER = "series_folder", _("Folder of series")
    MOVIE_FOLDER = "movie_folder", _("Folder of movies")


SERIES_KINDS = (Kind.SONARR, Kind.SERIES_FOLDER)
FOLDER_KINDS = (Kind.SERIES_FOLDER, Kind.MOVIE_FOLDER)
"""Plain folders: no app says what is in them, and none holds their tags."""


class Source(models.Model):
    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="source"
    )
    webhook_token = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the token, in hexadecimal."
    )
    webhook_failures = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often a receiver failed to take a webhook."
    )
    last_sync_at = models.DateTimeField(null=True, editable=False)
    orphans_held = ArrayField(
        models.IntegerField(),
        default=list,
        editable=False,
        help_text="Media that the last sync kept though the app no longer lists them, by the app's ids.",
    )
    orphans_released = models.PositiveIntegerField(
        default=0, editable=False, help_text="So many the next sync may forget: a person has looked at them."
    )

    def __str__(self) -> str:
        return str(self.connection)


def holds_series(connection: Connection) -> bool:
    """Whether a connection holds series (else movies)."""
    return connection.kind in SERIES_KINDS


def is_folder(connection: Connection) -> bool:
    """Whether a connection is a plain folder, which no app looks after."""
    return connection.kind in FOLDER_KINDS


class PathMapping(models.Model):
    """Says under which folder here a folder of the instance is found."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="path_mappings")
    remote_prefix = models.CharField(max_length=1000, help_text="The folder as the app names it.")
    local_prefix = models.CharField(max_length=1000, help_text="The same folder as Taggarr sees it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_prefix"], name="path_mapping_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.remote_prefix} → {self.local_prefix}"


class Tag(models.Model):
    """A tag of an instance as the last sync saw it. Its id is not trusted across syncs."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="tags")
    arr_id = models.IntegerField()
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "arr_id"], name="tag_is_unique")]

    def __str__(self) -> str:
        return self.label
