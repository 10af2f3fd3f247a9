"""The titles of a player: lists with filters, one of them, and what can be done about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.models import Connection
from core.numbers import number_in
from core.words import Phrase
from players import care
from players.explain import explained
from players.models import Cause, Link, RemoteItem
from players.pages import link_rows
from players.pages.link_rows import PLACELESS, Filters
from players.pages.players import settings_of
from players.pages.rows import PART_NAMES, PARTS
from players.rules.matching import Grade
from web.access import action, page, user_of
from web.lists import Filter, Toolbar
from web.parts import done, errors_shown, number_of


@page
def player_titles(request: HttpRequest, pk: int) -> HttpResponse:
    found, filters = settings_of(pk), Filters.of(request.GET.dict())
    listed = link_rows.link_page(found.connection, filters, number_of(request, "after", 0))
    context = {
        "settings": found,
        "filters": filters,
        "found": listed,
        "parts": [(name, PART_NAMES[name], listed.counts[name]) for name in PARTS],
        "toolbar": _toolbar(filters),
        "is_first": "after" not in request.GET,
    }
    return render(request, "players/titles.html", context)


@page
def wanted_players(request: HttpRequest) -> HttpResponse:
    """Show the titles of all players that have no place there."""
    filters = Filters.of(request.GET.dict())
    listed = link_rows.link_page(None, filters, number_of(request, "after", 0))
    players = Connection.objects.filter(player__isnull=False, enabled=True).order_by("name")
    names = [(str(pk), name) for pk, name in players.values_list("pk", "name")]
    toolbar = _toolbar(filters)
    which = Filter("player", _("Player"), [("", _("Any player")), *names], filters.player)
    context = {
        "filters": filters,
        "found": listed,
        "parts": [(name, PART_NAMES[name], listed.counts[name]) for name in PLACELESS],
        "toolbar": replace(toolbar, filters=[which, *toolbar.filters]),
        "is_first": "after" not in request.GET,
    }
    return render(request, "players/titles.html", context)


def _toolbar(filters: Filters) -> Toolbar:
    grades = [(str(int(grade)), f"{int(grade)} %: {Phrase(f'grade.{int(grade)}').told}") for grade in Grade]
    return Toolbar(
        label=_("Title"),
        q=filters.q,
        filters=[
            Filter("cause", _("Cause"), [("", _("Any cause")), *Cause.choices], filters.cause),
            Filter("grade", _("How sure"), [("", _("However sure")), *grades], filters.grade),
        ],
        kept={"state": filters.state},
    )


@action
def player_titles_change(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, settings_of(pk).connection, reverse("player_titles", args=[pk]))


@action
def wanted_players_change(request: HttpRequest) -> HttpResponse:
    """The same of titles of all players that have no place there."""
    return _change(request, None, reverse("wanted_players"))


def _change(request: HttpRequest, player: Connection | None, back: str) -> HttpResponse:
    """Send the chosen titles again or dismiss them: those that are ticked, or all that fit the filters."""
    query = request.POST.get("query", "")
    chosen = link_rows.find(player, Filters.of(QueryDict(query).dict()))
    number = number_in(request.POST.get("number", ""))
    if request.POST.get("scope") != "all":
        ids = [number_in(one) for one in request.POST.getlist("link")]
        every = link_rows.find(player, Filters())
        chosen, number = every.filter(pk__in=[one for one in ids if one is not None]), None
    with errors_shown(request):
        if text := _changed(request, chosen, number):
            done(request, text)
        else:
            messages.warning(request, _("Nothing was selected."))
    return redirect(f"{back}?{query}" if query else back)


def _changed(request: HttpRequest, chosen: QuerySet[Link], meant: int | None) -> str:
    """Do what was asked and say what was done; empty where that is not known, or nothing was chosen.

    What is sent meanwhile leaves many lists by itself: only who dismisses has to mean as many as there are.
    """
    what = request.POST.get("do", "")
    if not chosen.exists():
        return ""
    if what == "retry":
        number = care.retry(chosen, user_of(request))
        return ngettext("%d title is sent again.", "%d titles are sent again.", number) % number
    if what == "dismiss":
        number = care.dismiss(chosen, user_of(request), meant)
        return (
            ngettext(
                "%d title is left alone until it changes at its source.",
                "%d titles are left alone until they change at their source.",
                number,
            )
            % number
        )
    return ""


@page
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one title in one player; `look` in the query has it compared with what stands there now."""
    found = _link(pk)
    settings, route = settings_of(found.player_id), link_rows.route_of(found)
    present = None
    if "look" in request.GET and found.item_ids:
        with errors_shown(request):
            present = link_rows.look(found)
    # What cannot be read was never looked for.
    explanation = None if found.cause == Cause.BAD_SOURCE else explained(found, settings)
    items = RemoteItem.objects.filter(player=found.player_id, remote_id__in=found.item_ids)
    context = {
        "link": found,
        "settings": settings,
        "wishes": link_rows.wishes(found, route, present),
        "looked": present is not None,
        "remedy": Phrase(f"remedy.{found.cause}") if found.cause else "",
        "explanation": explanation,
        "candidates": link_rows.candidates_of(found, explanation),
        # A season is chosen by its show.
        "chosen": {*found.item_ids, *(item.show for item in items if item.show)},
        "items": [(item, link_rows.web_address(found.player, settings, item.remote_id)) for item in items],
    }
    return render(request, "players/link.html", context)


