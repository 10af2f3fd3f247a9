"""What the scanner knows of titles, seasons and files, and what it still has to do for them.

The database itself makes these rows with those of the library, and deletes them with those: triggers and
foreign keys in the first migration. So each always has one, whoever adds a title or a file and in whatever
way; the library knows nothing of the scanner, and neither costs a statement. A field that may not be null
needs a `db_default`.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import PhraseField
from library.models import File, Media, Season
from scanner.probe.tracks import Facts, Fingerprint, Track

from .policy import Policy, Verdict


def _with(model: type[models.Model]) -> Any:
    """The key to the row of the library with which a row comes and goes."""
    return models.OneToOneField(
        model, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="scan_state"
    )


class ScanState(models.Model):
    """The scanner's side of one series or movie.

    `scanned_fingerprint` is the `arr_fingerprint` of its media when the files were last read: where they
    differ, the media waits for a scan. `dirty` says that tags or NFO may differ from what the verdict asks
    for.
    """

    media = _with(Media)
    policy_override = models.ForeignKey(
        Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="scan_states"
    )

    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.UNKNOWN, db_default="unknown")
    verdict_reason = models.JSONField(default=dict, db_default={}, blank=True)
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

    dirty = models.BooleanField(default=False, db_default=False)
    untag = models.BooleanField(
        default=False, db_default=False, help_text="All our labels are to be taken off."
    )
    nfo_tags = ArrayField(
        models.TextField(),
        null=True,
        blank=True,
        help_text="What we last saw to in the NFO; empty where it is to be looked at.",
    )
    reconcile_rounds = models.PositiveSmallIntegerField(default=0, db_default=0)
    reconcile_error = PhraseField(default="", db_default="", blank=True)

    scanned_fingerprint = models.CharField(max_length=100, default="", db_default="", blank=True)
    scanned_at = models.DateTimeField(null=True)
    probe_started_at = models.DateTimeField(null=True)
    scan_error = PhraseField(default="", db_default="", blank=True)
    looks = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often in a row some of its files could not be reached."
    )
    look_again_at = models.DateTimeField(
        null=True, help_text="When files that could not be reached are looked for again."
    )

    class Meta:
        """Few titles wait for something: those are found by indexes of them alone."""

        indexes = [
            models.Index(fields=["verdict"], name="scan_state_verdict"),
            models.Index(fields=["media"], name="scan_state_dirty", condition=models.Q(dirty=True)),
            models.Index(
                fields=["look_again_at"],
                name="scan_state_look_again",
                condition=models.Q(look_again_at__isnull=False),
            ),
            models.Index(
                fields=["media"],
                name="scan_state_needs_attention",
                condition=models.Q(needs_attention=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.media)

    @property
    def policy(self) -> Policy:
        """The policy in force: the title's own, else its instance's."""
        return self.policy_override or self.media.connection.scan_settings.policy


class SeasonScanState(models.Model):
    """The scanner's side of one season. `counts` maps each verdict to its number of files."""

    season = _with(Season)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.UNKNOWN, db_default="unknown")
    counts = models.JSONField(default=dict, db_default={})

    def __str__(self) -> str:
        return str(self.season)


class FileProblem(models.TextChoices):
    """Why a file has no fresh facts. `unreadable` and `bad_name` are facts; the others pass."""

    NONE = "", _("None")
    UNREADABLE = "unreadable", _("No media file that any engine understands")
    BAD_NAME = "bad_name", _("Its name is not valid UTF-8")
    UNREACHABLE = "unreachable", _("Could not be reached")
    NOT_PROBED = "not_probed", _("Left out by a quick scan")


HARMLESS = (FileProblem.NONE, FileProblem.NOT_PROBED)
"""Of these a file is in no list of what a person has to see to."""


class FileScanState(models.Model):
    """The scanner's side of one file: its facts, what it was like when they were read, and its verdict.

    `stale` says that the facts are older than the last attempt to read the file. `inode` is 0 where the disk
    has none that lasts. `counted` is false for a file that the roll-up leaves out (a trailer beside a movie).
    """

    file = _with(File)
    size = models.BigIntegerField(default=0, db_default=0)
    mtime_ns = models.BigIntegerField(default=0, db_default=0)
    ctime_ns = models.BigIntegerField(default=0, db_default=0)
    inode = models.BigIntegerField(default=0, db_default=0)
    tracks = models.JSONField(default=list, db_default=[])
    languages = ArrayField(models.CharField(max_length=10), default=list, db_default=[])
    engine = models.CharField(max_length=20, default="", db_default="", blank=True)
    partial = models.BooleanField(default=False, db_default=False)
    note = models.CharField(max_length=500, default="", db_default="", blank=True)
    problem = models.CharField(
        max_length=12, choices=FileProblem, default=FileProblem.NONE, db_default="", blank=True
    )
    error = PhraseField(default="", db_default="", blank=True)
    stale = models.BooleanField(default=False, db_default=False)
    counted = models.BooleanField(default=True, db_default=True)
    probed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.UNKNOWN, db_default="unknown")
    reason = models.JSONField(default=dict, db_default={})

    class Meta:
        """What lists and filters ask of all files is answered by indexes alone."""

        indexes = [
            GinIndex(fields=["languages"], name="file_languages"),
            # Which combinations of languages there are, and which files have them, without reading a row:
            # that holds the tracks and is large.
            models.Index(fields=["languages"], include=["file", "counted", "engine"], name="file_audio"),
            models.Index(fields=["file"], name="file_problem", condition=~models.Q(problem="")),
        ]

    _facts: Facts | None = None

    def __str__(self) -> str:
        return str(self.file)

    @property
    def facts(self) -> Facts | None:
        """The facts as objects; None where there are none (never probed, or no media file at all)."""
        if not has_facts(self.problem, self.probed_at is not None):
            return None
        if self._facts is None:
            tracks = tuple(Track.from_json(track) for track in self.tracks)
            self._facts = Facts(tracks=tracks, engine=self.engine, partial=self.partial, note=self.note)
        return self._facts

    def take(self, facts: Facts) -> None:
        self._facts = facts
        self.tracks = [track.to_json() for track in facts.tracks]
        self.engine, self.partial, self.note = facts.engine, facts.partial, facts.note

    @property
    def fingerprint(self) -> Fingerprint:
        """What the file was like when it was read."""
        return Fingerprint(self.size, self.mtime_ns, self.ctime_ns, self.inode)


def has_facts(problem: str, probed: bool) -> bool:
    """Return whether a file with this problem has facts: none where it was never probed, or cannot be."""
    return probed and problem not in (FileProblem.UNREADABLE, FileProblem.BAD_NAME)
