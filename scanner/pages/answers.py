"""What waits for a person, in the inbox and on pages of its own: held changes, tags that stood there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from connections.models import Connection
from core import sql
from core.errors import ConfigError
from core.issues import named
from scanner.labels.managed import labels_in_question
from scanner.models import ManagedLabel, ScanSettings
from scanner.scan import answers
from web.access import action, page, user_of
from web.contract import InboxEntry, InboxKind
from web.parts import done, errors_shown

SHOWN = 200
"""So many titles of one list are shown, and can be chosen, at once."""

IN_INBOX = 10
"""So many of them stand in the inbox itself."""

UNDONE = 100
"""So many titles fit into an address that takes their answer back; more are taken back from their page."""


@page
def instance_held(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the brake holds back, title by title, and which titles were left as they are."""
    found = _instance(pk)
    left = answers.declined(found).order_by("sort_title", "pk").select_related("scan_state")
    context = {**_held(found, SHOWN), "left": left[:SHOWN], "left_number": left.count(), "back": "held"}
    return render(request, "scanner/held.html", context)


@action
def instance_release(request: HttpRequest, pk: int) -> HttpResponse:
    found = _instance(pk)
    with errors_shown(request):
        answers.release(found, _chosen(request), user=user_of(request))
        done(request, _("Released: what was held back is being written."))
    return _back(request, pk)


@action
def instance_decline(request: HttpRequest, pk: int) -> HttpResponse:
    found = _instance(pk)
    with errors_shown(request):
        left = answers.decline(found, _chosen(request), user=user_of(request))
        text = ngettext(
            "Declined: %d title stays as it is.", "Declined: %d titles stay as they are.", len(left)
        )
        undo = f"{reverse('instance_reconsider', args=[pk])}?{urlencode({'media': left}, doseq=True)}"
        done(request, text % len(left), undo=undo if 0 < len(left) <= UNDONE else "")
    return _back(request, pk)


@action
def instance_reconsider(request: HttpRequest, pk: int) -> HttpResponse:
    """Let titles that were left as they are follow their verdicts: those that are named, or all."""
    ids = [int(one) for one in request.GET.getlist("media") if one.isdecimal()]
    with errors_shown(request):
        answers.reconsider(_instance(pk), ids or None, user=user_of(request))
        done(request, _("They follow their verdicts again."))
    return _back(request, pk)


