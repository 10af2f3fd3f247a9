"""An instance's media, seasons, tags and movie files, brought up to date."""

from __future__ import annotations

import cProfile

import pytest
from django.utils import timezone

from connections.models import Connection
from core import subjects
from core.errors import ApiError
from demo.arr.state import ArrState
from history.models import Event
from library.clients import client_for
from library.models import Change, File, Media, Season, Source, Tag
from library.sync import add_media, forget_orphans, sync_instance, sync_media
from scanner.models import ScanSettings, Verdict
from scanner.scan.brake import let_go

pytestmark = pytest.mark.django_db


def sync(connection: Connection):
    current = Connection.objects.get(pk=connection.pk)
    settings = current.scan_settings
    limit = settings.brake_orphans_percent if settings.last_full_scan_at else None
    return sync_instance(current, client_for(current), forget_up_to=limit)


def gets(stand_in) -> list[str]:
    return [f"{entry['method']} {entry['path']}" for entry in stand_in.journal()]


def titled(title: str) -> Media:
    return Media.objects.get(title=title)


def library_of(count: int) -> ArrState:
    state = ArrState("sonarr")
    for number in range(count):
        state.add_series(f"Series {number:04}", f"/tv/{number}", seasons={1: True, 2: True}, tags=["kids"])
    return state


# What is there


def test_a_first_sync_makes_everything_with_two_requests(series_instance, sonarr):
    result = sync(series_instance)
    assert gets(sonarr) == ["GET /api/v3/series", "GET /api/v3/tag"]
    assert (result.total, result.added, result.gone, result.held) == (
        2,
        ["Lantern Harbour", "Paper Comets"],
        [],
        "",
    )
    assert sorted(result.changed) == sorted(Media.objects.values_list("pk", flat=True))
    media = titled("Lantern Harbour")
    assert (media.arr_id, media.path, media.original_language) == (1, "/tv/Lantern Harbour", "Japanese")
    assert media.overview.startswith("Lantern Harbour")
    assert (media.genres, media.tags, media.arr_file_count) == (["Anime"], ["kids"], 3)
    assert (media.tvdb_id, media.monitored, media.monitored_seasons) == (70001, True, [0, 1])
    assert media.scan_state.verdict == Verdict.UNKNOWN
    assert [(s.number, s.monitored) for s in titled("Paper Comets").seasons.all()] == [(1, True), (2, False)]
    assert list(Tag.objects.values_list("label", flat=True)) == ["kids"]
    assert Source.objects.get().last_sync_at is not None


def test_movies_come_with_their_files(movie_instance, radarr):
    result = sync(movie_instance)
    assert gets(radarr) == ["GET /api/v3/movie", "GET /api/v3/tag"]
    assert result.total == 2
    ferry = titled("Midnight Ferry")
    assert (ferry.tags, ferry.tmdb_id, ferry.imdb_id) == (["4k", "kids"], 900001, "tt9900001")
    file = File.objects.get()
    assert (ferry.movie_file_id, file.arr_file_id, file.media, file.size) == (1, 1, ferry, 900)
    assert (file.arr_languages, file.arr_audio_streams) == ("eng/fre", 2)
    assert titled("The Lost Reel").movie_file_id is None


@pytest.mark.parametrize("connection", ["series_instance", "movie_instance"])
def test_a_second_sync_changes_nothing(connection, request):
    connection = request.getfixturevalue(connection)
    sync(connection)
    before = list(Media.objects.order_by("pk").values_list("pk", "updated_at"))
    result = sync(connection)
    assert (result.added, result.changed, result.gone) == ([], [], [])
    assert list(Media.objects.order_by("pk").values_list("pk", "updated_at")) == before


