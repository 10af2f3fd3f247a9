"""How requests are sent, tried again, bounded and told, against a stand-in and against made-up answers."""

from __future__ import annotations

import logging
import socket
import threading
import traceback

import pytest
import requests
import responses

from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError, ConfigError
from core.outbound import transport
from core.outbound.transport import Auth, Transport, checked_key, key_in
from library.clients import RadarrClient, SonarrClient
from tests.waiting import PATIENCE

KEY = "0123456789abcdef0123456789abcdef"
URL = "http://nas.lan:8989"


def make(**options) -> Transport:
    return Transport("Sonarr", URL, key_in("X-Api-Key", KEY), name="Anime", **options)


@pytest.fixture
def net():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def statuses(net, *codes: int, method: str = "GET", **options) -> None:
    for code in codes:
        net.add(method, f"{URL}/x", json={} if code < 400 else {"message": "no"}, status=code, **options)


def test_the_key_goes_in_a_header_and_nowhere_else(net):
    statuses(net, 200)
    make().request("GET", "/x", params={"seriesId": 3})
    sent = net.calls[0].request
    assert sent.headers["X-Api-Key"] == KEY
    assert sent.url == f"{URL}/x?seriesId=3"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_transient_failure_is_tried_three_times(net, naps, method):
    statuses(net, 503, 500, 200, method=method)
    assert make().request(method, "/x") == {}
    assert len(net.calls) == 3
    assert len(naps) == 2
    assert all(0 <= nap <= 5 for nap in naps)


def test_after_three_tries_the_error_leaves(net, naps):
    statuses(net, 503, 503, 503, 200)
    with pytest.raises(ApiTransientError) as caught:
        make().request("GET", "/x")
    assert caught.value.status == 503
    assert len(net.calls) == 3


def test_retry_after_is_waited_for(net, naps):
    statuses(net, 429, 200, headers={"Retry-After": "9"})
    make().request("GET", "/x")
    assert naps[0] >= 9


def test_a_longer_retry_after_goes_to_the_caller_at_once(net, naps):
    statuses(net, 429, headers={"Retry-After": "120"})
    with pytest.raises(ApiTransientError) as caught:
        make().request("GET", "/x")
    assert caught.value.retry_after == 120
    assert naps == []
    assert len(net.calls) == 1


def test_a_status_that_is_final_is_not_tried_again(net, naps):
    statuses(net, 500, 200, method="PUT")
    with pytest.raises(ApiTransientError):
        make().request("PUT", "/x", final=frozenset({500}))
    assert len(net.calls) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_a_permanent_failure_is_not_tried_again(net, naps, status):
    statuses(net, status, 200)
    with pytest.raises(ApiPermanentError):
        make().request("GET", "/x")
    assert len(net.calls) == 1


def test_no_redirect_is_followed(net):
    net.get(f"{URL}/x", status=307, headers={"Location": "http://elsewhere.lan/x"})
    with pytest.raises(ApiPermanentError, match="elsewhere"):
        make().request("GET", "/x")
    assert len(net.calls) == 1


def test_every_call_is_heard_of_once_however_often_it_was_tried(net, naps):
    heard: list[Exception | None] = []
    statuses(net, 503, 200, 503, 503, 503, 404)
    client = make(on_result=lambda error, _seconds: heard.append(error))
    client.request("GET", "/x")
    with pytest.raises(ApiTransientError) as failed:
        client.request("GET", "/x")
    with pytest.raises(ApiPermanentError) as missing:
        client.request("GET", "/x")
    assert heard == [None, failed.value, missing.value]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_read_only_client_sends_nothing_but_gets(net, method):
    heard: list[Exception | None] = []
    client = make(read_only=True, on_result=lambda error, _seconds: heard.append(error))
    with pytest.raises(ApiPermanentError, match="a dry run sends nothing"):
        client.request(method, "/x", body={})
    assert len(net.calls) == 0
    assert heard == []
    statuses(net, 200)
    assert client.request("GET", "/x") == {}


def test_a_read_that_is_sent_as_post_is_no_write(net):
    statuses(net, 200, method="POST")
    assert make(read_only=True).request("POST", "/x", body={}, writes=False) == {}
    with pytest.raises(ApiPermanentError, match="a dry run sends nothing"):
        make(read_only=True).request("GET", "/x", writes=True)


def test_a_name_may_come_more_than_once_in_a_query(net):
    statuses(net, 200, method="DELETE")
    make().request("DELETE", "/x", params=[("tag", "a b"), ("tag", "c")])
    assert net.calls[0].request.url == f"{URL}/x?tag=a+b&tag=c"


