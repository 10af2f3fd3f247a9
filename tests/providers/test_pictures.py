"""Pictures of providers on their way into the storage: each way in which they may be none."""

from __future__ import annotations

import hashlib

import pytest
import requests

from connections.rate import BUSY
from core.errors import ApiPermanentError, ApiTransientError, Later
from providers.connections import provider_for
from providers.contract import Kind, Type
from providers.pictures import fetch_picture
from storage.heads import PictureError
from storage.models import Stored


@pytest.fixture(autouse=True)
def _store_of_its_own(data):
    pass


@pytest.fixture
def tmdb(connect):
    return connect("tmdb")


@pytest.fixture
def poster(tmdb):
    """The address of a poster."""
    found = provider_for(tmdb).pictures(Kind.MOVIE, "603", ["en"])
    return next(one.address for one in found if one.type is Type.POSTER and one.language == "en")


def spoil(world, address: str, how: str) -> None:
    world.change("spoil", file=address.rpartition("/")[2], how=how)


@pytest.mark.parametrize("kind", ["tmdb", "tvdb", "fanart"])
def test_a_picture_is_kept_as_it_came(connect, kind):
    connection = connect(kind)
    id = "1603" if kind == "tvdb" else "603"
    one = next(iter(provider_for(connection).pictures(Kind.MOVIE, id, ["en"])))

    kept = fetch_picture(connection, one.address)

    assert kept.digest == hashlib.sha256(requests.get(one.address, timeout=10).content).hexdigest()
    assert (kept.width, kept.height) == (one.width, one.height)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("html", "web page or a text"),
        ("svg", "SVG"),
        ("bomb", "8000 by 8000"),
        ("cut", "cut short or damaged"),
        ("polyglot", "web page or a text"),
        ("empty", "empty"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(tmdb, world, poster, how, says):
    spoil(world, poster, how)

    with pytest.raises(PictureError, match=says):
        fetch_picture(tmdb, poster)
    assert not Stored.objects.exists()


@pytest.mark.parametrize(
    ("how", "says"),
    [("redirect", "redirects to http://127.0.0.1:1/"), ("gone", "answered 404"), ("large", "40 MiB")],
)
def test_an_address_that_leads_to_no_picture_is_told(tmdb, world, poster, how, says):
    spoil(world, poster, how)

    with pytest.raises(ApiPermanentError, match=says):
        fetch_picture(tmdb, poster)
    assert not Stored.objects.exists()


def test_bytes_decide_and_not_what_they_are_called(tmdb, world, poster):
    spoil(world, poster, "type")

    assert fetch_picture(tmdb, poster).kind == "jpg"


def test_another_picture_at_the_same_address_is_not_taken_for_it(tmdb, world, poster):
    kept = fetch_picture(tmdb, poster)
    assert fetch_picture(tmdb, poster, digest=kept.digest) == kept
    spoil(world, poster, "swapped")

    with pytest.raises(ApiPermanentError, match="another picture"):
        fetch_picture(tmdb, poster, digest=kept.digest)
    assert Stored.objects.get() == kept


def test_a_picture_of_which_half_comes_is_asked_for_again(tmdb, world, poster, naps):
    world.fault("partial", "/t/p/")

    assert fetch_picture(tmdb, poster).width == 400


def test_a_host_that_is_away_is_tried_later(tmdb, world, poster, naps):
    world.fault("status", "/t/p/", status=503, count=None)

    with pytest.raises(ApiTransientError):
        fetch_picture(tmdb, poster)
    tmdb.refresh_from_db()
    assert tmdb.breaker_failures == 0


@pytest.mark.parametrize(("told", "seconds"), [(7, 7), (None, BUSY)])
def test_a_host_that_is_asked_too_often_is_left_in_peace(tmdb, world, poster, naps, told, seconds):
    world.fault("status", "/t/p/", status=429, retry_after=told, count=None)

    with pytest.raises(Later) as later:
        fetch_picture(tmdb, poster)
    assert later.value.seconds == seconds
    assert naps == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/t/p/original/a.jpg",
        "https://image.tmdb.org.elsewhere.test/a.jpg",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_the_provider_s_own_host_is_asked(tmdb, address):
    with pytest.raises(ApiPermanentError, match="does not lie at"):
        fetch_picture(tmdb, address)


def test_what_tells_of_the_real_api_lies_at_its_real_picture_host():
    from providers.connections import PROVIDERS, class_of

    for kind in PROVIDERS:
        client = class_of(kind)
        assert client.picture_root(client.host) == client.picture_host
