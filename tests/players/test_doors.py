"""Players by YAML, commands, notifications, health and documents: the same as by page and API."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from connections import health as connection_health
from connections.models import Breaker, Connection
from core.words import Phrase
from demo.players.process import StandIn
from jobs import services
from jobs.contract import start_by_name
from jobs.models import Job, JobState
from players import metrics, news, sources
from players.models import Cause, Link, LinkState, Outage, Pace, PlayerSettings, Route
from players.rules import paths
from players.settings import accept_mappings
from system.configuration import DocumentError, export_document, import_document

from .conftest import add_movie, player_state
from .test_care import add_links
from .test_care import player as player  # noqa: PLC0414
from .test_sending import labels_at

pytestmark = pytest.mark.django_db
PLAYERS_MD = Path(__file__).parents[2] / "docs" / "players.md"


@pytest.fixture
def stash() -> Connection:
    found = Connection(name="Stash", kind="stash", url="http://stash.test")
    found.keep_secrets({"api_key": "s" * 20})
    found.save()
    return found


@pytest.fixture
def plex(player: Connection) -> Connection:
    player.keep_secrets({"token": "t" * 20})
    player.save()
    return player


def routes_of(document: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = yaml.safe_load(document)["routes"]
    return found


def test_routes_go_out_as_yaml_and_come_back_the_same(plex: Connection, stash: Connection):
    Route.objects.create(
        source=stash, player=plex, pattern="Audio: {label}", fields={"summary": "keep"}, seasons=False
    )
    document = export_document()
    (route,) = routes_of(document)
    assert route == {
        "source": "Stash",
        "player": "Plex",
        "pattern": "Audio: {label}",
        "seasons": False,
        "fields": {"summary": "keep"},
    }
    only = yaml.safe_dump({"version": 1, "routes": [route]})
    Route.objects.all().delete()
    for _ in range(2):
        import_document(only, connect=False)
        assert routes_of(export_document()) == [route]
    import_document(only.replace("summary: keep", "summary: off"), connect=False)
    assert Route.objects.get().fields == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"pattern": "dub"},
        {"form": "poster"},
        {"fields": {"summary": "burn"}},
        {"fields": ["summary"]},
        {"enabled": "maybe"},
        {"clear": "summary"},
        {"player": "Plx"},
    ],
)
def test_a_route_that_cannot_be_is_refused_with_its_line(plex: Connection, stash: Connection, wrong):
    route = {"source": "Stash", "player": "Plex", **wrong}
    with pytest.raises(DocumentError):
        import_document(yaml.safe_dump({"version": 1, "routes": [route]}), connect=False)
    assert not Route.objects.exists()


def test_a_route_may_name_connections_of_its_own_document(db):
    connections = [
        {"name": "Stash", "kind": "stash", "url": "http://stash.test", "api_key": "s" * 20},
        {"name": "Plex", "kind": "plex", "url": "http://plex.test", "token": "t" * 20},
    ]
    routes = [{"source": "Stash", "player": "Plex", "form": "collection"}]
    document = yaml.safe_dump({"version": 1, "connections": connections, "routes": routes})
    import_document(document, connect=False)
    assert Route.objects.get().form == "collection"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_what_failed_and_sees_to_it(player: Connection):
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.REFUSED_VALUE)
    add_links(player, state=LinkState.FAILED, cause=Cause.BUG)
    rows = json.loads(run("failed_links", "--json"))
    assert [row["cause"] for row in rows] == ["bug", "refused_value", "refused_value"]
    assert json.loads(run("failed_links", "Plex", "--cause", "bug", "--clear", "--json")) == {"done": 1}
    assert json.loads(run("failed_links", "--purge", "--json")) == {"done": 3}
    assert not Link.objects.exists()
    assert json.loads(run("failed_links", "Plex", "--retry", "--json")) == {"done": 0}


def test_the_commands_want_one_act_and_a_player(player: Connection, stash: Connection):
    for arguments in (
        ("failed_links", "--retry", "--purge"),
        ("failed_links", "Stash"),
        ("reconcile_players", "Stash"),
    ):
        with pytest.raises((CommandError, SystemExit)):
            run(*arguments)


def told(player: Connection, state: str = JobState.COMPLETED, **summary: object) -> dict[str, str]:
    from django.template.loader import render_to_string

    error = "Plex is away." if state == JobState.FAILED else ""
    job = Job.objects.create(name="push", connection=player, state=state, summary=summary, error=error)
    by_name = {topic.name: topic for topic in news.BRINGS.topics}
    return {
        notice.topic: render_to_string(by_name[notice.topic].template, notice.context)
        for notice in news.of_push(job)
    }


def test_what_failed_is_held_or_was_edited_is_told_once_a_push(player: Connection):
    assert told(player, in_sync=3) == {}
    assert told(player, failed=2)["player_failed"].splitlines()[0] == "Plex: 2 titles could not be sent"
    assert told(player, state=JobState.FAILED)["player_failed"].splitlines()[1] == "Plex is away."
    assert "one title was edited there" in told(player, edited=1)["player_edited"]
    PlayerSettings.objects.update(held_reason=Phrase("player.held", number=9, total=9))
    player.refresh_from_db()
    assert "9 of 9 titles" in told(player, held="yes")["player_held"]
    assert list(news.of_push(Job(name="push"))) == []


def test_a_player_that_may_be_off_is_no_problem_while_it_does_not_answer(
    player: Connection, stash: Connection
):
    Connection.objects.update(breaker=Breaker.OPEN)
    assert [issue.source for issue in connection_health.breakers()] == ["Plex", "Stash"]
    PlayerSettings.objects.update(may_be_off=True)
    assert [issue.source for issue in connection_health.breakers()] == ["Stash"]
    Connection.objects.update(breaker=Breaker.REFUSED)
    assert [issue.source for issue in connection_health.breakers()] == ["Plex", "Stash"]


def test_metrics_tell_what_is_held_edited_and_away(player: Connection):
    add_links(player, 2, conflict=True)
    PlayerSettings.objects.update(held_since=timezone.now())
    Outage.objects.create(player=player)
    values = {
        (sample.name, sample.labels["player"]): sample.value
        for family in metrics.players()
        for sample in family.samples
        if "state" not in sample.labels
    }
    for name in ("taggarr_player_held", "taggarr_player_away"):
        assert values[name, "Plex"] == 1
    assert values["taggarr_player_edited", "Plex"] == 2


def test_the_document_tells_every_cause_with_its_remedy():
    text = PLAYERS_MD.read_text(encoding="utf-8")
    rows = [f"| `{one}` | {Phrase(f'cause.{one}')} | {Phrase(f'remedy.{one}')} |" for one in Cause]
    assert [row for row in rows if row not in text] == []
    assert [state for state in LinkState.values if f"| `{state}` |" not in text] == []


def test_metrics_tell_how_fast_a_player_is_sent_to_and_for_how_long(player: Connection):
    add_links(player, 5, due_at=timezone.now())
    Pace.objects.create(
        player=player, rate=8, each=2, items=9, calls_each=1, latency=0, calls=0, errors=0, seconds=0
    )
    values = {
        family.name: [sample.value for sample in family.samples if sample.labels == {"player": "Plex"}]
        for family in metrics.players()
    }
    assert (values["taggarr_player_rate"], values["taggarr_player_eta_seconds"]) == ([8], [10])


@pytest.mark.django_db(transaction=True)
def test_the_five_steps_of_the_document_work(plex_process: StandIn, movies: Connection, tmp_path: Path):
    for number in range(1, paths.EVIDENCE + 1):
        add_movie(movies, number)
    plex_process.load(player_state("plex", movies=paths.EVIDENCE))
    (tmp_path / "token").write_text(plex_process.api_key)
    secret = ("--secret-file", f"token={tmp_path / 'token'}")
    run("add_connection", "Plex", "--kind", "plex", "--url", plex_process.url, *secret)
    found = Connection.objects.get(name="Plex")
    sources.follow_library()
    for name in ("index_player", "push", "index_player"):
        services.run_inline(start_by_name(name, connection=found)[0])
    proposed = PlayerSettings.objects.get().proposed
    assert proposed == [{"source": "/", "player": "/data", "titles": paths.EVIDENCE}]
    assert accept_mappings(found) == 1
    for name in ("index_player", "push"):
        Link.objects.filter(due_at__isnull=False).update(due_at="2020-01-01T00:00Z")
        services.run_inline(start_by_name(name, connection=found)[0])
    assert set(labels_at(plex_process)["Movie 0001"]) == {"dub"}
    assert json.loads(run("players", "--json"))[0]["in_sync"] == paths.EVIDENCE
