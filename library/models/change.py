"""What changed of which title, for whoever follows the library (`library.changes`)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast, Now


class What(models.TextChoices):
    """What changed of a title. `details` are its name, ids, folder, genres, and whether it is monitored."""

    DETAILS = "details"
    FILES = "files"
    LABELS = "labels"
    NFO = "nfo"
    PICTURES = "pictures"
    GONE = "gone"


class Change(models.Model):
    """One change, written in the transaction that made it.

    `transaction` is the number of that transaction: rows become visible in the order in which transactions
    end, which is neither the order of `id` nor of `time`. The title may be gone, hence no foreign keys.
    """

    media_id = models.BigIntegerField()
    connection_id = models.BigIntegerField()
    folder = models.CharField(max_length=4096, help_text="The title's folder, as its app names it.")
    what = models.CharField(max_length=10, choices=What)
    transaction = models.BigIntegerField(
        db_default=Cast(
            Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
        editable=False,
    )
    time = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["transaction", "id"]
        indexes = [
            models.Index(fields=["transaction", "id"], name="change_in_order"),
            models.Index(fields=["time"], name="change_time"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.folder}"


class ChangeReader(models.Model):
    """How far one reader has come: all rows up to this transaction and id are behind it."""

    name = models.CharField(max_length=100, primary_key=True)
    transaction = models.BigIntegerField()
    change = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
