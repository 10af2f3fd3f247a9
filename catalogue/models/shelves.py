"""Editions and copies: in which form a work was published, by what numbers it is known, and what is owned."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from catalogue.codes import Scheme

from .works import KINDS, USER, Library, Work


class Edition(models.Model):
    """A form in which a work was published; `is_set` is a box that holds others."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="editions")
    name = models.TextField(blank=True, default="")
    format = models.TextField(blank=True, default="")
    publisher = models.TextField(blank=True, default="")
    published_on = models.DateField(null=True)
    region = models.TextField(blank=True, default="")
    resolution = models.TextField(blank=True, default="")
    pages = models.PositiveIntegerField(null=True)
    discs = models.PositiveIntegerField(null=True)
    is_set = models.BooleanField(default=False)
    origins = models.JSONField(default=dict)
    locks = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["format"], name="edition_format"),
            models.Index(fields=["resolution"], name="edition_resolution"),
        ]

    def __str__(self) -> str:
        return self.name or self.format


class Identifier(models.Model):
    """A number of a work or of an edition, in its one form (`catalogue.codes`).

    A number is of one thing in a library, unless somebody said that it is of several: then it is `shared`.
    """

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="+", db_index=False)
    work = models.ForeignKey(Work, on_delete=models.CASCADE, null=True, related_name="identifiers")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, null=True, related_name="identifiers")
    scheme = models.CharField(max_length=30)
    value = models.TextField()
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(work=None, edition__isnull=False) | Q(work__isnull=False, edition=None),
                name="identifier_is_of_one",
            ),
            models.CheckConstraint(
                condition=Q(scheme__in=[one.value for one in Scheme]), name="identifier_scheme"
            ),
            models.UniqueConstraint(
                fields=["library", "scheme", "value"],
                condition=Q(shared=False),
                name="identifier_is_unique",
            ),
        ]
        indexes = [models.Index(fields=["library", "value"], name="identifier_value")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class Location(models.Model):
    """A place where copies stand, inside another or not."""

    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="parts")
    name = models.CharField(max_length=500)
    of_import = models.ForeignKey("Import", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "parent", Lower("name"), name="location_name_is_unique", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Copy(models.Model):
    """The thing on the shelf, or several that are told of as one. Without an `owner` it is the household's.

    One that `is_private` is seen by its owner and whoever added it alone. `signatures` are as in
    `catalogue.values`.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="copies")
    owner = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    added_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="copies")
    condition = models.TextField(blank=True, default="")
    condition_note = models.TextField(blank=True, default="")
    acquired_on = models.DateField(null=True)
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    currency = models.TextField(blank=True, default="")
    from_where = models.TextField(blank=True, default="")
    quantity = models.PositiveIntegerField(default=1)
    lent_to = models.TextField(blank=True, default="")
    notes = models.TextField(blank=True, default="")
    signatures = models.JSONField(default=list)
    own = models.JSONField(default=dict)
    is_private = models.BooleanField(default=False)
    origins = models.JSONField(default=dict)
    locks = ArrayField(models.TextField(), default=list)
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "copies"
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="copy_quantity")]
        indexes = [models.Index(fields=["edition"], condition=Q(is_private=True), name="copy_private")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What stands on its label."""
        return f"C-{self.pk:06}"


class SetMember(models.Model):
    """One of the works in a boxed set; `note` names one that is not known yet."""

    box = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="members", db_index=False)
    position = models.PositiveIntegerField()
    work = models.ForeignKey(Work, on_delete=models.CASCADE, null=True, related_name="boxes")
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["box", "position"], name="set_member_is_unique"),
            models.CheckConstraint(condition=Q(work__isnull=False) | ~Q(note=""), name="set_member_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.note or self.work_id}"


class OwnField(models.Model):
    """A field that only this household knows, of works or copies of one kind."""

    class Type(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        DATE = "date"
        YES_NO = "yes_no"
        CHOICE = "choice"
        LINK = "link"

    kind = models.CharField(max_length=10)
    name = models.TextField()
    type = models.CharField(max_length=10, choices=Type, default=Type.TEXT)
    choices = ArrayField(models.TextField(), default=list)
    of_import = models.ForeignKey("Import", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint("kind", Lower("name"), name="own_field_is_unique"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="own_field_kind"),
        ]

    def __str__(self) -> str:
        return self.name
