"""Why a title has its verdict: the service, the command and the table of verdicts."""

from __future__ import annotations

import pytest
from django.utils import timezone

from demo.arr.state import ArrState
from demo.media_files import AudioSpec, FileSpec, SubtitleSpec
from library.models import File, Media
from scanner.explain import explain, why
from scanner.models import FileProblem, FileScanState, ManagedLabel, Policy, ScanSettings, ScanState
from scanner.scan.exclusions import set_excluded
from tests.commands import run

from .build import JPN_ENG, add_movie, add_series, media_named, spec

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def show(sonarr, series_instance, root, scan) -> Media:
    """A series with one dubbed episode, one that is not, a commentary, and a special."""
    state = ArrState("sonarr")
    commented = FileSpec(
        audio=(
            AudioSpec(language="jpn", title="Japanese", channels=6, default=True),
            AudioSpec(language="eng", title="Director's Commentary"),
        ),
        subtitles=(SubtitleSpec("eng", "English"),),
    )
    add_series(state, root, "Show", {0: [spec("ger")], 1: [spec(*JPN_ENG), commented]}, tags=["4k"])
    sonarr.load(state)
    scan(series_instance)
    return media_named("Show")


def test_the_verdict_is_explained_from_policy_to_tags(show):
    explanation = explain(show)
    assert explanation.title == "Show (2020)"
    assert (explanation.verdict, explanation.rule) == ("semi-dub", "some-dub")
    assert explanation.sentence == "1 of 2 files lacks English: S01E02."
    assert (explanation.policy, explanation.targets) == ("English", ["English"])
    assert (explanation.original_language, explanation.original_language_by) == ("Japanese", "Sonarr")
    assert (explanation.labels, explanation.tags) == (["semi-dub"], ["4k", "semi-dub"])
    assert explanation.waiting == ""


def test_every_file_tells_its_rule(show):
    files = {(file.season, *file.episodes): file for file in explain(show).files}
    assert [(key, file.verdict, file.rule) for key, file in files.items()] == [
        ((0, 1), "wrong-dub", "only-other-languages"),
        ((1, 1), "dub", "all-targets"),
        ((1, 2), "original", "no-dub"),
    ]
    assert files[1, 2].missing == ["English"]
    assert files[0, 1].extra == ["German"]
    assert files[0, 1].left_out == "The policy leaves specials out."
    assert files[1, 1].left_out == ""


def test_every_track_tells_whether_it_counts(show):
    tracks = explain(show).files[2].tracks
    first, second, subtitle = tracks
    assert (first.language, first.counts_as) == ("Japanese", "Japanese")
    assert (first.channels, first.flags) == (6, ["default"])
    assert second.counts_as == ""
    assert second.why == ("Audio track 2 “Director's Commentary” does not count: its title says commentary.")
    assert (subtitle.kind, subtitle.language) == ("text", "English")


