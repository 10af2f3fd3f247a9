"""The pages of players: what they show, and what people do there."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Connection
from core.words import Phrase
from jobs.models import Job
from library.models import Media
from players.connections import abilities_of
from players.models import Link, LinkState, PlayerMapping, PlayerSettings, Route
from web.templatetags.pages import path

from .conftest import add_movie
from .rows import make_link, make_player, states

pytestmark = pytest.mark.django_db

SYNCED, AMBIGUOUS, EDITED, FAILED, WAITING = range(5)


@pytest.fixture(autouse=True)
def _nobody_works_here(no_worker_is_asked: None, empty_caches: None, read_just_now: None) -> None:
    pass


@pytest.fixture
def titles(movies: Connection) -> list[Media]:
    return [add_movie(movies, number) for number in range(1, 6)]


@pytest.fixture
def player(movies: Connection, titles: list[Media]) -> Connection:
    return make_player(movies, titles)


@pytest.fixture
def links(player: Connection) -> list[Link]:
    return list(player.links.order_by("pk"))


@pytest.fixture
def client(db: None) -> Client:
    from accounts.models import Role, User

    client = Client()
    client.force_login(User.objects.create_user("ada", role=Role.ADMIN))
    return client


def text_of(client: Client, address: str, **posted: Any) -> str:
    answer = client.post(address, posted, follow=True) if posted else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, address: str, **posted: Any) -> str:
    return text_of(client, address, **{"back": "", **posted})


def links_of(client: Client, address: str) -> list[int]:
    """The links that a list shows."""
    return sorted(int(pk) for pk in re.findall(r'href="/players/titles/(\d+)"', text_of(client, address)))


def test_without_a_player_a_newcomer_is_led_to_one(client: Client, titles):
    text = text_of(client, "/players")
    assert "Show in your player what your files hold" in text
    assert all(f"/settings/connections/add/{kind}" in text for kind in ("plex", "jellyfin", "emby", "kodi"))
    assert "/settings/connections/add/sonarr" not in text
    assert "No player is connected" in text_of(client, f"/media/{titles[0].pk}/players")


def test_a_player_says_how_it_is_and_what_to_do(client: Client, player: Connection):
    address = f"/players/{player.pk}"
    text = text_of(client, "/players")
    assert "One title waits to be sent." in text
    assert f'href="{address}/titles?state=ambiguous"' in text
    assert "Send now" in text
    text = text_of(client, address)
    assert "Plex refused" not in text
    assert "{label}" not in text
    assert 'labels such as <span class="tag">dub</span>' in text
    assert "Shorten or correct it at the source" in text
    assert "the same last two names of the path" in text
    assert "1 h 0 min" in text
    assert "200 ms" in text


@pytest.mark.parametrize(
    ("connection", "settings", "said"),
    [
        ({"enabled": False}, {}, "Paused: nothing is sent until you resume it."),
        ({"breaker": "refused"}, {}, "It refuses the key"),
        ({"breaker": "open"}, {}, "It does not answer"),
        ({"breaker": "open"}, {"may_be_off": True}, "Switched off. What waits is sent once it is on again."),
        ({}, {"held_since": timezone.now(), "held_reason": "Too much."}, "Too much."),
        ({}, {"indexed_at": None}, "New: its library is read before anything is sent."),
        ({}, {"dry_run": True}, "One title would be sent"),
    ],
)
def test_the_most_important_is_said(client: Client, player: Connection, connection, settings, said):
    Connection.objects.filter(pk=player.pk).update(**connection)
    PlayerSettings.objects.filter(pk=player.pk).update(**settings)
    assert said in text_of(client, "/players/live")
    assert said in text_of(client, f"/players/{player.pk}/state")


def test_what_is_well_is_one_line_on_the_home_page(client: Client, movies, titles):
    player = make_player(movies, [])
    make_link(player, titles[0], **states()[SYNCED])
    assert "1 title as it should be." in text_of(client, "/")
    assert "Up to date: 1 title." in text_of(client, "/players")
    make_link(player, titles[1], **states()[FAILED])
    assert "1 title needs you" in text_of(client, "/")
    assert "One title needs you; the rest is up to date." in text_of(client, "/players")


def test_a_push_tells_how_far_it_is_and_when_it_ends(client: Client, player: Connection):
    began = timezone.now() - timedelta(hours=1)
    Job.objects.create(name="push", connection=player, state="running", started_at=began)
    text = text_of(client, "/players/live")
    assert "Sending: 2 of 3 titles." in text
    assert "30 min left" in text


def test_a_player_is_sent_to_and_looked_at_again(client: Client, player: Connection):
    assert "Sending to Plex now." in do(client, f"/players/{player.pk}/send", back="players")
    assert "Looking at every title in Plex again." in do(client, f"/players/{player.pk}/look")
    assert set(Job.objects.values_list("name", flat=True)) == {"push", "reconcile_player"}


def test_a_player_is_paused_and_resumed(client: Client, player: Connection):
    text = do(client, f"/players/{player.pk}/pause")
    assert "Plex is paused." in text
    assert f'action="/players/{player.pk}/resume"' in text
    player.refresh_from_db()
    assert not player.enabled
    assert "Sending to Plex again." in do(client, f"/players/{player.pk}/resume")


def test_titles_are_found_by_state_cause_and_text(client: Client, player: Connection, links):
    def found(query: str) -> list[int]:
        text = text_of(client, f"/players/{player.pk}/titles?{query}")
        return [number for number, link in enumerate(links) if f'href="/players/titles/{link.pk}"' in text]

    assert found("") == [SYNCED, AMBIGUOUS, EDITED, FAILED, WAITING]
    assert found("state=needed") == [AMBIGUOUS, FAILED]
    assert found("state=edited") == [EDITED]
    assert found("cause=refused_value") == [FAILED]
    assert found("grade=100&q=movie") == [SYNCED, EDITED]
    assert found("q=0005") == [WAITING]
    assert found("state=excluded") == []
    assert found("state=nonsense&grade=x&cause=%00") == found("")


def test_under_wanted_stand_the_titles_of_all_players_without_a_place_there(
    client: Client, player: Connection, links, titles
):
    other = Connection.objects.create(name="Den", kind="kodi", url="http://den.lan:8080")
    PlayerSettings.objects.create(connection=other)
    absent = make_link(other, titles[0], state=LinkState.NOT_THERE)
    where = "/wanted/players"
    assert links_of(client, where) == [links[AMBIGUOUS].pk, absent.pk]
    assert links_of(client, f"{where}?player={other.pk}") == [absent.pk]
    assert links_of(client, f"{where}?state=ambiguous") == [links[AMBIGUOUS].pk]
    assert "1 title is sent again." in do(client, f"{where}/change", do="retry", link=absent.pk)
    assert "Nothing was selected." in do(client, f"{where}/change", do="retry", link=links[FAILED].pk)
    everything = {"do": "dismiss", "scope": "all", "number": 1}
    assert "1 title is left alone" in do(client, f"{where}/change", **everything)
    links[AMBIGUOUS].refresh_from_db()
    assert links[AMBIGUOUS].state == LinkState.DISMISSED
    Link.objects.filter(pk=absent.pk).update(state=LinkState.NOT_THERE)
    Connection.objects.filter(pk=other.pk).update(enabled=False)
    assert "that is how it should be" in text_of(client, where)


def test_pages_follow_each_other_without_a_gap(client: Client, player: Connection, links, monkeypatch):
    from players.pages import link_rows

    monkeypatch.setattr(link_rows, "PAGE", 2)
    where, seen = f"/players/{player.pk}/titles", []
    while where:
        context = client.get(where).context
        seen += [link.pk for link in context["found"].links]
        where = f"/players/{player.pk}/titles?after={context['found'].next}" if context["found"].next else ""
    assert seen == [link.pk for link in links]


def test_the_chosen_titles_are_dismissed_and_sent_again(client: Client, player: Connection, links):
    where = f"/players/{player.pk}/titles/change"
    assert "1 title is left alone" in do(client, where, do="dismiss", link=links[FAILED].pk)
    links[FAILED].refresh_from_db()
    assert links[FAILED].state == LinkState.DISMISSED
    assert "1 title is sent again." in do(client, where, do="retry", link=links[FAILED].pk)
    assert "Nothing was selected." in do(client, where, do="retry")
    assert "Nothing was selected." in do(client, where, do="nonsense", link=links[FAILED].pk)


def test_all_that_fit_are_dismissed_only_as_many_as_were_confirmed(client: Client, player: Connection):
    where = f"/players/{player.pk}/titles/change"
    asked = {"do": "dismiss", "scope": "all", "query": "state=needed"}
    assert "There are 2 titles by now, not 7" in do(client, where, number=7, **asked)
    assert "2 titles are left alone" in do(client, where, number=2, **asked)
    assert player.links.filter(state=LinkState.DISMISSED).count() == 2
    assert "Forget 2 titles?" in text_of(client, f"/players/{player.pk}")
    assert "2 titles are forgotten." in do(client, f"/players/{player.pk}/purge", number=2)
    assert player.links.count() == 3


def test_a_match_in_doubt_is_settled_in_the_inbox_and_taken_back(client: Client, links):
    link = links[AMBIGUOUS]
    text = text_of(client, "/inbox")
    assert "Plex: which one is this title?" in text
    assert "60 %: the same last two names of the path" in text
    text = do(client, f"/players/titles/{link.pk}/pin", item="2", back="inbox")
    assert f'action="/players/titles/{link.pk}/unpin"' in text
    assert "which one is this title" not in text
    link.refresh_from_db()
    assert (link.state, link.pinned["id"]) == (LinkState.DUE, "2")
    assert "Somebody chose it by hand." in text_of(client, f"/players/titles/{link.pk}")
    do(client, f"/players/titles/{link.pk}/unpin")
    link.refresh_from_db()
    assert link.pinned is None


def test_an_item_that_is_not_there_cannot_be_chosen(client: Client, links):
    assert "has no title with the id 99" in do(
        client, f"/players/titles/{links[AMBIGUOUS].pk}/pin", item="99"
    )


def test_none_of_the_candidates_leaves_a_title_alone(client: Client, links):
    text = do(client, f"/players/titles/{links[AMBIGUOUS].pk}/dismiss", back="inbox")
    assert f'action="/players/titles/{links[AMBIGUOUS].pk}/again"' in text
    assert "is sent again." in do(client, f"/players/titles/{links[AMBIGUOUS].pk}/again")


def test_an_edit_of_somebody_else_is_shown_and_taken_back(client: Client, links):
    link = links[EDITED]
    assert "somebody else changed what Taggarr wrote in one title" in text_of(client, "/inbox")
    text = text_of(client, f"/players/titles/{link.pk}")
    assert "Somebody changed it in Plex: Taggarr leaves it." in text
    assert "Taggarr wrote it." in text
    do(client, f"/players/titles/{link.pk}/take-back", name="summary")
    link.refresh_from_db()
    assert not link.conflict
    assert link.marks["1"]["summary"] == {"ours": ["aa", "bb"], "sure": False}


def test_what_the_source_spoilt_is_shown_all_the_same(client: Client, links):
    link = links[FAILED]
    link.subject.state = {}
    link.subject.save()
    Link.objects.filter(pk=link.pk).update(cause="bad_source")
    assert "Correct the title at its source" in text_of(client, f"/players/titles/{link.pk}")


def test_a_comparison_with_a_player_that_is_away_says_so(client: Client, links, monkeypatch):
    from core.errors import ApiTransientError
    from players.pages import link_rows

    def away(_link: Link) -> None:
        raise ApiTransientError("Plex is away.")

    monkeypatch.setattr(link_rows, "look", away)
    assert "Plex is away." in text_of(client, f"/players/titles/{links[SYNCED].pk}?look=1")


@pytest.fixture
def held(player: Connection) -> Connection:
    """A player that would lose the label of one title, and holds that."""
    Link.objects.filter(player=player, state=LinkState.IN_SYNC).update(state="due", due_at=timezone.now())
    for link in player.links.filter(conflict=False, item_ids=["1"]):
        link.subject.state |= {"labels": []}
        link.subject.save()
    reason = Phrase("player.held", number=1, total=5)
    PlayerSettings.objects.update(held_since=timezone.now(), held_reason=reason)
    return player


def test_what_the_brake_holds_is_listed_and_released(client: Client, held: Connection):
    for where in ("/inbox", f"/players/{held.pk}/held"):
        text = text_of(client, where)
        assert "One of 5 titles would lose a label" in text
        assert "Movie 0001" in text
        assert '<span class="tag">dub</span>' in text
    assert "Released: what was held back is being sent." in do(client, f"/players/{held.pk}/release")
    assert PlayerSettings.objects.get().released
    assert "Nothing is held." in text_of(client, f"/players/{held.pk}/held")


def test_what_the_brake_holds_is_left_alone_and_the_rest_goes_on(client: Client, held: Connection):
    text = do(client, f"/players/{held.pk}/decline", back="inbox")
    assert "Left alone: 1 title keeps its labels." in text
    settings = PlayerSettings.objects.get()
    assert (settings.held_since, settings.released) == (None, False)
    assert held.links.get(state=LinkState.DISMISSED).subject.title.startswith("Movie 0001")


def test_proposed_folders_are_taken_over_from_the_inbox(client: Client, player: Connection):
    PlayerSettings.objects.update(proposed=[{"source": "/tv", "player": "/mnt/tv"}])
    text = text_of(client, "/inbox")
    assert "Plex calls your folders by other names" in text
    assert path("/mnt/tv") in text
    assert "1 folder is taken over" in do(client, f"/players/{player.pk}/folders", back="inbox")
    assert PlayerMapping.objects.filter(source_prefix="/tv", player_prefix="/mnt/tv").exists()


def test_a_title_tells_what_each_player_shows_of_it(client: Client, player: Connection, titles):
    text = text_of(client, f"/media/{titles[SYNCED].pk}/players")
    assert '<span class="tag">dub</span>' in text
    assert "http://plex.lan:32400/web/index.html#!/server/abc/details?key=%2Flibrary%2Fmetadata%2F1" in text
    assert f'href="/media/{titles[SYNCED].pk}/players"' in text_of(client, f"/media/{titles[SYNCED].pk}")
    new = add_movie(titles[0].connection, 9)
    assert "This title goes to no player yet." in text_of(client, f"/media/{new.pk}/players")


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("jellyfin", "http://plex.lan:32400/web/#/details?id=7"),
        ("emby", "http://plex.lan:32400/web/index.html#!/item?id=7&serverId=abc"),
        ("kodi", ""),
    ],
)
def test_each_player_has_its_own_addresses(player: Connection, kind: str, address: str):
    from players.pages.link_rows import web_address

    player.kind = kind
    assert web_address(player, player.player, "7") == address


def test_search_finds_players_and_what_to_do(client: Client, player: Connection):
    text = text_of(client, "/search?q=plex")
    assert f'href="/players/{player.pk}"' in text
    assert "Send to Plex now" in text


def test_the_page_of_a_push_says_what_came_of_it(client: Client, player: Connection):
    summary = {"in_sync": 3, "not_there": 1, "written": 2, "held": "Too much."}
    job = Job.objects.create(name="push", connection=player, state="completed", summary=summary)
    text = text_of(client, f"/activity/jobs/{job.pk}")
    assert f'href="/players/{player.pk}/held"' in text
    assert f'href="/players/{player.pk}"' in text


@pytest.fixture
def route(player: Connection) -> Route:
    return Route.objects.get()


def test_how_labels_are_written_is_changed_with_an_example(client: Client, player: Connection, route: Route):
    where = f"/players/routes/{route.pk}"
    assert '<output class="tag" for="id_pattern">dub</output>' in text_of(client, where)
    given = {"enabled": "on", "form": "collection", "seasons": "on"}
    text = text_of(client, where, **given, pattern="no label here")
    assert 'id="id_pattern_error"' in text
    assert 'value="no label here"' in text
    assert "Saved: 5 titles are sent." in text_of(client, where, **given, pattern="taggarr: {label}")
    route.refresh_from_db()
    assert (route.form, route.pattern) == ("collection", "taggarr: {label}")


def test_what_a_stash_has_beside_labels_is_written_field_by_field(client: Client, player: Connection):
    stash = Connection.objects.create(name="Stash", kind="stash", url="http://stash.lan:9999")
    route = Route.objects.create(source=stash, player=player)
    page = text_of(client, f"/players/routes/{route.pk}")
    assert 'name="mode_title"' in page
    # No player takes an empty title, and scenes have no seasons.
    assert 'name="clear_title"' not in page
    assert 'name="seasons"' not in page
    modes = {f"mode_{name}": "off" for name in abilities_of(player).fields}
    given = {"enabled": "on", "pattern": "{label}", **modes, "mode_summary": "keep", "clear_summary": "on"}
    assert "Saved: 0 titles are sent." in text_of(client, f"/players/routes/{route.pk}", **given)
    route.refresh_from_db()
    assert (route.fields, route.clear) == ({"summary": "keep"}, ["summary"])


def test_a_route_is_deleted_and_made_anew(client: Client, player: Connection, route: Route):
    assert "Radarr no longer goes to Plex" in text_of(client, f"/players/routes/{route.pk}/delete", yes="1")
    assert "Send Radarr there too" in text_of(client, f"/players/{player.pk}")
    text_of(client, f"/players/{player.pk}/routes", source=route.source_id)
    assert Route.objects.filter(source=route.source_id, player=player).exists()


def test_a_release_and_what_was_taken_back_can_be_undone(client: Client, held: Connection, links):
    text = do(client, f"/players/{held.pk}/release")
    assert f'action="/players/{held.pk}/hold"' in text
    assert "Held again: what was not sent yet waits." in do(client, f"/players/{held.pk}/hold")
    edited = Link.objects.get(conflict=True)
    assert f'action="/players/titles/{edited.pk}/give-back"' in do(
        client, f"/players/titles/{edited.pk}/take-back"
    )
    assert "are left alone again." in do(client, f"/players/titles/{edited.pk}/give-back")
    assert Link.objects.get(pk=edited.pk).conflict


def test_a_player_is_left_with_or_without_our_labels(client: Client, player: Connection):
    text = text_of(client, f"/players/{player.pk}")
    assert "2 titles carry labels that Taggarr wrote there." in text
    assert f'action="/settings/connections/{player.pk}/delete"' in text
    assert "are taken off; then it is deleted." in do(client, f"/players/{player.pk}/leave", number=2)
    assert "Its labels are being taken off: 2 titles to go." in text_of(client, f"/players/{player.pk}")


def test_the_poster_of_a_title_is_told_in_words(client: Client, links, monkeypatch):
    from players.pages import link_rows

    link = links[SYNCED]
    link.subject.state["fields"] = {"poster": "digest"}
    link.subject.save()
    Route.objects.update(fields={"poster": "keep"})
    present = SimpleNamespace(fields={"poster": "stamp"}, labels={})
    monkeypatch.setattr(link_rows, "look", lambda _link: present)
    text = text_of(client, f"/players/titles/{link.pk}?look=1")
    assert "the cover of its source" in text
    assert "a picture" in text
