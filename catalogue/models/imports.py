"""Imports: the rows of a file, what became of each, and what is needed to take all of it back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import PhraseField
from jobs.models import Job

from .shelves import Copy, Edition, Location
from .works import USER, Library, Work


class Mode(models.TextChoices):
    """What a row does to what is there already. What a person wrote stays in each."""

    FILL = "fill", _("Fill what is empty")
    OVERWRITE = "overwrite", _("Overwrite what other lists and services wrote")
    SKIP = "skip", _("Leave it as it is")


class Outcome(models.TextChoices):
    PENDING = "pending", _("Waiting")
    CREATED = "created", _("Added")
    UPDATED = "updated", _("Changed")
    UNCHANGED = "unchanged", _("As it was")
    SKIPPED = "skipped", _("Left out")
    REVIEW = "review", _("To decide")
    FAILED = "failed", _("Not read")


class Import(models.Model):
    """A file that somebody uploaded, and how it is to be read.

    `digest` is the stored file; `mapping` gives its columns other names, `columns` are all of them as they
    stand in it. `counts` are the rows by their outcomes. `arranged` are the libraries and own fields that an
    archive made (`catalogue.imports.arranging`), by their ids as they were then.
    """

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="imports")
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, db_index=True)
    format = models.CharField(max_length=30, blank=True, default="")
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.FILL)
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="+")
    with_progress = models.BooleanField(default=True)
    counts = models.JSONField(default=dict)
    arranged = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(mode__in=Mode.values), name="import_mode")]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row: as it was understood (`catalogue.entries`), and what became of it.

    `known_as` is what its list calls it, the `occurrence`-th of those that are called the same; `digest` is
    of all that it says. `reasons` are the parts of the evidence, the best match's or that of none. What our
    archive has beside a row `is_due` once a person decided it, until it is brought.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    entry = models.JSONField(default=dict)
    known_as = models.TextField(blank=True, default="")
    occurrence = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=32, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    basis = models.CharField(max_length=30, blank=True, default="")
    score = models.FloatField(default=0)
    reasons = models.JSONField(default=list)
    work = models.ForeignKey(Work, on_delete=models.SET_NULL, null=True, related_name="+")
    copy = models.ForeignKey(Copy, on_delete=models.SET_NULL, null=True, related_name="+")
    error = PhraseField(blank=True, default="")
    is_due = models.BooleanField(db_default=False, default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["of", "number"], name="import_row_is_unique"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="import_row_outcome"),
        ]
        indexes = [
            models.Index(fields=["of", "outcome"], name="import_row_outcomes"),
            models.Index(fields=["known_as"], condition=Q(outcome="review"), name="import_row_review"),
            models.Index(fields=["of"], condition=Q(is_due=True), name="import_row_due"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.of_id}"


class Candidate(models.Model):
    """A work that a row in doubt may be of."""

    row = models.ForeignKey(ImportRow, on_delete=models.CASCADE, related_name="candidates", db_index=False)
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    parts = models.JSONField(default=list)

    class Meta:
        ordering = ["-score", "work_id"]
        constraints = [models.UniqueConstraint(fields=["row", "work"], name="row_candidate_is_unique")]

    def __str__(self) -> str:
        return f"{self.work_id} for {self.row_id}"


class Footprint(models.Model):
    """A work that an import made or changed.

    `before` is the work with all that belongs to it as it was then (`catalogue.snapshots`), None where it was
    not there; `digest` is of how the import left it: as long as that holds, nobody touched it since.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="footprints", db_index=False)
    work_id = models.BigIntegerField(db_index=True)
    before = models.JSONField(null=True)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "work_id"], name="footprint_is_unique")]

    def __str__(self) -> str:
        return f"{self.work_id} by {self.of_id}"


class SourceLink(models.Model):
    """What a row of somebody's list became, so that it is known when the list comes again."""

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, related_name="+")
    source = models.CharField(max_length=50)
    known_as = models.TextField()
    occurrence = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=32)
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="links")
    edition = models.ForeignKey(Edition, on_delete=models.SET_NULL, null=True, related_name="links")
    copy = models.ForeignKey(Copy, on_delete=models.SET_NULL, null=True, related_name="links")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["library", "user", "source", "known_as", "occurrence"],
                name="source_link_is_unique",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.known_as}"
