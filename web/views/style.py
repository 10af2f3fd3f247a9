"""Every component in every state, in both themes, on one page: for who changes the style sheet."""

from __future__ import annotations

from django.conf import settings
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.issues import Action, Issue, Severity
from core.words import Phrase
from jobs.listing import JobRow
from web.access import admin_page
from web.contract import Found, Group, every
from web.forms import RetentionForm, Section, UserForm
from web.keyset import Slice
from web.lists import Filter, Toolbar
from web.models import SavedView

LEVELS = ("info", "success", "warning", "error")


def _forms(theme: str) -> list[Form]:
    """A form as it comes, and one that was filled in wrongly."""
    return [
        UserForm(auto_id=f"{theme}-%s"),
        RetentionForm({"keep": "x", "keep_days": 7}, auto_id=f"{theme}-wrong-%s"),
    ]


def _sections(theme: str) -> list[Section]:
    """A part with more to it, one that is folded, and one that holds an error."""
    form, wrong = UserForm(auto_id=f"{theme}-long-%s"), RetentionForm({}, auto_id=f"{theme}-long-wrong-%s")
    return [
        Section(f"{theme}-more", _("Users"), [form["username"], form["role"]], [form["email"]], changed=1),
        Section(f"{theme}-folded", _("Password"), more=[form["password"]], note=_("as usual")),
        Section(f"{theme}-wrong", _("Retention"), more=[wrong["keep"], wrong["logs"]]),
    ]


@admin_page
def style(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    now = timezone.now()
    saved = Phrase("list.all", names=[_("Saved.")])
    found = [
        Found(Group.PAGES, _("Home"), reverse("home"), "home", _("Pages")),
        Found(Group.ACTIONS, _("Back up now"), reverse("style"), "run", posted=True),
    ]
    context = {
        "themes": [(theme, _forms(theme), _sections(theme)) for theme in ("light", "dark")],
        "levels": LEVELS,
        "now": now,
        "issues": [
            Issue(
                source="Sonarr",
                severity=severity,
                what=saved,
                meaning=_("Saved."),
                remedy=_("Saved."),
                action=Action(_("Home"), "home"),
                since=now,
            )
            for severity in Severity
        ],
        "groups": [(one.group, [one]) for one in found],
        "total": len(found),
        "job": JobRow(7, "scan", "Sonarr", "running", "manual", 5, 8, 1, "", "", {}, now, None, left=300),
        "toolbar": Toolbar(
            label=_("Title"),
            q="a",
            views=[SavedView(name=_("Jobs"), query="x"), SavedView(name=_("Home"), is_default=True)],
            filters=[Filter("kind", _("Kind"), [("", _("Everything")), ("job", _("Jobs"))], "job")],
        ),
        "found": Slice([1], "before.x", "after.x"),
        "samples": every("samples"),
    }
    return render(request, "web/style.html", context)
