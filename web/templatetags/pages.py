"""Tags for pages: icons, verdicts, times, and links that keep the filters of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import features
from core.features import Text
from core.subjects import AboutSubject, page_of
from core.words import told
from jobs.listing import JobRow
from jobs.models import JobState, Schedule
from jobs.schedules import describe
from web import contract, words
from web.contract import TitleLine, result_of
from web.lists import PLACE

register = template.Library()

WBR = mark_safe("<wbr>")

NAMES = {
    "action_name": words.ACTIONS,
    "delivery_name": words.DELIVERIES,
    "level_name": words.LEVELS,
    "logged_name": words.LOGGED,
    "state_name": words.STATES,
    "trigger_name": words.TRIGGERS,
}
"""The filters that return the word for a plain string, and where they find it."""

for _name, _words in NAMES.items():
    register.filter(_name, partial(words.word, _words))


@register.filter
def job_name(name: str) -> str:
    """Return what a job is called, as it stands at the beginning of a line."""
    return capfirst(str(features.words("jobs").get(name, name)))


@register.filter
def job_result(job: JobRow) -> Sequence[Text]:
    """What an ended job came to, in a few words."""
    return result_of(job.name, job.summary) if job.state == JobState.COMPLETED and not job.outcome else ()


@register.filter
def step_name(name: str) -> str:
    return str(features.words("steps").get(name, name))


@register.filter
def event_kind(kind: str) -> str:
    return str(features.words("events").get(kind, kind))


@register.filter
def audited(kind: str) -> str:
    return str(features.words("audited").get(kind, kind))


@register.simple_tag
def subject_link(row: AboutSubject, text: str) -> str:
    """A text as a link to the page of what a row is about; the text alone where that has no page."""
    address = page_of(row)
    return format_html('<a href="{}">{}</a>', address, text) if address else text


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return an icon; what it means stands beside it, so it is hidden from screen readers."""
    address = static("taggarr/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', address, name)


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
    for name in PLACE:
        asked.pop(name, None)
    for name, value in changes.items():
        if value in ("", None):
            asked.pop(name, None)
        else:
            asked[name] = str(value)
    return f"?{asked.urlencode()}"


@register.simple_tag(takes_context=True)
def without(context: dict[str, Any], name: str) -> str:
    """Return the page's own query without one parameter; not empty, which would open a default view."""
    rest = query(context, **{name: ""})
    return rest if rest != "?" else "?all=1"


@register.simple_tag(takes_context=True)
def title_lines(context: dict[str, Any], media: Any) -> list[TitleLine]:
    """What apps say of a series or movie to whoever looks at its page."""
    return contract.title_lines(context["request"].user, media)


@register.filter
def of(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


WHOLE = 24
"""So many characters between two slashes are kept together: that fits on a phone."""


@register.filter
def path(text: object) -> SafeString | str:
    """Return a path, an address or the name of a file: its lines break behind slashes, if they can."""
    parts = re.split(r"(?<=[/\\])", str(text or ""))
    shown = format_html_join(WBR, "{}", ((_kept_together(part),) for part in parts))
    return format_html("<code>{}</code>", shown) if text else ""


def _kept_together(part: str) -> str:
    might_break = "-" in part or " " in part
    return format_html('<span class="whole">{}</span>', part) if might_break and len(part) <= WHOLE else part


@register.filter
def monogram(title: str) -> str:
    """Return up to two letters that stand for a title where it has no picture."""
    words = [word for word in title.split() if word[0].isalnum()] or [title.strip() or "?"]
    return "".join(word[0] for word in (words[:2] if len(words) > 1 else words)).upper()


@register.filter
def schedule_text(schedule: Schedule) -> str:
    return told(describe(schedule))


@register.filter
def schedule_name(schedule: Schedule) -> str:
    return capfirst(told(str(schedule)))


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