def test_only_what_differs_is_written(series_instance, sonarr):
    sync(series_instance)
    untouched = titled("Paper Comets").updated_at
    sonarr.change("update_media", id=1, title="Lantern Bay", original_language="Korean", monitored=False)
    result = sync(series_instance)
    media = titled("Lantern Bay")
    assert (result.added, result.changed) == ([], [media.pk])
    assert (media.original_language, media.monitored) == ("Korean", False)
    assert titled("Paper Comets").updated_at == untouched


def test_another_overview_is_stored_and_tells_nobody(series_instance, sonarr):
    sync(series_instance)
    told = Change.objects.count()
    sonarr.change("update_media", id=1, overview="A harbour, and who waits there.")
    sync(series_instance)
    assert titled("Lantern Harbour").overview == "A harbour, and who waits there."
    assert Change.objects.count() == told


def test_what_is_ours_is_not_touched(series_instance, sonarr):
    sync(series_instance)
    ours = {
        "excluded": True,
        "original_language_override": "kor",
        "created_at": timezone.now(),
    }
    Media.objects.filter(arr_id=1).update(**ours)
    sonarr.change("update_media", id=1, title="Lantern Bay")
    sync(series_instance)
    media = titled("Lantern Bay")
    assert {name: getattr(media, name) for name in ours} == ours


def test_the_fingerprint_moves_with_the_files(series_instance, sonarr):
    sync(series_instance)
    before = titled("Lantern Harbour").arr_fingerprint
    sonarr.change("update_file", id=1, size=701)
    assert sync(series_instance).changed == [titled("Lantern Harbour").pk]
    assert titled("Lantern Harbour").arr_fingerprint != before


def test_a_movie_file_that_is_replaced_changes_its_media(movie_instance, radarr):
    sync(movie_instance)
    radarr.change("replace_file", id=1, size=1900, relative_path="Ferry.2160p.mkv")
    result = sync(movie_instance)
    ferry = titled("Midnight Ferry")
    assert result.changed == [ferry.pk]
    assert (File.objects.get().path, ferry.movie_file_id) == ("/movies/Midnight Ferry/Ferry.2160p.mkv", 2)
    radarr.change("delete_file", id=2)
    assert sync(movie_instance).changed == [ferry.pk]
    assert not File.objects.exists()


def test_seasons_follow_the_app(series_instance, sonarr):
    sync(series_instance)
    comets = titled("Paper Comets")
    sonarr.change("update_media", id=2, seasons={"2": True, "3": True})
    assert sync(series_instance).changed == [comets.pk]
    assert [(s.number, s.monitored) for s in comets.seasons.all()] == [(2, True), (3, True)]
    comets.refresh_from_db()
    assert comets.monitored_seasons == [2, 3]


def test_a_season_with_files_stays_though_the_app_forgot_it(series_instance, sonarr):
    sync(series_instance)
    season = Season.objects.get(media__title="Paper Comets", number=1)
    File.objects.create(media=season.media, season=season, path="/tv/Paper Comets/a.mkv")
    sonarr.change("update_media", id=2, seasons={"2": False})
    sync(series_instance)
    assert Season.objects.filter(pk=season.pk).exists()


# Tags


def test_tags_follow_the_app(series_instance, sonarr):
    sync(series_instance)
    sonarr.change("set_tags", id=2, labels=["dub", "4k"])
    sonarr.change("set_tags", id=1, labels=[])
    sonarr.change("housekeeping")
    result = sync(series_instance)
    assert titled("Paper Comets").tags == ["4k", "dub"]
    assert titled("Lantern Harbour").tags == []
    assert len(result.changed) == 2
    assert sorted(Tag.objects.values_list("label", flat=True)) == ["4k", "dub"]


def test_a_tag_that_is_renamed_is_renamed_everywhere(series_instance, sonarr):
    sync(series_instance)
    state = sonarr.state()
    state.tags[1].label = "children"
    sonarr.load(state)
    sync(series_instance)
    assert titled("Lantern Harbour").tags == ["children"]
    assert Tag.objects.get().label == "children"


