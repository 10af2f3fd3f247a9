"""The page of one title: its matrix, its tracks, and what can be done."""

from __future__ import annotations

import re

import pytest

from .rows import make_files


@pytest.fixture
def series(rows):
    return rows.series[0]


def test_every_file_is_a_cell_with_its_verdict_and_languages(series, as_viewer):
    series.overview = "A light at sea <3."
    series.save()

    text = as_viewer.get(f"/media/{series.pk}").content.decode()

    assert "<summary>A light at sea &lt;3.</summary>" in text
    assert len(re.findall(r'class="cell v-dub"', text)) == 6
    assert text.index("Season 1") < text.index("Season 2")
    assert "JPN" in text
    assert "No file counts: 1 among the specials." in text
    assert 'href="http://sonarr.lan:80/series/title-1"' in text


def test_a_cell_opens_its_tracks_with_and_without_scripts(series, as_viewer):
    file = series.files.order_by("path").first()

    whole = as_viewer.get(f"/media/{series.pk}?file={file.pk}").content.decode()
    part = as_viewer.get(f"/media/{series.pk}/files/{file.pk}").content.decode()

    for text in (whole, part):
        assert "Audio 1" in text
        assert "Japanese" in text
        assert "<h2>S01E01 " in text
        assert "S01E01.mkv" in text
    assert "<html" not in part


def test_a_file_of_another_media_is_not_there(rows, as_viewer):
    other = rows.movies[0].files.get()

    assert as_viewer.get(f"/media/{rows.series[0].pk}/files/{other.pk}").status_code == 404
    assert as_viewer.get(f"/media/{rows.series[0].pk}?file={other.pk}").status_code == 200


def test_a_movie_shows_its_one_file_at_once(rows, as_viewer):
    text = as_viewer.get(f"/media/{rows.movies[0].pk}").content.decode()

    assert "Audio 1" in text
    assert 'class="matrix"' not in text


def test_specials_come_last_and_gaps_are_shown(series, as_viewer):
    from scanner.pages.matrix import matrix

    make_files(series, 0, "original", count=1)
    series.files.filter(season__number=2, episodes=[2]).update(episodes=[4, 5])
    rows = matrix(series)

    assert [row.season and row.season.number for row in rows] == [1, 2, 0]
    assert [cell.label for cell in rows[1].cells] == ["1", "2", "3", "4-5"]
    assert [cell.file is None for cell in rows[1].cells] == [False, True, False, False]


def test_numbers_that_run_through_a_series_leave_no_sea_of_gaps(series):
    from scanner.pages.matrix import matrix

    series.files.filter(season__number=2, episodes=[3]).update(episodes=[1071])

    assert [cell.label for cell in matrix(series)[1].cells] == ["1", "2", "1071"]


def test_specials_that_the_policy_leaves_out_are_no_verdict_and_nothing_wanted(series, rows, as_viewer):
    make_files(series, 0, "wrong-dub", count=1)
    page, wanted = f"/media/{series.pk}", "/wanted/wrong"

    text = as_viewer.get(page).content.decode()
    assert "The policy leaves specials out." in text
    assert 'class="cell v-wrong-dub out"' in text
    assert "S00E01.mkv" not in as_viewer.get(wanted).content.decode()
    assert f"{page}?file=" not in as_viewer.get(wanted).content.decode()

    rows.policy.include_specials = True
    rows.policy.save()
    text = as_viewer.get(page).content.decode()
    assert 'class="cell v-wrong-dub"' in text
    assert f"{page}?file=" in as_viewer.get(wanted).content.decode()


def test_what_a_policy_of_its_own_leaves_out_of_a_title_is_not_wanted(rows, as_viewer):
    from scanner.models import Policy, ScanState

    own = Policy.objects.create(name="Own", target_languages=["eng"], only_monitored=True)
    wrong = rows.series[2]
    wrong.seasons.filter(number=1).update(monitored=False)
    assert as_viewer.get("/wanted/wrong").content.decode().count(f"/media/{wrong.pk}?file=") == 6

    ScanState.objects.filter(media=wrong).update(policy_override=own)
    assert as_viewer.get("/wanted/wrong").content.decode().count(f"/media/{wrong.pk}?file=") == 3


def test_a_season_whose_files_nobody_has_read_is_not_called_empty(series, as_viewer):
    series.files.all().delete()
    assert "Its files have not been read yet." in as_viewer.get(f"/media/{series.pk}").content.decode()

    type(series).objects.filter(pk=series.pk).update(arr_file_count=0)
    assert "No files." in as_viewer.get(f"/media/{series.pk}").content.decode()


