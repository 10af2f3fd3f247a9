"""What the scanner knows of titles, seasons and files, and what it still has to do for them.

The database itself makes these rows with those of the library, and deletes them with those: triggers and
foreign keys in the first migrations. So each always has one, whoever adds a title or a file and in whatever
way; the library knows nothing of the scanner, and neither costs a statement. A field that may not be null
needs a `db_default`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import PhraseField
from library.models import File, Media, Season
from scanner.labels.desired import Standing
from scanner.languages.codes import Language, normalise
from scanner.languages.titles import spoken
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
    nfo_there = models.BooleanField(
        default=False, db_default=False, help_text="Whether there was an NFO then that holds it."
    )
    declined = ArrayField(
        models.TextField(),
        null=True,
        blank=True,
        help_text="The labels that a person did not want it to get: while these are due, it stays as it is.",
    )
    reconcile_rounds = models.PositiveSmallIntegerField(default=0, db_default=0)
    reconcile_error = PhraseField(default="", db_default="", blank=True)

    scanned_fingerprint = models.CharField(max_length=100, default="", db_default="", blank=True)
    scanned_at = models.DateTimeField(null=True)
    probe_started_at = models.DateTimeField(null=True)
    scan_error = PhraseField(default="", db_default="", blank=True)
    looks = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often in a row some of its files were not read."
    )
    look_again_at = models.DateTimeField(
        null=True, help_text="When files that were not read are looked for again."
    )

    class Meta:
        """Few titles wait for something: those are found by indexes of them alone. The one of `verdict_at` is
        for lists by the last change.
        """

        indexes = [
            models.Index(fields=["verdict"], name="scan_state_verdict"),
            models.Index(
                models.F("verdict_at").desc(nulls_last=True),
                models.F("media").desc(),
                name="scan_state_changed",
            ),
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

    @property
    def original(self) -> Language | None:
        """The original language: the one set by hand, else the app's; None where neither is known."""
        return normalise(self.media.original_language_override or self.media.original_language)

    @property
    def standing(self) -> Standing:
        return Standing(self.verdict, self.language_labels, self.nfo_tags, self.untag, self.declined)


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
    WAITING = "waiting", _("Read after the other files")


HARMLESS = (FileProblem.NONE, FileProblem.NOT_PROBED, FileProblem.WAITING)
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
            models.Index(
                fields=["verdict"], include=["file"], name="file_verdict", condition=models.Q(counted=True)
            ),
            models.Index(fields=["file"], name="file_problem", condition=~models.Q(problem="")),
            models.Index(
                fields=["file"],
                name="file_undetermined",
                condition=models.Q(problem="", verdict=Verdict.UNKNOWN),
            ),
        ]

    def __str__(self) -> str:
        return str(self.file)

    @property
    def known(self) -> Known:
        """What is known of the file, as objects."""
        tracks = tuple(Track.from_json(track) for track in self.tracks)
        return Known(
            read=Facts(tracks=tracks, engine=self.engine, partial=self.partial, note=self.note),
            fingerprint=Fingerprint(self.size, self.mtime_ns, self.ctime_ns, self.inode),
            probed_at=self.probed_at,
            problem=self.problem,
            error=self.error,
            stale=self.stale,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one file: what was `read` from it, the `fingerprint` that it had then, and why there
    is nothing newer (`problem`).
    """

    read: Facts = field(default_factory=Facts)
    fingerprint: Fingerprint = field(default_factory=lambda: Fingerprint(0, 0))
    probed_at: datetime | None = None
    problem: str = FileProblem.NONE
    error: str = ""
    stale: bool = False

    @property
    def facts(self) -> Facts | None:
        """The facts to decide by; None where there are none."""
        return self.read if has_facts(self.problem, self.probed_at is not None) else None

    @property
    def columns(self) -> dict[str, Any]:
        """The fields of a `FileScanState` of which this is known."""
        return {
            "size": self.fingerprint.size,
            "mtime_ns": self.fingerprint.mtime_ns,
            "ctime_ns": self.fingerprint.ctime_ns,
            "inode": self.fingerprint.inode,
            "tracks": [track.to_json() for track in self.read.tracks],
            "languages": _languages(self.read),
            "engine": self.read.engine,
            "partial": self.read.partial,
            "note": self.read.note,
            "problem": self.problem,
            "error": self.error,
            "stale": self.stale,
            "probed_at": self.probed_at,
        }


def _languages(facts: Facts) -> list[str]:
    """Return the languages of the audio tracks as canonical codes, each once, in file order."""
    codes = (
        str(spoken(track.language, track.region, track.title) or track.language or "")
        for track in facts.audio
    )
    return list(filter(None, dict.fromkeys(codes)))


def has_facts(problem: str, probed: bool) -> bool:
    """Return whether a file with this problem has facts: none where it was never probed, or cannot be."""
    return probed and problem not in (FileProblem.UNREADABLE, FileProblem.BAD_NAME)
