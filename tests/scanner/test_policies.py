"""Changing what the owner wants: previewed, decided anew from the database, sent; no file is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from connections import services as connections
from core.errors import ConfigError
from demo.arr.state import ArrState
from history.models import Event
from jobs import services as jobs
from jobs.models import Job, JobState
from jobs.runner import run_item
from library.models import Media
from scanner import policies
from scanner.models import Policy, ScanSettings, ScanState
from scanner.models.policy import clean_languages, clean_undetermined
from scanner.policies import preview_policy, save_policy
from scanner.scan import deciding
from scanner.scan.starting import ScanParams, start_scan
from tests.connections.build import make_connection
from tests.library.build import add_file

from .build import JPN_ENG, add_series, spec, tags_at, writes_at


@pytest.fixture
def scanned(sonarr, series_instance, root, scan) -> Policy:
    """Three series in Japanese, dubbed in English, in German, and not at all; scanned for English."""
    state = ArrState("sonarr")
    add_series(state, root, "English", {1: [spec(*JPN_ENG)]})
    add_series(state, root, "German", {1: [spec("jpn", "ger")]})
    add_series(state, root, "Native", {0: [spec("jpn", "eng")], 1: [spec("jpn")]})
    sonarr.load(state)
    scan(series_instance)
    return Policy.objects.get()


pytestmark = pytest.mark.django_db(transaction=True)


def decide(job: Job | None) -> Job:
    """Run the job that follows a policy; return it, ended."""
    assert job is not None
    jobs.run_inline(job)
    job.refresh_from_db()
    return job


def verdicts() -> dict[str, str]:
    return dict(Media.objects.values_list("title", "scan_state__verdict"))


def test_a_preview_counts_and_names_what_would_change_and_changes_nothing(scanned, sonarr):
    sonarr.clear_journal()
    scanned.target_languages = ["deu"]
    preview = preview_policy(scanned)
    assert preview.media == 3
    assert preview.changes == {("dub", "wrong-dub"): 1, ("wrong-dub", "dub"): 1}
    assert {title.split(" (")[0] for title, _, _ in preview.examples} == {"English", "German"}
    assert verdicts() == {"English": "dub", "German": "wrong-dub", "Native": "original"}
    assert sonarr.journal() == []


def test_saving_decides_the_whole_library_without_touching_a_file(scanned, sonarr, root):
    for path in root.rglob("*.mkv"):
        path.unlink()
    sonarr.clear_journal()
    scanned.target_languages = ["deu"]
    job = save_policy(scanned)
    assert verdicts()["English"] == "dub"  # nobody waits for it
    assert decide(job).summary["changed"] == 2
    assert verdicts() == {"English": "wrong-dub", "German": "dub", "Native": "original"}
    assert sonarr.journal() == []
    jobs.run_inline(Job.objects.get(name="reconcile"))
    assert tags_at(sonarr) == {"English": {"wrong-dub"}, "German": {"dub"}, "Native": set()}
    assert len(writes_at(sonarr)) == 4


def test_a_later_saving_of_a_policy_wins_over_one_that_is_not_through(scanned, sonarr, monkeypatch):
    monkeypatch.setattr(deciding, "CHUNK", 1)
    scanned.target_languages = ["deu"]
    first = save_policy(scanned)
    assert first is not None
    # Of the first, the plan and one part of three are done.
    run_item(first.items.get().pk)
    run_item(first.items.filter(step="part").earliest("pk").pk)
    scanned.target_languages = ["jpn"]
    second = decide(save_policy(scanned))
    first.refresh_from_db()
    assert first.state == JobState.CANCELLED
    assert second.items.filter(step="part").count() == 3
    assert set(verdicts().values()) == {"dub"}


def test_a_scan_that_is_under_way_decides_by_the_policy_that_was_just_saved(
    scanned, series_instance, monkeypatch
):
    ScanSettings.objects.update(brake_verdicts_percent=100)
    scanned.target_languages = ["deu"]
    job, _ = start_scan(series_instance, ScanParams(mode="rewrite"))
    run_item(job.items.get().pk)
    saved = save_policy(scanned)
    jobs.run_inline(job)
    assert verdicts() == {"English": "wrong-dub", "German": "dub", "Native": "original"}
    assert decide(saved).summary["changed"] == 0


def test_an_instance_that_is_given_another_policy_is_decided_by_that(scanned, series_instance):
    Policy.objects.create(name="German", target_languages=["deu"])
    connections.edit(series_instance, policy="German", connect=False)
    decide(Job.objects.get(name="decide"))
    assert verdicts() == {"English": "wrong-dub", "German": "dub", "Native": "original"}
    assert Job.objects.filter(name="reconcile", connection=series_instance).exists()


@pytest.mark.parametrize("params", [{}, {"policy": "1"}, {"policy": 1, "instance": 2}, {"media": 1}])
def test_what_is_to_be_decided_is_named_by_one_number(params):
    with pytest.raises(ConfigError, match="one parameter"):
        jobs.start("decide", params=params)


def test_a_renamed_label_is_replaced_on_every_media(scanned, sonarr):
    scanned.label_dub = "english"
    decide(save_policy(scanned))
    jobs.run_inline(Job.objects.get(name="reconcile"))
    assert tags_at(sonarr)["English"] == {"english"}


def test_saving_writes_nothing_at_an_instance_of_another_policy(scanned):
    ScanState.objects.update(dirty=True)
    assert save_policy(Policy(name="of nobody", target_languages=["deu"])) is None
    assert not Job.objects.filter(name="reconcile").exists()


def test_specials_count_where_the_policy_says_so(scanned):
    scanned.include_specials = True
    decide(save_policy(scanned))
    assert verdicts()["Native"] == "semi-dub"


def test_an_override_decides_its_media_alone(scanned):
    own = Policy.objects.create(name="own", target_languages=["deu"])
    ScanState.objects.filter(media__title="German").update(policy_override=own)
    assert deciding.redecide(policies.media_of(own)) == 1
    assert verdicts() == {"English": "dub", "German": "dub", "Native": "original"}
    assert set(policies.media_of(scanned).values_list("title", flat=True)) == {"English", "Native"}


def test_an_exclusion_in_a_policy_holds_from_its_saving_on(scanned, sonarr):
    scanned.exclude_paths = ["*/German"]
    scanned.untag_excluded = True
    decide(save_policy(scanned))
    jobs.run_inline(Job.objects.get(name="reconcile"))
    assert Media.objects.get(title="German").excluded_by == "the path pattern */German"
    assert tags_at(sonarr)["German"] == set()


def test_a_later_change_of_the_original_language_decides_anew(scanned, sonarr, scan, series_instance):
    ScanSettings.objects.update(brake_verdicts_percent=100)
    media = Media.objects.get(title="Native")
    sonarr.change("update_media", id=media.arr_id, original_language="English")
    job = scan(series_instance)
    assert job.summary["to_scan"] == 0
    assert verdicts()["Native"] == "wrong-dub"


def test_languages_are_taken_by_name_or_code_and_kept_once():
    assert clean_languages(["English", " pt-BR", "eng", ""]) == ["eng", "por-br"]


def test_an_unknown_language_is_told_with_the_nearest_name():
    with pytest.raises(ConfigError, match="German"):
        clean_languages(["Germn"])


@pytest.mark.parametrize(
    ("text", "stored"), [("Original", "original"), ("ignore", "ignore"), ("Thai", "tha")]
)
def test_the_undetermined_option_is_a_word_or_a_language(text, stored):
    assert clean_undetermined(text) == stored
    policy = Policy(target_languages=["eng"], undetermined=stored)
    assert str(policy.rules.undetermined) == stored


class RedecidingTwice(TestCase):
    """Deciding anew is a function of what the database holds: doing it again changes nothing."""

    @settings(max_examples=25)
    @given(
        tracks=st.lists(
            st.lists(st.sampled_from(["eng", "jpn", "deu", "und", None]), max_size=4), max_size=4
        ),
        targets=st.lists(st.sampled_from(["eng", "deu", "jpn"]), min_size=1, max_size=2, unique=True),
    )
    def test_deciding_again_changes_nothing(self, tracks, targets):
        policy = Policy.objects.create(name="p", target_languages=targets)
        connection = make_connection(name="i", kind="sonarr", url="http://x", api_key="k", policy=policy)
        media = Media.objects.create(
            connection=connection, arr_id=1, title="t", path="/t", original_language="Japanese"
        )
        season = media.seasons.create(number=1)
        for number, languages in enumerate(tracks):
            add_file(
                media,
                f"/t/{number}",
                season=season,
                engine="header",
                probed_at="2026-01-01T00:00:00Z",
                tracks=[{"kind": "audio", "index": i, "language": c} for i, c in enumerate(languages)],
            )
        deciding.redecide(Media.objects.all())
        before = list(ScanState.objects.values("verdict", "verdict_reason", "dirty"))
        events = Event.objects.count()
        assert deciding.redecide(Media.objects.all()) == 0
        assert list(ScanState.objects.values("verdict", "verdict_reason", "dirty")) == before
        assert Event.objects.count() == events
