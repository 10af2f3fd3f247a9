"""Posters: fetched once, kept, and never a reason for anything else to stop."""

from __future__ import annotations

import pytest
import responses
from django.core.cache import caches

from tests.connections.build import make_connection

JPEG = b"\xff\xd8\xff\xe0 a picture"
URL = "http://sonarr.lan:8989/api/v3/mediacover/7/poster-250.jpg"


@pytest.fixture
def media(db, settings, tmp_path):
    from library.models import Media
    from scanner.models import Policy

    caches["process"].clear()
    settings.TAGGARR_DATA = tmp_path
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    connection = make_connection(
        name="Sonarr", kind="sonarr", url="http://sonarr.lan:8989", api_key="k" * 32, policy=policy
    )
    return Media.objects.create(connection=connection, arr_id=7, title="A", path="/tv/A")


@pytest.fixture
def net():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_a_poster_is_fetched_once_with_the_key_in_a_header(media, net):
    from library.posters import picture_type, poster_of

    net.get(URL, body=JPEG, content_type="image/jpeg")

    assert poster_of(media) == poster_of(media) == JPEG
    assert picture_type(JPEG) == "image/jpeg"
    assert len(net.calls) == 1
    assert net.calls[0].request.headers["X-Api-Key"] == "k" * 32


@pytest.mark.parametrize(
    "answer", [{"status": 404}, {"body": b"<html><script>", "status": 200}, {"status": 500}]
)
def test_what_is_no_picture_is_none_and_not_asked_for_again(answer, media, net):
    from library.posters import poster_of

    net.get(URL, **answer)

    assert poster_of(media) is None
    assert poster_of(media) is None
    assert len(net.calls) == 1


def test_an_instance_that_is_away_is_left_in_peace_and_its_breaker_untouched(media, net):
    from connections.models import Connection
    from library.posters import poster_of

    for _ in range(6):
        assert poster_of(media) is None

    assert len(net.calls) == 1
    assert Connection.objects.get().breaker_failures == 0


def test_a_disabled_instance_is_not_asked(media, net):
    from library.posters import poster_of

    media.connection.enabled = False

    assert poster_of(media) is None
    assert len(net.calls) == 0


def test_an_old_poster_is_fetched_anew(media, net, tmp_path):
    import os

    from library.posters import poster_of

    net.get(URL, body=JPEG)
    poster_of(media)
    os.utime(tmp_path / "posters" / f"{media.connection_id}-7", (0, 0))

    assert poster_of(media) == JPEG
    assert len(net.calls) == 2


def test_a_folder_that_cannot_be_written_costs_no_poster(media, net, settings, tmp_path):
    from library.posters import poster_of

    (tmp_path / "file").touch()
    settings.TAGGARR_DATA = tmp_path / "file"
    net.get(URL, body=JPEG)

    assert poster_of(media) == JPEG
