"""What apps bring: found by convention, typed, refused loudly where it is wrong."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command

from core import features, flags
from core.errors import ConfigError
from core.features import Health, Options, bring, brought, kinds, ours
from core.flags import Flag
from jobs.contract import only_if_on
from system import switches
from system.models import RuntimeSetting

pytestmark = pytest.mark.django_db


@pytest.fixture
def scanner():
    return apps.get_app_config("scanner")


def test_every_app_of_ours_keeps_to_the_contract():
    for app in ours():
        for kind in kinds().values():
            bring(app, kind)


def test_a_module_that_says_nothing_is_refused_by_its_name(scanner, monkeypatch):
    monkeypatch.delitem(vars(scanner)["_brought"], "health", raising=False)
    monkeypatch.setattr("importlib.import_module", lambda name: SimpleNamespace(__name__=name, BRINGS=3))
    with pytest.raises(ConfigError, match=r"scanner\.health must say what scanner brings: BRINGS = Health"):
        bring(scanner, Health)


def test_what_nobody_knows_is_refused():
    with pytest.raises(TypeError, match="sotred"):
        Health(sotred=())  # type: ignore[call-arg]


def test_two_kinds_of_contributions_cannot_share_a_module():
    class Other(features.Brings):
        MODULE = "health"

    with pytest.raises(ValueError, match="two kinds of contributions are called health"):
        features.contribution(Other)


def test_a_feature_that_is_off_brings_nothing_but_where_asked_for(scanner):
    assert scanner in [app for app, _ in brought(Health)]
    switches.switch("scanner", False)
    assert scanner not in [app for app, _ in brought(Health)]
    assert scanner in [app for app, _ in brought(Health, also_off=True)]
    switches.switch("scanner", None)
    assert scanner in [app for app, _ in brought(Health)]


def test_a_flag_is_declared_once():
    flags.declare(next(flag for flag in flags.declared() if flag.key == "scanner"))
    with pytest.raises(ValueError, match="there is a flag scanner already"):
        flags.declare(Flag("scanner", False, "Something else."))


def test_a_switch_is_called_after_the_app_that_brings_it(scanner, monkeypatch):
    monkeypatch.setattr(flags, "_declared", {})
    with pytest.raises(ConfigError, match=r"The flag players\.fast of scanner must be called scanner\."):
        Options((Flag("players.fast", True, "Be fast."),)).take(scanner)
    Options((Flag("scanner.fast", True, "Be fast."),)).take(scanner)
    assert [flag.key for flag in flags.declared()] == ["scanner.fast"]


def test_what_is_done_again_and_again_rests_while_its_feature_is_off(scanner):
    done = []
    again = only_if_on(scanner, lambda: done.append("once"))
    again()
    switches.switch("scanner", False)
    again()
    assert done == ["once"]


def test_a_flag_that_nobody_declared_is_refused():
    with pytest.raises(ConfigError, match="There is no flag colour"):
        flags.is_on("colour")
    with pytest.raises(ConfigError, match="There is no switch colour"):
        switches.switch("colour", True)


def test_the_environment_says_how_a_flag_stands_until_somebody_sets_it(monkeypatch):
    monkeypatch.setenv("TAGGARR_FLAGS", "scanner=off")
    assert not flags.is_on("scanner")
    assert switches.switch("scanner", True)
    assert flags.is_on("scanner")
    assert not switches.switch("scanner", None)


def test_a_change_elsewhere_is_followed_after_ten_seconds(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("core.flags.time.monotonic", lambda: now)
    flags.forget()
    assert flags.is_on("scanner")
    RuntimeSetting.objects.create(name="flag:scanner", value=False)
    assert flags.is_on("scanner")
    now += flags.FRESH + 0.1
    assert not flags.is_on("scanner")


def test_while_the_database_is_away_flags_stand_as_they_stood(monkeypatch):
    from django.db import OperationalError

    switches.switch("scanner", False)

    def away():
        raise OperationalError

    monkeypatch.setattr(flags, "_source", away)
    monkeypatch.setattr(flags, "_read_at", float("-inf"))
    assert not flags.is_on("scanner")


@pytest.fixture(autouse=True)
def as_before():
    """What was switched here is rolled back, and the next test may come within ten seconds."""
    yield
    flags._stored, flags._read_at = {}, time.monotonic()


def test_the_command_adds_no_kind_of_a_feature_that_is_off(monkeypatch, capsys):
    monkeypatch.setenv("TAGGARR_FLAGS", "players=off")
    with pytest.raises(SystemExit):
        call_command("add_connection", "Living room", "--kind", "plex", "--url", "http://192.168.1.20:32400")
    assert "The feature that brings plex is switched off: switch it on." in capsys.readouterr().err


def test_the_api_adds_no_kind_of_a_feature_that_is_off(admin_client, monkeypatch):
    monkeypatch.setenv("TAGGARR_FLAGS", "players=off")
    values = {"token": "t" * 20}
    sent = {"name": "Living room", "kind": "plex", "url": "http://192.168.1.20:32400", "values": values}
    answer = admin_client.post("/api/v1/connections", sent, content_type="application/json")
    assert answer.status_code == 422
    assert "The feature that brings plex is switched off: switch it on." in answer.content.decode()
