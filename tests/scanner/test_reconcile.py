"""Sending tags: the difference and nothing else, in bulk, whatever Sonarr does to us meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from connections.models import Connection
from core.errors import ApiTransientError
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from history.models import Event, EventKind
from jobs.handlers import Cancelled, ClaimLost, Stopping
from library.clients import client_for
from library.clients.base import EDIT_TIMEOUT
from library.models import Media, Tag
from scanner.events import ScanEvent
from scanner.labels.bulk_edit import GONE
from scanner.labels.managed import note_found_labels
from scanner.models import ManagedLabel, Policy, ScanSettings, ScanState, Verdict
from scanner.scan import reconcile as reconcile_module
from scanner.scan.drift import mark_dirty
from scanner.scan.reconcile import ROUNDS, preview, reconcile
from tests.library.build import add_title

from .build import media_named, tags_at, writes_at

pytestmark = pytest.mark.django_db


def fill(stand_in: StandIn, connection: Connection, titles: dict[str, tuple[str, list[str]]]) -> None:
    """Put series into the app and their rows, undecided by any scan, into the database: title → verdict,
    tags.
    """
    state = ArrState("sonarr")
    for title, (verdict, tags) in titles.items():
        series = state.add_series(title, f"/tv/{title}", tags=tags)
        add_title(
            connection=connection,
            arr_id=series.id,
            title=title,
            path=series.path,
            verdict=verdict,
            tags=tags,
            dirty=True,
        )
    Tag.objects.bulk_create(
        Tag(connection=connection, arr_id=t.id, label=t.label) for t in state.tags.values()
    )
    stand_in.load(state)


def send(connection: Connection, **options: Any) -> reconcile_module.ReconcileResult:
    fresh = Connection.objects.get(pk=connection.pk)
    return reconcile(fresh, client_for(fresh), **options)


def test_adds_what_is_missing_in_one_call_a_label_and_leaves_foreign_tags(sonarr, series_instance):
    fill(
        sonarr,
        series_instance,
        {"A": ("dub", ["4k"]), "B": ("dub", []), "C": ("wrong-dub", []), "D": ("original", ["kids"])},
    )
    result = send(series_instance)
    assert tags_at(sonarr) == {"A": {"4k", "dub"}, "B": {"dub"}, "C": {"wrong-dub"}, "D": {"kids"}}
    assert result.summary()["added"] == {"dub": 2, "wrong-dub": 1}
    assert writes_at(sonarr) == ["POST /api/v3/tag"] * 2 + ["PUT /api/v3/series/editor"] * 2
    assert not Media.objects.filter(scan_state__dirty=True).exists()


def test_a_second_run_sends_nothing(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", [])})
    send(series_instance)
    sonarr.clear_journal()
    ScanState.objects.update(dirty=True)
    send(series_instance)
    assert sonarr.journal() == []


def test_adds_before_it_removes(sonarr, series_instance):
    ManagedLabel.objects.create(connection=series_instance, label="semi-dub")
    fill(sonarr, series_instance, {"A": ("dub", ["semi-dub"])})
    send(series_instance)
    edits = [r["body"]["applyTags"] for r in sonarr.journal("PUT")]
    assert edits == ["add", "remove"]
    assert tags_at(sonarr) == {"A": {"dub"}}


def test_labels_of_an_old_name_are_taken_off(sonarr, series_instance, policy):
    ManagedLabel.objects.create(connection=series_instance, label="dub")
    Policy.objects.filter(pk=policy.pk).update(label_dub="english")
    fill(sonarr, series_instance, {"A": ("dub", ["dub", "4k"])})
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"english", "4k"}}


def test_an_unknown_verdict_changes_no_tag(sonarr, series_instance):
    ManagedLabel.objects.create(connection=series_instance, label="dub")
    fill(sonarr, series_instance, {"A": ("unknown", ["dub"])})
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"dub"}}
    assert writes_at(sonarr) == []


def test_a_tag_deleted_by_housekeeping_is_made_again(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", [])})
    send(series_instance)
    sonarr.change("set_tags", id=media_named("A").arr_id, labels=[])
    sonarr.change("housekeeping")
    Media.objects.update(tags=[])
    ScanState.objects.update(dirty=True)
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"dub"}}


def test_a_tag_that_was_made_again_is_known_by_its_new_id_alone(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", [])})
    send(series_instance)
    sonarr.change("set_tags", id=media_named("A").arr_id, labels=[])
    sonarr.change("housekeeping")
    Media.objects.update(tags=[])
    ScanState.objects.update(dirty=True)
    send(series_instance)
    assert Tag.objects.filter(label="dub").count() == 1
    ScanState.objects.update(verdict="original", dirty=True)
    send(series_instance)
    assert tags_at(sonarr) == {"A": set()}


def test_a_media_whose_new_label_is_refused_keeps_its_old_one(sonarr, series_instance):
    ManagedLabel.objects.create(connection=series_instance, label="semi-dub")
    fill(sonarr, series_instance, {"A": ("dub", ["semi-dub"])})
    sonarr.fault("status", "/editor", status=400, count=1)
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"semi-dub"}}
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"dub"}}


def test_large_libraries_go_in_chunks(sonarr, series_instance, monkeypatch):
    monkeypatch.setattr(reconcile_module, "CHUNK", 3)
    fill(sonarr, series_instance, {f"S{n}": ("dub", []) for n in range(7)})
    send(series_instance)
    assert [len(r["body"]["seriesIds"]) for r in sonarr.journal("PUT")] == [3, 3, 1]
    assert set(map(frozenset, tags_at(sonarr).values())) == {frozenset({"dub"})}


def test_a_media_that_vanished_spoils_nothing_for_the_others(sonarr, series_instance):
    fill(sonarr, series_instance, {t: ("dub", []) for t in "ABCD"})
    sonarr.change("remove_media", id=media_named("B").arr_id)
    result = send(series_instance)
    assert tags_at(sonarr) == {t: {"dub"} for t in "ACD"}
    assert result.failed == {media_named("B").pk: GONE}
    assert media_named("B").scan_state.reconcile_error == GONE
    assert media_named("B").scan_state.dirty


def test_an_invalid_media_is_found_by_halving_and_alone_fails(sonarr, series_instance):
    fill(sonarr, series_instance, {t: ("dub", []) for t in "ABCDE"})
    sonarr.change("invalidate", id=media_named("D").arr_id)
    result = send(series_instance)
    assert tags_at(sonarr) == {**{t: {"dub"} for t in "ABCE"}, "D": set()}
    assert list(result.failed) == [media_named("D").pk]
    problem = Event.objects.get(kind=EventKind.PROBLEM)
    assert problem.subject_id == media_named("D").pk
    assert problem.text == media_named("D").scan_state.reconcile_error


def test_a_broken_app_is_not_asked_for_every_media(sonarr, series_instance, naps):
    fill(sonarr, series_instance, {f"S{n}": ("dub", []) for n in range(40)})
    sonarr.fault("status", "/editor", status=500, count=None)
    with pytest.raises(ApiTransientError):
        send(series_instance)
    assert len(sonarr.journal("PUT")) < 20
    assert Media.objects.filter(scan_state__dirty=True).count() == 40


def test_before_each_call_the_lease_is_made_as_long_as_the_call_may_take(
    sonarr, series_instance, monkeypatch
):
    monkeypatch.setattr(reconcile_module, "CHUNK", 2)
    fill(sonarr, series_instance, {t: ("dub", []) for t in "ABC"})
    held: list[float] = []
    send(series_instance, hold=held.append)
    assert len(held) == 2
    assert min(held) > EDIT_TIMEOUT


def test_what_was_written_before_a_failure_is_remembered(sonarr, series_instance, monkeypatch):
    monkeypatch.setattr(reconcile_module, "CHUNK", 2)
    fill(sonarr, series_instance, {t: ("dub", []) for t in "ABCD"})
    sonarr.fault("status", "/editor", status=503, skip=1, count=None, retry_after=300)
    with pytest.raises(ApiTransientError):
        send(series_instance)
    assert sorted(m.title for m in Media.objects.filter(tags=["dub"])) == ["A", "B"]
    written = Event.objects.filter(kind=ScanEvent.TAGS).values_list("title", flat=True)
    assert sorted(written) == ["A", "B"]
    sonarr.clear_faults()
    send(series_instance)
    assert set(map(frozenset, tags_at(sonarr).values())) == {frozenset({"dub"})}


@pytest.mark.parametrize("end", [Stopping, Cancelled, ClaimLost])
def test_what_was_written_before_it_had_to_stop_stands_in_history_and_the_rest_follows(
    sonarr, series_instance, monkeypatch, end
):
    monkeypatch.setattr(reconcile_module, "CHUNK", 1)
    fill(sonarr, series_instance, {"A": ("dub", []), "B": ("dub", []), "C": ("dub", [])})

    def stop_after_the_first() -> None:
        if any("dub" in tags for tags in tags_at(sonarr).values()):
            raise end

    with pytest.raises(end):
        send(series_instance, keep_alive=stop_after_the_first)
    assert list(Event.objects.filter(kind=ScanEvent.TAGS).values_list("title", flat=True)) == ["A"]
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"dub"}, "B": {"dub"}, "C": {"dub"}}
    assert Event.objects.filter(kind=ScanEvent.TAGS).count() == 3
    assert not Media.objects.filter(scan_state__dirty=True).exists()


def test_a_tag_that_comes_undone_again_and_again_is_given_up_and_told(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", [])})
    sonarr.change("auto_tag_remove", labels=["dub"])
    for _ in range(ROUNDS + 2):
        send(series_instance)
    assert media_named("A").scan_state.reconcile_rounds == ROUNDS
    assert media_named("A").scan_state.dirty
    assert len(sonarr.journal("PUT")) == ROUNDS


def test_a_tag_removed_after_the_write_counts_as_a_round_at_the_next_sync(series_instance):
    add_title(connection=series_instance, arr_id=1, title="A", path="/a", verdict="dub", tags=[])
    ManagedLabel.objects.create(connection=series_instance, label="dub")
    assert mark_dirty(series_instance) == 1
    assert (media_named("A").scan_state.dirty, media_named("A").scan_state.reconcile_rounds) == (True, 1)
    Media.objects.update(tags=["dub"])
    ScanState.objects.update(dirty=False)
    assert mark_dirty(series_instance) == 0
    assert media_named("A").scan_state.reconcile_rounds == 0


def test_a_label_that_was_there_before_us_waits_until_it_is_adopted(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", []), "B": ("original", ["dub"]), "C": ("semi-dub", [])})
    assert note_found_labels(series_instance) == ["dub"]
    send(series_instance)
    assert tags_at(sonarr) == {"A": set(), "B": {"dub"}, "C": {"semi-dub"}}
    assert media_named("A").scan_state.dirty
    ManagedLabel.objects.update(found=False)
    ScanState.objects.update(dirty=True)
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"dub"}, "B": set(), "C": {"semi-dub"}}


def test_a_verdict_that_changes_while_others_are_sent_is_read_again(sonarr, series_instance, monkeypatch):
    monkeypatch.setattr(reconcile_module, "CHUNK", 1)
    fill(sonarr, series_instance, {"A": ("dub", []), "B": ("dub", [])})

    def change_b() -> None:
        if sonarr.journal("PUT"):
            ScanState.objects.filter(media__title="B").update(verdict=Verdict.ORIGINAL)

    send(series_instance, keep_alive=change_b)
    assert tags_at(sonarr) == {"A": {"dub"}, "B": set()}


def test_only_the_named_media_are_sent(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", []), "B": ("dub", [])})
    send(series_instance, media_ids=[media_named("B").pk])
    assert tags_at(sonarr) == {"A": set(), "B": {"dub"}}
    assert media_named("A").scan_state.dirty


def test_media_that_a_rule_excludes_are_left_alone(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", [])})
    Media.objects.update(excluded_by="the genre Talk Show")
    send(series_instance)
    assert tags_at(sonarr) == {"A": set()}


def test_excluded_media_are_left_alone_unless_their_labels_are_to_go(sonarr, series_instance):
    ManagedLabel.objects.create(connection=series_instance, label="semi-dub")
    fill(sonarr, series_instance, {t: ("dub", ["semi-dub"]) for t in "AB"})
    Media.objects.update(excluded=True)
    ScanState.objects.filter(media__title="B").update(untag=True)
    send(series_instance)
    assert tags_at(sonarr) == {"A": {"semi-dub"}, "B": set()}


def test_media_of_a_dry_run_policy_are_previewed_and_not_sent(sonarr, series_instance, policy):
    Policy.objects.filter(pk=policy.pk).update(dry_run=True)
    fill(sonarr, series_instance, {"A": ("dub", [])})
    fresh = Connection.objects.get(pk=series_instance.pk)
    assert preview(fresh)["added"] == {"dub": 1}
    send(series_instance)
    assert sonarr.journal() == []
    assert media_named("A").scan_state.dirty


def test_an_override_that_writes_is_sent_though_the_instance_only_looks(sonarr, series_instance, policy):
    Policy.objects.filter(pk=policy.pk).update(dry_run=True)
    fill(sonarr, series_instance, {"A": ("dub", []), "B": ("dub", [])})
    own = Policy.objects.create(name="own", target_languages=["eng"])
    ScanState.objects.filter(media__title="B").update(policy_override=own)
    send(series_instance)
    assert tags_at(sonarr) == {"A": set(), "B": {"dub"}}


def test_every_media_whose_tags_changed_has_a_line_of_history(sonarr, series_instance):
    ManagedLabel.objects.create(connection=series_instance, label="semi-dub")
    fill(sonarr, series_instance, {"A": ("dub", ["semi-dub", "4k"])})
    send(series_instance)
    event = Event.objects.get(kind=ScanEvent.TAGS)
    assert event.text == "A: added dub and removed semi-dub in Sonarr"
    assert (event.before, event.after) == (["semi-dub", "4k"], ["4k", "dub"])


def test_an_instance_held_by_the_brake_is_left_alone(sonarr, series_instance, django_assert_num_queries):
    fill(sonarr, series_instance, {"A": ("dub", [])})
    ScanSettings.objects.update(held_since="2026-01-01T00:00:00Z", held_reason="too much would change")
    assert send(series_instance).held == "too much would change"
    assert sonarr.journal() == []


def test_a_rescan_is_asked_for_where_tags_changed(sonarr, series_instance):
    fill(sonarr, series_instance, {"A": ("dub", []), "B": ("original", [])})
    send(series_instance, rescan=True)
    commands = [r["body"] for r in sonarr.journal("POST") if r["path"].endswith("/command")]
    assert commands == [{"name": "RescanSeries", "seriesId": media_named("A").arr_id}]


def test_movies_go_through_their_own_editor(radarr, movie_instance):
    state = ArrState("radarr")
    movie = state.add_movie("M", "/movies/M")
    radarr.load(state)
    add_title(
        connection=movie_instance, arr_id=movie.id, title="M", path="/movies/M", verdict="dub", dirty=True
    )
    send(movie_instance)
    assert tags_at(radarr) == {"M": {"dub"}}
    assert writes_at(radarr) == ["POST /api/v3/tag", "PUT /api/v3/movie/editor"]
