"""Works: what a thing is, who made it, of what sort it is, and how people stand to it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Concat, Lower, Now
from django.utils.translation import gettext_lazy as _

from catalogue.values import BEST_RATING, Kind, Role, State, TermKind

KINDS = [one.value for one in Kind]
USER = settings.AUTH_USER_MODEL


class Plain(models.Func):
    """A text as it is searched: without capitals, accents and other marks of its letters."""

    function = "catalogue_plain"
    output_field = models.TextField()


class Visibility(models.TextChoices):
    HOUSEHOLD = "household", _("Everybody")
    MEMBERS = "members", _("Its members")


class Library(models.Model):
    """A part of the collection that is looked at, and matched, by itself. One of them is the usual one."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.HOUSEHOLD)
    members: models.ManyToManyField[Any, Any] = models.ManyToManyField(USER, blank=True, related_name="+")
    is_default = models.BooleanField(default=False)
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "libraries"
        constraints = [
            models.UniqueConstraint(Lower("name"), name="library_name_is_unique"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="library_one_default"
            ),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="library_visibility"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def usual(cls) -> Library:
        return cls.objects.get_or_create(is_default=True, defaults={"name": "Home"})[0]


SPACE = Value(" ", models.TextField())
SHOWN = Q(deleted_at=None, merged_into=None)
"""Works that are neither in the trash nor part of another."""


class Work(models.Model):
    """One movie, series, book, record, game or comic, whatever forms of it are owned.

    `folded` is its title as two are compared, `plain` what words are looked for in. `origins` says of each
    field who wrote it, `*` of those not named; no machine changes a field in `locks`. `own` holds what only
    its owner knows. `version` counts its changes. One with `deleted_at` is in the trash; one `merged_into`
    another leads on to that.
    """

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="works", db_index=False)
    kind = models.CharField(max_length=10)
    title = models.TextField(blank=True)
    sort_title = models.TextField(blank=True, default="")
    original_title = models.TextField(blank=True, default="")
    folded = models.TextField(blank=True, default="")
    year = models.PositiveSmallIntegerField(null=True)
    overview = models.TextField(blank=True, default="")
    language = models.TextField(blank=True, default="")
    runtime_min = models.PositiveIntegerField(null=True)
    audience_rating = models.TextField(blank=True, default="")
    community_rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    series = models.TextField(blank=True, default="")
    position = models.TextField(blank=True, default="")
    own = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
    locks = ArrayField(models.TextField(), default=list)
    added_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    added_via = models.CharField(max_length=30, default="manual")
    added_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="absorbed")
    plain = models.GeneratedField(
        expression=Plain(Concat("title", SPACE, "original_title", SPACE, "series")),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["sort_title", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="work_kind"),
            models.CheckConstraint(condition=Q(year__range=(1000, 2200)), name="work_year"),
            models.CheckConstraint(condition=Q(community_rating__range=(0, BEST_RATING)), name="work_rating"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="work_is_not_merged_into_itself"),
        ]
        indexes = [
            models.Index(fields=["library", "folded"], name="work_folded"),
            GinIndex(fields=["folded"], opclasses=["gin_trgm_ops"], name="work_alike"),
            models.Index(
                fields=["library", "kind", "sort_title", "id"],
                condition=Q(deleted_at=None),
                name="work_sorted",
            ),
            models.Index(
                fields=["library", "-created_at", "-id"], condition=Q(deleted_at=None), name="work_newest"
            ),
            models.Index(fields=["library", "year"], condition=Q(deleted_at=None), name="work_years"),
            models.Index(fields=["sort_title", "id"], condition=SHOWN, name="work_by_title"),
            models.Index(
                F("year").desc(nulls_last=True), "sort_title", "id", condition=SHOWN, name="work_by_year"
            ),
            models.Index(fields=["library", "kind"], condition=SHOWN, name="work_kinds"),
            GinIndex(fields=["plain"], opclasses=["gin_trgm_ops"], name="work_words"),
            GinIndex(SearchVector(Plain("overview"), config="simple"), name="work_overview"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title


class Person(models.Model):
    """Somebody who made something, once for all works; `of_import` brought the name first."""

    name = models.TextField()
    folded = models.TextField(unique=True)
    of_import = models.ForeignKey("Import", on_delete=models.SET_NULL, null=True, related_name="+")
    plain = models.GeneratedField(expression=Plain("name"), output_field=models.TextField(), db_persist=True)

    class Meta:
        indexes = [GinIndex(fields=["plain"], opclasses=["gin_trgm_ops"], name="person_words")]

    def __str__(self) -> str:
        return self.name


class Contribution(models.Model):
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="contributions", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contributions")
    role = models.CharField(max_length=20)
    place = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["work", "person", "role"], name="contribution_is_unique"),
            models.CheckConstraint(
                condition=Q(role__in=[one.value for one in Role]), name="contribution_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} as {self.role} of {self.work_id}"


class Term(models.Model):
    """A genre, tag, studio or platform, once for all works."""

    kind = models.CharField(max_length=10)
    name = models.TextField()
    folded = models.TextField()
    of_import = models.ForeignKey("Import", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "folded"], name="term_is_unique"),
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in TermKind]), name="term_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkTerm(models.Model):
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="terms", db_index=False)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="works")
    place = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["work", "term"], name="work_term_is_unique")]

    def __str__(self) -> str:
        return f"{self.term_id} of {self.work_id}"


class Season(models.Model):
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="seasons", db_index=False)
    number = models.PositiveIntegerField()
    name = models.TextField(blank=True, default="")
    expected = models.PositiveIntegerField(default=0, help_text="Episodes that it has.")
    available = models.PositiveIntegerField(default=0, help_text="Episodes that are owned.")
    is_complete = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(expected__gt=0) & Q(available__gte=F("expected")), models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["work", "number"], name="work_season_is_unique")]

    def __str__(self) -> str:
        return self.name or str(self.number)


class Progress(models.Model):
    """How a person stands to a work, or to one season of it. `times` counts plays, dated or not."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+", db_index=False)
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="progress")
    season = models.ForeignKey(Season, on_delete=models.CASCADE, null=True, related_name="progress")
    state = models.CharField(max_length=20, blank=True, default="")
    times = models.PositiveIntegerField(null=True)
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    is_wanted = models.BooleanField(default=False)
    review = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "progress"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "work", "season"], name="progress_is_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(state__in=["", *(one.value for one in State)]), name="progress_state"
            ),
            models.CheckConstraint(condition=Q(rating__range=(0, BEST_RATING)), name="progress_rating"),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(is_wanted=True), name="progress_wanted")]

    def __str__(self) -> str:
        return f"{self.work_id} of {self.user_id}"


class Play(models.Model):
    """Once read, watched, heard or played."""

    progress = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="plays")
    started_on = models.DateField(null=True)
    finished_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.started_on or ''}/{self.finished_on or ''}"
