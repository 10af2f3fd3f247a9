"""Live events: what is told, who hears it, and what nobody waits for."""

import asyncio
import json
import logging
import threading
import time
from unittest.mock import Mock

import pytest
import requests
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import OperationalError
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from accounts.keys import create_key, delete_key
from accounts.models import ApiKey, User
from accounts.sessions import end_sessions
from accounts.users import delete_user, edit_user
from api.events import hub as hubs
from api.events import views
from api.events.hub import PER_OWNER, LiveEvent, Seats, hub, position_of
from api.events.views import Viewer, stream
from core import live, logs, redis_server, refusals
from core.live import LiveHandler
from jobs import listing
from jobs.models import Job
from scanner.models import FileScanState
from tests.api.conftest import PASSWORD
from tests.waiting import PATIENCE, wait_until

ALL = frozenset(views.KINDS)


def viewer(*, admin=True, kinds=ALL, level=0):
    return Viewer(key_id=None, session=None, is_admin=admin, kinds=frozenset(kinds), level=level)


@pytest.fixture(autouse=True)
def clean_stream():
    redis = Redis.from_url(settings.REDIS_URL, decode_responses=True)
    redis.delete(live.STREAM)
    redis_server._rest_until = 0.0
    redis_server._server.cache_clear()
    yield redis
    redis_server._rest_until = 0.0
    redis_server._server.cache_clear()
    redis.close()


def told(redis, kind):
    return [json.loads(fields["data"]) for _, fields in redis.xrange(live.STREAM) if fields["kind"] == kind]


async def first(texts, number):
    """The first so many texts that are neither the greeting nor a heartbeat."""
    found = []
    async for text in texts:
        if not text.startswith(("retry:", ":")):
            found.append(text)
        if len(found) == number:
            break
    await texts.aclose()
    return found


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, PATIENCE))


# Telling


@pytest.mark.django_db(transaction=True)
def test_a_job_tells_each_of_its_states(clean_stream, plain_instance):
    from jobs import services
    from scanner.scan.starting import start_scan

    job, _ = start_scan(plain_instance)
    services.cancel(job)

    states = told(clean_stream, "job")
    assert [(one["id"], one["state"], one["instance"]) for one in states] == [
        (job.pk, "queued", plain_instance.pk),
        (job.pk, "cancelled", plain_instance.pk),
    ]
    assert states[0]["progress"]["total"] == 0


@pytest.mark.django_db(transaction=True)
def test_progress_is_told_at_most_four_times_a_second(clean_stream):
    job = Job.objects.create(name="scan", state="running")
    begun, took = time.monotonic(), 0.0
    while took < 1.2:
        listing._next_progress.clear()  # as another process would
        listing.item_ended(job.pk)
        took = time.monotonic() - begun

    assert 1 <= len(told(clean_stream, "job")) <= 1 + 4 * took


@pytest.mark.django_db(transaction=True)
def test_a_verdict_that_changed_is_told(clean_stream, make_media):
    from library.models import Media
    from scanner.scan.deciding import redecide

    make_media("Harbour", ["deu"], original_language="Japanese")
    FileScanState.objects.update(
        tracks=[{"kind": "audio", "index": 0, "language": "deu", "codec": "", "channels": 2}]
    )
    redecide(Media.objects.all())

    (event,) = told(clean_stream, "media")
    assert (event["title"], event["before"], event["after"]) == ("Harbour", "unknown", "dub")


def test_the_stream_is_bounded(clean_stream, monkeypatch):
    monkeypatch.setattr(live, "LENGTH", 100)
    for _ in range(20):
        live.publish_all([("media", {"n": n}) for n in range(50)])

    assert clean_stream.xlen(live.STREAM) < 400


