"""The tab "Players" of a series or movie: what should stand in each player, what does, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from connections.models import Connection
from library.models import Media
from players.models import Link, PlayerSettings, Route
from players.pages.link_rows import labels_of, web_address
from web.access import page


@dataclass(frozen=True, slots=True)
class Shown:
    """A title or season of it in one player: the labels that it should have there, and its page there."""

    link: Link
    labels: list[str]
    address: str


@page
def media_players(request: HttpRequest, pk: int) -> HttpResponse:
    media = get_object_or_404(Media.objects.select_related("connection"), pk=pk)
    found: dict[Connection, list[Shown]] = {}
    links = Link.objects.filter(subject__media_id=pk).select_related("subject", "player__player")
    routes = {route.player_id: route for route in Route.objects.filter(source=media.connection_id)}
    for link in links.order_by("player__name", "subject__key"):
        address = next((web_address(link.player, link.player.player, one) for one in link.item_ids), "")
        found.setdefault(link.player, []).append(
            Shown(link, labels_of(link, routes.get(link.player_id)), address)
        )
    there_are_players = bool(found) or PlayerSettings.objects.exists()
    context = {"media": media, "tab": "players", "found": found, "there_are_players": there_are_players}
    return render(request, "players/title.html", context)
