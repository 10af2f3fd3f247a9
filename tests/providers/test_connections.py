"""Providers as connections: their one address, their keys, the test, and the job that follows changes."""

from __future__ import annotations

import pytest

from connections import services
from connections.models import Breaker, Connection
from core.errors import ConfigError, FieldError
from jobs import services as jobs
from jobs.models import JobState
from providers.connections import PROVIDERS, class_of, provider_for
from providers.contract import Kind
from providers.jobs import start_changes
from providers.models import Answer


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_provider_is_tried_before_it_is_added(db, world, kind):
    added = services.add(kind, name="World", url=world.url, api_key=world.api_key)

    assert added.version in ("3", "4", "3.2")
    assert not Answer.objects.exists()


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_wrong_key_is_told_beside_its_field(db, world, kind):
    with pytest.raises(FieldError, match="refused the API key") as caught:
        services.add(kind, name="World", url=world.url, api_key="wrong")
    assert caught.value.field == "api_key"


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_provider_has_one_address(db, kind):
    host = class_of(kind).host
    added = services.add(kind, connect=False, name="World", url=host, api_key="key")
    assert added.url == host

    for wrong in (
        "https://elsewhere.test",
        f"{host}.elsewhere.test",
        f"{host}/other",
        host.replace("https", "http"),
    ):
        with pytest.raises(FieldError, match="has one address"):
            services.edit(added, connect=False, url=wrong, api_key="key")


@pytest.mark.parametrize("kind", PROVIDERS)
def test_this_machine_is_refused_where_that_is_not_allowed(db, world, settings, kind):
    settings.ALLOW_LOOPBACK = False
    with pytest.raises(FieldError):
        services.add(kind, name="World", url=world.url, api_key=world.api_key)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_provider_that_was_away_is_found_again_by_a_ping(connect, kind):
    from connections import kinds

    kinds.kind_of(kind).ping(connect(kind))


def test_another_program_is_no_provider(db, world):
    world.fault("other-app", "/3/configuration")
    with pytest.raises(FieldError, match="not an answer of TMDB's API"):
        services.add("tmdb", name="World", url=world.url, api_key=world.api_key)


def test_a_provider_that_is_asked_too_often_is_told_as_that(db, world):
    world.fault("status", "/3/configuration", status=429, retry_after=1, count=None)
    with pytest.raises(FieldError, match="429"):
        services.add("tmdb", name="World", url=world.url, api_key=world.api_key)


def test_other_connections_are_no_providers(db):
    other = Connection.objects.create(name="Other", kind="stash", url="http://stash.test")
    with pytest.raises(ConfigError, match="is not a provider"):
        provider_for(other)
    with pytest.raises(ConfigError, match="is not a provider"):
        class_of("stash")
    with pytest.raises(ConfigError, match="is not a provider"):
        start_changes(connection=other, params={})


def test_the_job_follows_the_changes_of_a_provider(connect, world, no_messages):
    fanart = connect("fanart")
    provider_for(fanart).pictures(Kind.MOVIE, "603", [])
    job, _ = start_changes(connection=fanart, params={})
    jobs.run_inline(job)

    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
    assert (job.summary["changed"], job.summary["vouched"]) == (0, 0)
    assert Connection.objects.get().breaker == Breaker.CLOSED


def test_the_job_has_no_parameters(connect):
    with pytest.raises(ConfigError, match="no parameters"):
        start_changes(connection=connect("tmdb"), params={"all": True})


def test_no_key_stands_in_what_is_told(world):
    from providers.tmdb import TmdbClient

    client = TmdbClient(world.url, world.api_key)
    assert world.api_key not in repr(client)