def test_without_redis_nobody_waits(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9")
    redis_server._server.cache_clear()
    tried, connect = [], redis_server._server

    def counted_connect(pid):
        tried.append(pid)
        return connect(pid)

    with monkeypatch.context() as counted:
        counted.setattr(redis_server, "_server", counted_connect)
        counted.setattr(redis_server, "REST", 3600.0)
        for number in range(1000):
            live.publish("media", {"n": number})
            listing.item_ended(number)

    assert len(tried) == 1, "one attempt, of half a second at most"
    assert redis_server.PATIENCE <= 0.5
    assert len([line for line in caplog.messages if "left alone" in line]) == 1


def test_progress_that_another_process_has_just_told_is_left(clean_stream):
    clean_stream.set(f"{live.STREAM}:progress:7", 1, ex=600)
    listing._next_progress.update(dict.fromkeys(range(100, 100 + listing.MOST_JOBS), 0.0))

    listing.item_ended(7)
    listing.item_ended(7)
    clean_stream.delete(f"{live.STREAM}:progress:7")

    assert not clean_stream.exists(live.STREAM)
    assert len(listing._next_progress) < listing.MOST_JOBS


def test_progress_rests_too_while_redis_is_away(monkeypatch):
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9")
    redis_server._server.cache_clear()
    listing._next_progress.clear()

    listing.item_ended(1)

    assert redis_server._rest_until > time.monotonic()


def test_a_database_that_is_away_is_no_error_of_whoever_tells(monkeypatch, clean_stream):
    def away(**_filters):
        raise OperationalError("gone")

    monkeypatch.setattr(Job.objects, "filter", away)

    listing._publish_job(1)

    assert not clean_stream.exists(live.STREAM)


def test_log_lines_are_told_without_their_own_echo(clean_stream):
    warned = ("scanner.scan.job", logging.WARNING)
    with logs.bound(job=7, token="hunter22"):
        for name, level in (warned, ("core.redis_server", logging.INFO), ("redis.x", 30)):
            LiveHandler().emit(logging.LogRecord(name, level, "", 1, "%s is %s", ("a", 5), None))

    values = {"job": "7", "token": "****"}
    assert told(clean_stream, "log") == [
        {"level": "warning", "logger": "scanner.scan.job", "message": "a is 5", "values": values}
    ]


# Hearing


def test_a_watcher_hears_what_comes_in_order():
    async def watch():
        texts = stream(viewer(), None)
        assert (await anext(texts)).startswith("retry:")
        live.publish_all([("media", {"n": n}) for n in range(5)])
        return await first(texts, 5)

    texts = run(watch())

    assert [json.loads(text.split("data: ")[1])["n"] for text in texts] == [0, 1, 2, 3, 4]
    assert texts[0].split("\n")[1] == "event: media"


def test_last_event_id_goes_on_where_it_was(clean_stream):
    live.publish_all([("media", {"n": n}) for n in range(4)])
    ids = [event_id for event_id, _ in clean_stream.xrange(live.STREAM)]

    async def watch():
        texts = stream(viewer(), ids[1])
        found = [await anext(texts) for _ in range(3)]
        live.publish("media", {"n": 4})
        return found[1:] + await first(texts, 1)

    assert [json.loads(text.split("data: ")[1])["n"] for text in run(watch())] == [2, 3, 4]


@pytest.mark.parametrize("before", [0, 2], ids=["the first ever", "after others"])
def test_what_happens_while_a_watcher_is_let_in_is_heard(before):
    live.publish_all([("media", {"n": "before"})] * before)
    begin = live.newest()
    live.publish("media", {"n": "meanwhile"})

    async def watch():
        texts = stream(viewer(), None, begin)
        found = [await anext(texts) for _ in range(2)]
        live.publish("media", {"n": "then"})
        return found + await first(texts, 1)

    opening, *heard = run(watch())
    assert opening == f"retry: 3000\nid: {begin}\n\n"
    assert [json.loads(text.split("data: ")[1])["n"] for text in heard] == ["meanwhile", "then"]


def test_the_newest_event_is_known_unless_redis_is_away(clean_stream, monkeypatch):
    assert live.newest() == "0-0"
    live.publish_all([("media", {}), ("media", {})])
    assert live.newest() == clean_stream.xrevrange(live.STREAM, count=1)[0][0]
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9")
    redis_server._server.cache_clear()
    assert live.newest() == ""
    assert live.newest() == ""


@pytest.mark.parametrize("last", ["1-0", "0-0"])
def test_an_id_that_is_too_old_is_answered_by_a_reset(last):
    live.publish("media", {"n": 0})

    assert run(first(stream(viewer(), last), 1)) == ["event: reset\ndata: {}\n\n"]


def test_an_emptied_stream_is_a_reset_too():
    assert run(first(stream(viewer(), "1768478400000-0"), 1)) == ["event: reset\ndata: {}\n\n"]


@pytest.mark.parametrize("text", ["x", "1", "1-", "-1-0", "1-x", "9" * 30 + "-0", "²-0"])
def test_an_id_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="no id"):
        position_of(text)


