"""What was changed by hand, what was merged, and what may be one thing twice."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now

from .shelves import Copy
from .works import USER, Work


class Change(models.Model):
    """One change of a work by a person, or of a `copy`: the fields as they were and as they became."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="changes", db_index=False)
    copy = models.ForeignKey(Copy, on_delete=models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    via = models.CharField(max_length=30)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["work", "-id"], name="change_of_work")]

    def __str__(self) -> str:
        return f"{self.work_id} at {self.at}"


class Merge(models.Model):
    """Two works that somebody made one.

    `before` are both as they were (`catalogue.snapshots`), and the digests of how the merge left them.
    """

    kept = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    gone = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    choices = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_is_of_two")]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"


class Duplicate(models.Model):
    """Two works that may be one; with `dismissed_at` somebody said that they are two, and that stays so."""

    one = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    parts = models.JSONField(default=list)
    dismissed_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Least("one", "other"), Greatest("one", "other"), name="duplicate_is_unique"
            ),
            models.CheckConstraint(condition=~Q(one=F("other")), name="duplicate_is_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}"
