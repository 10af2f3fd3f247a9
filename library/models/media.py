"""Series and movies, their seasons and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.subjects import Subject
from library.paths import last_part

from .source import is_sonarr

if TYPE_CHECKING:
    from scanner.models import Policy

MEDIA = "media"
"""What a series or movie is as the subject of jobs and events."""

UNKNOWN = "unknown"
"""The verdict of what nobody has looked at yet."""


class Media(models.Model):
    """One series or movie of an instance.

    `arr_fingerprint` is what the last sync saw (file count, size on disk, movie file id);
    `scanned_fingerprint` is what it was when the files were last read: where they differ, the media waits for
    a scan. `tags` are the labels that the last sync or write saw. `dirty` says that tags or NFO may differ
    from what the verdict asks for.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="media")
    arr_id = models.IntegerField()
    title = models.CharField(max_length=500)
    sort_title = models.CharField(max_length=500, blank=True)
    title_slug = models.CharField(max_length=500, blank=True)
    year = models.PositiveIntegerField(null=True)
    path = models.CharField(max_length=4096)
    original_language = models.CharField(
        max_length=100, blank=True, help_text="As the app names it; empty where it does not know."
    )
    original_language_override = models.CharField(max_length=10, blank=True)
    genres = ArrayField(models.TextField(), default=list, blank=True)
    tvdb_id = models.IntegerField(null=True)
    tmdb_id = models.IntegerField(null=True)
    imdb_id = models.CharField(max_length=20, blank=True)
    monitored = models.BooleanField(default=True)
    monitored_seasons = ArrayField(models.IntegerField(), default=list, blank=True)

    excluded = models.BooleanField(default=False, help_text="Excluded by hand.")
    excluded_by = models.CharField(max_length=200, blank=True, help_text="The rule that excludes it.")
    policy_override = models.ForeignKey(
        "scanner.Policy", on_delete=models.PROTECT, null=True, blank=True, related_name="media"
    )

    arr_fingerprint = models.CharField(max_length=100, blank=True)
    scanned_fingerprint = models.CharField(max_length=100, blank=True)
    arr_file_count = models.PositiveIntegerField(default=0)
    movie_file_id = models.IntegerField(null=True)

    verdict = models.CharField(max_length=10, default=UNKNOWN)
    verdict_reason = models.JSONField(default=dict, blank=True)
    verdict_at = models.DateTimeField(null=True)
    language_labels = ArrayField(
        models.TextField(),
        null=True,
        blank=True,
        help_text="The labels beside the verdict's that it should carry; empty where that is not known.",
    )
    needs_attention = models.BooleanField(
        default=False, db_default=False, help_text="On a person's list of things to see to."
    )
    tags = ArrayField(models.TextField(), default=list, blank=True)
    dirty = models.BooleanField(default=False)
    untag = models.BooleanField(default=False, help_text="All our labels are to be taken off.")
    nfo_tags = ArrayField(
        models.TextField(),
        null=True,
        blank=True,
        help_text="What we last saw to in the NFO; empty where it is to be looked at.",
    )
    reconcile_rounds = models.PositiveSmallIntegerField(default=0)
    reconcile_error = models.TextField(blank=True)
    scanned_at = models.DateTimeField(null=True)
    probe_started_at = models.DateTimeField(null=True)
    scan_error = models.TextField(blank=True)
    looks = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often in a row some of its files could not be reached."
    )
    look_again_at = models.DateTimeField(
        null=True, help_text="When files that could not be reached are looked for again."
    )

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Media are listed by their sort title."""

        ordering = ["sort_title", "id"]
        verbose_name_plural = "media"
        constraints = [models.UniqueConstraint(fields=["connection", "arr_id"], name="media_is_unique")]
        indexes = [
            models.Index(fields=["path"], name="media_path"),
            models.Index(fields=["connection", "verdict"], name="media_connection_verdict"),
            models.Index(fields=["sort_title", "id"], name="media_sort_title"),
            models.Index(fields=["connection"], name="media_dirty", condition=models.Q(dirty=True)),
            models.Index(
                fields=["look_again_at"],
                name="media_look_again",
                condition=models.Q(look_again_at__isnull=False),
            ),
            models.Index(
                fields=["sort_title"],
                name="media_needs_attention",
                condition=models.Q(needs_attention=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title

    @property
    def subject(self) -> Subject:
        """Itself, for jobs and events."""
        return Subject(MEDIA, self.pk)

    @property
    def policy(self) -> Policy:
        """The policy in force: the media's own, else its instance's."""
        return self.policy_override or self.connection.scan_settings.policy

    @property
    def is_series(self) -> bool:
        """Whether this is a series (else a movie)."""
        return is_sonarr(self.connection)

    @property
    def is_excluded(self) -> bool:
        """Whether this title is neither scanned nor tagged (in queries: `excluded()`, `included()`)."""
        return self.excluded or bool(self.excluded_by)

    @property
    def excluder(self) -> str:
        """What excludes this title: a rule, or a person's hand."""
        return self.excluded_by or "hand"


