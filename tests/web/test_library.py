"""The library: filters, sorting, paging, and changing many at once."""

from __future__ import annotations

import re

import pytest

from .rows import make_files, make_media


def titles(client, query=""):
    text = client.get(f"/library?view=table&{query}").content.decode()
    return re.findall(r'<th scope="row"><a href="/media/\d+">([^<]+)</a>', text)


@pytest.fixture
def mixed(rows):
    from scanner.models import FileScanState

    """Three more series: one excluded, one with an English track too, one with trouble."""

    make_media(rows.sonarr, 21, "dub", title="Excluded", excluded=True, genres=["Comedy"])
    both = make_media(rows.sonarr, 22, "dub", title="Both", monitored=False)
    FileScanState.objects.filter(file__media=both).update(languages=["jpn", "eng"])
    make_media(rows.sonarr, 23, "original", title="Trouble", scan_error="The folder is away.", dirty=True)
    return rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verdict=wrong-dub", ["Title 3", "Title 13"]),
        ("verdict=nonsense&q=Both", ["Both"]),
        ("kind=radarr&verdict=dub", ["Title 11"]),
        ("q=tle+1&kind=sonarr", ["Title 1"]),
        ("language=eng", ["Both"]),
        ("language=klingon", []),
        ("missing=eng&kind=sonarr&verdict=dub", ["Title 1", "Excluded"]),
        ("genre=Comedy", ["Excluded"]),
        ("monitored=no", ["Both"]),
        ("state=excluded", ["Excluded"]),
        ("state=waiting", ["Trouble"]),
        ("state=trouble&verdict=original", ["Trouble"]),
        ("instance=99999999999999999999999", []),
        (f"instance={'9' * 5000}", []),
        ("q=%00", None),
    ],
)
def test_filters_say_what_is_shown(query, found, mixed, as_admin):
    shown = titles(as_admin, query)

    assert (shown == found) if found is not None else (len(shown) == 13)


@pytest.mark.parametrize(
    ("sort", "first"),
    [("title", "Title 1"), ("-title", "Title 15"), ("-year", "Title 15"), ("verdict", "Title 1")],
)
def test_it_is_sorted_as_asked(sort, first, rows, as_admin):
    assert titles(as_admin, f"sort={sort}")[0] == first


def test_pages_hold_sixty_each_and_keep_the_filters(rows, as_admin):
    for number in range(100, 165):
        make_media(rows.radarr, number, "dub")

    first = as_admin.get("/library?verdict=dub&view=table").content.decode()
    following = re.findall(r'rel="next" href="\?([^"]+)"', first)[0].replace("&amp;", "&")

    assert following.startswith("verdict=dub&view=table&at=after.")
    assert len(titles(as_admin, "verdict=dub")) == 60
    assert titles(as_admin, following) == titles(as_admin, "verdict=dub&at=end")[-7:]


def walk(sort, direction, at):
    """The titles of all pages from one on, by the links of each."""
    from scanner.pages.library_rows import Filters, library_page

    found = library_page(Filters(sort=sort), at)
    seen: list[int] = []
    while True:
        ids = [one.pk for one in found.media]
        seen = seen + ids if direction == "next" else ids + seen
        if not (at := getattr(found, direction)):
            return seen
        found = library_page(Filters(sort=sort), at)


def test_the_pages_of_every_order_hold_each_title_once_there_and_back(rows, monkeypatch):
    from library.models import Media
    from scanner.models import ScanState
    from scanner.pages import library_rows

    monkeypatch.setattr(library_rows, "PAGE", 3)
    Media.objects.filter(pk__in=[one.pk for one in rows.movies[:4]]).update(year=None, sort_title="same")
    Media.objects.filter(pk__in=[one.pk for one in rows.series[:3]]).update(year=1999)
    ScanState.objects.filter(media__in=rows.series).update(scanned_at=None, verdict_at=None)

    walked = {sort: walk(sort, "next", "") for sort in library_rows.SORTS}
    back = {sort: walk(sort, "previous", "end") for sort in library_rows.SORTS}

    everything = {one.pk for one in (*rows.series, *rows.movies)}
    assert walked == back
    assert all(len(ids) == len(everything) and set(ids) == everything for ids in walked.values())
    assert Media.objects.get(pk=walked["-year"][0]).year == 2015
    assert Media.objects.get(pk=walked["-year"][-1]).year is None


@pytest.mark.parametrize("at", ["after.forged", "before.", "nonsense", "letter.", "letter.é"])
def test_a_place_that_is_none_is_the_beginning(at, rows, as_admin):
    assert titles(as_admin, f"at={at}")[0] == "Title 1"