@pytest.mark.parametrize(
    ("who", "heard"),
    [
        (viewer(), {"media", "info", "error"}),
        (viewer(admin=False), {"media"}),
        (viewer(kinds={"log"}), {"info", "error"}),
        (viewer(level=logging.ERROR), {"media", "error"}),
        (viewer(kinds={"job"}), set()),
    ],
)
def test_everybody_hears_what_is_for_them(who, heard):
    events = [
        LiveEvent("1-0", "media", {}),
        *(LiveEvent("1-0", "log", {"level": name}) for name in ("info", "error")),
    ]

    assert {event.data.get("level", event.kind) for event in events if who.wants(event)} == heard


def test_a_slow_reader_is_dropped_and_the_others_hear_all(monkeypatch):
    monkeypatch.setattr(hubs, "WAITING", 10)

    async def watch():
        stuck = asyncio.Event()

        async def slow():
            await hub().join()
            stuck.set()
            await asyncio.sleep(10 * PATIENCE)

        task = asyncio.create_task(slow())
        await stuck.wait()
        texts = stream(viewer(), None)
        await anext(texts)
        found = []
        for start in range(0, 30, 5):
            live.publish_all([("media", {"n": start + n}) for n in range(5)])
            found += [await anext(texts) for _ in range(5)]
        await texts.aclose()
        with pytest.raises(asyncio.CancelledError):
            await task
        return found

    assert len(run(watch())) == 30


def test_the_reader_stops_with_its_last_watcher_and_starts_again():
    async def watch():
        for number in range(2):
            texts = stream(viewer(), None)
            await anext(texts)
            live.publish("media", {"n": number})
            assert "event: media" in await anext(texts)
            await texts.aclose()
            assert hub()._reader is None

    run(watch())


def test_a_redis_that_comes_back_is_read_again(monkeypatch, clean_stream):
    monkeypatch.setattr(hubs, "AGAIN_AFTER", 0.05)
    working, away = hubs._redis, lambda: AsyncRedis.from_url("redis://127.0.0.1:9")
    monkeypatch.setattr(hubs, "_redis", away)

    async def watch():
        texts = stream(viewer(), "1-0")
        assert (await anext(texts)).startswith("retry:")
        assert "reset" in await anext(texts)
        monkeypatch.setattr(hubs, "_redis", working)
        waiting: asyncio.Future[str] = asyncio.ensure_future(anext(texts))
        while not waiting.done():
            live.publish("media", {})
            await asyncio.sleep(0.05)
        text = await waiting
        await texts.aclose()
        return text

    assert "event: media" in run(watch())


# Over HTTP


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["kind=secrets", "level=loud", "verdict=dub"])
def test_a_wrong_question_is_refused(api, query):
    assert api.get(f"/api/v1/events?{query}").status_code == 422


@pytest.mark.django_db
def test_a_wrong_last_id_is_refused(api):
    assert api.get("/api/v1/events", headers={"Last-Event-ID": "x"}).status_code == 422


@pytest.mark.django_db
def test_a_watchers_rights_are_looked_at_again(admin, client, api, monkeypatch):
    client.login(username="ada", password=PASSWORD)
    session = client.session.session_key
    by_session = Viewer(key_id=None, session=session, is_admin=True, kinds=ALL, level=0)
    by_key = Viewer(key_id=ApiKey.objects.get().pk, session=None, is_admin=True, kinds=ALL, level=0)
    assert views.may_watch(by_session)
    assert views.may_watch(by_key)
    with monkeypatch.context() as patched:
        patched.setattr(views, "get_user", Mock(side_effect=OperationalError))
        assert not views.may_watch(by_session)

    admin.role = "viewer"
    admin.save()
    assert not views.may_watch(by_session)
    assert not views.may_watch(by_key)

    admin.role = "admin"
    admin.save()
    client.logout()
    ApiKey.objects.all().delete()
    assert not views.may_watch(by_session)
    assert not views.may_watch(by_key)


def test_who_may_not_watch_any_more_is_cut_off(monkeypatch):
    monkeypatch.setattr(views, "HEARTBEAT", 0.05)
    answers = iter([True, False])
    monkeypatch.setattr(views, "may_watch", lambda _viewer: next(answers))

    async def watch():
        return [text async for text in stream(viewer(), None)]

    assert run(watch()) == ["retry: 3000\n\n", ": still here\n\n"]