def test_bytes_go_as_they_are(net):
    statuses(net, 200, method="POST")
    make().request("POST", "/x", body=b"\xff\xd8", kind="image/jpeg")
    sent = net.calls[0].request
    assert (sent.body, sent.headers["Content-Type"]) == (b"\xff\xd8", "image/jpeg")


def test_an_answer_without_a_body_is_an_error_unless_it_may_be(net, naps):
    net.put(f"{URL}/x", body=b"", content_type="text/html")
    assert make().request("PUT", "/x", empty=True) is None
    with pytest.raises(ApiTransientError):
        make().request("PUT", "/x")
    net.put(f"{URL}/page", body=b"<html>", content_type="text/html")
    with pytest.raises(ApiTransientError, match="a web page came"):
        make().request("PUT", "/page", empty=True)


def test_what_shows_who_calls_is_the_programs_own_way(net):
    net.get(f"{URL}/x", status=401)
    auth = Auth({"Authorization": "Basic c2VjcmV0"}, ("c2VjcmV0",), "answer.status")
    with pytest.raises(ApiAuthError, match=r"^Kodi answered 401\.$"):
        Transport("Kodi", URL, auth).request("GET", "/x")
    assert net.calls[0].request.headers["Authorization"] == "Basic c2VjcmV0"
    assert "X-Api-Key" not in net.calls[0].request.headers


def test_the_connection_has_a_time_of_its_own(net):
    statuses(net, 200, 200)
    make(connect=5.0).request("GET", "/x")
    make(connect=5.0).request("GET", "/x", timeout=2.0)
    assert [call.request.req_kwargs["timeout"] for call in net.calls] == [(5.0, 30.0), (2.0, 2.0)]


def test_an_answer_beyond_the_limit_is_not_read_to_its_end(net, monkeypatch):
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 2**20)
    net.get(f"{URL}/x", body=b"[" + b" " * (2**20 + 10) + b"]", content_type="application/json")
    with pytest.raises(ApiPermanentError, match="larger than 1 MiB"):
        make().request("GET", "/x")


def test_an_answer_that_drips_is_given_up(net, monkeypatch, naps):
    monkeypatch.setattr(transport, "WHOLE_ANSWER", -1)
    statuses(net, 200)
    with pytest.raises(ApiTransientError, match="did not answer within 30 seconds"):
        make(tries=1).request("GET", "/x")


@pytest.mark.parametrize("key", ["", "   ", "two words", "line\nbreak", "schlüssel", "x" * 201])
def test_what_cannot_be_a_key_is_refused_without_showing_it(key):
    with pytest.raises(ConfigError) as caught:
        checked_key(key)
    assert not key.strip() or key not in str(caught.value)


def test_space_around_a_key_is_taken_off():
    assert checked_key(f" {KEY}\n") == KEY


def everything_shown(error: BaseException) -> str:
    """The texts of an error and of all that it holds on to."""
    shown, waiting = [], [error]
    while waiting:
        current = waiting.pop()
        shown.append("".join(traceback.format_exception(current)) + repr(vars(current)))
        waiting += [inner for inner in (current.__cause__, current.__context__) if inner]
    return "".join(shown)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 401, "json": {"error": f"bad key {KEY}"}},
        {"status": 400, "json": [{"errorMessage": f"you sent {KEY}"}]},
        {"status": 500, "json": {"message": KEY}},
        {"status": 302, "headers": {"Location": f"http://elsewhere.lan/{KEY}"}},
        {"status": 200, "body": f"<html>{KEY}"},
        {"body": requests.ConnectionError(f"no connection with {KEY}")},
    ],
)
def test_the_key_is_in_no_error_and_no_log(net, naps, caplog, answer):
    caplog.set_level(logging.DEBUG)
    net.get(f"{URL}/x", **answer)
    client = make()
    with pytest.raises((ApiPermanentError, ApiTransientError)) as caught:
        client.request("GET", "/x")
    assert KEY not in everything_shown(caught.value)
    assert KEY not in caplog.text
    assert KEY not in repr(client)


def test_an_error_names_the_instance(net, naps):
    statuses(net, 500)
    with pytest.raises(ApiTransientError, match=r"^Anime: Sonarr answered 500: no\.$"):
        make(tries=1).request("GET", "/x")


def test_a_client_without_a_name_does_not_say_its_app_twice(net):
    statuses(net, 500)
    with pytest.raises(ApiTransientError, match=r"^Sonarr answered 500: no\.$"):
        Transport("Sonarr", URL, key_in("X-Api-Key", KEY), tries=1).request("GET", "/x")


