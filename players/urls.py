"""The addresses of the pages of players."""

from __future__ import annotations

from django.urls import path

from players.pages import links, players, routes, title

urlpatterns = [
    path("players", players.players, name="players"),
    path("players/live", players.players_live, name="players_live"),
    path("players/<int:pk>", players.player, name="player"),
    path("players/<int:pk>/state", players.player_state, name="player_state"),
    path("players/<int:pk>/held", players.player_held, name="player_held"),
    path("players/<int:pk>/send", players.player_send, name="player_send"),
    path("players/<int:pk>/look", players.player_look, name="player_look"),
    path("players/<int:pk>/pause", players.player_pause, name="player_pause"),
    path("players/<int:pk>/resume", players.player_resume, name="player_resume"),
    path("players/<int:pk>/release", players.player_release, name="player_release"),
    path("players/<int:pk>/hold", players.player_hold, name="player_hold"),
    path("players/<int:pk>/leave", players.player_leave, name="player_leave"),
    path("players/<int:pk>/decline", players.player_decline, name="player_decline"),
    path("players/<int:pk>/folders", players.player_accept, name="player_accept"),
    path("players/<int:pk>/purge", players.player_purge, name="player_purge"),
    path("players/<int:pk>/routes", routes.player_route_add, name="player_route_add"),
    path("players/routes/<int:pk>", routes.route, name="route"),
    path("players/routes/<int:pk>/delete", routes.route_delete, name="route_delete"),
    path("players/<int:pk>/titles", links.player_titles, name="player_titles"),
    path("players/<int:pk>/titles/change", links.player_titles_change, name="player_titles_change"),
    path("wanted/players", links.wanted_players, name="wanted_players"),
    path("wanted/players/change", links.wanted_players_change, name="wanted_players_change"),
    path("players/titles/<int:pk>", links.link, name="link"),
    path("players/titles/<int:pk>/again", links.link_again, name="link_again"),
    path("players/titles/<int:pk>/dismiss", links.link_dismiss, name="link_dismiss"),
    path("players/titles/<int:pk>/pin", links.link_pin, name="link_pin"),
    path("players/titles/<int:pk>/unpin", links.link_unpin, name="link_unpin"),
    path("players/titles/<int:pk>/take-back", links.link_take_back, name="link_take_back"),
    path("players/titles/<int:pk>/give-back", links.link_give_back, name="link_give_back"),
    path("media/<int:pk>/players", title.media_players, name="media_players"),
]