def test_ids_of_tags_that_no_longer_exist_are_dropped(series_instance, sonarr):
    state = sonarr.state()
    state.media[1].tags = [1, 77]
    sonarr.load(state)
    sync(series_instance)
    assert titled("Lantern Harbour").tags == ["kids"]


def test_tags_written_while_the_app_was_asked_are_not_overwritten_by_its_older_answer(
    series_instance, monkeypatch
):
    sync(series_instance)
    client = client_for(series_instance)
    ask = client.media

    def media_and_meanwhile_a_write():
        answer = ask()
        Media.objects.filter(arr_id=1).update(tags=["dub", "kids"])
        return answer

    monkeypatch.setattr(client, "media", media_and_meanwhile_a_write)
    sync_instance(series_instance, client)
    assert titled("Lantern Harbour").tags == ["dub", "kids"]


# What is gone


@pytest.fixture
def twenty(series_instance, sonarr) -> Connection:
    """An instance of twenty series that was scanned before."""
    sonarr.load(library_of(20))
    sync(series_instance)
    ScanSettings.objects.update(last_full_scan_at=timezone.now())
    return Connection.objects.get()


def remove(sonarr, *ids: int) -> None:
    for arr_id in ids:
        sonarr.change("remove_media", id=arr_id)


def test_a_media_that_is_gone_is_forgotten_and_its_history_kept(twenty, sonarr):
    media = Media.objects.get(arr_id=5)
    Event.objects.create(
        kind="verdict",
        subject_kind="media",
        subject_id=media.pk,
        connection=twenty,
        title=media.title,
        code="dub",
    )
    remove(sonarr, 5)
    result = sync(twenty)
    assert (result.gone, result.held) == (["Series 0004"], "")
    assert not Media.objects.filter(arr_id=5).exists()
    event = subjects.titled(Event.objects.all()).get()
    assert (event.subject_title, event.title, event.connection) == ("", "Series 0004", twenty)
    assert event.subject_id == media.pk


def test_two_of_twenty_may_go_and_three_may_not(twenty, sonarr):
    remove(sonarr, 1, 2)
    assert len(sync(twenty).gone) == 2
    remove(sonarr, 3, 4)
    result = sync(twenty)
    assert (result.gone, result.orphans) == ([], [3, 4])
    assert result.held == (
        "Sonarr no longer lists 2 of 18 series, more than 10 %: Taggarr has forgotten nothing. "
        "Look at the library there, then release it to forget them, or decline."
    )
    assert Media.objects.count() == 18


@pytest.mark.parametrize(("gone", "left", "held"), [([1], 2, False), ([1, 2], 3, True), ([1, 2, 3], 3, True)])
def test_of_few_series_a_single_one_may_go(series_instance, sonarr, gone, left, held):
    sonarr.load(library_of(3))
    sync(series_instance)
    ScanSettings.objects.update(last_full_scan_at=timezone.now())
    remove(sonarr, *gone)
    assert bool(sync(Connection.objects.get()).held) == held
    assert Media.objects.count() == left


def test_the_limit_is_the_instances_own(twenty, sonarr):
    ScanSettings.objects.update(brake_orphans_percent=50)
    remove(sonarr, *range(1, 11))
    assert len(sync(twenty).gone) == 10


def test_what_is_held_back_does_not_keep_the_rest_from_being_synced(twenty, sonarr):
    remove(sonarr, 1, 2, 3)
    sonarr.change("update_media", id=9, title="Renamed")
    sonarr.change("add_media", title="New", path="/tv/new")
    result = sync(twenty)
    assert result.held
    assert result.added == ["New"]
    assert titled("Renamed").arr_id == 9


def test_a_first_scan_has_no_limit(twenty, sonarr):
    ScanSettings.objects.update(last_full_scan_at=None)
    remove(sonarr, *range(1, 16))
    assert len(sync(twenty).gone) == 15


