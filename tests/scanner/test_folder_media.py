"""Plain folders of series and movies: listed, scanned and labelled without any app."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from connections import services
from connections.kinds import kind_of
from connections.models import Connection
from core.errors import ApiTransientError, ConfigError, FieldError, StorageError
from demo.arr.process import StandIn
from demo.library import build_library
from demo.media_files import write
from history.models import Event
from library import changes
from library.clients import client_for
from library.folder import listing
from library.models import File, Media, Season
from library.sync import sync_instance
from scanner.acting import search_replacement
from scanner.media_settings import change
from scanner.models import FactsFrom, Policy
from system.configuration import export_document
from tests.api.conftest import SCOPES, with_key
from tests.connections.build import make_connection

from .build import spec

pytestmark = pytest.mark.django_db(transaction=True)

MOVIE = "<movie><title>{}</title><originallanguage>{}</originallanguage></movie>"


@pytest.fixture
def movies(policy: Policy, root: Path) -> Connection:
    """A folder with one movie in it: Japanese with an English dub."""
    folder = root / "Lantern Harbour (2019) {tmdb-7}"
    folder.mkdir()
    write(folder / "Lantern Harbour (2019).mkv", spec("jpn", "eng"))
    (folder / "movie.nfo").write_text(MOVIE.format("Lantern Harbour", "Japanese"))
    return services.add(kind="movie_folder", name="Films", url=str(root), policy=policy)


@pytest.fixture
def series(policy: Policy, root: Path) -> Connection:
    """A folder with one series in it, of two seasons and specials."""
    show = root / "Paper Comets (2020) [tvdbid-70]"
    for name in ("Season 01/Paper Comets - S01E01-E02.mkv", "Season 2/2x01.mkv", "Specials/S00E01.mkv"):
        (show / name).parent.mkdir(parents=True)
        write(show / name, spec("jpn", "eng"))
    write(show / "Season 2/Paper Comets - S02E02-trailer.mkv", spec("deu"))
    (show / "tvshow.nfo").write_text("<tvshow><originallanguage>ja</originallanguage></tvshow>")
    return services.add(kind="series_folder", name="Shows", url=str(root), policy=policy)


def sync(connection: Connection) -> Any:
    return sync_instance(connection, client_for(connection))


def test_the_demo_library_has_the_verdicts_that_sonarr_and_radarr_give_it(
    tmp_path: Path, sonarr_process: StandIn, radarr_process: StandIn, scan: Any
) -> None:
    demo = build_library(tmp_path / "demo")
    policy = Policy.objects.create(name="Demo", target_languages=list(demo.targets))
    sonarr_process.load(demo.state("sonarr"))
    radarr_process.load(demo.state("radarr"))
    found: dict[str, dict[str, str]] = {}
    for name, folder, app in (("series", "tv", sonarr_process), ("movie", "movies", radarr_process)):
        its_kind = "sonarr" if name == "series" else "radarr"
        by_app = make_connection(app.kind, its_kind, url=app.url, api_key=app.api_key, policy=policy)
        plain = services.add(
            kind=f"{name}_folder", name=name, url=str(demo.folder / "media" / folder), policy=policy
        )
        scan(by_app)
        scan(plain)
        known = Media.objects.filter(connection=by_app).exclude(original_language="")
        languages = dict(known.values_list("path", "original_language"))
        of_nfo = 0
        for media in Media.objects.filter(connection=plain):
            if media.original_language:
                assert media.original_language == languages[media.path]
                of_nfo += 1
            elif media.path in languages:
                change(media, original_language_override=languages[media.path])
        assert of_nfo
        for way, connection in (("app", by_app), ("folder", plain)):
            titles = Media.objects.filter(connection=connection, path__in=languages)
            files = File.objects.filter(media__in=titles)
            there = {path for path, _ in titles.values_list("path", "title") if Path(path).exists()}
            rows = [
                *titles.values_list("path", "scan_state__verdict"),
                *files.values_list("path", "scan_state__verdict"),
            ]
            found.setdefault(way, {}).update(
                (path, verdict) for path, verdict in rows if any(path.startswith(one) for one in there)
            )
    assert len(found["app"]) > 300
    assert found["folder"] == found["app"]


def test_a_movie_is_read_decided_and_labelled_in_our_rows_and_its_nfo(movies, scan, root):
    Policy.objects.update(write_nfo=True)
    changes.read("test", lambda _batch: None)
    job = scan(movies)

    media = Media.objects.get()
    assert (media.title, media.year, media.tmdb_id) == ("Lantern Harbour", 2019, 7)
    assert (media.original_language, media.scan_state.verdict, media.tags) == ("Japanese", "dub", ["dub"])
    assert job.summary["added"] == {"dub": 1}
    assert "<tag>dub</tag>" in next(root.glob("*/movie.nfo")).read_text()
    told: list[str] = []
    changes.read("test", lambda batch: told.extend(one.what for one in batch.changes))
    assert told == ["details", "files", "labels", "labels", "nfo"]

    scan(movies, mode="remove")
    assert Media.objects.get().tags == []
    assert "<tag>" not in next(root.glob("*/movie.nfo")).read_text()


def test_scanning_twice_changes_nothing_the_second_time(movies, scan):
    scan(movies)
    events = Event.objects.exclude(kind="job").count()
    job = scan(movies)

    assert job.summary["to_scan"] == 0
    assert Event.objects.exclude(kind="job").count() == events


def test_a_series_has_the_seasons_and_episodes_of_its_names(series, scan):
    scan(series)

    media = Media.objects.get()
    assert (media.title, media.tvdb_id, media.original_language) == ("Paper Comets", 70, "ja")
    assert sorted(Season.objects.values_list("number", flat=True)) == [0, 1, 2]
    numbered = File.objects.order_by("path").values_list("season__number", "episodes", "scan_state__verdict")
    assert list(numbered) == [(1, [1, 2], "dub"), (2, [1], "dub"), (0, [1], "dub")]
    assert (media.scan_state.verdict, media.tags) == ("dub", ["dub"])


def test_a_movie_without_a_known_original_language_takes_one_by_hand(movies, scan, root):
    next(root.glob("*/movie.nfo")).unlink()
    scan(movies)
    media = Media.objects.get()
    assert media.original_language == ""

    change(media, original_language_override="jpn")
    scan(movies)

    assert Media.objects.get().scan_state.verdict == "dub"


def test_movies_that_lie_loose_are_titles_of_their_own_and_their_nfos_are_written(policy, root, scan):
    Policy.objects.update(write_nfo=True)
    for name in ("Orchid (2001)", "Ferry (2002)"):
        write(root / f"{name}.mkv", spec("jpn", "eng"))
        (root / f"{name}.nfo").write_text(MOVIE.format(name[:-7], "Japanese"))
    write(root / "Ferry (2002)-trailer.mkv", spec("deu"))

    scan(services.add(kind="movie_folder", name="Loose", url=str(root), policy=policy))

    assert sorted(Media.objects.values_list("title", "scan_state__verdict")) == [
        ("Ferry", "dub"),
        ("Orchid", "dub"),
    ]
    assert all("<tag>dub</tag>" in path.read_text() for path in root.glob("*.nfo"))


# Syncs


def test_a_folder_that_is_away_or_empty_changes_nothing(movies, scan, root, tmp_path):
    scan(movies)
    before = list(Media.objects.values())
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="cannot be read"):
        sync(movies)
    root.mkdir()
    with pytest.raises(StorageError, match="is empty: is it mounted"):
        sync(movies)

    assert list(Media.objects.values()) == before


def test_titles_that_vanish_in_numbers_are_held_back(policy, root):
    for number in range(5):
        (root / f"Title {number} (2000)").mkdir()
    connection = services.add(kind="movie_folder", name="Films", url=str(root), policy=policy)
    sync(connection)
    for number in range(4):
        (root / f"Title {number} (2000)").rmdir()

    result = sync_instance(connection, client_for(connection), forget_up_to=10)

    assert "no longer holds 4 of 5 titles" in result.held
    assert Media.objects.count() == 5


def test_a_folder_that_was_renamed_is_the_same_title_by_its_id(movies, scan, root):
    scan(movies)
    media = Media.objects.get()
    next(root.iterdir()).rename(root / "Lantern Harbour - Remastered (2019) {tmdb-7}")

    result = sync(movies)

    assert (result.added, result.gone) == ([], [])
    moved = Media.objects.get()
    assert (moved.pk, moved.tags) == (media.pk, ["dub"])
    assert File.objects.get().scan_state.tracks  # what was read of its file is still known
    assert "Remastered" in File.objects.get().path


def test_only_what_is_new_is_read_again(series, scan, root):
    scan(series)
    sync(series)
    assert sync(series).changed == []
    (root / "Paper Comets (2020) [tvdbid-70]" / "poster.jpg").write_bytes(b"x")
    assert sync(series).changed == []
    write(root / "Paper Comets (2020) [tvdbid-70]" / "Season 2" / "2x03.mkv", spec("jpn"))

    assert sync(series).changed == [Media.objects.get().pk]
    assert scan(series).summary["to_scan"] == 1
    assert Media.objects.get().scan_state.verdict == "semi-dub"


def test_an_nfo_that_was_edited_is_read_again(movies, root):
    sync(movies)
    next(root.glob("*/movie.nfo")).write_text(MOVIE.format("Lantern Harbor", "Korean"))
    sync(movies)
    assert Media.objects.get().original_language == "Korean"


def test_a_title_whose_folder_cannot_be_read_stays_as_it_is(movies, scan, monkeypatch):
    scan(movies)
    before = list(Media.objects.values("title", "scan_state__verdict", "arr_fingerprint"))

    real = listing._entries

    def fail(folder: str, may_enter: Any) -> Any:
        if folder != movies.url:
            raise PermissionError(13, "Permission denied")
        return real(folder, may_enter)

    monkeypatch.setattr(listing, "_entries", fail)

    assert sync(movies).gone == []
    assert list(Media.objects.values("title", "scan_state__verdict", "arr_fingerprint")) == before
    assert File.objects.count() == 1


def test_a_link_that_leads_out_of_the_folder_is_not_followed(movies, root, tmp_path):
    outside = tmp_path / "outside" / "Secret (2000)"
    outside.mkdir(parents=True)
    write(outside / "Secret.mkv", spec("jpn"))
    (root / "Secret (2000)").symlink_to(outside)
    (root / "Again (2019)").symlink_to(next(root.glob("Lantern*")))

    sync(movies)

    assert sorted(Media.objects.values_list("path", flat=True)) == [
        str(root / "Again (2019)"),
        str(root / "Lantern Harbour (2019) {tmdb-7}"),
    ]


# Adding one


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("media/movies", "Enter the folder's full path"),
        ("/", "not all of /"),
        ("/etc", "not in a folder that Taggarr may read"),
        ("/nowhere/at/all", "is not there"),
        ("http://nas:8989", "Enter the folder's full path"),
    ],
)
def test_a_path_that_can_hold_no_media_is_refused(policy, path, told):
    with pytest.raises(FieldError, match=told) as caught:
        services.add(kind="movie_folder", name="Films", url=path, policy=policy)
    assert caught.value.field == "url"


def test_the_folder_of_taggarr_itself_is_refused(policy, settings, tmp_path):
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "posters").mkdir()
    with pytest.raises(FieldError, match="TAGGARR_DATA"):
        services.add(kind="movie_folder", name="Films", url=str(tmp_path), policy=policy)


def test_a_folder_has_no_key_no_app_and_no_choice_where_tracks_are_read(movies, scan):
    assert movies.secrets() == {}
    assert movies.scan_settings.facts_from == FactsFrom.DISK
    with pytest.raises(FieldError, match="has no field facts_from"):
        services.edit(movies, facts_from=FactsFrom.ARR)
    assert movies.scan_settings.facts_from == FactsFrom.DISK
    scan(movies)
    media = Media.objects.get()
    assert media.page_in_app == ""
    Policy.objects.update(allow_search=True)
    with pytest.raises(ConfigError, match="plain folder"):
        search_replacement(Media.objects.get(pk=media.pk))


def test_the_ping_of_a_folder_says_whether_it_is_there(movies, root):
    kind_of(movies.kind).ping(movies)
    shutil.rmtree(root)
    with pytest.raises(ApiTransientError, match="is not there"):
        kind_of(movies.kind).ping(movies)


def test_page_api_command_and_yaml_add_the_same(policy, root, tmp_path):
    (root / "Lantern (2019)").mkdir()
    admin = User.objects.create_user("ada", password="a phrase that is long enough", role="admin")
    page = Client()
    page.force_login(admin)
    form = {
        "name": "Page",
        "url": f"{root}/",
        "enabled": "on",
        "policy": policy.pk,
        "deep_scan_every": 604800,
        "brake_verdicts_percent": 20,
        "brake_orphans_percent": 10,
    }
    added = page.post("/settings/connections/add/movie_folder", form)
    assert added.status_code == 302, added.content.decode()
    api = with_key(admin, *SCOPES)
    given = {"kind": "movie_folder", "name": "API", "url": f"{root}/", "values": {"policy": policy.pk}}
    answer = api.post("/api/v1/connections", given, format="json")
    assert answer.status_code == 201, answer.content
    call_command("add_instance", "Command", kind="movie_folder", folder=str(root), policy=policy.name)
    document = tmp_path / "settings.yaml"
    document.write_text(
        "version: 1\nconnections:\n"
        f"- {{name: YAML, kind: movie_folder, url: {root}, policy: {policy.name}}}\n"
    )
    call_command("import_config", str(document))

    rows = Connection.objects.order_by("name").values_list(
        "name", "kind", "url", "scan_settings__facts_from", "scan_settings__policy"
    )
    same = ("movie_folder", str(root), "disk", policy.pk)
    assert list(rows) == [(name, *same) for name in ("API", "Command", "Page", "YAML")]
    shown = page.get(f"/settings/connections/{Connection.objects.get(name='Page').pk}")
    assert "api_key" not in shown.content.decode()
    assert export_document().count("api_key") == 0
