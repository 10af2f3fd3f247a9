"""What was told in English, in the language of whoever looks at a page.

What a sentence was made of is kept beside its English text (`core.sentences`). Where nothing is kept, or
what an older version kept is not understood, the English text serves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext

from core import features
from core.sentences import Told, told_of

from .models import Event


def sentence_of(event: Event) -> str:
    """Return the text of an event in the language of the page."""
    return in_page_language(event.text, event.made_of)


def shown(text: str) -> str:
    """Return a sentence in the language of the page; any other text as it is."""
    return in_page_language(text, told_of(text))


def in_page_language(text: str, told: Told | None) -> str:
    """Return an English text in the language of the page, by what is known of how it was made."""
    if told is None or get_language() in (None, settings.LANGUAGE_CODE):
        return text
    try:
        return _tell(told)
    except (LookupError, TypeError, ValueError):
        return text


def _tell(part: Any) -> str:
    """Return one part in the active language. Raises one of Python's own errors for what it does not know."""
    if not isinstance(part, dict):
        return str(part)
    if "say" in part:
        return _said(part)
    if "all" in part:
        return ", ".join(map(_tell, part["all"]))
    ((kind, value),) = part.items()
    teller: Callable[[Any], str] = features.words("parts")[kind]
    return teller(value)


def _said(told: Told) -> str:
    text = told["say"]
    parts = {name: _tell(part) if isinstance(part, dict) else part for name, part in told["with"].items()}
    if isinstance(text, str):
        return gettext(text) % parts
    one, many = text
    return ngettext(one, many, told["number"]) % parts