@pytest.mark.parametrize("scanned", [True, False])
def test_an_empty_list_is_never_believed(twenty, sonarr, scanned):
    if not scanned:
        ScanSettings.objects.update(last_full_scan_at=None)
    sonarr.load(ArrState("sonarr"))
    result = sync(twenty)
    assert result.held.startswith("Sonarr lists no series at all; it had 20: Taggarr has forgotten nothing.")
    assert Media.objects.count() == 20


def test_an_empty_library_that_always_was_is_fine(series_instance, sonarr):
    sonarr.load(ArrState("sonarr"))
    result = sync(series_instance)
    assert (result.total, result.held) == (0, "")


def test_what_a_person_released_is_forgotten_and_no_more_than_that(twenty, sonarr):
    remove(sonarr, 1, 2, 3)
    assert sync(twenty).orphans == [1, 2, 3]
    let_go(twenty)
    remove(sonarr, 4)
    result = sync(twenty)
    assert (result.orphans, len(result.gone)) == ([1, 2, 3, 4], 0)
    let_go(Connection.objects.get())
    assert len(sync(twenty).gone) == 4
    assert (Source.objects.get().orphans_held, Source.objects.get().orphans_released) == ([], 0)


def test_a_hold_that_nobody_released_stays(twenty, sonarr):
    remove(sonarr, 1, 2, 3)
    assert sync(twenty).held
    assert sync(twenty).held
    assert Media.objects.count() == 20


def test_what_a_person_was_asked_about_waits_for_the_answer_however_few_are_left(twenty, sonarr):
    remove(sonarr, 1, 2, 3)
    assert sync(twenty).held
    forget_orphans(twenty, list(Media.objects.filter(arr_id__in=[1, 2])))
    result = sync(Connection.objects.get())
    assert (result.orphans, result.gone) == ([3], [])
    assert result.held.startswith("1 of 18 titles are no longer listed and wait for an answer: Taggarr has")
    let_go(Connection.objects.get())
    assert len(sync(twenty).gone) == 1


def test_media_that_come_back_end_the_matter(twenty, sonarr):
    state = sonarr.state()
    remove(sonarr, 1, 2, 3)
    assert sync(twenty).held
    sonarr.load(state)
    assert sync(twenty).held == ""
    assert Source.objects.get().orphans_held == []


@pytest.mark.parametrize("path", ["/series", "/tag"])
@pytest.mark.parametrize("kind", ["truncate", "html", "other-app", "status"])
def test_an_answer_that_is_not_whole_changes_nothing(twenty, sonarr, naps, path, kind):
    remove(sonarr, 1)
    sonarr.change("update_media", id=9, title="Renamed")
    sonarr.fault(kind, f"{path}$", count=None)
    with pytest.raises(ApiError):
        sync(twenty)
    assert Media.objects.count() == 20
    assert not Media.objects.filter(title="Renamed").exists()


# Another series under a known id


def test_another_series_under_a_known_id_is_a_new_media(twenty, sonarr):
    old = Media.objects.get(arr_id=5)
    Media.objects.filter(pk=old.pk).update(excluded=True)
    File.objects.create(media=old, path="/tv/4/a.mkv")
    sonarr.change("update_media", id=5, title="Another", tvdb_id=99999)
    result = sync(twenty)
    new = Media.objects.get(arr_id=5)
    assert (result.added, result.gone, result.reset) == (["Another"], ["Series 0004"], ["Series 0004"])
    assert (new.title, new.excluded, new.files.count()) == ("Another", False, 0)
    assert new.pk != old.pk
    assert new.pk in result.changed


def test_another_movie_under_a_known_id_is_a_new_media(movie_instance, radarr):
    sync(movie_instance)
    old = titled("Midnight Ferry")
    radarr.change("update_media", id=1, tmdb_id=5)
    assert sync(movie_instance).reset == ["Midnight Ferry"]
    assert titled("Midnight Ferry").pk != old.pk
    assert File.objects.get().media == titled("Midnight Ferry")


