"""The five verdicts as the database stores them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """What the audio of a file, season or media amounts to, in the eyes of its policy."""

    DUB = "dub", _("Dub")
    SEMI_DUB = "semi-dub", _("Semi-dub")
    WRONG_DUB = "wrong-dub", _("Wrong dub")
    ORIGINAL = "original", _("Original")
    UNKNOWN = "unknown", _("Unknown")
