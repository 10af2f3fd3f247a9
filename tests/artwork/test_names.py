"""What pictures and NFOs are called, and that every name that is written is read back as the same."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from artwork.names import (
    EXTENSIONS,
    LONGEST,
    SLOTS,
    ArtType,
    Kind,
    Place,
    Profile,
    Reason,
    Refused,
    Shadow,
    Slot,
    names_for,
    nfo_name,
    nfo_names,
    read_name,
    read_names,
    refused,
    shadows,
)
from providers.contract import ALL_SEASONS
from tests.artwork.tables import tables

MOVIE = Place(Kind.MOVIE, "Lantern (2019)")
LOOSE = Place(Kind.MOVIE, "Lantern (2019)", own_folder=False)
SERIES = Place(Kind.SERIES, "Harbour")
SEASON = Place(Kind.SEASON, season=1, folder="Season 1")
FLAT = Place(Kind.SEASON, season=12)
SPECIALS = Place(Kind.SEASON, season=0, folder="Specials")
ALL = Place(Kind.SEASON, season=ALL_SEASONS)
EPISODE = Place(Kind.EPISODE, "Season 1/Harbour S01E01-E02", season=1)
PLACES = [SERIES, SEASON, FLAT, SPECIALS, ALL, EPISODE]


@pytest.mark.parametrize(
    ("profile", "place", "art", "rank", "names"),
    [
        (Profile.UNIVERSAL, MOVIE, ArtType.POSTER, 0, ["poster.jpg"]),
        (Profile.UNIVERSAL, MOVIE, ArtType.FANART, 0, ["fanart.jpg"]),
        (Profile.UNIVERSAL, MOVIE, ArtType.FANART, 1, ["fanart1.jpg", "fanart-1.jpg"]),
        (Profile.KODI, MOVIE, ArtType.FANART, 2, ["fanart2.jpg"]),
        (Profile.JELLYFIN, MOVIE, ArtType.FANART, 2, ["fanart-2.jpg"]),
        (Profile.KODI, MOVIE, ArtType.KEYART, 0, ["keyart.jpg"]),
        (Profile.JELLYFIN, MOVIE, ArtType.KEYART, 0, []),
        (Profile.PLEX, MOVIE, ArtType.DISCART, 0, []),
        (Profile.UNIVERSAL, MOVIE, ArtType.POSTER, 1, []),
        (Profile.UNIVERSAL, MOVIE, ArtType.THUMB, 0, []),
        (Profile.JELLYFIN, LOOSE, ArtType.POSTER, 0, ["Lantern (2019)-poster.jpg"]),
        (Profile.PLEX, LOOSE, ArtType.POSTER, 0, ["Lantern (2019).jpg"]),
        (Profile.PLEX, LOOSE, ArtType.FANART, 0, ["Lantern (2019)-fanart.jpg"]),
        (Profile.KODI, LOOSE, ArtType.FANART, 1, ["Lantern (2019)-fanart1.jpg"]),
        (Profile.UNIVERSAL, SERIES, ArtType.CHARACTERART, 0, ["characterart.jpg"]),
        (Profile.UNIVERSAL, ALL, ArtType.POSTER, 0, ["season-all-poster.jpg"]),
        (Profile.JELLYFIN, ALL, ArtType.POSTER, 0, []),
        (Profile.KODI, SEASON, ArtType.BANNER, 0, ["season01-banner.jpg"]),
        (Profile.UNIVERSAL, SEASON, ArtType.POSTER, 0, ["season01-poster.jpg", "Season 1/Season01.jpg"]),
        (Profile.UNIVERSAL, SEASON, ArtType.FANART, 1, ["season01-fanart1.jpg"]),
        (Profile.PLEX, SEASON, ArtType.FANART, 0, []),
        (Profile.PLEX, FLAT, ArtType.POSTER, 0, ["Season12.jpg"]),
        (Profile.KODI, SPECIALS, ArtType.POSTER, 0, ["season-specials-poster.jpg"]),
        (Profile.PLEX, SPECIALS, ArtType.POSTER, 0, ["Specials/season-specials-poster.jpg"]),
        (Profile.KODI, EPISODE, ArtType.THUMB, 0, ["Season 1/Harbour S01E01-E02-thumb.jpg"]),
        (Profile.PLEX, EPISODE, ArtType.THUMB, 0, ["Season 1/Harbour S01E01-E02.jpg"]),
        (Profile.KODI, EPISODE, ArtType.THUMB, 1, []),
        (Profile.KODI, EPISODE, ArtType.POSTER, 0, []),
    ],
)
def test_each_picture_is_called_as_its_players_look_for_it(
    profile: Profile, place: Place, art: ArtType, rank: int, names: list[str]
):
    assert list(names_for(profile, place, art, rank)) == names


def test_a_logo_keeps_its_transparency():
    assert names_for(Profile.UNIVERSAL, MOVIE, ArtType.CLEARLOGO, 0, "png") == ("clearlogo.png",)


@pytest.mark.parametrize(
    ("place", "written", "read"),
    [
        (MOVIE, "movie.nfo", ("movie.nfo", "Lantern (2019).nfo")),
        (LOOSE, "Lantern (2019).nfo", ("Lantern (2019).nfo",)),
        (SERIES, "tvshow.nfo", ("tvshow.nfo",)),
        (EPISODE, "Season 1/Harbour S01E01-E02.nfo", ("Season 1/Harbour S01E01-E02.nfo",)),
        (SEASON, None, ("Season 1/season.nfo",)),
        (FLAT, None, ()),
    ],
)
def test_an_nfo_is_called_alike_everywhere(place: Place, written: str | None, read: tuple[str, ...]):
    assert nfo_name(Profile.UNIVERSAL, place) == nfo_name(Profile.KODI, place) == written
    assert nfo_names(place) == read


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("Folder.JPG", Slot(MOVIE, ArtType.POSTER)),
        ("movie.png", Slot(MOVIE, ArtType.POSTER)),
        ("lantern (2019).tbn", Slot(MOVIE, ArtType.POSTER)),
        ("Lantern (2019)-cover.webp", Slot(MOVIE, ArtType.POSTER)),
        ("backdrop.jpg", Slot(MOVIE, ArtType.FANART)),
        ("backdrop3.jpg", Slot(MOVIE, ArtType.FANART, 3)),
        ("art-1.jpg", Slot(MOVIE, ArtType.FANART, 1)),
        ("Lantern (2019)-fanart-12.jpg", Slot(MOVIE, ArtType.FANART, 12)),
        ("extrafanart/fanart2.jpg", Slot(MOVIE, ArtType.FANART, 2)),
        ("logo.png", Slot(MOVIE, ArtType.CLEARLOGO)),
        ("cdart.png", Slot(MOVIE, ArtType.DISCART)),
        ("thumb.jpg", Slot(MOVIE, ArtType.LANDSCAPE)),
        ("poster-2.jpg", Slot(MOVIE, ArtType.POSTER, 2)),
        ("show.jpg", None),
        ("poster", None),
        ("poster.txt", None),
        ("fanart0.jpg", None),
        ("photos/poster.jpg", None),
        ("Lantern (2019)2.jpg", None),
        ("Other-poster.jpg", None),
        ("notes1.jpg", None),
        ("extrafanart/anything.jpg", None),
        ("..", None),
        ("", None),
    ],
)
def test_pictures_of_a_movie_are_known_in_every_spelling(name: str, slot: Slot | None):
    assert read_name(name, [MOVIE]) == slot


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("show.jpg", Slot(SERIES, ArtType.POSTER)),
        ("Harbour.jpg", Slot(SERIES, ArtType.POSTER)),
        ("season1-poster.jpg", Slot(SEASON, ArtType.POSTER)),
        ("Season01-Fanart.jpg", Slot(SEASON, ArtType.FANART)),
        ("Season 1/poster.jpg", Slot(SEASON, ArtType.POSTER)),
        ("Season 1/Season 1.jpg", Slot(SEASON, ArtType.POSTER)),
        ("Season 1/thumb.jpg", Slot(SEASON, ArtType.LANDSCAPE)),
        ("season12.jpg", Slot(FLAT, ArtType.POSTER)),
        ("season00-poster.jpg", Slot(SPECIALS, ArtType.POSTER)),
        ("season-all-banner.jpg", Slot(ALL, ArtType.BANNER)),
        ("season02-poster.jpg", None),
        ("Season 1/Harbour S01E01-E02.jpg", Slot(EPISODE, ArtType.THUMB)),
        ("Season 1/metadata/Harbour S01E01-E02.jpg", Slot(EPISODE, ArtType.THUMB)),
        ("Season 1/Harbour S01E01-E02-fanart.jpg", None),
        ("movie.jpg", None),
    ],
)
def test_pictures_of_a_series_are_known_in_every_spelling(name: str, slot: Slot | None):
    assert read_name(name, PLACES) == slot


def test_a_number_behind_the_name_of_a_video_is_no_picture_of_it():
    assert read_name("Lantern2.jpg", [Place(Kind.MOVIE, "Lantern")]) is None


def test_versions_of_a_movie_share_its_folder():
    other = Place(Kind.MOVIE, "Lantern (2019) - 4K", own_folder=False)

    found = read_names(["poster.jpg", "Lantern (2019) - 4K-poster.jpg", "x.jpg"], [MOVIE, other])

    assert found == {
        "poster.jpg": Slot(MOVIE, ArtType.POSTER),
        "Lantern (2019) - 4K-poster.jpg": Slot(other, ArtType.POSTER),
    }


def shadowed(existing: list[str], planned: list[str], places: list[Place]) -> set[tuple[str, str]]:
    found = shadows(existing, planned, places)
    assert all(isinstance(one, Shadow) and one.planned in planned for one in found)
    return {(one.name, one.player.value) for one in found}


@pytest.mark.parametrize(
    ("existing", "planned", "found"),
    [
        ("Lantern (2019)-poster.jpg", "poster.jpg", {"kodi", "jellyfin"}),
        ("Lantern (2019).jpg", "poster.jpg", {"jellyfin", "plex"}),
        ("folder.jpg", "poster.jpg", set()),
        ("poster.png", "poster.jpg", {"kodi", "jellyfin", "plex"}),
        ("Poster.jpg", "poster.jpg", {"kodi", "jellyfin", "plex"}),
        ("logo.png", "clearlogo.png", {"jellyfin"}),
        ("disc.png", "discart.png", {"jellyfin"}),
        ("thumb.jpg", "landscape.jpg", set()),
        ("background.jpg", "fanart.jpg", {"plex"}),
        ("fanart-1.jpg", "fanart1.jpg", set()),
        ("fanart1.png", "fanart1.jpg", {"kodi"}),
        ("fanart1.jpg", "fanart.jpg", set()),
        ("poster.jpg", "poster.jpg", set()),
        ("notes.jpg", "poster.jpg", set()),
    ],
)
def test_what_a_player_reads_before_ours_is_named(existing: str, planned: str, found: set[str]):
    seen = shadowed([existing], [planned], [MOVIE])
    # Plex's order is its own affair where both are words of Plex.
    assert seen - {(existing, "plex")} == {(existing, player) for player in found} - {(existing, "plex")}
    if found:
        assert {player for _, player in seen} >= found


def test_a_name_of_ours_that_wins_is_shadowed_by_nothing_below_it():
    both = ["Lantern (2019).jpg", "poster.jpg"]

    assert shadowed(["Lantern (2019)-poster.jpg"], both, [MOVIE]) == {("Lantern (2019)-poster.jpg", "kodi")}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["poster.jpg", "Season 1/x-thumb.jpg"], []),
        (["../poster.jpg"], [Refused("../poster.jpg", Reason.OUTSIDE)]),
        (["a/../../b.jpg"], [Refused("a/../../b.jpg", Reason.OUTSIDE)]),
        (["/etc/poster.jpg"], [Refused("/etc/poster.jpg", Reason.OUTSIDE)]),
        (["a//b.jpg"], [Refused("a//b.jpg", Reason.OUTSIDE)]),
        (["a\0b.jpg"], [Refused("a\0b.jpg", Reason.UNREADABLE)]),
        (["a\nb.jpg"], [Refused("a\nb.jpg", Reason.UNREADABLE)]),
        (["a\udcffb.jpg"], [Refused("a\udcffb.jpg", Reason.UNREADABLE)]),
        (["x" * 252 + ".jpg"], [Refused("x" * 252 + ".jpg", Reason.TOO_LONG)]),
        (["ü" * 126 + ".jpg"], [Refused("ü" * 126 + ".jpg", Reason.TOO_LONG)]),
        (["x" * 251 + ".jpg"], []),
        (["a.jpg", "A.jpg"], [Refused("A.jpg", Reason.TAKEN, "a.jpg")]),
        (["caf\u00e9.jpg", "cafe\u0301.jpg"], [Refused("cafe\u0301.jpg", Reason.TAKEN, "caf\u00e9.jpg")]),
        (["a.jpg", "a.jpg"], [Refused("a.jpg", Reason.TAKEN, "a.jpg")]),
    ],
)
def test_a_name_that_cannot_be_written_is_refused_with_its_reason(names: list[str], found: list[Refused]):
    assert list(refused(names)) == found


STEMS = st.text(alphabet="abÄßé.19_ '\u0301", min_size=1, max_size=8)


@st.composite
def movies(draw: st.DrawFn) -> list[Place]:
    stems = draw(st.lists(STEMS, min_size=1, max_size=4, unique_by=str.casefold))
    return [Place(Kind.MOVIE, stem, own_folder=number == 0) for number, stem in enumerate(stems)]


@st.composite
def series(draw: st.DrawFn) -> list[Place]:
    seasons = draw(st.lists(st.integers(-1, 120), max_size=4, unique=True))
    found = [Place(Kind.SERIES, draw(STEMS))]
    for season in seasons:
        folder = draw(st.sampled_from(["", f"Season {season:02}", f"S{season}"]))
        found.append(Place(Kind.SEASON, season=season, folder=folder))
        for stem in draw(st.lists(STEMS, max_size=3, unique_by=str.casefold)):
            path = f"{folder}/{stem} {season}" if folder else f"{stem} {season}"
            found.append(Place(Kind.EPISODE, path, season=season))
    return found


@given(movies() | series(), st.sampled_from(sorted(EXTENSIONS)))
def test_every_name_that_is_made_is_read_back_as_the_same(places: list[Place], extension: str):
    made = {
        (name, Slot(place, art, rank))
        for profile, place, art, rank in product(Profile, places, ArtType, (0, 1, 2, 19))
        for name in names_for(profile, place, art, rank, extension)
    }
    names = [name for name, _ in made]
    assume(not refused(names))
    read = read_names(names, places)

    assert {(name, read.get(name)) for name in names} == made
    assert all(slot.art in SLOTS[slot.place.kind] for slot in read.values())
    assert not shadows(names, names, places)


@given(st.text(max_size=12), st.text(max_size=12), st.integers(0, 99))
def test_no_name_that_passes_leaves_the_folder(stem: str, folder: str, season: int):
    places = [
        Place(Kind.MOVIE, stem, own_folder=False),
        Place(Kind.SEASON, season=season, folder=folder),
        Place(Kind.EPISODE, f"{folder}/{stem}"),
    ]
    for place, art in product(places, ArtType):
        for name in names_for(Profile.UNIVERSAL, place, art):
            if not refused([name]):
                parts = name.split("/")
                assert ".." not in parts
                assert "" not in parts
                assert not any(ord(letter) < 32 for letter in name)
                assert all(len(part.encode()) <= LONGEST for part in parts)


@given(st.text(max_size=20), st.text(max_size=8))
def test_no_name_stops_the_reading(name: str, stem: str):
    assert read_name(name, [Place(Kind.MOVIE, stem), *PLACES]) is None or name.rpartition(".")[2]


def test_the_documented_tables_are_made_from_the_code():
    committed = (Path(__file__).parents[2] / "docs/artwork-tables.md").read_text(encoding="utf-8")
    assert committed == tables(), "run: python -m tests.artwork.tables > docs/artwork-tables.md"