def excluded(of: str = "") -> models.Q:
    """Return the condition that a title is excluded, by hand or by a rule.

    `of` leads to the media from another model: `media__`.
    """
    return models.Q((f"{of}excluded", True)) | ~models.Q((f"{of}excluded_by", ""))


def included(of: str = "") -> models.Q:
    """Return the condition that a title is not excluded; `of` as for `excluded`."""
    return models.Q((f"{of}excluded", False), (f"{of}excluded_by", ""))


class Season(models.Model):
    """One season of a series. `counts` maps each verdict to its number of files."""

    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="seasons")
    number = models.PositiveIntegerField()
    monitored = models.BooleanField(default=True)
    verdict = models.CharField(max_length=10, default=UNKNOWN)
    counts = models.JSONField(default=dict)

    class Meta:
        """Seasons are listed by number."""

        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["media", "number"], name="season_is_unique")]

    def __str__(self) -> str:
        return "Specials" if self.number == 0 else f"Season {self.number}"


class FileProblem(models.TextChoices):
    """Why a file has no fresh facts. `unreadable` and `bad_name` are facts; the others pass."""

    NONE = "", _("None")
    UNREADABLE = "unreadable", _("No media file that any engine understands")
    BAD_NAME = "bad_name", _("Its name is not valid UTF-8")
    UNREACHABLE = "unreachable", _("Could not be reached")
    NOT_PROBED = "not_probed", _("Left out by a quick scan")


HARMLESS = (FileProblem.NONE, FileProblem.NOT_PROBED)
"""Of these a file is in no list of what a person has to see to."""


class File(models.Model):
    """One video file of a title, with its facts and its verdict.

    `path` is as the app names it. `stale` says that the facts are older than the last attempt to read the
    file. `inode` is 0 where the disk has none that lasts. `counted` is false for a file that the roll-up
    leaves out (a trailer beside a movie). `monitored` is whether Sonarr watched for any episode in it when it
    was last asked; of a movie the media says that.
    """

    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="files")
    season = models.ForeignKey(Season, on_delete=models.SET_NULL, null=True, related_name="files")
    arr_file_id = models.IntegerField(null=True)
    episode_ids = ArrayField(models.IntegerField(), default=list)
    episodes = ArrayField(models.IntegerField(), default=list)
    path = models.CharField(max_length=4096)
    arr_languages = models.CharField(
        max_length=500, blank=True, help_text="The audio languages as the app lists them: jpn/eng."
    )
    arr_audio_streams = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    mtime_ns = models.BigIntegerField(default=0)
    ctime_ns = models.BigIntegerField(default=0, db_default=0)
    inode = models.BigIntegerField(default=0, db_default=0)
    tracks = models.JSONField(default=list)
    languages = ArrayField(models.CharField(max_length=10), default=list)
    engine = models.CharField(max_length=20, blank=True)
    partial = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    problem = models.CharField(max_length=12, choices=FileProblem, default=FileProblem.NONE, blank=True)
    error = models.TextField(blank=True)
    stale = models.BooleanField(default=False)
    counted = models.BooleanField(default=True)
    monitored = models.BooleanField(default=True, db_default=True)
    probed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, default=UNKNOWN)
    reason = models.JSONField(default=dict)

    class Meta:
        """Files are listed by path."""

        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["media", "path"], name="file_is_unique")]
        indexes = [
            GinIndex(fields=["languages"], name="file_languages"),
            # Which combinations of languages there are, and whose files have them, without reading a file's
            # row: that holds its tracks and is large.
            models.Index(fields=["languages"], include=["media", "counted", "engine"], name="file_audio"),
            models.Index(fields=["media"], name="file_problem", condition=~models.Q(problem="")),
        ]

    def __str__(self) -> str:
        return last_part(self.path)
