"""Series and movies, their seasons and their files."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.postgres.fields import ArrayField
from django.db import models

from connections.models import Connection
from core.subjects import Subject
from library.paths import last_part

from .source import holds_series, is_folder

MEDIA = "media"
"""What a series or movie is as the subject of jobs and events."""


class Media(models.Model):
    """One series or movie of an instance.

    `arr_fingerprint` is what the last sync saw (file count, size on disk, movie file id); `tags` are the
    labels that the last sync or write saw.
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
    overview = models.TextField(blank=True, default="", db_default="")
    tvdb_id = models.IntegerField(null=True)
    tmdb_id = models.IntegerField(null=True)
    imdb_id = models.CharField(max_length=20, blank=True)
    monitored = models.BooleanField(default=True)
    monitored_seasons = ArrayField(models.IntegerField(), default=list, blank=True)

    excluded = models.BooleanField(default=False, help_text="Excluded by hand.")
    excluded_by = models.CharField(max_length=200, blank=True, help_text="The rule that excludes it.")

    arr_fingerprint = models.CharField(max_length=100, blank=True)
    arr_file_count = models.PositiveIntegerField(default=0)
    movie_file_id = models.IntegerField(null=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["sort_title", "id"]
        verbose_name_plural = "media"
        constraints = [models.UniqueConstraint(fields=["connection", "arr_id"], name="media_is_unique")]
        indexes = [
            models.Index(fields=["path"], name="media_path"),
            models.Index(fields=["sort_title", "id"], name="media_sort_title"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title

    @property
    def subject(self) -> Subject:
        return Subject(MEDIA, self.pk)

    @property
    def is_series(self) -> bool:
        return holds_series(self.connection)

    @property
    def page_in_app(self) -> str:
        """The address of its page in its application; of the front page where its own is not known.

        Empty for a title of a plain folder.
        """
        if is_folder(self.connection):
            return ""
        base = self.connection.url.rstrip("/")
        if self.is_series:
            return f"{base}/series/{self.title_slug}" if self.title_slug else base
        return f"{base}/movie/{self.tmdb_id}" if self.tmdb_id else base

    @property
    def pages_elsewhere(self) -> list[tuple[str, str]]:
        """The name of each site that has this title by a known id, and the address of its page there."""
        tmdb, tvdb = ("tv", "series") if self.is_series else ("movie", "movie")
        found = (
            ("TMDB", self.tmdb_id, f"https://www.themoviedb.org/{tmdb}/{self.tmdb_id}"),
            ("TheTVDB", self.tvdb_id, f"https://thetvdb.com/dereferrer/{tvdb}/{self.tvdb_id}"),
            ("IMDb", self.imdb_id, f"https://www.imdb.com/title/{quote(self.imdb_id, safe='')}/"),
        )
        return [(name, address) for name, known, address in found if known]

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
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="seasons")
    number = models.PositiveIntegerField()
    monitored = models.BooleanField(default=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["media", "number"], name="season_is_unique")]

    def __str__(self) -> str:
        return "Specials" if self.number == 0 else f"Season {self.number}"


class File(models.Model):
    """One video file of a title.

    `path` and `size` are as the app has them; of a file that it does not name, the size is the disk's.
    `monitored` is whether Sonarr watched for any episode in it when it was last asked; of a movie the media
    says that.
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
    monitored = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["media", "path"], name="file_is_unique")]

    def __str__(self) -> str:
        return last_part(self.path)
