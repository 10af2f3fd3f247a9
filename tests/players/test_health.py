"""What health, metrics and commands say of players."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from connections.models import Connection
from core.words import Phrase
from players import health, metrics
from players.clients.contract import Kind
from players.models import Cause, Link, LinkState, PlayerSettings, RemoteItem, Subject
from players.rules.matching import Title, keys_of
from players.sources import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def player() -> Connection:
    connection = Connection.objects.create(name="Plex", kind="plex", url="http://plex.test")
    PlayerSettings.objects.create(connection=connection)
    return connection


@pytest.fixture
def link(player: Connection) -> Link:
    source = Connection.objects.create(name="Radarr", kind="radarr", url="http://radarr.test")
    state = State(Title(Kind.MOVIE, "Lantern", 2019, "/movies/Lantern", ("/movies/Lantern/Lantern.mkv",)))
    subject = Subject.objects.create(
        source=source, key="media:1", kind=Kind.MOVIE, title="Lantern", state=state.to_json()
    )
    return Link.objects.create(subject=subject, player=player)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_sentence_and_a_remedy(link: Link, cause: Cause):
    Link.objects.update(state=LinkState.FAILED, cause=cause)
    (issue,) = health.stuck()
    assert str(Phrase(f"cause.{cause}")) in issue.what
    assert f"remedy.{cause}" not in issue.remedy


def test_what_is_held_edited_or_not_found_is_told(link: Link, player: Connection):
    Link.objects.update(conflict=True, state=LinkState.NOT_THERE)
    reason = Phrase("player.held", number=9, total=9)
    PlayerSettings.objects.update(held_since=timezone.now(), held_reason=reason)
    assert [len(list(check())) for check in (health.held, health.edited, health.unmatched)] == [1, 1, 1]
    Connection.objects.filter(pk=player.pk).update(enabled=False)
    assert [len(list(check())) for check in (health.held, health.edited, health.unmatched)] == [0, 0, 0]


def test_a_mapping_that_is_proposed_is_told(link: Link):
    Link.objects.update(state=LinkState.AMBIGUOUS)
    PlayerSettings.objects.update(proposed=[{"source": "/tv", "player": "/data/tv"}])
    (issue,) = health.unmatched()
    assert "/tv = /data/tv" in issue.what


def test_metrics_count_links_by_state(link: Link):
    families = {family.name: family for family in metrics.players()}
    (sample,) = families["taggarr_player_links"].samples
    assert (sample.labels, sample.value) == ({"player": "Plex", "state": "due"}, 1)


def test_the_match_of_a_title_is_explained(link: Link, player: Connection):
    for number, path in enumerate(["/movies/Lantern/Lantern.mkv", "/x/Lantern.mkv"]):
        RemoteItem.objects.create(
            player=player,
            remote_id=str(number),
            kind=Kind.MOVIE,
            library="1",
            title="Lantern",
            paths=[path],
            keys=keys_of(Kind.MOVIE, [path], (), "Lantern", None),
        )
    said = StringIO()
    call_command("explain_match", "lantern", "--json", stdout=said)
    (told,) = json.loads(said.getvalue())
    assert told["places"] == ["/movies/Lantern/Lantern.mkv"]
    assert [(one["id"], one["grade"], one["written"]) for one in told["candidates"]] == [
        ("0", 100, True),
        ("1", 40, False),
    ]


def test_players_are_listed_with_what_waits(link: Link):
    said = StringIO()
    call_command("players", "--json", stdout=said)
    (told,) = json.loads(said.getvalue())
    assert (told["player"], told["due"], told["in_sync"]) == ("Plex", 1, 0)


def test_what_is_wrong_leads_to_the_page_that_answers_it(link: Link, player: Connection):
    Link.objects.update(conflict=True, state=LinkState.FAILED, cause=Cause.BUG)
    PlayerSettings.objects.update(held_since=timezone.now(), held_reason="Held.")
    addresses = [
        issue.action.address for check in (health.held, health.stuck, health.edited) for issue in check()
    ]
    titles = f"/players/{player.pk}/titles?state="
    assert addresses == [f"/players/{player.pk}/held", f"{titles}needed&cause=bug", f"{titles}edited"]