def test_codes_that_are_no_language_are_words_on_pages_and_nothing_to_filter_by(series, as_viewer):
    from scanner.models import FileScanState

    FileScanState.objects.filter(file__media=series).update(
        languages=["qaa", "zxx", "und"], reason={"reason": "no-language", "languages": ["qaa", "zxx", "und"]}
    )
    page = as_viewer.get(f"/media/{series.pk}").content.decode()
    table = as_viewer.get("/library?view=table").content.decode()
    wall = as_viewer.get("/library?view=grid").content.decode()

    for text in (page, table, wall):
        assert "original, not named" in text
        assert not re.search(r"\b(QAA|ZXX|UND)\b", text)
    assert "no speech" in table
    assert "With Japanese" in table
    assert 'value="qaa"' not in table


def test_scan_now_asks_for_a_scan_and_shows_it(series, as_admin):
    answer = as_admin.post(f"/media/{series.pk}/scan", follow=True)

    assert "It waits to be scanned." in answer.content.decode()
    assert "Title 1 will be scanned now." in answer.content.decode()
    assert "HX-Refresh" not in as_admin.get(f"/media/{series.pk}/scan-state")


def test_when_the_scan_has_ended_the_page_is_loaded_anew(series, as_admin):
    assert as_admin.get(f"/media/{series.pk}/scan-state")["HX-Refresh"] == "true"


def test_a_disabled_instance_is_told(series, as_admin):
    series.connection.enabled = False
    series.connection.save()

    answer = as_admin.post(f"/media/{series.pk}/scan", follow=True)

    assert "Sonarr is disabled" in answer.content.decode()


def test_options_are_saved_and_decided_anew(series, as_admin):
    from history.models import Event
    from library.models import Media
    from scanner.models import Policy

    other = Policy.objects.create(name="Japanese", target_languages=["jpn"])
    answer = as_admin.post(
        f"/media/{series.pk}/options",
        {"original_language_override": "Korean", "policy_override": other.pk},
    )

    changed = Media.objects.get(pk=series.pk)
    assert answer.status_code == 302
    assert (
        changed.original_language_override,
        changed.scan_state.policy_override,
        changed.scan_state.verdict,
    ) == (
        "kor",
        other,
        "dub",
    )
    assert Event.objects.filter(subject_id=series.pk, kind="by_hand", actor__username="ada").exists()


def test_a_language_that_is_none_is_told(series, as_admin):
    text = as_admin.post(
        f"/media/{series.pk}/options", {"original_language_override": "Elvish"}
    ).content.decode()

    assert "Elvish" in text
    assert 'class="small error"' in text


def test_a_replacement_that_cannot_be_searched_for_is_told(series, as_admin):
    from scanner.models import Policy

    Policy.objects.update(allow_search=True)
    answer = as_admin.post(f"/media/{series.pk}/replace", {"file": "x"}, follow=True)

    assert "scan the series first" in answer.content.decode()


def test_a_poster_is_passed_on_and_kept_by_the_browser(series, as_viewer, monkeypatch):
    monkeypatch.setattr("library.posters.poster_of", lambda _media: b"\x89PNG\r\n\x1a\n...")
    answer = as_viewer.get(f"/media/{series.pk}/poster")

    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "private, max-age=86400"


def test_without_a_poster_nothing_is_answered(series, as_viewer, monkeypatch):
    monkeypatch.setattr("library.posters.poster_of", lambda _media: None)

    assert as_viewer.get(f"/media/{series.pk}/poster").status_code == 204


def test_a_title_begins_with_what_it_is_and_its_history_is_a_tab(series, as_viewer):
    from history.services import record

    for number in range(60):
        record("verdict", f"change {number}", subject=series, before="unknown", after="dub")
    page = as_viewer.get(f"/media/{series.pk}").content.decode()
    hero = page.partition('<header class="hero">')[2].partition("</header>")[0]
    newest = as_viewer.get(f"/media/{series.pk}/history").content.decode()
    following = re.findall(r'rel="next" href="([^"]+)"', newest)[0].replace("&amp;", "&")
    oldest = as_viewer.get(f"/media/{series.pk}/history{following}").content.decode()

    assert f'src="/media/{series.pk}/poster"' in hero
    assert "TV series · Sonarr · monitored · 1 file · Drama" in hero
    assert f'href="/media/{series.pk}/history"' in page
    assert newest.count('<td class="wide-cell">') == 50
    assert 'aria-current="page">History' in newest
    assert oldest.count('<td class="wide-cell">') == 11


@pytest.mark.parametrize(
    ("title", "letters"), [("Title", "T"), ("The long way", "TL"), ("— Élan", "É"), ("...", "."), ("", "?")]
)
def test_a_title_without_a_picture_has_its_letters(title, letters):
    from web.templatetags.pages import monogram

    assert monogram(title) == letters
