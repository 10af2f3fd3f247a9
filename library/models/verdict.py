"""The five verdicts as the database stores them."""

from __future__ import annotations

from django.db import models


class Verdict(models.TextChoices):
    """What the audio of a file, season or media amounts to, in the eyes of its policy."""

    DUB = "dub", "Dub"
    SEMI_DUB = "semi-dub", "Semi-dub"
    WRONG_DUB = "wrong-dub", "Wrong dub"
    ORIGINAL = "original", "Original"
    UNKNOWN = "unknown", "Unknown"