def test_an_id_that_is_not_known_tells_nothing(twenty, sonarr):
    pk = Media.objects.get(arr_id=5).pk
    sonarr.change("update_media", id=5, tvdb_id=0)
    assert sync(twenty).reset == []
    assert Media.objects.get(arr_id=5).pk == pk


def test_too_many_that_became_others_are_left_alone(twenty, sonarr):
    for arr_id in (1, 2, 3):
        sonarr.change("update_media", id=arr_id, title=f"Other {arr_id}", tvdb_id=90000 + arr_id)
    result = sync(twenty)
    assert result.orphans == [1, 2, 3]
    assert (result.added, result.changed, result.gone) == ([], [], [])
    assert not Media.objects.filter(title__startswith="Other").exists()


# One title


def test_one_media_is_brought_up_to_date(series_instance, sonarr):
    sync(series_instance)
    sonarr.clear_journal()
    sonarr.change("update_media", id=1, title="Lantern Bay", seasons={"4": True})
    sonarr.change("set_tags", id=1, labels=["dub"])
    sonarr.change("remove_media", id=2)
    media = titled("Lantern Harbour")
    assert sync_media(media, client_for(series_instance)) is True
    assert gets(sonarr) == ["GET /api/v3/series/1", "GET /api/v3/tag"]
    assert titled("Lantern Bay").tags == ["dub"]
    assert [season.number for season in media.seasons.all()] == [4]
    assert titled("Paper Comets")


def test_one_movie_is_brought_up_to_date_with_its_file(movie_instance, radarr):
    sync(movie_instance)
    radarr.change("replace_file", id=1, size=5)
    assert sync_media(titled("Midnight Ferry"), client_for(movie_instance)) is True
    assert File.objects.get().size == 5


def test_one_media_that_is_gone_or_another_is_left_to_the_whole_sync(series_instance, sonarr):
    sync(series_instance)
    sonarr.change("update_media", id=1, tvdb_id=12345, title="Another")
    sonarr.change("remove_media", id=2)
    client = client_for(series_instance)
    assert sync_media(titled("Lantern Harbour"), client) is False
    assert sync_media(titled("Paper Comets"), client) is False
    assert Media.objects.count() == 2


def test_a_media_that_is_new_is_added_alone(series_instance, sonarr):
    client = client_for(series_instance)
    media = add_media(series_instance, 1, client)
    assert media == titled("Lantern Harbour")
    assert (media.tags, Media.objects.count()) == (["kids"], 1)
    sonarr.change("update_media", id=1, title="Lantern Bay")
    assert add_media(series_instance, 1, client) == media
    assert titled("Lantern Bay") == media
    assert add_media(series_instance, 99, client) is None
    sonarr.change("remove_media", id=1)
    assert add_media(series_instance, 1, client) is None


# Size

CALLS_A_SERIES = 400
"""Functions that may be called for each series of a sync that finds no change."""


def test_two_thousand_series_without_a_change_cost_few_queries_and_little_work(
    series_instance, sonarr, django_assert_max_num_queries, monkeypatch
):
    sonarr.load(library_of(2000))
    sync(series_instance)
    connection = Connection.objects.get()
    client = client_for(connection)
    media, tags = client.media(), client.tags()
    monkeypatch.setattr(client, "media", lambda: media)
    monkeypatch.setattr(client, "tags", lambda: tags)
    profile = cProfile.Profile()
    with django_assert_max_num_queries(10), profile:
        result = sync_instance(connection, client)
    assert result.changed == []
    # Not seconds, which tell of the machine as well.
    assert sum(entry.callcount for entry in profile.getstats()) < CALLS_A_SERIES * 2000


def test_a_first_sync_of_two_thousand_series_costs_few_queries(
    series_instance, sonarr, django_assert_max_num_queries
):
    sonarr.load(library_of(2000))
    with django_assert_max_num_queries(50):
        sync(series_instance)
    assert Season.objects.count() == 4000
