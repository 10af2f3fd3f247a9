"""How a person likes their lists."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

NAME_LENGTH, QUERY_LENGTH = 60, 2000


class SavedView(models.Model):
    """The filters and order of a list (`page` is the name of its page) as somebody keeps them under a name.

    `query` is that of the list's address; the one that `is_default` opens with the list.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_is_unique"),
            models.UniqueConstraint(
                fields=["owner", "page"],
                name="saved_view_default_is_one",
                condition=models.Q(is_default=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Columns(models.Model):
    """Which columns of a list somebody sees."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    shown = ArrayField(models.CharField(max_length=40))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "page"], name="columns_are_unique")]

    def __str__(self) -> str:
        return f"{self.page}: {', '.join(self.shown)}"
