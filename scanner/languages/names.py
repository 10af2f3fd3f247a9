"""The names of languages in the language of whoever looks at a page.

English names are those of `scanner.languages.codes`; the others come from the Unicode CLDR, through Babel.
What it does not know keeps its English name.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

from scanner.languages.codes import Language, choices, display_name, normalise, short_code

UNDETERMINED_WORDS = ("original", "ignore")
"""What a policy may take the first track without a language for, beside a language."""

LANGUAGE_HINT = gettext_lazy("By name: Japanese, Portuguese (Brazil), Spanish (Latino).")


def name_of(language: Language) -> str:
    return _name(language, _page_language())


def named(text: str | None) -> str:
    """Return the name of a stored code (or English name); what is neither, `original` say, as it is."""
    language = normalise(text) if text not in UNDETERMINED_WORDS else None
    return name_of(language) if language else text or ""


def listed(languages: Iterable[Language], joint: str = "and") -> str:
    """Return the names of languages, each once, as a person lists them; `joint` is `and` or `or`."""
    unique = list(dict.fromkeys(map(name_of, languages)))
    if len(unique) < 2:
        return "".join(unique)
    found = {"first": ", ".join(unique[:-1]), "last": unique[-1]}
    return (_("%(first)s or %(last)s") if joint == "or" else _("%(first)s and %(last)s")) % found


def language_choices() -> tuple[tuple[str, str], ...]:
    """Return (canonical code, name) of the languages to offer in a list, sorted by name."""
    return _choices(_page_language())


def understood(text: str) -> str:
    """Return the code for a name in the language of the page; any other text as it is."""
    return _codes(_page_language()).get(text.strip().casefold(), text)


def with_hint(text: _StrPromise) -> _StrPromise:
    """Return a help text with how languages can be written behind it, in the language of the page."""
    hinted: _StrPromise = format_lazy("{} {}", text, LANGUAGE_HINT)
    return hinted


def _page_language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@lru_cache(maxsize=2048)
def _name(language: Language, shown_in: str) -> str:
    if shown_in == settings.LANGUAGE_CODE:
        return display_name(language)
    # Workers speak English alone, and need no Babel.
    from babel import Locale

    locale = Locale.parse(shown_in, sep="-")
    # The CLDR knows a language by its two letters, where it has them.
    base = locale.languages.get(short_code(Language(language.base)))
    if base is None or language.region is None:
        return base or display_name(language)
    return f"{base} ({locale.territories.get(language.region.upper(), language.region.upper())})"


@lru_cache(maxsize=16)
def _choices(shown_in: str) -> tuple[tuple[str, str], ...]:
    codes = ((code, normalise(code)) for code, _english in choices())
    found = [(code, _name(language, shown_in)) for code, language in codes if language]
    return tuple(sorted(found, key=lambda pair: pair[1].casefold()))


@lru_cache(maxsize=16)
def _codes(shown_in: str) -> dict[str, str]:
    return {name.casefold(): code for code, name in _choices(shown_in)}
