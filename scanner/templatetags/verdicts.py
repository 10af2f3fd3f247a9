"""Tags for verdicts and languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import NamedTuple

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.features import Text
from library.models import File, Media
from scanner import words
from scanner.languages.codes import DESCRIPTION, NO_SPEECH, ORIGINAL, normalise
from scanner.languages.names import name_of
from scanner.models import Verdict
from scanner.pages.library_rows import COLUMNS
from scanner.pages.matrix import Cell
from scanner.verdict import title
from scanner.verdict.sentences import file_sentence, media_sentence
from web.contract import TitleLine
from web.templatetags.pages import icon, when
from web.words import word

register = template.Library()

for _name, _words in {
    "mode_name": words.MODES,
    "flag_name": words.FLAGS,
    "verdict_name": words.VERDICTS,
}.items():
    register.filter(_name, partial(word, _words))

CURRENT = mark_safe(' aria-current="true"')


@register.simple_tag
def verdict(value: str) -> SafeString:
    """Return a verdict in its colour, with its shape and its name."""
    return format_html(
        '<span class="verdict v-{}">{}{}</span>', value, icon(f"v-{value}"), word(words.VERDICTS, value)
    )


@register.simple_tag
def verdicts() -> list[str]:
    return list(Verdict.values)


@register.filter
@cache
def verdict_icon(value: str) -> SafeString:
    return icon(f"v-{value}")


register.simple_tag(title.episode_name)


@register.filter
def verdict_why(media: Media) -> str:
    return media_sentence(media)


@register.filter
def file_why(file: File) -> str:
    """Return in one sentence why a file has its verdict, or what is wrong with it."""
    return file.scan_state.error or file_sentence(file.scan_state.reason)


NO_LANGUAGES = {
    ORIGINAL.base: gettext_lazy("original, not named"),
    DESCRIPTION.base: gettext_lazy("audio description"),
    NO_SPEECH.base: gettext_lazy("no speech"),
}
"""What files say in place of a language."""


@register.filter
def language(code: str) -> str:
    known = normalise(code)
    if known is None:
        return _("no language")
    return str(NO_LANGUAGES.get(known.base) or name_of(known))


@register.filter
def language_names(codes: list[str] | None) -> str:
    return ", ".join(language(code) for code in dict.fromkeys(codes or ()))


@register.simple_tag
def matrix_cells(cells: Iterable[Cell], address: str, opened: int | None) -> SafeString:
    """Return a row of cells of a matrix; `address` is its media's, `opened` the file whose tracks are shown.

    A tag, because a template takes ten times as long, and some series have a thousand cells.
    """
    found: list[str] = []
    spoken = get_language() or ""
    for cell in cells:
        if cell.file is None:
            found.append(_empty(cell.label))
            continue
        look = _look(cell.verdict, cell.out, cell.text, tuple(cell.languages), spoken)
        current = CURRENT if cell.file == opened else ""
        file = f'href="?file={cell.file}#file" hx-get="{address}/files/{cell.file}"{current}'
        found.append(f"<li><a {look.within} {file}><b>{escape(cell.label)}</b>{look.after}</a></li>")
    return mark_safe("".join(found))  # noqa: S308  (each part is escaped)


class _Look(NamedTuple):
    """What many files of a series share: the attributes of their cells, and what stands behind the number."""

    within: SafeString
    after: SafeString


@lru_cache(maxsize=2048)
def _look(value: str, out: bool, text: str, languages: tuple[str, ...], spoken: str) -> _Look:  # noqa: ARG001
    name = word(words.VERDICTS, value)
    return _Look(
        format_html('class="cell v-{}{}" title="{}. {}"', value, " out" if out else "", name, text),
        format_html("{}<span>{}</span>", verdict_icon(value), short_languages(list(languages)) or "-"),
    )


def _empty(label: str) -> SafeString:
    return format_html('<li><span class="cell none" title="{}"><b>{}</b></span></li>', _("No file"), label)


@register.filter
def short_languages(codes: list[str]) -> str:
    """Return stored language codes as a small cell has room for them, each once: `ENG JPN`.

    A code that is no language is named; one that nobody knows is left out.
    """
    bases = dict.fromkeys(known.base for code in codes if (known := normalise(code)))
    return " ".join(str(NO_LANGUAGES.get(base) or base.upper()) for base in bases)


def _tagged(tags: Iterable[str]) -> SafeString:
    return format_html_join(" ", '<span class="tag">{}</span>', ((tag,) for tag in tags))


def _original(media: Media) -> str:
    chosen = media.original_language_override
    return language(chosen) if chosen else media.original_language


CELLS: dict[str, Callable[[Media, list[str]], object]] = {
    "languages": lambda _media, codes: language_names(codes),
    "original": lambda media, _codes: _original(media),
    "tags": lambda media, _codes: _tagged(media.tags),
    "genres": lambda media, _codes: ", ".join(media.genres),
    "instance": lambda media, _codes: media.connection.name,
    "year": lambda media, _codes: media.year or "",
    "files": lambda media, _codes: intcomma(media.arr_file_count),
    "changed": lambda media, _codes: when(media.scan_state.verdict_at),
    "scanned": lambda media, _codes: when(media.scan_state.scanned_at),
}
"""What stands in each column of the library's table, but for the verdict."""

NUMBERS = ("year", "files")


@register.simple_tag
def library_cell(
    column: str,
    media: Media,
    languages: Mapping[int, list[str]],
    elsewhere: Mapping[str, tuple[Text, Mapping[int, TitleLine]]],
) -> SafeString:
    """Return one cell of the library's table; a tag, as `matrix_cells` is.

    `elsewhere` are the columns of other apps: what each is called, and its cells.
    """
    if column in elsewhere:
        name, cells = elsewhere[column]
        line = cells.get(media.pk)
        cell = format_html('<a href="{}">{}</a>', line.link, line.text) if line else ""
        return format_html('<td data-label="{}">{}</td>', name, cell)
    if column == "verdict":
        return format_html("<td>{}</td>", verdict(media.scan_state.verdict))
    number = mark_safe(' class="number"') if column in NUMBERS else ""
    text = CELLS[column](media, languages.get(media.pk, []))
    return format_html('<td{} data-label="{}">{}</td>', number, COLUMNS[column], text)