@action
def link_again(request: HttpRequest, pk: int) -> HttpResponse:
    def again(found: Link) -> str:
        care.retry(Link.objects.filter(pk=found.pk), user_of(request))
        return _("%s is sent again.") % found.subject

    return _done(request, pk, again)


@action
def link_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    def dismiss(found: Link) -> str:
        care.dismiss(Link.objects.filter(pk=found.pk), user_of(request))
        return _("%s is left alone until it changes at its source.") % found.subject

    return _done(request, pk, dismiss, undo=resolve_url("link_again", pk))


@action
def link_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which item of the player a title is."""

    def pin(found: Link) -> str:
        care.pin(found, request.POST.get("item", ""), user_of(request))
        return _("%s is matched: it is being sent.") % found.subject

    return _done(request, pk, pin, undo=resolve_url("link_unpin", pk))


@action
def link_unpin(request: HttpRequest, pk: int) -> HttpResponse:
    def unpin(found: Link) -> str:
        care.unpin(found, user_of(request))
        return _("%s is looked for by its files and ids again.") % found.subject

    return _done(request, pk, unpin)


@action
def link_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let Taggarr write what somebody else changed: one field or label, or all of a title."""

    def take_back(found: Link) -> str:
        number = care.take_back(found, request.POST.get("name") or None, user_of(request))
        return ngettext(
            "%(number)d change of %(title)s is taken back.",
            "%(number)d changes of %(title)s are taken back.",
            number,
        ) % {"number": number, "title": found.subject}

    return _done(request, pk, take_back, undo=resolve_url("link_give_back", pk))


@action
def link_give_back(request: HttpRequest, pk: int) -> HttpResponse:
    def give_back(found: Link) -> str:
        care.give_back(found, user_of(request))
        return _("The edits of %s are left alone again.") % found.subject

    return _done(request, pk, give_back)


def _link(pk: int) -> Link:
    return get_object_or_404(Link.objects.select_related("subject__source", "player"), pk=pk)


def _done(request: HttpRequest, pk: int, act: Callable[[Link], str], *, undo: str = "") -> HttpResponse:
    """Do something about a title, say so, and go back to where it was asked."""
    found = _link(pk)
    with errors_shown(request):
        done(request, act(found), undo=undo)
    return redirect("inbox") if request.POST.get("back") == "inbox" else redirect("link", pk)
