"""Columns that hold what is more than a text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from core.words import Phrase

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class PhraseField(_TextField):
    """A phrase, as code and parts in JSON; "" where there is none."""

    def get_prep_value(self, value: Any) -> Any:
        return stored(value) if isinstance(value, str) else super().get_prep_value(value)

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return loaded(value) if value else value


def stored(text: str) -> str:
    """A phrase, or a text, as its column takes it."""
    return json.dumps(Phrase.of(text).stored()).replace("\\u0000", "") if text else ""


def loaded(text: str) -> str:
    """What `stored` made of a phrase; what is no such thing stands for itself."""
    try:
        return Phrase.of(json.loads(text)) if text else ""
    except (ValueError, LookupError, TypeError):
        return Phrase(text)
