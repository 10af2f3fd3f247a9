"""The rules that a policy states, and the original language of a title, as the verdict takes them."""

from __future__ import annotations

from library.models import Media
from scanner.languages.codes import Language, normalise, require
from scanner.languages.names import UNDETERMINED_WORDS
from scanner.models import ExtraLanguages, NativeTitles, Policy
from scanner.verdict.rollup import Rules


def rules_of(policy: Policy) -> Rules:
    languages = (normalise(code) for code in policy.target_languages)
    word = policy.undetermined
    return Rules(
        targets=tuple(language for language in languages if language is not None),
        undetermined="original" if word == "original" else "ignore" if word == "ignore" else require(word),
        extra_languages="forbid" if policy.extra_languages == ExtraLanguages.FORBID else "tolerate",
        native_titles="original" if policy.native_titles == NativeTitles.ORIGINAL else "dub",
        include_specials=policy.include_specials,
        only_monitored=policy.only_monitored,
    )


def original_language(media: Media) -> Language | None:
    """Return the original language of a title: the one set by hand, else the app's; None where neither is
    known.
    """
    return normalise(media.original_language_override or media.original_language)


def clean_languages(texts: list[str]) -> list[str]:
    """Return a person's target languages (names or codes) as canonical codes, each once, in their order.

    Raises `ConfigError` naming the first that is no language.
    """
    return list(dict.fromkeys(str(require(text)) for text in texts if text.strip()))


def clean_undetermined(text: str) -> str:
    """Return a person's `undetermined` option as it is stored.

    Raises `ConfigError` for an unknown language.
    """
    word = text.strip()
    return word.lower() if word.lower() in UNDETERMINED_WORDS else str(require(word))
