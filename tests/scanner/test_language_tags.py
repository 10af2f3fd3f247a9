"""Tags of languages at the apps: given, taken off, previewed, held and left alone like the verdict's."""

from __future__ import annotations

from pathlib import Path

import pytest

from connections.models import Connection
from demo.arr.state import ArrState
from demo.media_files import write
from jobs import services as jobs
from jobs.models import Job
from library.clients import client_for
from library.models import Media, Tag
from scanner.explain import explain
from scanner.models import ManagedLabel, Policy, ScanState
from scanner.policies import preview_policy, save_policy
from scanner.scan import brake
from scanner.scan import reconcile as reconcile_module
from tests.library.build import add_title

from .build import JPN_ENG, add_series, media_named, spec, tags_at, writes_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on(policy: Policy) -> Policy:
    """The policy, with a tag for every language that is heard and one where none is named."""
    policy.language_labels = "all"
    policy.label_unknown_audio = "unknown-audio"
    policy.save()
    return policy


@pytest.fixture
def library(sonarr, series_instance, root) -> ArrState:
    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG), spec(*JPN_ENG)]}, tags=["4k"])
    add_series(state, root, "Half", {1: [spec(*JPN_ENG), spec("jpn")]})
    add_series(state, root, "Nameless", {1: [spec(None)]})
    sonarr.load(state)
    return state


TAGGED = {
    "Dubbed": {"4k", "dub", "audio-en", "audio-ja"},
    "Half": {"semi-dub", "audio-ja"},
    "Nameless": {"unknown-audio"},
}


def save(policy: Policy, **changes: object) -> None:
    """Change the policy and write what follows."""
    for name, value in changes.items():
        setattr(policy, name, value)
    if job := save_policy(policy):
        jobs.run_inline(job)
    for job in Job.objects.filter(name="reconcile", state="queued"):
        jobs.run_inline(job)


def test_a_scan_gives_each_language_its_tag_and_a_second_sends_nothing(
    sonarr, series_instance, library, on, scan
):
    scan(series_instance)
    assert tags_at(sonarr) == TAGGED
    sonarr.clear_journal()
    scan(series_instance, mode="rewrite")
    assert [write for write in writes_at(sonarr) if "editor" in write or "tag" in write] == []
    assert not Media.objects.filter(scan_state__dirty=True).exists()


def test_switching_them_off_takes_all_of_them_off_and_nothing_else(
    sonarr, series_instance, library, on, scan
):
    scan(series_instance)
    # Even of a title whose verdict is not known any more.
    ScanState.objects.filter(media__title="Half").update(verdict="unknown")
    save(on, language_labels="off", label_unknown_audio="")
    assert tags_at(sonarr) == {"Dubbed": {"4k", "dub"}, "Half": {"semi-dub"}, "Nameless": set()}


def test_switching_them_on_reads_no_file(sonarr, series_instance, library, policy, scan, root):
    scan(series_instance)
    for path in root.rglob("*.mkv"):
        path.unlink()
    save(policy, language_labels="targets")
    assert tags_at(sonarr) == {"Dubbed": {"4k", "dub", "audio-en"}, "Half": {"semi-dub"}, "Nameless": set()}


def test_a_preview_counts_the_tags_that_would_come_and_go(sonarr, series_instance, library, on, scan):
    scan(series_instance)
    sonarr.clear_journal()
    on.language_labels, on.label_unknown_audio = "targets", ""
    preview = preview_policy(on)
    assert preview.changed == 0
    assert preview.labels == [("audio-ja", 0, 2), ("unknown-audio", 0, 1)]
    on.language_labels, on.language_label_rule = "all", "any"
    assert preview_policy(on).labels == [("audio-en", 1, 0), ("unknown-audio", 0, 1)]
    assert sonarr.journal() == []


def test_another_pattern_replaces_the_tags(sonarr, series_instance, library, on, scan):
    scan(series_instance)
    save(on, language_label_pattern="{language}-audio")
    assert tags_at(sonarr)["Dubbed"] == {"4k", "dub", "en-audio", "ja-audio"}


def test_a_dry_run_names_them_and_writes_nothing(sonarr, series_instance, library, on, scan):
    job = scan(series_instance, dry_run=True)
    assert job.summary["would"]["added"]["audio-ja"] == 2
    assert writes_at(sonarr) == []


def test_removing_all_takes_these_off_too(sonarr, series_instance, library, on, scan):
    scan(series_instance)
    scan(series_instance, mode="remove")
    assert tags_at(sonarr) == {"Dubbed": {"4k"}, "Half": set(), "Nameless": set()}
    scan(series_instance)
    assert tags_at(sonarr) == TAGGED


