"""Tags for pages: icons, verdicts, times, and links that keep the filters of the page."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache, partial
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from history.sentences import sentence_of, shown
from jobs.models import Schedule
from library.models import File, Media
from scanner.language_names import name_of
from scanner.languages import normalise
from scanner.sentences import file_sentence, media_sentence
from web import words
from web.queries.matrix import Cell

register = template.Library()

DAILY = re.compile(r"(\d+) (\d+) \* \* \*")
"""A cron line of one time a day: minute and hour."""

NAMES = {
    "action_name": words.ACTIONS,
    "delivery_name": words.DELIVERIES,
    "job_name": words.JOBS,
    "mode_name": words.MODES,
    "flag_name": words.FLAGS,
    "state_name": words.STATES,
    "step_name": words.STEPS,
    "trigger_name": words.TRIGGERS,
    "verdict_name": words.VERDICTS,
}
"""The filters that return the word for a plain string, and where they find it."""

for _name, _words in NAMES.items():
    register.filter(_name, partial(words.word, _words))

register.filter("event_sentence", sentence_of)
register.filter("shown", shown)

CURRENT = mark_safe(' aria-current="true"')


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return an icon; what it means stands beside it, so it is hidden from screen readers."""
    address = static("taggarr/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', address, name)


@register.simple_tag
def verdict(value: str) -> SafeString:
    """Return a verdict in its colour, with its shape and its name."""
    return format_html(
        '<span class="verdict v-{}">{}{}</span>', value, icon(f"v-{value}"), words.word(words.VERDICTS, value)
    )


@register.filter
@cache
def verdict_icon(value: str) -> SafeString:
    """Return the shape of a verdict; its name stands beside it."""
    return icon(f"v-{value}")


@register.filter
def verdict_why(media: Media) -> str:
    """Return in one sentence why a media has its verdict; its policy should be loaded with it."""
    return media_sentence(media)


@register.filter
def file_why(file: File) -> str:
    """Return in one sentence why a file has its verdict, or what is wrong with it."""
    return file.error or file_sentence(file.reason)


@register.filter
def language(code: str) -> str:
    """Return the name of a stored language code."""
    known = normalise(code)
    return name_of(known) if known else _("no language")


@register.filter
def language_names(codes: list[str] | None) -> str:
    """Return the names of stored language codes, with commas between."""
    return ", ".join(language(code) for code in dict.fromkeys(codes or ()))


@register.simple_tag
def matrix_cell(cell: Cell, address: str, opened: int | None) -> SafeString:
    """Return one cell of a matrix; `address` is its media's, `opened` the file whose tracks are shown.

    A tag, because a template takes ten times as long, and some series have a thousand cells.
    """
    if cell.file is None:
        return format_html('<span class="cell none" title="{}"><b>{}</b></span>', _("No file"), cell.label)
    return format_html(
        '<a class="cell v-{verdict}{out}" href="?file={file}#file" hx-get="{address}/files/{file}"'
        ' title="{name}. {text}"{current}><b>{label}</b>{icon}<span>{languages}</span></a>',
        verdict=cell.verdict,
        out=" out" if cell.out else "",
        file=cell.file,
        address=address,
        name=words.word(words.VERDICTS, cell.verdict),
        text=cell.text,
        current=CURRENT if cell.file == opened else "",
        label=cell.label,
        icon=verdict_icon(cell.verdict),
        languages=short_languages(list(cell.languages)) or "-",
    )


@register.filter
def short_languages(codes: list[str]) -> str:
    """Return stored language codes as a small cell has room for them, each once: `ENG JPN`."""
    return " ".join(dict.fromkeys(code.partition("-")[0].upper() for code in codes))


@register.simple_tag
def when(value: datetime | None, style: str = "ago") -> SafeString | str:
    """Return a time, which the browser turns into the visitor's zone; `style`: `ago`, `exact`, `clock`."""
    if value is None:
        return _("never")
    shown = timezone.localtime(value).strftime("%Y-%m-%d %H:%M %Z")
    return format_html('<time datetime="{}" data-style="{}">{}</time>', value.isoformat(), style, shown)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """Return the page's own query with some parameters changed, and back on its first page.

    An empty value takes a parameter out.
    """
    asked: QueryDict = context["request"].GET.copy()
    for name in ("page", "file"):
        asked.pop(name, None)
    for name, value in changes.items():
        if value in ("", None):
            asked.pop(name, None)
        else:
            asked[name] = str(value)
    return f"?{asked.urlencode()}"


@register.filter
def of(mapping: dict[Any, Any], key: Any) -> Any:
    """Return what stands under a key, None where nothing does."""
    return mapping.get(key)


@register.filter
def schedule_text(schedule: Schedule) -> str:
    """Return when a schedule starts its job, in words."""
    if not schedule.enabled:
        return _("never (disabled)")
    if schedule.every:
        return _("every %s") % duration(schedule.every)
    if daily := DAILY.fullmatch(schedule.cron):
        return _("every day at %s") % f"{int(daily[2]):02}:{int(daily[1]):02}"
    return schedule.cron


@register.filter
def schedule_name(schedule: Schedule) -> str:
    """Return which job a schedule starts, and of which instance."""
    name = words.word(words.JOBS, schedule.job)
    if schedule.instance is None:
        return name
    return _("%(job)s of %(instance)s") % {"job": name, "instance": schedule.instance}


@register.filter
def duration(seconds: float | None) -> str:
    """Return a duration in words short enough for a table: `8 s`, `3 min`, `2 h 5 min`."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%d min") % minutes if minutes else _("%d s") % rest
