"""Settings → Connections: adding, testing, changing and deleting connections of every kind."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import services
from connections.kinds import ConnectionKind, kind_of, kinds
from connections.models import Breaker, Connection
from core.words import told
from web.access import action, admin_page, user_of
from web.connection_forms import ConnectionForm
from web.contract import connection_lines, panels_of
from web.forms import errors_at
from web.lists import Filter, Toolbar
from web.parts import errors_shown

STATES = {"trouble": gettext_lazy("With problems"), "disabled": gettext_lazy("Disabled")}


@admin_page
def connections(request: HttpRequest) -> HttpResponse:
    known, lines = {kind.slug: kind for kind in kinds()}, connection_lines()
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "kind", "state")}
    there = list(Connection.objects.filter(kind__in=known))
    used = [(slug, kind.title) for slug, kind in known.items() if any(row.kind == slug for row in there)]
    choices = [
        Filter("kind", _("Kind"), [("", _("Any kind")), *used], asked["kind"]),
        Filter("state", _("State"), [("", _("Any state")), *STATES.items()], asked["state"]),
    ]
    toolbar = Toolbar(label=_("Name or address"), q=asked["q"], filters=choices)
    rows = [(row, known[row.kind], lines.get(row.pk, [])) for row in there if _fits(row, toolbar)]
    return render(request, "web/connections.html", {"rows": rows, "are_any": there, "toolbar": toolbar})


@admin_page
def connection_add(request: HttpRequest) -> HttpResponse:
    """Choose what kind of connection to add: what is asked for depends on it."""
    return render(request, "web/connection_kinds.html", {"kinds": kinds()})


@admin_page
def connection_new(request: HttpRequest, kind: str) -> HttpResponse:
    found = next((one for one in kinds() if one.slug == kind), None)
    if found is None:
        raise Http404
    return _edit(request, found, None)


@admin_page
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(services.there(), pk=pk)
    return _edit(request, kind_of(found.kind), found)


@action
def connection_test(request: HttpRequest, pk: int) -> HttpResponse:
    tell_answer(request, get_object_or_404(services.there(), pk=pk))
    return redirect("connection", pk)


@action
def connection_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(services.there(), pk=pk)
    services.delete(found)
    messages.success(request, _("%s is deleted. Its history stays.") % found.name)
    return redirect("connections")


def tell_answer(request: HttpRequest, found: Connection, *, with_folders: bool = True) -> None:
    """Connect to a connection and tell the visitor what answered; `with_folders` which it has, and what of
    them may need a hand.
    """
    with errors_shown(request):
        answer = services.test(found)
        folders = ", ".join(answer.folders) if with_folders else ""
        parts = {"name": found.name, "app": answer.app_name, "version": answer.version, "folders": folders}
        if not answer.app_name:
            text = _("%(name)s is there.")
        elif folders:
            text = _("%(app)s %(version)s answers. Its folders: %(folders)s.")
        else:
            text = _("%(app)s %(version)s answers.")
        messages.success(request, text % parts)
        for note in services.notes_on(found, answer) if with_folders else ():
            messages.warning(request, told(note))


def _fits(row: Connection, toolbar: Toolbar) -> bool:
    kind, state = toolbar.filters
    text = (toolbar.q or "").casefold()
    states = {"trouble": row.enabled and row.breaker != Breaker.CLOSED, "disabled": not row.enabled}
    return (
        (not kind.told or row.kind == kind.value)
        and states.get(state.value, True)
        and (text in row.name.casefold() or text in row.url.casefold())
    )


def _edit(request: HttpRequest, kind: ConnectionKind, known: Connection | None) -> HttpResponse:
    form = ConnectionForm(request.POST or None, kind=kind, known=known)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            checked = services.check(kind.slug, form.given(), known=known)
            saved = checked.save(user=user_of(request))
            told = {"name": saved.name, "version": saved.version}
            answers = _("%(name)s %(version)s answers.") if checked.found and saved.version else _("Saved.")
            messages.success(request, answers % told)
            return redirect("connection", saved.pk)
    context: dict[str, Any] = {"kind": kind, "known": known, "form": form}
    if known is not None:
        context["panels"] = panels_of(known)
    return render(request, "web/connection.html", context)