def test_an_excluded_media_loses_them_where_its_owner_asks_for_that(
    sonarr, series_instance, library, on, scan
):
    scan(series_instance)
    save(on, exclude_paths=["*/Dubbed"], untag_excluded=True)
    assert tags_at(sonarr)["Dubbed"] == {"4k"}


def test_a_tag_that_somebody_else_made_waits_to_be_adopted_and_keeps_no_other_from_being_written(
    sonarr, series_instance, library, on, scan
):
    library.titled("Nameless").tags.append(library.add_tag("audio-ja").id)
    sonarr.load(library)
    scan(series_instance)
    assert tags_at(sonarr)["Dubbed"] == {"4k", "dub"}
    assert tags_at(sonarr)["Nameless"] == {"audio-ja", "unknown-audio"}
    assert ManagedLabel.objects.get(label="audio-ja").found
    assert "waits to be adopted" in explain(media_named("Dubbed")).waiting


def test_tags_that_came_undone_are_brought_back(sonarr, series_instance, library, on, scan):
    scan(series_instance)
    sonarr.change("set_tags", id=media_named("Dubbed").arr_id, labels=["4k", "dub"])
    scan(series_instance)
    assert tags_at(sonarr) == TAGGED


def test_files_that_cannot_be_read_keep_the_tags_they_have(sonarr, series_instance, library, on, scan):
    scan(series_instance)
    for file in library.files_of(library.titled("Nameless").id):
        Path(file.path).write_bytes(b"no video at all")
    scan(series_instance, mode="rewrite")
    assert media_named("Nameless").scan_state.verdict == "unknown"
    assert tags_at(sonarr)["Nameless"] == {"unknown-audio"}


def test_the_brake_stops_a_scan_that_would_take_many_off(
    sonarr, series_instance, library, on, scan, monkeypatch
):
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    for title in ("Dubbed", "Half"):
        for file in library.files_of(library.titled(title).id):
            replace_track(Path(file.path))
    scan(series_instance, deep=True)
    held = Connection.objects.get(pk=series_instance.pk).scan_settings.held_reason
    assert held.startswith("The scan would take language tags off 2 of 3 titles, more than 20 %")
    assert tags_at(sonarr) == TAGGED


def replace_track(path: Path) -> None:
    """Put a file without Japanese in the place of this one; its verdict stays what it was."""
    had_english = b"eng" in path.read_bytes()
    write(path, spec("eng" if had_english else None))


def test_calls_are_bounded_by_labels_and_not_by_how_they_are_mixed(
    sonarr, series_instance, policy, monkeypatch
):
    """A call to read the tags, then at most two for each label and chunk, whatever the mixture."""
    labels = [f"audio-{code}" for code in ("de", "en", "fr", "it", "ja")]
    state = ArrState("sonarr")
    for label in labels:
        state.add_tag(label)
    for number in range(32):
        had = [label for bit, label in enumerate(labels) if number >> bit & 1]
        series = state.add_series(f"S{number}", f"/tv/S{number}", tags=had)
        add_title(
            series_instance,
            arr_id=series.id,
            title=series.title,
            path=series.path,
            tags=had,
            language_labels=[label for label in labels if label not in had],
            dirty=True,
        )
    sonarr.load(state)
    Tag.objects.bulk_create(
        Tag(connection=series_instance, arr_id=t.id, label=t.label) for t in state.tags.values()
    )
    ManagedLabel.objects.bulk_create(
        ManagedLabel(connection=series_instance, label=label, of_language=True) for label in labels
    )
    monkeypatch.setattr(reconcile_module, "CHUNK", 16)
    reconcile_module.reconcile(series_instance, client_for(series_instance))
    assert len(sonarr.journal()) <= 1 + 2 * len(labels) * (32 // 16)
    assert all(
        tags_at(sonarr)[media.title] == set(media.scan_state.language_labels or ())
        for media in Media.objects.all()
    )


def test_the_reason_of_every_tag_is_explained(series_instance, library, on, scan):
    scan(series_instance)
    explained = explain(media_named("Dubbed"))
    assert explained.labels == ["audio-en", "audio-ja", "dub"]
    assert explained.label_reasons["audio-en"] == "English is heard in all 2 files."


def test_they_stand_in_the_nfo_too_where_the_verdict_does(series_instance, library, on, scan, root):
    nfo = root / "Dubbed" / "tvshow.nfo"
    nfo.write_text("<tvshow><title>Dubbed</title><tag>mine</tag></tvshow>")
    save(on, write_nfo=True)
    scan(series_instance)
    assert all(f"<tag>{label}</tag>" in nfo.read_text() for label in ("mine", "dub", "audio-en", "audio-ja"))
    save(on, language_labels="off")
    assert "audio-" not in nfo.read_text()
    assert "<tag>mine</tag>" in nfo.read_text()
