"""What Sonarr may answer instead of what it was asked for: each has its outcome, none leaves a wrong tag."""

from __future__ import annotations

from typing import Any

import pytest

from connections.models import Breaker, Connection
from core.outbound import transport
from history.models import Event
from jobs import services as jobs
from jobs.handlers import RetryPolicy
from jobs.models import ItemState, Job, JobItem, JobState
from jobs.runner import run_item
from library.clients import base
from library.models import Media
from scanner.events import ScanEvent
from scanner.scan.starting import start_scan
from system.health import find_issues
from tests.demo.openapi import document

from .build import EXPECTED, TAGS, media_named, tags_at, verdicts

pytestmark = [pytest.mark.uncounted, pytest.mark.django_db(transaction=True)]

PLAN, FILES, WRITE = "/series$", "/episodefile$", "/series/editor$"
"""What the plan asks for, each title, and the finish."""

BRIEF: dict[str, tuple[str, dict[str, Any]]] = {
    "500": ("status", {"status": 500}),
    "429": ("status", {"status": 429, "retry_after": 7}),
    "a web page": ("html", {}),
    "half a JSON": ("truncate", {}),
    "half an answer": ("partial", {}),
    "no answer": ("drop", {}),
    "no answer to what was done": ("drop", {"after": True}),
}
"""What passes."""

LASTING = {
    "500": "Sonarr answered 500: An error was asked for (500).",
    "429": "Sonarr answered 429: An error was asked for (429).",
    "a web page": "instead of the API's answer: does the address belong to a page behind a login",
    "half a JSON": "is not whole JSON: was it cut short on its way?",
    "half an answer": "broke in the middle of the answer.",
    "no answer": "was closed without an answer.",
    "another app": "this is not an answer of Sonarr's API: a list of series",
}
"""The sentence for a person where it does not pass."""