@page
def instance_tags(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would follow if tags that stood there before became ours: those that are named, or all."""
    return render(request, "scanner/tags.html", {**adoption(request, _instance(pk)), "back": "tags"})


@action
def instance_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the tags that are named ours; `preview` shows what would follow from just these."""
    labels = request.POST.getlist("label")
    if "preview" in request.POST:
        view = "setup_tags" if request.POST.get("back") == "setup" else "instance_tags"
        return redirect(f"{reverse(view, args=[pk])}?{urlencode({'label': labels}, doseq=True)}")
    with errors_shown(request):
        _need_labels(labels)
        answers.adopt(_instance(pk), labels, user=user_of(request))
        done(request, _("Adopted: these tags are Taggarr's now, and are written where they are due."))
    return _back(request, pk)


@action
def instance_leave(request: HttpRequest, pk: int) -> HttpResponse:
    labels = request.POST.getlist("label")
    with errors_shown(request):
        _need_labels(labels)
        answers.leave(_instance(pk), labels, user=user_of(request))
        undo = f"{reverse('instance_ask_again', args=[pk])}?{urlencode({'label': labels}, doseq=True)}"
        done(request, _("Left alone: Taggarr neither adds nor removes these tags."), undo=undo)
    return _back(request, pk)


@action
def instance_ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    with errors_shown(request):
        answers.ask_again(_instance(pk), request.GET.getlist("label"), user=user_of(request))
    return _back(request, pk)


def _need_labels(labels: Sequence[str]) -> None:
    if not labels:
        raise ConfigError("label.choose")


def adoption(request: HttpRequest, found: Connection) -> dict[str, Any]:
    """The plan of an adoption, for `scanner/adoption.html`."""
    plan = answers.plan_adoption(found, request.GET.getlist("label") or None)
    rows = found.managed_labels.filter(found=True, left_alone=True).order_by("label")
    return {
        "instance": found,
        "plan": plan,
        "titles": plan.titles[:SHOWN],
        "left_alone": rows.values_list("label", flat=True),
    }


def _held(found: Connection, most: int) -> dict[str, Any]:
    if found.scan_settings.held_since is None:
        return {"instance": found, "titles": [], "number": 0, "orphans": []}
    changes = answers.held_changes(found)
    titles = list(islice(changes, most))
    more = sum(1 for _more in changes)
    orphans = answers.held_orphans(found)
    return {
        "instance": found,
        "titles": titles,
        "number": len(titles) + more,
        "more": more,
        "orphans": orphans[:most],
        "orphans_number": len(orphans),
    }


def _chosen(request: HttpRequest) -> list[int] | None:
    """The titles that were chosen; None where the button is one for all."""
    if "all" in request.POST:
        return None
    return [int(one) for one in request.POST.getlist("media") if one.isdecimal()]


def _instance(pk: int) -> Connection:
    rows = Connection.objects.filter(scan_settings__isnull=False)
    return get_object_or_404(rows.select_related("scan_settings__policy", "source"), pk=pk)


BACK = {
    "connection": "connection",
    "held": "instance_held",
    "setup": "setup_language",
    "tags": "instance_tags",
}


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """Go back to the page that asked; the inbox where it does not say which."""
    view = BACK.get(request.POST.get("back", ""))
    return redirect(view, pk) if view else redirect("inbox")


def _held_instances() -> Any:
    return ScanSettings.objects.filter(held_since__isnull=False, connection__enabled=True)


def _held_entries(_user: User, most: int) -> Sequence[InboxEntry]:
    rows = _held_instances().filter(in_setup=False).order_by("-held_since")
    rows = rows.select_related("connection__source", "policy")[:most]
    return [
        InboxEntry(
            f"{row.connection}: {row.held_reason.told}",
            row.held_since,
            reverse("instance_held", args=[row.pk]),
            "scanner/inbox_held.html",
            _held(row.connection, IN_INBOX),
        )
        for row in rows
    ]


def _tag_entries(_user: User, most: int) -> Sequence[InboxEntry]:
    waiting: dict[Connection, list[ManagedLabel]] = {}
    for row in labels_in_question().select_related("connection__scan_settings__policy"):
        waiting.setdefault(row.connection, []).append(row)
    return [
        InboxEntry(
            ngettext(
                "%(instance)s: the tag %(labels)s stood there before Taggarr wrote it.",
                "%(instance)s: the tags %(labels)s stood there before Taggarr wrote them.",
                len(rows),
            )
            % {"instance": connection, "labels": named([row.label for row in rows], len(rows)).told},
            max(row.created_at for row in rows),
            reverse("instance_tags", args=[connection.pk]),
            "scanner/inbox_tags.html",
            {"instance": connection, "plan": answers.plan_adoption(connection)},
        )
        for connection, rows in list(waiting.items())[:most]
    ]


def _setup_entries(_user: User, most: int) -> Sequence[InboxEntry]:
    rows = _held_instances().filter(in_setup=True).order_by("-held_since").select_related("connection")
    return [
        InboxEntry(
            _("%s: the set-up is not finished. Nothing is written until it is.") % row.connection,
            row.held_since,
            reverse("setup_folders", args=[row.pk]),
            "scanner/inbox_setup.html",
            {"instance": row.connection},
        )
        for row in rows[:most]
    ]


def _entries(user: User, most: int) -> Sequence[InboxEntry]:
    found = [*_setup_entries(user, most), *_held_entries(user, most), *_tag_entries(user, most)]
    return sorted(found, key=lambda entry: str(entry.since), reverse=True)[:most]


def _count(_user: User) -> int:
    return int(sql.fetch(*_counting())[0][0])


@cache
def _counting() -> tuple[str, sql.Parameters]:
    """Each instance counts once as held, and once for its tags."""
    held = ScanSettings.objects.filter(connection__enabled=True, held_since__isnull=False)
    return sql.counting(held.values("pk"), labels_in_question().order_by().values("connection_id").distinct())


INBOX = (InboxKind("instances", gettext_lazy("Sonarr, Radarr and folders"), "library", 10, _count, _entries),)
"""One kind, for every page counts it in one query."""
