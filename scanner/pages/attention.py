"""The list of what needs attention: what somebody wants to see to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from library.models import Media
from scanner import media_settings
from scanner.explain import why
from scanner.pages.wanted_rows import LISTS
from web.access import action, page, user_of

MOST = 500
"""A list that is longer is no list of a person."""


@page
def attention(request: HttpRequest) -> HttpResponse:
    listed = Media.objects.filter(scan_state__needs_attention=True).select_related("scan_state", "connection")
    rows = [(media, why(media)) for media in listed.order_by("sort_title", "pk")[:MOST]]
    return render(request, "scanner/attention.html", {"rows": rows, "lists": LISTS})


@action
def attention_set(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Media, pk=pk)
    listed = request.POST.get("listed") == "1"
    media_settings.change(found, user=user_of(request), needs_attention=listed)
    return redirect("attention") if request.POST.get("from") == "list" else redirect("media", pk)
