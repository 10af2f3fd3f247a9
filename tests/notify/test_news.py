"""What happened becomes messages: once, batched, and only to whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from history.models import Event
from history.services import record
from jobs.models import Job, JobState
from library.models import Media
from notify.contract import topics
from notify.models import Message, Told
from notify.services import render, tell_news
from scanner.events import ScanEvent
from system.words import SystemEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_messages")]


@pytest.fixture
def scan(connection):
    """A scan that ended just now, with these changes of verdicts."""

    def make(*changes: tuple[str, str, str], state: str = JobState.COMPLETED, **fields) -> Job:
        job = Job.objects.create(
            name=fields.pop("name", "scan"),
            connection=fields.pop("connection", connection),
            state=state,
            finished_at=fields.pop("finished_at", timezone.now()),
            summary={"verdicts": {"dub": 3}, "items": {"failed": 0}},
            **fields,
        )
        for title, before, after in changes:
            media, _ = Media.objects.get_or_create(
                connection=connection, title=title, path="/x", defaults={"arr_id": Media.objects.count() + 1}
            )
            record(ScanEvent.VERDICT, title, subject=media, job=job, before=before, after=after)
        return job

    return make


def told() -> dict[str, Message]:
    tell_news()
    return {message.topic: message for message in Message.objects.all()}


def test_four_hundred_wrong_dubs_are_one_message(channel, scan):
    channel()
    scan(*[(f"Show {number:03}", "dub", "wrong-dub") for number in range(400)])
    found = told()
    assert set(found) == {"scan_completed", "wrong_dub"}
    message = found["wrong_dub"]
    assert message.title == "My TV: wrong dub in 400 titles"
    lines = message.text.splitlines()
    assert [line for line in lines if line.startswith("- ")] == [f"- Show {n:03}" for n in range(10)]
    assert lines[-1] == "and 390 more"
    assert message.data["count"] == 400
    assert message.delivery is not None


def test_one_title_is_named_in_the_title(channel, scan):
    channel()
    scan(("Dark & Stormy", "original", "wrong-dub"))
    assert told()["wrong_dub"].title == "My TV: wrong dub in Dark & Stormy"


@pytest.mark.parametrize(
    ("before", "after", "topics"),
    [
        ("dub", "semi-dub", {"dub_lost"}),
        ("dub", "original", {"dub_lost"}),
        ("semi-dub", "dub", {"dub_complete"}),
        ("unknown", "dub", set()),
        ("dub", "unknown", set()),
        ("unknown", "wrong-dub", {"wrong_dub"}),
        ("dub", "wrong-dub", {"wrong_dub"}),
        ("semi-dub", "original", set()),
    ],
)
def test_which_change_is_told_as_what(channel, scan, before, after, topics):
    channel()
    scan(("Dark", before, after))
    assert set(told()) - {"scan_completed"} == topics


@pytest.mark.parametrize(
    ("topics", "heard"),
    [
        (["wrong_dub", "dub_lost"], {"wrong_dub": ["Dark"], "dub_lost": ["Lost"]}),
        (["dub_lost"], {"dub_lost": ["Dark", "Lost"]}),
        (["wrong_dub"], {"wrong_dub": ["Dark"]}),
    ],
)
def test_a_dub_that_became_a_wrong_one_is_told_once_to_each_channel(channel, scan, topics, heard):
    channel(topics=topics)
    scan(("Dark", "dub", "wrong-dub"), ("Lost", "dub", "original"))
    assert {topic: message.data["titles"] for topic, message in told().items()} == heard


def test_a_verdict_that_came_back_within_one_scan_is_no_news(channel, scan):
    channel()
    scan(("Dark", "dub", "semi-dub"), ("Dark", "semi-dub", "dub"))
    assert told() == {}


def test_a_scan_that_changed_nothing_is_told_to_who_always_wants_it(channel, scan):
    quiet, eager = channel(), channel(name="Eager", always=True)
    scan()
    message = told()["scan_completed"]
    assert message.title == "My TV: the scan changed 0 verdicts"
    assert message.delivery is not None
    assert [item.params["channel"] for item in message.delivery.items.all()] == [eager.pk]
    assert quiet.pk != eager.pk


def test_nothing_is_told_twice(channel, scan):
    channel()
    scan(("Dark", "dub", "wrong-dub"))
    record(SystemEvent.HEALTH, "Taggarr: no worker.", title="Taggarr")
    assert len(told()) == 3
    tell_news()
    assert Message.objects.count() == 3


def test_a_failed_scan_and_a_failed_backup(channel, scan):
    channel()
    scan(state=JobState.FAILED, error="Sonarr answered 500.")
    scan(state=JobState.FAILED, error="The disk is full.", name="backup", connection=None)
    scan(name="backup", connection=None)
    found = told()
    assert (found["scan_failed"].title, found["scan_failed"].text) == (
        "My TV: the scan failed",
        "Sonarr answered 500.",
    )
    assert found["backup_failed"].text == "The disk is full."
    assert len(found) == 2


def test_missing_originals(channel, scan):
    channel()
    job = scan(media := ("Dark", "dub", "dub"))
    record(ScanEvent.ORIGINAL_MISSING, "Dark", subject=Media.objects.get(title=media[0]), job=job)
    assert told()["original_missing"].title == "My TV: the original language is missing in Dark"


def test_health_and_versions(channel):
    channel()
    record(
        SystemEvent.HEALTH,
        "My TV: it does not answer.",
        title="My TV",
        after={"meaning": "Scans wait.", "remedy": "Check that it runs."},
    )
    record(SystemEvent.RESTORED, "My TV: it is well again.", title="My TV")
    record(SystemEvent.NEW_VERSION, "Taggarr 9.0 is out.")
    found = told()
    assert found["health_issue"].text == "Scans wait.\nCheck that it runs."
    assert found["health_restored"].title == "My TV: it is well again."
    assert found["new_version"].title == "Taggarr 9.0 is out."


def test_a_scan_of_one_media_is_told_by_what_it_found_alone(channel, scan):
    channel()
    scan(("Dark", "dub", "semi-dub"), params={"media_id": 1})
    assert set(told()) == {"dub_lost"}


def test_a_dry_run_is_not_told(channel, scan):
    channel()
    scan(("Dark", "dub", "semi-dub"), params={"dry_run": True})
    assert told() == {}


def test_what_was_before_the_first_channel_or_long_ago_is_no_news(channel, scan):
    scan(("Dark", "dub", "semi-dub"), finished_at=timezone.now() - timedelta(minutes=5))
    record(SystemEvent.HEALTH, "Old.", title="Taggarr")
    Event.objects.update(time=timezone.now() - timedelta(minutes=5))
    assert told() == {}
    channel()
    assert told() == {}
    channel(name="Older").__class__.objects.update(created_at=timezone.now() - timedelta(days=9))
    scan(("Dark", "dub", "semi-dub"), finished_at=timezone.now() - timedelta(days=1))
    assert set(told()) == {"scan_completed", "dub_lost", "health_issue"}


def test_a_message_links_to_a_page_where_an_address_is_known(channel, scan, connection, settings, client):
    channel()
    settings.PUBLIC_URL = "https://taggarr.example.org"
    job = scan(("Dark", "dub", "wrong-dub"))
    found = told()
    assert found["scan_completed"].link == f"https://taggarr.example.org/activity/jobs/{job.pk}"
    assert "&verdict=wrong-dub" in found["wrong_dub"].link


def test_the_mark_names_what_was_told(channel, scan):
    channel()
    job = scan()
    tell_news()
    assert str(Told.objects.get()) == f"job {job.pk}"


TWO = {"instance": "TV <1>", "count": 2, "titles": ["A & B", "C"], "more": 0}
ONE = {"instance": "TV <1>", "count": 1, "titles": ["A & B"], "more": 0}


class HeldPlayer:
    """What the message of the brake asks of a connection."""

    player = {"held_reason": "It's 9 titles."}

    def __str__(self) -> str:
        return "Plex <1>"


TEXTS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "scan_completed",
        {"instance": "TV <1>", "changed": 1, "summary": {"verdicts": {"dub": 3}, "items": {"failed": 2}}},
        "TV <1>: the scan changed 1 verdict",
        "dub: 3\n2 could not be scanned.",
    ),
    (
        "scan_failed",
        {"instance": "TV <1>", "error": "It's away."},
        "TV <1>: the scan failed",
        "It's away.",
    ),
    ("scan_failed", {"instance": None, "error": "Away."}, "Taggarr: the scan failed", "Away."),
    (
        "wrong_dub",
        TWO,
        "TV <1>: wrong dub in 2 titles",
        "They hold a language that is neither wanted nor the original:\n\n- A & B\n- C",
    ),
    (
        "wrong_dub",
        ONE,
        "TV <1>: wrong dub in A & B",
        "A & B holds a language that is neither wanted nor the original.",
    ),
    (
        "dub_lost",
        {**TWO, "more": 7},
        "TV <1>: 2 titles lost their dub",
        "Every wanted language was there, and some are gone:\n\n- A & B\n- C\nand 7 more",
    ),
    (
        "dub_lost",
        ONE,
        "TV <1>: A & B lost its dub",
        "Every wanted language was there, and now not any more.",
    ),
    (
        "dub_complete",
        TWO,
        "TV <1>: 2 titles are dubbed",
        "All wanted languages are there now:\n\n- A & B\n- C",
    ),
    ("dub_complete", ONE, "TV <1>: A & B is dubbed", "All wanted languages are there now."),
    (
        "original_missing",
        TWO,
        "TV <1>: the original language is missing in 2 titles",
        "Some of their files do not hold the original language:\n\n- A & B\n- C",
    ),
    (
        "original_missing",
        ONE,
        "TV <1>: the original language is missing in A & B",
        "Some of its files do not hold the original language.",
    ),
    (
        "health_issue",
        {"event": Event(code="TV: it's away."), "issue": {"meaning": "Scans wait.", "remedy": "Start it."}},
        "TV: it's away.",
        "Scans wait.\nStart it.",
    ),
    ("health_restored", {"event": Event(code="TV: well again.")}, "TV: well again.", "TV: well again."),
    ("new_version", {"event": Event(code="Taggarr 9 is out.")}, "Taggarr 9 is out.", "Taggarr 9 is out."),
    (
        "player_failed",
        {"player": "Plex <1>", "error": "", "number": 2},
        "Plex <1>: 2 titles could not be sent",
        "Look at why, then send them again.",
    ),
    ("player_held", {"player": HeldPlayer()}, "Plex <1>: sending is held", "It's 9 titles."),
    (
        "player_edited",
        {"player": "Plex <1>", "edited": 1},
        "Plex <1>: one title was edited there",
        "Taggarr leaves it as it is until you take the change back.",
    ),
    (
        "artwork_held",
        {"settings": {"connection": "TV <1>", "held_reason": "It's 9 files."}},
        "TV <1>: artwork waits for you",
        "It's 9 files.",
    ),
    (
        "artwork_unidentified",
        {"titles": ["A & B", "C"], "number": 3, "more": 1},
        "3 titles are not identified",
        "No provider knows for certain which titles they are: say so in the inbox.\n- A & B\n- C\nand 1 more",
    ),
    (
        "artwork_restored",
        {"titles": ["A & B"], "number": 1, "more": 0},
        "A & B: artwork put back",
        "What was published there had been deleted or spoilt.",
    ),
    ("backup_failed", {"error": "The disk is full."}, "The backup failed", "The disk is full."),
    (
        "import_done",
        {"of": {"name": "A & B.csv", "counts": {"created": 2, "unchanged": 1}}},
        "A & B.csv was imported",
        "Added: 2\nAs it was: 1",
    ),
    (
        "review_waiting",
        {"of": {"name": "A & B.csv"}, "number": 1},
        "A & B.csv: one row waits for you",
        "Say of it whether you have that already.",
    ),
]


@pytest.mark.parametrize(("topic", "context", "title", "text"), TEXTS)
def test_what_a_message_says(topic, context, title, text):
    assert render(topic, context) == (title, text)


def test_every_topic_says_something():
    assert {topic for topic, *_ in TEXTS} == set(topics(also_off=True))
