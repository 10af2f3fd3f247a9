"""How artwork is set, by whichever way: one form of fields, and what follows from a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from artwork import jobs as art_jobs
from artwork.choice.rules import parse_rule, write_rule
from artwork.choice.scoring import Weights
from artwork.connections import MODES, mode_of
from artwork.models import ArtSettings, Entity
from artwork.names import ArtType
from artwork.picking import rule_of
from connections import services
from core.errors import ConfigError, FieldError
from jobs.models import Job
from tests.artwork.doors import add_candidate

if TYPE_CHECKING:
    from connections.models import Connection

RULES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "most": st.integers(3, 20),
        "least": st.integers(0, 3),
        "min_width": st.integers(0, 9999),
        "alike": st.integers(0, 64),
        "tolerance": st.integers(0, 100).map(lambda percent: percent / 100),
        "tiers": st.booleans(),
        "weights": st.lists(st.integers(1, 100), min_size=4, max_size=4),
        "languages": st.lists(st.sampled_from(["en", "de", "none", "original", "pt-br"]), min_size=1),
    },
)


@given(RULES)
def test_a_rule_is_read_as_it_is_written(rule: dict[str, Any]):
    assume(rule and rule.get("least", 0) <= rule.get("most", 1))
    assert parse_rule("poster", write_rule(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "", "most", "most five", "most 21", "most 1 2", "brightness 3", "weights 1 2 3", "weights 0 0 0 0",
        "tiers perhaps", "least 2", "languages a", "tolerance 101", "most \u0661",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_a_sentence(text: str):
    with pytest.raises(ConfigError, match=r"poster|language"):
        parse_rule("poster", text)


def test_a_rule_is_for_a_type_that_there_is():
    with pytest.raises(ConfigError, match="There is no type of picture called cover"):
        parse_rule("cover", "most 1")


def test_what_is_set_decides_how_pictures_are_chosen():
    rules = {
        "fanart": parse_rule("fanart", "most 5, weights 1 0 0 0, languages none en"),
        "banner": {"most": 0},
    }
    settings = ArtSettings(rules=rules, providers=["tvdb"])
    rule = rule_of(settings, ArtType.FANART)
    assert rule is not None
    assert (rule.most, rule.weights, rule.languages) == (5, Weights(1, 0, 0, 0), ("none", "en"))
    assert rule.providers == ("tvdb",)
    assert rule_of(settings, ArtType.BANNER) is None


@pytest.fixture(autouse=True)
def _on(artwork_on: None) -> None:
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("mode", MODES)
def test_a_mode_sets_the_switches(radarr_connection: Connection, mode: str):
    edit(radarr_connection, art_mode=mode)
    settings = ArtSettings.of(radarr_connection)
    assert {name: getattr(settings, name) for name in MODES[mode]} == MODES[mode]
    assert services.values_of(fresh(radarr_connection))["art_mode"] == mode


@pytest.mark.django_db
def test_switches_may_be_set_one_by_one(radarr_connection: Connection):
    edit(radarr_connection, art_mode="own", art_restore=False)
    settings = ArtSettings.objects.get()
    assert (settings.prepare, settings.restore, mode_of(settings)) == (True, False, "own")


@pytest.mark.django_db
def test_a_switch_that_contradicts_the_mode_is_refused(radarr_connection: Connection):
    edit(radarr_connection, art_mode="hybrid", art_publish=False)
    for wrong in ({"art_mode": "hybrid", "art_publish": True}, {"art_publish": True}):
        with pytest.raises(FieldError, match="art_publish is set by art_mode: give art_mode the value own"):
            edit(radarr_connection, **wrong)
    assert not ArtSettings.of(radarr_connection).publish
    edit(radarr_connection, art_mode="own", art_publish=True)
    assert ArtSettings.of(radarr_connection).publish


@pytest.mark.django_db
def test_lists_and_rules_are_kept_as_they_are_meant(radarr_connection: Connection):
    edit(
        radarr_connection,
        art_languages="de, EN, none, de",
        art_providers="TVDB, tmdb",
        art_country="de",
        art_rules=[{"type": "Fanart", "rule": "most 5,  min_width 1920"}],
    )
    settings = ArtSettings.objects.get()
    assert settings.languages == ["de", "en", "none"]
    assert settings.providers == ["tvdb", "tmdb"]
    assert settings.country == "DE"
    assert settings.rules == {"fanart": {"most": 5, "min_width": 1920}}
    told = services.values_of(fresh(radarr_connection))
    assert told["art_rules"] == [{"type": "fanart", "rule": "most 5, min_width 1920"}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("art_languages", "en, klingon!"),
        ("art_languages", ""),
        ("art_providers", "imdb"),
        ("art_country", "USA"),
        ("art_rules", [{"type": "fanart", "rule": "most"}]),
        ("art_rules", [{"type": "fanart", "rule": "most 1"}, {"type": "FANART", "rule": "most 2"}]),
        ("art_mode", "reckless"),
    ],
)
def test_what_cannot_be_set_is_told_beside_the_field(radarr_connection: Connection, field: str, value: Any):
    with pytest.raises(FieldError) as told:
        edit(radarr_connection, **{field: value})
    assert told.value.field == field
    assert not ArtSettings.objects.exists()


@pytest.mark.django_db
def test_other_languages_have_all_titles_prepared_anew(movie: Entity):
    Entity.objects.update(prepared_at="2026-01-15T12:00Z")
    edit(movie.connection, art_languages="de")
    movie.refresh_from_db()
    assert movie.prepared_at is None
    assert Job.objects.filter(name=art_jobs.SETTLE).count() == 1


@pytest.mark.django_db
def test_other_names_are_wanted_once_the_settings_are_applied(movie: Entity):
    from artwork import choosing
    from jobs import services as job_services

    add_candidate(movie, "landscape", rank=0)
    choosing.refresh([movie])
    before = Entity.objects.get().wanted
    edit(movie.connection, art_profile="plex")
    job = job_services.run_inline(Job.objects.get(name=art_jobs.SETTLE))
    assert job.summary["changed"] == 1
    assert Entity.objects.get().wanted != before


@pytest.mark.django_db
def test_what_changes_no_file_starts_nothing(movie: Entity):
    edit(movie.connection, art_mode="own", art_restore=False)
    assert not Job.objects.exists()


def edit(connection: Connection, **given: Any) -> None:
    services.edit(fresh(connection), connect=False, api_key="k" * 32, **given)


def fresh(connection: Connection) -> Connection:
    return services.there().get(pk=connection.pk)
