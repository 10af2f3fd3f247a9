"""The files that are kept, who uploaded them, and where they are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.secrets import EncryptedTextField
from core.words import Phrase
from storage.heads import MEDIA_TYPES

DIGEST = "[0-9a-f]{64}"
"""A SHA-256 in hexadecimal, as an expression."""


class Stored(models.Model):
    """One file, known by what it holds: `digest` is its SHA-256 in hexadecimal.

    `width`, `height`, `phash` and `alpha` are known of pictures that decoded; a `phash` of 64 bits stands as
    a signed number. What is `public` everybody sees who may look at all.
    """

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=4)
    size = models.BigIntegerField()
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    alpha = models.BooleanField(default=False)
    phash = models.BigIntegerField(null=True)
    public = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    unused_since = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    damaged_at = models.DateTimeField(null=True)

    class Meta:
        """Few files are unused or damaged, and those are asked for; the daily check takes the oldest."""

        indexes = [
            models.Index(
                fields=["unused_since"], name="stored_unused", condition=Q(unused_since__isnull=False)
            ),
            models.Index(fields=["damaged_at"], name="stored_damaged", condition=Q(damaged_at__isnull=False)),
            models.Index(fields=["checked_at"], name="stored_checked"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(digest__regex=f"^{DIGEST}$"), name="stored_digest"),
            models.CheckConstraint(condition=Q(size__gte=0), name="stored_size"),
            models.CheckConstraint(condition=Q(kind__in=list(MEDIA_TYPES)), name="stored_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.digest[:12]}.{self.kind}"

    @property
    def name(self) -> str:
        return name_of(self.digest, self.kind)

    @property
    def is_picture(self) -> bool:
        """Whether it decoded: nothing else is shown in a page."""
        return self.width is not None

    def thumbnail_name(self, width: int) -> str:
        return f"thumbs/{self.digest[:2]}/{self.digest[2:4]}/{self.digest}-{width}.webp"


def name_of(digest: str, kind: str) -> str:
    """Where a file is kept: a folder for the first two characters, one for the next two."""
    return f"{digest[:2]}/{digest[2:4]}/{digest}.{kind}"


class Upload(models.Model):
    """What somebody uploaded. Without `stored` it is under way; `given_up_at` says that they want it no more.

    It counts against what they may until its bytes are gone: who uploads and gives up fills no disk.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    stored = models.ForeignKey(Stored, null=True, on_delete=models.CASCADE, related_name="uploads")
    size = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "stored"], name="upload_once")]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class PlaceKind(models.TextChoices):
    LOCAL = "local", _("A folder")
    S3 = "s3", _("An S3 bucket")


class Place(models.Model):
    """Where files are kept, and how many: one row at most, without which the defaults hold.

    `folder` is empty for the one in the data folder. Sizes are bytes.
    """

    kind = models.CharField(max_length=5, choices=PlaceKind, default=PlaceKind.LOCAL)
    folder = models.CharField(max_length=1000, blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")
    bucket = models.CharField(max_length=63, blank=True, default="")
    region = models.CharField(max_length=50, blank=True, default="us-east-1")
    prefix = models.CharField(max_length=200, blank=True, default="")
    key_id = models.CharField(max_length=200, blank=True, default="")
    secret = EncryptedTextField(blank=True, default="")
    grace_days = models.PositiveIntegerField(default=90)
    person_quota = models.BigIntegerField(default=500 * 2**20)
    total_quota = models.BigIntegerField(default=5 * 2**30)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="place_is_one")]

    def __str__(self) -> str:
        return Phrase("storage.place", kind=self.kind)