# With a real connection


def test_cookies_and_the_machines_netrc_are_not_used(sonarr, monkeypatch, tmp_path):
    host = sonarr.url.removeprefix("http://").partition(":")[0]
    (tmp_path / ".netrc").write_text(f"machine {host} login someone password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    session = transport._session(-1)
    answered = session.get(f"{sonarr.url}/ping", timeout=PATIENCE)
    assert answered.status_code == 200
    assert "Authorization" not in answered.request.headers
    transport._session.cache_clear()


def test_a_dropped_connection_is_tried_again(sonarr, series_client, naps):
    sonarr.fault("drop", "/tag", count=2)
    assert series_client.tags() == {1: "kids"}
    assert len(sonarr.journal("GET")) == 3


@pytest.mark.parametrize("kind", ["partial", "truncate"])
def test_half_an_answer_is_tried_again(sonarr, series_client, naps, kind):
    sonarr.fault(kind, "/series", count=1)
    assert [media.title for media in series_client.media()] == ["Lantern Harbour", "Paper Comets"]


def test_half_an_answer_that_stays_half_is_told(sonarr, series_client, naps):
    sonarr.fault("truncate", "/series", count=None)
    with pytest.raises(ApiTransientError, match=r"Anime: the answer of .* bytes is not whole JSON"):
        series_client.media()


def test_a_web_page_in_place_of_an_answer_is_asked_again(sonarr, series_client, naps):
    sonarr.fault("html", "/series", count=2)
    assert [media.title for media in series_client.media()] == ["Lantern Harbour", "Paper Comets"]


def test_a_login_page_that_stays_is_told(sonarr, series_client, naps):
    sonarr.fault("html", "/series", count=None)
    with pytest.raises(ApiTransientError, match="Anime: a web page came"):
        series_client.media()


def test_another_apps_json_is_told(sonarr, series_client):
    sonarr.fault("other-app", "/series")
    with pytest.raises(
        ApiPermanentError, match="Anime: this is not an answer of Sonarr's API: a list of series"
    ):
        series_client.media()


def test_a_slow_answer_ends_with_the_timeout(sonarr):
    sonarr.fault("latency", "/tag", seconds=5)
    client = SonarrClient(sonarr.url, sonarr.api_key, timeout=0.2, tries=1)
    with pytest.raises(ApiTransientError, match="did not answer") as caught:
        client.tags()
    assert caught.value.counts_for_breaker


def test_a_wrong_key_is_told(sonarr):
    with pytest.raises(ApiAuthError, match="refused the API key"):
        SonarrClient(sonarr.url, "another-key").tags()


def test_the_wrong_app_has_no_such_list(radarr):
    with pytest.raises(ApiPermanentError):
        SonarrClient(radarr.url, radarr.api_key).media()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_closed_port_is_told(naps):
    client = RadarrClient(f"http://127.0.0.1:{free_port()}", KEY)
    with pytest.raises(ApiTransientError, match=r"nothing answers at .* is Radarr running") as caught:
        client.tags()
    assert caught.value.counts_for_breaker


def test_an_unknown_host_is_told(naps):
    with pytest.raises(ApiTransientError, match=r"host name no-such-host\.invalid is not known"):
        RadarrClient("http://no-such-host.invalid:7878", KEY).tags()


def test_https_towards_a_port_that_speaks_http_is_told(radarr, naps):
    client = RadarrClient(radarr.url.replace("http://", "https://"), KEY)
    with pytest.raises(ApiTransientError) as caught:
        client.tags()
    assert caught.value.counts_for_breaker


def test_a_server_that_hangs_up_without_a_word_is_told(naps):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(PATIENCE)

        def hang_up() -> None:
            for _ in range(3):
                server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ApiTransientError, match="closed without an answer"):
            RadarrClient(f"http://127.0.0.1:{server.getsockname()[1]}", KEY).tags()
        thread.join()


def test_a_url_base_that_is_missing_is_told():
    from demo.arr.process import StandIn

    with StandIn("sonarr", url_base="/sonarr") as based:
        bare = based.url.removesuffix("/sonarr")
        with pytest.raises(ApiPermanentError, match="add /sonarr to the address"):
            SonarrClient(bare, based.api_key).status()
        with pytest.raises(ApiPermanentError, match="URL base /sonarr: put it in place of /tv"):
            SonarrClient(f"{bare}/tv", based.api_key).status()
        assert SonarrClient(f"{bare}/sonarr/", based.api_key).status().app_name == "Sonarr"
