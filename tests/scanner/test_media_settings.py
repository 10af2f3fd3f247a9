"""What a person decides of one title, and what follows from it."""

from __future__ import annotations

import pytest

from accounts.models import User
from connections.models import Connection
from core.errors import ConfigError
from demo.arr.state import ArrState
from history.models import Event, EventKind
from jobs.models import Job
from jobs.services import run_inline
from library.models import Media
from scanner.media_settings import change
from scanner.models import Policy

from .build import add_series, media_named, spec, tags_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def show(sonarr, series_instance, root, scan) -> Media:
    """A series with a Japanese and an English track, tagged as dub."""
    state = ArrState("sonarr")
    add_series(state, root, "Show", {1: [spec("jpn", "eng")]})
    sonarr.load(state)
    scan(series_instance)
    return media_named("Show")


def run_last_job() -> Job:
    return run_inline(Job.objects.latest("pk"))


def events() -> list[str]:
    return [str(event) for event in Event.objects.filter(kind=EventKind.BY_HAND)]


def test_an_original_language_by_hand_decides_anew_and_writes_the_tags(sonarr, show):
    Policy.objects.update(native_titles="original")
    user = User.objects.create_user("ann")
    changed = change(show, user=user, original_language_override="English")
    assert (changed.original_language_override, changed.scan_state.verdict) == ("eng", "original")
    run_last_job()
    assert tags_at(sonarr) == {"Show": set()}
    assert events() == ["Show: original language English"]
    assert Event.objects.get(kind=EventKind.BY_HAND).actor == user
    assert change(changed, original_language_override="").scan_state.verdict == "dub"
    assert "Show: original language as the app says it" in events()


def test_a_policy_of_its_own_decides_anew(sonarr, show):
    german = Policy.objects.create(name="German", target_languages=["deu"])
    assert change(show, policy_override=german).scan_state.verdict == "wrong-dub"
    assert change(show, policy_override=None).scan_state.verdict == "dub"
    assert set(events()) == {"Show: policy German", "Show: its instance's policy"}


def test_an_excluded_media_keeps_its_tags_or_loses_them_as_its_policy_says(sonarr, show):
    change(show, excluded=True)
    assert Job.objects.filter(name="reconcile").count() == 0
    change(show, excluded=False)
    Policy.objects.update(untag_excluded=True)
    changed = change(media_named("Show"), excluded=True)
    run_last_job()
    assert changed.is_excluded
    assert tags_at(sonarr) == {"Show": set()}


def test_a_media_that_is_taken_back_in_is_scanned(sonarr, show):
    change(show, excluded=True)
    change(media_named("Show"), excluded=False)
    job = run_last_job()
    assert (job.name, job.params["media_id"]) == ("scan", show.pk)
    assert events() == ["Show: taken back in", "Show: excluded"]


def test_what_does_not_change_does_nothing(show):
    assert change(show, excluded=False, original_language_override="") == show
    assert events() == []


def test_a_disabled_instance_is_left_in_peace(show):
    Connection.objects.update(enabled=False)
    jobs = Job.objects.count()
    change(show, original_language_override="English")
    change(show, excluded=True)
    assert Job.objects.count() == jobs


def test_an_unknown_language_is_refused_and_nothing_saved(show):
    with pytest.raises(ConfigError, match="did you mean German"):
        change(show, original_language_override="Germn", excluded=True)
    assert not media_named("Show").excluded


def test_what_only_the_program_sets_cannot_be_set(show):
    with pytest.raises(TypeError, match="verdict"):
        change(show, verdict="dub")