def test_a_letter_is_jumped_to_and_one_past_the_last_shows_the_end(rows, as_admin):
    make_media(rows.sonarr, 50, "dub", title="Apple", sort_title="apple")
    make_media(rows.sonarr, 51, "dub", title="Umber", sort_title="umber")

    assert titles(as_admin)[0] == "Apple"
    assert titles(as_admin, "at=letter.t")[0] == "Title 1"
    assert titles(as_admin, "at=letter.u") == ["Umber"]
    assert titles(as_admin, "at=letter.z")[-1] == "Umber"
    assert titles(as_admin, "at=letter.u&sort=-title")[0] == "Umber"  # a jump is for the alphabet


def test_what_was_chosen_on_other_pages_is_changed_with_the_rest(rows, as_admin):
    from library.models import Media

    here, there = rows.series[0], rows.movies[2]
    as_admin.post("/library/change", {"do": "exclude", "media": [here.pk], "elsewhere": f"{there.pk},x,"})

    assert set(Media.objects.filter(excluded=True)) == {here, there}


def test_the_view_is_remembered(rows, as_admin):
    as_admin.get("/library?view=table")
    assert "<table" in as_admin.get("/library").content.decode()

    as_admin.get("/library?view=grid")
    assert 'class="posters"' in as_admin.get("/library").content.decode()


def test_titles_from_the_app_cannot_write_html(rows, as_admin):
    make_media(rows.sonarr, 40, "dub", title="<script>alert(1)</script>")

    text = as_admin.get("/library?view=table").content.decode()

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_an_empty_library_says_what_to_do_next(db, as_admin):
    assert "/settings/connections/add" in as_admin.get("/library").content.decode()


def test_chosen_media_are_excluded_and_taken_back(rows, as_admin):
    from library.models import Media

    chosen = [rows.series[0].pk, rows.series[1].pk]
    answer = as_admin.post(
        "/library/change", {"do": "exclude", "media": chosen, "query": "kind=sonarr"}, follow=True
    )

    assert answer.redirect_chain[0][0] == "/library?kind=sonarr"
    assert "2 titles are now excluded" in answer.content.decode()
    assert set(Media.objects.filter(excluded=True).values_list("pk", flat=True)) == set(chosen)

    as_admin.post("/library/change", {"do": "include", "media": chosen})
    assert not Media.objects.filter(excluded=True).exists()


def test_a_whole_filter_is_given_a_policy(rows, as_admin):
    from library.models import Media
    from scanner.models import Policy

    other = Policy.objects.create(name="Japanese", target_languages=["jpn"])
    as_admin.post(
        "/library/change",
        {"do": "policy", "policy": other.pk, "scope": "all", "query": "kind=radarr&verdict=dub"},
    )

    assert list(Media.objects.filter(scan_state__policy_override=other)) == [rows.movies[0]]
    assert Media.objects.get(pk=rows.movies[0].pk).scan_state.verdict == "dub"


def test_chosen_media_are_scanned(rows, as_admin):
    from jobs.models import JobItem

    as_admin.post("/library/change", {"do": "scan", "media": [rows.series[0].pk, rows.movies[0].pk]})

    asked = JobItem.objects.filter(state="pending", job__name="scan")
    assert set(asked.values_list("subject_id", flat=True)) == {rows.series[0].pk, rows.movies[0].pk}


def test_what_is_not_understood_changes_nothing(rows, as_admin):
    answer = as_admin.post("/library/change", {"do": "burn", "media": ["x", "9" * 30]}, follow=True)

    assert "Nothing was selected" in answer.content.decode()


def test_the_tracks_of_files_beside_a_movie_are_not_its_languages(rows, as_admin):
    from scanner.media_search import languages_of
    from scanner.models import FileScanState

    movie = rows.movies[0]
    make_files(movie, 9, "unknown", count=1)
    FileScanState.objects.filter(file__media=movie, file__season__number=9).update(
        languages=["fra"], counted=False
    )

    assert languages_of([movie.pk]) == {movie.pk: ["jpn"]}


@pytest.mark.parametrize("act", ["scan", "exclude", "include", "policy"])
def test_nothing_is_done_where_nothing_was_chosen(rows, as_admin, act):
    answer = as_admin.post("/library/change", {"do": act}, follow=True)

    assert "Nothing was selected" in answer.content.decode()


def test_a_language_by_another_of_its_codes_is_a_chip_too(rows, as_admin):
    page = as_admin.get("/library?language=en&missing=de").content.decode()
    chips = page[page.index("Filters that are set") :].split("</ul>")[0]
    assert "With English" in chips
    assert "Without German" in chips
