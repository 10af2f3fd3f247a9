"""Pictures of works and of copies: what they show, and the kept file (`storage`) that holds them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from storage.models import DIGEST

from .shelves import Copy
from .works import USER, Work


class Shows(models.TextChoices):
    """What a picture shows: the first of a work, the others of one copy."""

    COVER = "cover", _("Cover")
    BACK = "back", _("Back")
    SPINE = "spine", _("Spine")
    INSIDE = "inside", _("Inside")
    PHOTO = "photo", _("Photo")
    CONDITION = "condition", _("Damage")
    RECEIPT = "receipt", _("Receipt")


OF_WORK = (Shows.COVER, Shows.BACK, Shows.SPINE, Shows.INSIDE)
OF_COPY = (Shows.PHOTO, Shows.CONDITION, Shows.RECEIPT)


class Picture(models.Model):
    """A picture of a work, or with `copy` of one of its copies.

    Of the covers of a work, the one with the least `place` is shown.
    """

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="pictures", db_index=False)
    copy = models.ForeignKey(Copy, on_delete=models.CASCADE, null=True, related_name="pictures")
    shows = models.CharField(max_length=10, choices=Shows)
    digest = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    place = models.PositiveIntegerField(default=0)
    added_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "copy", "digest"], name="picture_is_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(copy=None, shows__in=OF_WORK) | Q(copy__isnull=False, shows__in=OF_COPY),
                name="picture_shows",
            ),
            models.CheckConstraint(condition=Q(digest__regex=f"^{DIGEST}$"), name="picture_digest"),
        ]
        indexes = [models.Index(fields=["digest"], name="picture_file")]

    def __str__(self) -> str:
        return f"{self.shows} of {self.copy_id or self.work_id}"