def test_a_track_without_a_language_tells_what_it_was_taken_for(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Mute", {1: [spec(None, "eng")]})
    sonarr.load(state)
    scan(series_instance)
    first, second = explain(media_named("Mute")).files[0].tracks
    assert (first.language, first.counts_as) == ("", "Japanese")
    assert first.why == "It names no language: the policy says which one that stands for."
    assert second.counts_as == "English"


def test_a_code_that_is_no_language_is_shown_as_the_file_has_it(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Odd", {1: [spec("qtz", "eng", "mul")]})
    sonarr.load(state)
    scan(series_instance)
    (file,) = explain(media_named("Odd")).files
    first, second, third = file.tracks
    assert (first.language, first.counts_as) == ("qtz", "Japanese")
    assert first.why == (
        "Its code “qtz” is not a known language: the policy says what the first such track is."
    )
    assert (second.why, second.counts_as) == ("", "English")
    assert (third.language, third.counts_as) == ("mul", "")
    assert third.why == "Audio track 3 does not count: it holds several languages and does not say which."
    assert "Audio track 1 is in “qtz”, not a known language" in file.sentence
    assert File.objects.get().scan_state.languages == ["qtz", "eng", "mul"]


def test_a_track_of_several_languages_tells_what_it_was_taken_for(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Many", {1: [spec("mul")]})
    sonarr.load(state)
    scan(series_instance)
    (track,) = explain(media_named("Many")).files[0].tracks
    assert track.why == "It holds several languages: the policy says what the first such track is."


def test_a_title_that_names_the_language_or_does_not_keep_a_track_from_counting_is_told(
    sonarr, series_instance, root, scan
):
    state = ArrState("sonarr")
    titled = FileSpec(audio=(AudioSpec(language=None, title="English Dub"),))
    commentary = FileSpec(audio=(AudioSpec(language="eng", title="Commentary"),))
    add_series(state, root, "Titled", {1: [titled, commentary]})
    sonarr.load(state)
    scan(series_instance)
    tracks = [file.tracks[0] for file in explain(media_named("Titled")).files]
    assert [track.counts_as for track in tracks] == ["English", "English"]
    assert tracks[0].why == "Its title alone names the language: English."
    assert tracks[1].why == "It counts in spite of its title: words in titles never drop the last track."
    assert File.objects.get(episodes=[1]).scan_state.languages == ["eng"]


def test_a_series_of_specials_alone_says_that_they_do_not_count(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Extras", {0: [spec("eng"), spec("eng")]})
    sonarr.load(state)
    scan(series_instance)
    explanation = explain(media_named("Extras"))
    assert explanation.sentence == "No file counts: 2 among the specials."
    assert [file.verdict for file in explanation.files] == ["dub", "dub"]


def test_files_outside_of_the_verdict_say_why(show):
    seasons = {file.season: file for file in explain(show).files}
    assert seasons[0].left_out
    Policy.objects.update(include_specials=True, only_monitored=True)
    show.seasons.filter(number=0).update(monitored=False)
    first = File.objects.get(media=show, episodes=[1], season__number=1)
    second = File.objects.get(media=show, episodes=[2])
    FileScanState.objects.filter(file=first.pk).update(problem=FileProblem.NOT_PROBED, probed_at=None)
    FileScanState.objects.filter(file=second.pk).update(
        problem=FileProblem.UNREACHABLE, probed_at=None, error="It cannot be read."
    )
    special, one, two = explain(reloaded(show)).files
    assert special.left_out == "The policy leaves out seasons that are not monitored."
    assert one.left_out == "A quick scan did not read it."
    assert (two.left_out, two.sentence, two.problem) == (
        "",
        "It cannot be read.",
        "Could not be reached",
    )
    assert (bool(special.rule), one.rule, two.rule) == (True, "", ""), "no rule decided what was never read"


def test_a_file_beside_the_movie_is_left_out(radarr, movie_instance, root, scan):
    state = ArrState("radarr")
    add_movie(state, root, "Film", spec("jpn"))
    radarr.load(state)
    scan(movie_instance)
    FileScanState.objects.update(counted=False)
    assert explain(media_named("Film")).files[0].left_out == "It is beside the movie, not the movie itself."


def test_what_is_still_to_be_written_is_told(show):
    Media.objects.update(tags=["4k", "dub"])
    ManagedLabel.objects.get_or_create(connection=show.connection, label="dub")
    assert explain(reloaded(show)).waiting == "To be written: add semi-dub and remove dub."
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="Too much would change.")
    assert explain(reloaded(show)).waiting.endswith("remove dub. Too much would change.")
    ScanState.objects.update(reconcile_error="Sonarr refused it.")
    assert explain(reloaded(show)).waiting == "Sonarr refused it."


def test_a_tag_that_waits_to_be_adopted_is_told(show):
    Media.objects.update(tags=["4k"])
    ManagedLabel.objects.filter(label="semi-dub").update(found=True)
    assert "The tag “semi-dub” waits to be adopted" in explain(reloaded(show)).waiting


def test_the_reason_of_a_media_without_a_verdict(show):
    blank = Media(connection=show.connection, title="New")
    state = ScanState(media=blank)
    assert why(blank) == "Not scanned yet."
    state.scan_error = "The folder /tv is not there."
    assert why(blank) == "The folder /tv is not there."
    set_excluded([show.pk], to=True)
    assert why(reloaded(show)) == "Excluded by hand."
    show.excluded, show.excluded_by = False, "the genre News"
    assert why(show) == "Excluded by the genre News."


def test_an_original_language_set_by_hand_says_so(show):
    Media.objects.update(original_language_override="kor")
    explanation = explain(reloaded(show))
    assert (explanation.original_language, explanation.original_language_by) == ("Korean", "set by hand")
    Media.objects.update(original_language_override="", original_language="")
    explanation = explain(reloaded(show))
    assert (explanation.original_language, explanation.original_language_by) == ("", "")


def test_the_command_prints_it_for_people(show):
    ran = run("explain", "show")
    assert ran.code == 0
    assert ran.out.startswith("Show (2020), Sonarr: semi-dub\n  1 of 2 files lacks English: S01E02.\n")
    assert "Policy English: wants English. Original language: Japanese (Sonarr)." in ran.out
    assert "Tags: 4k, semi-dub. The verdict asks for: semi-dub." in ran.out
    assert "\nSpecials\n" in ran.out
    assert "Not counted: The policy leaves specials out." in ran.out
    assert "\nSeason 1\n" in ran.out
    assert "    The file holds all that is wanted: English. [all-targets]\n" in ran.out
    assert "audio 1: Japanese “Japanese” AAC 6 ch (default): counts as Japanese" in ran.out


def test_the_command_prints_what_waits(show):
    ScanState.objects.update(reconcile_error="Sonarr refused it.", verdict="unknown", verdict_reason={})
    ran = run("explain", "show")
    assert "Sonarr refused it." in ran.out
    assert "The verdict asks for: no change." in ran.out
    assert "Not scanned yet." in ran.out


def test_a_movie_is_explained_without_seasons(radarr, movie_instance, root, scan):
    state = ArrState("radarr")
    add_movie(state, root, "Film", spec("jpn"))
    radarr.load(state)
    scan(movie_instance)
    ran = run("explain", "Film")
    assert "\nFiles\n  Film.mkv  original\n" in ran.out
    assert "Tags: none. The verdict asks for: none of ours." in ran.out


def test_json_holds_all_of_it(show):
    document = run("explain", str(show.pk), "--json").json
    assert document["media"] == show.pk
    assert document["verdict_at"].endswith("+00:00")
    assert document["files"][2]["tracks"][1]["title"] == "Director's Commentary"


def test_explaining_a_long_series_takes_as_many_queries_as_a_short_one(
    sonarr, series_instance, root, scan, django_assert_num_queries
):
    state = ArrState("sonarr")
    add_series(state, root, "Long", {1: [spec("jpn")] * 12, 2: [spec("jpn")] * 12})
    sonarr.load(state)
    scan(series_instance)
    media = Media.objects.select_related(
        "connection__scan_settings__policy", "scan_state__policy_override"
    ).get()
    with django_assert_num_queries(2):
        assert len(explain(media).files) == 24


def test_verdicts_are_listed_with_languages_and_reasons(show):
    ran = run("verdicts")
    lines = ran.out.splitlines()
    assert lines[0].split() == ["Title", "Year", "Instance", "Verdict", "Languages", "Why"]
    assert "semi-dub" in lines[1]
    assert "Japanese, German, English" in lines[1]
    assert lines[-1] == "1 title: 1 semi-dub"


def test_verdicts_can_be_chosen(show, movie_instance):
    assert run("verdicts", "--instance", "Radarr", "--json").json == []
    assert run("verdicts", "--verdict", "dub", "--json").json == []
    (row,) = run("verdicts", "--instance", "sonarr", "--verdict", "semi-dub", "--json").json
    assert row["title"] == "Show"
    assert row["languages"] == ["Japanese", "German", "English"]
    assert row["why"] == "1 of 2 files lacks English: S01E02."


def test_listing_many_verdicts_takes_two_queries(show, django_assert_num_queries):
    for number in range(5):
        Media.objects.create(
            connection=show.connection, arr_id=100 + number, title=f"More {number}", path="/x"
        )
    with django_assert_num_queries(2):
        assert run("verdicts").out.endswith("6 titles: 1 semi-dub, 5 unknown\n")


def test_a_language_that_the_file_leaves_open_is_listed_as_that(show):
    FileScanState.objects.update(languages=["und", "eng"], reason={})
    (row,) = run("verdicts", "--json").json
    assert row["languages"] == ["no language", "English"]


def reloaded(media: Media) -> Media:
    return Media.objects.select_related("connection__scan_settings__policy").get(pk=media.pk)
