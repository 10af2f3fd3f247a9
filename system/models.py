"""What Taggarr remembers about itself."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.fields import PhraseField


class KnownIssue(models.Model):
    """A health issue as the last look saw it: since when, and whether history tells of it yet."""

    code = models.CharField(max_length=50)
    source = models.CharField(max_length=200)
    what = PhraseField()
    since = models.DateTimeField(auto_now_add=True)
    told = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "source"], name="known_issue_is_unique")]

    def __str__(self) -> str:
        return f"{self.source}: {self.what}"


class RuntimeSetting(models.Model):
    """A setting that takes effect while the programs run (the level of the logs), or a fact they share."""

    name = models.CharField(max_length=50, primary_key=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def value_of(cls, name: str) -> Any:
        return cls.objects.filter(name=name).values_list("value", flat=True).first()

    @classmethod
    def put(cls, name: str, value: Any) -> None:
        """Store a value; None forgets what was stored."""
        if value is None:
            cls.objects.filter(name=name).delete()
        else:
            cls.objects.update_or_create(name=name, defaults={"value": value})