def test_who_may_not_watch_any_more_is_cut_off_at_once_and_not_at_the_next_sign_of_life(monkeypatch):
    monkeypatch.setattr(views, "HEARTBEAT", 3600)
    monkeypatch.setattr(views, "may_watch", lambda _viewer: False)

    async def watch():
        texts = stream(viewer(), None)
        told = [await anext(texts)]
        waiting = asyncio.ensure_future(anext(texts, "the end"))
        await asyncio.sleep(0)
        live.publish("media", {"id": 1})
        live.publish(live.RIGHTS, {})
        return [*told, await waiting, await anext(texts, "the end")]

    told = run(watch())
    assert told[0].startswith("retry:")
    assert ["media" in told[1], told[2]] == [True, "the end"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["switched off", "made a viewer", "deleted", "key deleted", "session ended"])
def test_streams_are_told_to_look_whenever_somebody_may_do_less(act, clean_stream, admin):
    other = User.objects.create_user("olga", password=PASSWORD, role="admin")
    key, _ = create_key(other, "k", expires_at=None)
    UserSession.objects.create(user=other, session_key="s" * 32, ip="127.0.0.1")
    clean_stream.delete(live.STREAM)
    {
        "switched off": lambda: edit_user(other, is_active=False),
        "made a viewer": lambda: edit_user(other, role="viewer"),
        "deleted": lambda: delete_user(other),
        "key deleted": lambda: delete_key(key),
        "session ended": lambda: end_sessions(other, keep=None),
    }[act]()

    assert {} in told(clean_stream, live.RIGHTS)


@pytest.mark.django_db(transaction=True)
def test_all_that_happens_after_the_headers_is_heard(web, admin, client):
    client.login(username="ada", password=PASSWORD)
    cookies = {"taggarr_session": client.session.session_key}
    with requests.get(f"{web}/api/v1/events?kind=media", cookies=cookies, stream=True, timeout=20) as answer:
        live.publish("media", {"id": 7})
        lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(line for line in lines if line.startswith("data:")) == 'data: {"id": 7}'


@pytest.mark.django_db(transaction=True)
def test_a_stream_keeps_its_place_until_it_ends_and_one_too_many_is_refused(admin, client, monkeypatch):
    monkeypatch.setattr(views, "seats", Seats())
    monkeypatch.setattr(refusals, "_noted", {})
    client.force_login(admin)
    opened = [client.get("/api/v1/events?kind=media") for _ in range(PER_OWNER)]
    assert {answer.status_code for answer in opened} == {200}
    assert client.get("/api/v1/events").status_code == 429
    wait_until(lambda: refusals.recent().get("streams") == (PER_OWNER, "ada"))
    redis_server.connect_redis(1).delete(f"{refusals.SIGN}streams")  # health would tell it elsewhere

    async def watch():
        assert (await anext(texts := aiter(opened[0]))).startswith(b"retry:")
        live.publish("health", {"id": 1})
        live.publish("media", {"id": 2})
        assert b'{"id": 2}' in await anext(texts)
        await opened[0].streaming_content.aclose()

    run(watch())
    assert client.get("/api/v1/events", headers={"Last-Event-ID": "1-0"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_browser_watches_over_http(web, admin, client):
    cookies = []
    for name in ("bob", "cem", "dot"):  # one alone has fewer streams
        client.force_login(User.objects.create_user(name))
        cookies.append({"taggarr_session": client.session.session_key})
        client.cookies.clear()
    assert requests.get(f"{web}/api/v1/events", timeout=PATIENCE).status_code == 401
    lines = []

    def watch(number):
        headers = {"Accept": "text/event-stream"}
        address, who = f"{web}/api/v1/events?kind=media", cookies[number % len(cookies)]
        with requests.get(address, cookies=who, headers=headers, stream=True, timeout=PATIENCE) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith("retry:"):
                    lines.append(("open", number))
                if line.startswith("data:"):
                    lines.append((line, number))
                    return

    # More watchers than the web server has database connections.
    threads = [threading.Thread(target=watch, args=[number]) for number in range(25)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(lines) == 25, "all of them listened")
    assert requests.get(f"{web}/api/v1/media", cookies=cookies[0], timeout=PATIENCE).status_code == 200
    live.publish("media", {"id": 5})
    for thread in threads:
        thread.join(PATIENCE)

    assert sorted(number for line, number in lines if line == 'data: {"id": 5}') == list(range(25))
    assert User.objects.count() == 4