@pytest.fixture(autouse=True)
def at_once(naps: list[float], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits between tries, neither the client nor the row."""
    monkeypatch.setattr("scanner.scan.job.ScanHandler.retry", RetryPolicy(attempts=2, base=0, cap=0))
    return naps


def all_is_right(sonarr: Any) -> None:
    assert verdicts() == EXPECTED
    assert tags_at(sonarr) == TAGS
    assert not Media.objects.filter(scan_state__dirty=True).exists()
    found = Event.objects.filter(kind=ScanEvent.VERDICT).values_list("subject_id", flat=True)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("path", [PLAN, FILES, WRITE])
@pytest.mark.parametrize("what", BRIEF)
def test_what_passes_costs_nothing(what, path, sonarr, series_instance, shows, scan):
    kind, how = BRIEF[what]
    sonarr.fault(kind, path, count=2, **how)
    job = scan(series_instance)
    assert job.state == JobState.COMPLETED
    assert job.summary["items"]["failed"] == 0
    all_is_right(sonarr)


@pytest.mark.parametrize("what", LASTING)
def test_what_lasts_fails_the_scan_with_one_sentence_and_changes_nothing(
    what, sonarr, series_instance, shows, scan
):
    scan(series_instance)
    kind, how = {**BRIEF, "another app": ("other-app", {})}[what]
    sonarr.fault(kind, PLAN, count=None, **{**how, "retry_after": None})
    job = scan(series_instance)
    assert job.state == JobState.FAILED
    assert LASTING[what] in job.error
    all_is_right(sonarr)
    sentence = f"The last scan failed: {job.error}"
    assert sentence in [issue.what for issue in find_issues(live=False)]
    sonarr.clear_faults()
    Connection.objects.update(breaker=Breaker.CLOSED, breaker_failures=0)
    assert scan(series_instance).state == JobState.COMPLETED
    assert sentence not in [issue.what for issue in find_issues(live=False)]


@pytest.mark.parametrize("what", [what for what in LASTING if what != "no answer"])
def test_what_lasts_for_one_series_fails_that_one_alone(
    what, sonarr, series_instance, shows, scan, monkeypatch
):
    kind, how = {**BRIEF, "another app": ("other-app", {})}[what]
    monkeypatch.setattr("scanner.scan.job.ScanHandler.retry", RetryPolicy(attempts=1))
    # So often are the files of one series asked for.
    tries = 1 if what == "another app" else transport.TRIES
    sonarr.fault(kind, FILES, count=tries, **{**how, "retry_after": None})
    job = scan(series_instance)
    assert job.state == JobState.COMPLETED
    assert job.summary["items"]["failed"] == 1
    failed = Media.objects.exclude(scan_state__scan_error="").get()
    assert (failed.title, failed.scan_state.verdict) == ("Dubbed", "unknown")
    assert tags_at(sonarr) == {**TAGS, "Dubbed": {"4k"}}
    sonarr.clear_faults()
    scan(series_instance)
    all_is_right(sonarr)


def test_a_long_retry_after_is_kept_by_the_row(sonarr, series_instance, shows, at_once):
    sonarr.fault("status", PLAN, status=429, retry_after=120)
    job, _ = start_scan(series_instance)
    plan = JobItem.objects.get(job=job)
    assert run_item(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.attempts) == (ItemState.PENDING, 1)
    assert plan.error == "Sonarr answered 429: An error was asked for (429)."
    assert 115 < (plan.due_at - plan.created_at).total_seconds() < 125
    assert at_once == []
    JobItem.objects.update(due_at=plan.created_at)
    jobs.run_inline(Job.objects.get())
    all_is_right(sonarr)


@pytest.mark.parametrize("path", [PLAN, FILES, WRITE])
def test_an_answer_that_is_late_is_waited_for(path, sonarr, series_instance, shows, scan, monkeypatch):
    # As ten seconds are to the thirty that a call may take.
    monkeypatch.setattr(transport, "TIMEOUT", 1.5)
    monkeypatch.setattr(base, "EDIT_TIMEOUT", 1.5)
    sonarr.fault("latency", path, seconds=0.5)
    assert scan(series_instance).state == JobState.COMPLETED
    all_is_right(sonarr)


@pytest.mark.parametrize("path", [PLAN, FILES, WRITE, "/tag$"])
def test_ten_megabytes_of_unknown_fields_are_passed_over(path, sonarr, series_instance, shows, scan):
    sonarr.fault("padding", path, count=None, megabytes=10)
    assert scan(series_instance).state == JobState.COMPLETED
    all_is_right(sonarr)


def nullable(*schemas: str) -> list[str]:
    """Every field of these resources that Sonarr's document allows to be null."""
    found = document("sonarr")["components"]["schemas"]
    return sorted(
        {
            name
            for schema in schemas
            for name, what in found[schema]["properties"].items()
            if what.get("nullable")
        }
    )


def test_nulls_wherever_they_are_allowed_but_in_paths_and_labels_cost_no_verdict(
    sonarr, series_instance, shows, scan
):
    every = nullable(
        *("SeriesResource", "SeasonResource", "SeriesStatisticsResource", "EpisodeFileResource"),
        *("EpisodeResource", "MediaInfoResource"),
    )
    fields = set(every) - {"path", "tags", "seasons"}
    assert {"title", "genres", "audioLanguages", "relativePath", "images"} <= fields
    sonarr.fault("nulls", "/api/v3/", count=None, fields=sorted(fields))
    assert scan(series_instance).summary["items"]["failed"] == 0
    assert sorted(verdicts().values()) == sorted(EXPECTED.values())
    assert tags_at(sonarr) == TAGS


def test_nulls_in_everything_that_may_be_null_touch_no_tag_and_are_told(sonarr, series_instance, shows, scan):
    scan(series_instance)
    fields = nullable("SeriesResource", "EpisodeFileResource", "EpisodeResource", "MediaInfoResource")
    sonarr.fault("nulls", "/(series|episode|episodefile)$", count=None, fields=fields)
    job = scan(series_instance, mode="rewrite")
    assert tags_at(sonarr) == TAGS
    assert job.state in (JobState.COMPLETED, JobState.FAILED)
    assert job.error or job.summary["items"]["failed"] or job.summary["offline"]
    sonarr.clear_faults()
    scan(series_instance, mode="rewrite")
    all_is_right(sonarr)
    assert media_named("Dubbed").path


def test_tags_without_labels_are_nobodys(sonarr, series_instance, shows, scan):
    sonarr.fault("nulls", "/tag$", count=None, fields=["label"])
    scan(series_instance)
    assert tags_at(sonarr) == TAGS
