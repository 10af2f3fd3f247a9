"""From a folder of pictures to guarded ones: what a scan finds, takes in, publishes, and leaves alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from artwork import by_hand, choosing, cleaning, discovery, health, jobs, listing, metrics, references
from artwork.discovery import discover
from artwork.metadata import told_of
from artwork.models import Adopt, ArtSettings, Candidate, Entity, Publication, PublishedFile
from artwork.names import ArtType
from artwork.publishing.folder import TitleFolder
from artwork.publishing.journal import By, undo
from connections.models import Connection
from core import flags
from core.words import Phrase
from jobs.models import Job
from library.models import Media
from storage.models import Stored
from tests.api.conftest import admin, api  # noqa: F401
from tests.commands import run
from tests.library.build import add_file, add_season, add_title
from tests.players.conftest import add_instance
from tests.storage.make import poster

from .build import held

pytestmark = pytest.mark.django_db

NFO = b"<movie><title>Lantern</title><uniqueid type='tmdb'>7</uniqueid><imdbid>tt0000007</imdbid></movie>"


@pytest.fixture(autouse=True)
def _switched_on(monkeypatch) -> None:
    real = flags.is_on
    monkeypatch.setattr(flags, "is_on", lambda key: key == "artwork" or real(key))


@pytest.fixture
def lantern(radarr_connection: Connection, tmp_path: Path) -> Media:
    """A movie with an NFO, a poster in two spellings, fanart and a text that is called like a banner."""
    folder = tmp_path / "movies" / "Lantern (2020)"
    folder.mkdir(parents=True)
    files = {
        "Lantern (2020).mkv": b"a video",
        "movie.nfo": NFO,
        "folder.jpg": poster(1),
        "poster.jpg": poster(2),
        "fanart.jpg": poster(3),
        "thumb.jpg": poster(4),
        "banner.jpg": b"<html>not found</html>",
        "notes.txt": b"",
        ".hidden.jpg": b"",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return add_title(radarr_connection, title="Lantern", year=2020, path=str(folder))


@pytest.fixture
def harbour(sonarr_connection: Connection, tmp_path: Path) -> Media:
    """A series with a special, a double episode that only Sonarr can number, and pictures of all of it."""
    folder = tmp_path / "tv" / "Harbour"
    media = add_title(sonarr_connection, title="Harbour", year=2019, path=str(folder), tvdb_id=5)
    for name in (
        "tvshow.nfo",
        "poster.jpg",
        "season01-poster.jpg",
        "season-specials-poster.jpg",
        "Season 01/Harbour - S01E01.mkv",
        "Season 01/Harbour - S01E01-thumb.jpg",
        "Season 01/Harbour - The Long Night.mkv",
        "Season 01/Harbour - The Long Night-thumb.jpg",
        "Specials/Harbour - S00E01.mkv",
        "Trailers/trailer.mkv",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(poster(len(name)) if name.endswith(".jpg") else b"x")
    season = add_season(media, number=1)
    add_file(media, f"{folder}/Season 01/Harbour - The Long Night.mkv", season=season, episodes=[2, 3])
    return media


def scan(media: Media) -> discovery.Found:
    return discover(media.connection, [media.pk])


def pictures(title: Entity) -> dict[str, tuple[str, int | None]]:
    rows = Candidate.objects.filter(entity=title)
    return {one.address: (one.art, one.rank) for one in rows}


def test_a_movie_is_known_with_its_ids_and_pictures(lantern: Media):
    found = scan(lantern)
    title = Entity.objects.get()

    assert (found.looked, found.changed, found.pictures, found.missing) == (1, 1, 5, [])
    assert (title.kind, title.name, title.stem) == ("movie", "Lantern", "Lantern (2020)")
    assert title.ids == {"tmdb": "7", "imdb": "tt0000007"}
    assert pictures(title) == {
        "poster.jpg": ("poster", 0),
        "folder.jpg": ("poster", None),
        "fanart.jpg": ("fanart", 0),
        "banner.jpg": ("banner", 0),
        "thumb.jpg": ("landscape", 0),
    }


def test_a_series_is_known_with_its_seasons_and_episodes(harbour: Media):
    scan(harbour)
    title = Entity.objects.get(title=None)
    parts = {
        (part.kind, part.season, tuple(part.episodes)): sorted(pictures(part)) for part in title.parts.all()
    }

    assert parts == {
        ("season", 0, ()): ["season-specials-poster.jpg"],
        ("season", 1, ()): ["season01-poster.jpg"],
        ("episode", 0, (1,)): [],
        ("episode", 1, (1,)): ["Season 01/Harbour - S01E01-thumb.jpg"],
        ("episode", 1, (2, 3)): ["Season 01/Harbour - The Long Night-thumb.jpg"],
    }
    assert title.parts.get(kind="season", season=0).folder == "Specials"
    assert title.ids == {"tvdb": "5"}


def test_a_folder_that_did_not_change_is_not_listed(harbour: Media, lantern: Media, monkeypatch):
    for media in (harbour, lantern):
        scan(media)
    monkeypatch.setattr(listing, "look", lambda *_, **__: pytest.fail("it was listed"))
    for media in (harbour, lantern):
        assert scan(media).changed == 0


@pytest.mark.parametrize("change", ["a picture", "an episode", "its app"])
def test_a_folder_that_changed_is_listed(change: str, harbour: Media):
    scan(harbour)
    folder = Path(harbour.path)
    if change == "a picture":
        (folder / "fanart.jpg").write_bytes(poster(9))
    elif change == "an episode":
        (folder / "Season 01" / "Harbour - S01E04.mkv").write_bytes(b"x")
    else:
        Media.objects.update(arr_fingerprint="another")
    found = scan(harbour)

    assert found.changed == 1
    assert found.pictures == (change == "a picture")
    assert Entity.objects.filter(kind="episode").count() == 3 + (change == "an episode")
    assert scan(harbour).changed == 0


def test_an_episode_that_is_renamed_stays_the_same(harbour: Media):
    scan(harbour)
    before = Entity.objects.get(kind="episode", season=1, episodes=[1])
    folder = Path(harbour.path) / "Season 01"
    (folder / "Harbour - S01E01.mkv").rename(folder / "Harbour - S01E01 - Better.mkv")
    (folder / "Harbour - S01E01-thumb.jpg").unlink()
    scan(harbour)

    before.refresh_from_db()
    assert before.stem == "Season 01/Harbour - S01E01 - Better"
    assert not pictures(before)


def test_an_episode_that_is_gone_is_forgotten_unless_its_pictures_are_kept(harbour: Media):
    scan(harbour)
    thumb = Candidate.objects.get(address="Season 01/Harbour - S01E01-thumb.jpg")
    thumb.digest = "0" * 64
    thumb.save()
    for video in Path(harbour.path).glob("Season 01/*.mkv"):
        video.unlink()
    scan(harbour)

    left = Entity.objects.filter(kind="episode").order_by("season")
    assert list(left.values_list("season", "episodes")) == [(0, [1]), (1, [1])]


def test_a_movie_among_others_has_the_pictures_of_its_name(policy: Any, tmp_path: Path):
    connection = add_instance("movie_folder", policy)
    (tmp_path / "movies").mkdir()
    for name in ("Lantern.mkv", "Lantern-poster.jpg", "Lantern.nfo", "Orchid-poster.jpg", "poster.jpg"):
        (tmp_path / "movies" / name).write_bytes(NFO if name.endswith("nfo") else b"x")
    media = add_title(connection, title="Lantern", path=str(tmp_path / "movies" / "Lantern.mkv"))
    scan(media)
    title = Entity.objects.get()

    assert (title.own_folder, title.stem, title.ids["tmdb"]) == (False, "Lantern", "7")
    assert list(pictures(title)) == ["Lantern-poster.jpg"]


def test_folders_that_are_closed_or_cannot_be_listed_are_passed_by(lantern: Media, monkeypatch, settings):
    monkeypatch.setattr(os, "scandir", lambda _: (_ for _ in ()).throw(PermissionError(13, "no")))
    assert scan(lantern).changed == 0
    monkeypatch.undo()
    settings.MEDIA_FOLDERS = ["/elsewhere"]
    assert scan(lantern).changed == 0
    assert not Entity.objects.exists()


class TestWholeWay:
    """By the commands that people have, and the jobs behind them."""

    def command(self, name: str, *arguments: str) -> tuple[int, Any]:
        done = run(name, *arguments, "--json")
        return done.code, done.json

    def test_what_lies_there_is_taken_in_guarded_and_published(
        self, lantern: Media, harbour: Media, radarr_connection: Connection
    ):
        code, told = self.command("artwork_scan")
        assert (code, told["art_scan"]["pictures"]) == (0, 10)
        assert told["art_adopt"] == {"kept": 9, "refused": 1, "items": told["art_adopt"]["items"]}
        title = Entity.objects.get(media=lantern)
        banner = Candidate.objects.get(entity=title, art="banner")
        assert (banner.rank, bool(banner.refused)) == (None, True)
        (Path(lantern.path) / "poster.jpg").unlink()
        assert self.command("artwork_verify")[1]["restored"] == 1
        before = held(Path(lantern.path))

        code, told = self.command("artwork_publish", "--connection", radarr_connection.name)
        after = held(Path(lantern.path))
        assert (code, told["titles"]) == (0, 1)
        # All players read the one name; what was not chosen stays where it lies.
        assert after.keys() == before.keys() - {"thumb.jpg"} | {"landscape.jpg"}
        assert after["poster.jpg"] == before["poster.jpg"]
        title.refresh_from_db()
        assert title.wanted == title.published != ""
        assert self.command("artwork_publish", "Harb")[0] == 0
        assert self.command("artwork_scan")[1]["art_scan"]["pictures"] == 0
        assert self.command("artwork_publish")[1].get("titles", 0) == 0

    def test_a_publication_is_undone_and_a_choice_discarded(self, lantern: Media, harbour: Media):
        self.command("artwork_scan")
        before = held(Path(lantern.path))
        assert run("artwork_publish", "Lantern", "--undo").code == 2
        self.command("artwork_publish")
        assert self.command("artwork_publish", "Lantern", "--undo") == (0, {"files": 2})
        assert held(Path(lantern.path)) == before
        self.command("artwork_publish", "Lantern")
        after = held(Path(lantern.path))

        title = Entity.objects.get(media=lantern)
        title.candidates.filter(address="poster.jpg").update(rank=None)
        title.candidates.filter(address="folder.jpg").update(rank=0)
        choosing.refresh([title])
        assert self.command("artwork_publish", "Lantern", "--discard") == (0, {"changed": 1})
        assert self.command("artwork_publish", "Lantern", "--discard") == (0, {"changed": 0})
        assert self.command("artwork_publish")[1].get("titles", 0) == 0
        assert held(Path(lantern.path)) == after
        assert "2 titles" in run("artwork_publish", "", "--discard").err

    def test_pictures_of_an_episode_whose_video_is_away_stay_as_they_are(self, harbour: Media):
        self.command("artwork_scan")
        folder = Path(harbour.path)
        (folder / "Season 01" / "Harbour - S01E01.mkv").unlink()
        before = held(folder)
        assert self.command("artwork_publish", "Harbour")[0] == 0

        assert held(folder).items() >= before.items()
        assert "Season 01/Harbour - The Long Night.jpg" in held(folder)
        assert "Season 01/Harbour - S01E01.jpg" not in held(folder)

    def test_one_that_cannot_be_published_says_why(self, lantern: Media):
        self.command("artwork_scan")
        for video in Path(lantern.path).glob("*.mkv"):
            video.unlink()
        done = run("artwork_publish", "Lantern")

        assert done.code == 1
        assert "There is no video of Lantern (2020)" in done.err
        assert run("artwork_publish", "nothing").code == 2

    def test_what_a_library_locks_is_marked(self, harbour: Media):
        ArtSettings.objects.create(connection=harbour.connection, adopt=Adopt.LOCK)
        self.command("artwork_scan")

        assert Entity.objects.get(title=None).locks == [f"art:{ArtType.POSTER}"]

    def test_what_a_person_locked_outlives_what_happens_to_files(self, harbour: Media):
        self.command("artwork_scan")
        series = Entity.objects.get(title=None)
        [episode] = Entity.objects.filter(title=series, kind="episode", season=1, episodes=[1])
        Candidate.objects.all().delete()
        PublishedFile.objects.all().delete()
        by_hand.leave_out(series, "clearlogo", None)
        by_hand.edit(episode, {"title": "Mine"}, None)
        (Path(harbour.path) / "clearlogo.png").write_bytes(poster(5))
        (Path(harbour.path) / f"{episode.stem}.mkv").unlink()
        self.command("artwork_scan")

        assert not Candidate.objects.filter(art="clearlogo", rank__isnull=False).exists()
        episode.refresh_from_db()
        assert told_of(episode, 1)["title"].value == "Mine"

    def test_a_picture_that_comes_in_the_way_of_ours_is_told_until_it_is_rejected(
        self,
        lantern: Media,
        api: APIClient,  # noqa: F811
    ):
        self.command("artwork_scan")
        assert self.command("artwork_publish", "Lantern")[0] == 0
        in_the_way = Path(lantern.path) / "poster.png"
        in_the_way.write_bytes(poster(6))
        self.command("artwork_scan")

        title = Entity.objects.get()
        told = "poster.png is shown in place of poster.jpg. Choose that picture or reject it, then publish."
        root = "/api/v1/artwork/entities"
        assert title.problem == f"Kodi, Jellyfin, Plex: {told}"
        assert [one["id"] for one in api.get(f"{root}?state=contested").json()["results"]] == [title.pk]
        assert api.get(f"{root}/{title.pk}/preview").json()["shadows"] == [title.problem]
        by_hand.reject(Candidate.objects.get(address="poster.png"), None)
        assert self.command("artwork_publish", "Lantern")[0] == 0
        title.refresh_from_db()
        assert (title.problem, in_the_way.exists()) == ("", False)
        undo(Publication.objects.latest("pk"), By())
        assert in_the_way.read_bytes() == poster(6)

    def test_one_that_is_away_keeps_back_no_others(self, lantern: Media, harbour: Media, monkeypatch):
        real = TitleFolder.__enter__

        def enter(self: TitleFolder) -> TitleFolder:
            if "Harbour" in self.path:
                shutil.rmtree(self.path, ignore_errors=True)
            return real(self)

        monkeypatch.setattr(TitleFolder, "__enter__", enter)
        _, told = self.command("artwork_scan")
        assert (told["art_adopt"]["kept"], told["art_adopt"]["failed"]) == (4, 1)
        _, told = self.command("artwork_scan")
        assert told["art_scan"]["missing"] == 1
        assert Entity.objects.get(media=harbour).missing_since

    def test_many_folders_that_are_gone_are_held(self, radarr_connection: Connection, tmp_path: Path):
        folders = [tmp_path / "movies" / f"{number}" for number in range(8)]
        for number, folder in enumerate(folders):
            folder.mkdir(parents=True)
            add_title(radarr_connection, arr_id=number, title=folder.name, path=str(folder))
        run("artwork_scan")
        for folder in folders[:7]:
            folder.rmdir()
        held_back = run("artwork_scan", radarr_connection.name)
        assert held_back.code == 1
        assert "7 of 8 folders are gone" in held_back.err
        assert not Entity.objects.exclude(missing_since=None).exists()
        assert run("artwork_scan", "--release").code == 0
        assert Entity.objects.exclude(missing_since=None).count() == 7
        folders[0].mkdir()
        run("artwork_scan", "--release")
        assert Entity.objects.exclude(missing_since=None).count() == 6

    def test_what_somebody_changed_is_taken_in_anew(self, lantern: Media, folder_of: Callable[..., Path]):
        self.command("artwork_scan")
        new = poster(20)
        (Path(lantern.path) / "fanart.jpg").write_bytes(new)
        assert self.command("artwork_verify")[1]["left"] == 1
        assert not PublishedFile.objects.filter(path="fanart.jpg").exists()
        self.command("artwork_scan")
        fanart = Candidate.objects.get(address="fanart.jpg")
        assert Stored.objects.get(digest=fanart.digest).size == len(new)
        assert fanart.rank == 0

    def test_jobs_say_which_parameters_are_wrong(self):
        from core.errors import ConfigError
        from jobs.contract import start_by_name

        with pytest.raises(ConfigError, match="release"):
            start_by_name(jobs.SCAN, params={"x": 1})
        assert not Job.objects.exists()


def test_health_and_metrics_tell_of_titles(lantern: Media, monkeypatch):
    scan(lantern)
    title = Entity.objects.get()
    Entity.objects.update(problem=Phrase("artwork.link", path="poster.jpg"))
    Publication.objects.create(title=title, steps=[], started_at="2020-01-01T00:00Z")
    Publication.objects.update(started_at="2020-01-01T00:00Z")
    issues = [*health.troubled(), *health.unfinished()]
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in metrics.artwork()
        for sample in family.samples
    }

    assert [str(issue.what).partition(":")[0] for issue in issues] == [
        "The artwork of one title could not be written (Lantern)",
        "A publication of Lantern (2020) was interrupted and is not finished yet.",
    ]
    assert all(issue.to_json() for issue in issues)
    assert samples["taggarr_art_titles", "Radarr", "troubled"] == 1
    assert samples["taggarr_art_titles", "Radarr", "missing"] == 0
    assert samples["taggarr_art_publications", "planned"] == 1


def test_what_is_used_is_never_collected_and_old_things_are_cleaned(lantern: Media):
    run("artwork_scan")
    run("artwork_publish")
    title = Entity.objects.get()
    used = {digest for source in references.BRINGS.used for digest in source()}
    assert used == set(Stored.objects.values_list("digest", flat=True)) != set()
    (visible,) = references.BRINGS.visible
    assert [visible(User(), digest) for digest in (title.files.get(path="poster.jpg").digest, "x")] == [
        True,
        False,
    ]
    Publication.objects.update(ended_at="2020-01-01T00:00Z")
    cleaners = cleaning.BRINGS.cleaners
    assert cleaners["art_publications"]() == 1
    assert cleaners["art_titles"]() == 0
    Entity.objects.update(missing_since="2020-01-01T00:00Z")
    assert cleaners["art_titles"]() == 0
    lantern.delete()
    assert cleaners["art_titles"]() == 0
    Entity.objects.update(missing_since="2020-01-01T00:00Z")
    assert cleaners["art_titles"]() > 0
    assert not Entity.objects.exists()
