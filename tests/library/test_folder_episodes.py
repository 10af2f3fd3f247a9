"""Season and episode numbers from names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.folder.episodes import EpisodeNumbers, parse_episodes

NAMES = {
    # S01E01 in all its forms
    "Show/Season 01/Show - S01E01 - Pilot.mkv": (1, [1]),
    "Show S1E1.mkv": (1, [1]),
    "Show.S01.E05.mkv": (1, [5]),
    "Show S01 E05 The One.mkv": (1, [5]),
    "Show_s02ep03.avi": (2, [3]),
    "Show S01E100.mkv": (1, [100]),
    "Show S2019E05.mkv": (2019, [5]),
    "Show S12E1234.mkv": (12, [1234]),
    "24 S01E02.mkv": (1, [2]),
    "S01E02": (1, [2]),
    "Show S01E01 1080p x264.mkv": (1, [1]),
    "Show.S01E01.5.1.x264-GRP.mkv": (1, [1]),
    "Show.S01E250.x264.mkv": (1, [250]),
    "Show.S01E05.2160p.DDP5.1.mkv": (1, [5]),
    "Show.S01E01-1080p.mkv": (1, [1]),
    "Show.S01E01-10bit.mkv": (1, [1]),
    "Show S01E01 - 3 Idiots.mkv": (1, [1]),
    # Several episodes in one file
    "Show.s01e01e02.720p.mkv": (1, [1, 2]),
    "Show S01E01-E03.mkv": (1, [1, 2, 3]),
    "Show S01E01-03.mkv": (1, [1, 2, 3]),
    "Show S01E01-E02-E03.mkv": (1, [1, 2, 3]),
    "Show - S01E01 - S01E02.mkv": (1, [1, 2]),
    "Show S01E01+E02.mkv": (1, [1, 2]),
    "Show S01E01 & E02.mkv": (1, [1, 2]),
    "Show S01E01E03.mkv": (1, [1, 3]),
    "Show S01E01-E999.mkv": (1, [1]),
    # 1x02
    "Show - 1x02 - Title.mkv": (1, [2]),
    "Show.10x22.avi": (10, [22]),
    "Show 1x02-1x03.mkv": (1, [2, 3]),
    "Show.1x02x03.mkv": (1, [2, 3]),
    "Show 1x02-04.mkv": (1, [2, 3, 4]),
    "2x4 Show - 02.mkv": (None, [2]),
    "Show.1920x1080.mkv": (None, []),
    "Show 5.1x264.mkv": (None, []),
    # Spelled out
    "Show Season 2 Episode 11.mkv": (2, [11]),
    "Show Season 1 E05.mkv": (1, [5]),
    "Show Staffel 1 Folge 3.avi": (1, [3]),
    "Show Saison 2 Episode 4.mkv": (2, [4]),
    # No season in the name: the folder's
    "Show/Season 2/01.mkv": (2, [1]),
    "Show/Season 2/01 - Pilot.mkv": (2, [1]),
    "Show/Season 2/07. Title.mkv": (2, [7]),
    "Show/S02/213.mkv": (2, [213]),
    "Show/Season 3/Episode 05.mkv": (3, [5]),
    "Show/Season 3/E100.mkv": (3, [100]),
    "Show\\Staffel 4\\Folge 12.mkv": (4, [12]),
    "Show/Season 01/Show - 03-04.mkv": (1, [3, 4]),
    "Show S01/Show 02.mkv": (1, [2]),
    "Show.S01.1080p.WEB/Show.02.mkv": (1, [2]),
    "24/Season 1/24 - 03.mkv": (1, [3]),
    "Show/Season 12/Making of.mkv": (12, []),
    # The name's season wins over the folder's
    "Show/Season 2/Show S03E01.mkv": (3, [1]),
    # Specials
    "Show S00E03.mkv": (0, [3]),
    "Show/Specials/02 Title.mkv": (0, [2]),
    "Show/Season 0/02.mkv": (0, [2]),
    "Show/Specials/Show - OVA 2.mkv": (0, [2]),
    "Show SP01.mkv": (0, [1]),
    "Show - Special 3.mkv": (0, [3]),
    # Through the whole series
    "Show E100.mkv": (None, [100]),
    "Show.EP05.mkv": (None, [5]),
    "Show Ep. 5.mkv": (None, [5]),
    "Show.E01.E02.mkv": (None, [1, 2]),
    "Folge 12.mp4": (None, [12]),
    "#12 Title.mkv": (None, [12]),
    "100.mkv": (None, [100]),
    "[Group] Some Title - 012 [1080p][ABCD1234].mkv": (None, [12]),
    "[Group] Some Title - 1071v2 (1080p).mkv": (None, [1071]),
    "[Group] Some Title - 1999 [720p].mkv": (None, [1999]),
    "[Group] Some Title 12 - 03 [720p].mkv": (None, [3]),
    "One Long Show 1071.mkv": (None, [1071]),
    "Show_012.mkv": (None, [12]),
    "Show 10bit - 05.mkv": (None, [5]),
    "Area 51 - 05.mkv": (None, [5]),
    # Other numbers are no episodes
    "Show 2019-05-01 Guest.mkv": (None, []),
    "Show/Season 2019/Show 2019-05-01.mkv": (2019, []),
    "Show (2019).mkv": (None, []),
    "Show 2019.mkv": (None, []),
    "1999.mkv": (None, []),
    "Wall-E 2008.mkv": (None, []),
    "1.5 Title.mkv": (None, []),
    "Show 1080p AAC 2.0.mkv": (None, []),
    "movie.mkv": (None, []),
    "": (None, []),
    "/": (None, []),
}


@pytest.mark.parametrize(("name", "numbers"), NAMES.items())
def test_a_name_tells_season_and_episodes(name, numbers):
    season, episodes = numbers
    assert parse_episodes(name) == EpisodeNumbers(season, tuple(episodes))


def test_a_decomposed_umlaut_is_read_like_any():
    assert parse_episodes("Show/Sa\u0308song 2/01.mkv").season == 2


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_the_usual_form_is_read_for_all_numbers(season, episode):
    assert parse_episodes(f"Show - S{season:02}E{episode:02} - Title.mkv") == EpisodeNumbers(
        season, (episode,)
    )


@given(st.integers(1, 9999))
def test_an_absolute_number_is_read(number):
    assert parse_episodes(f"[Group] Show - {number:02} [1080p].mkv") == EpisodeNumbers(None, (number,))


@given(st.text(max_size=80))
def test_any_name_has_an_answer(name):
    found = parse_episodes(name)
    assert list(found.episodes) == sorted(set(found.episodes))
    assert len(found.episodes) <= 50


@pytest.mark.parametrize("piece", ["e1", "s1e1", "-1", " - ", "1x1", "[", "(", " ", "e 1 ", "\u0661"])
def test_a_hostile_name_is_answered_at_once(piece):
    assert len(parse_episodes(piece * (4096 // len(piece))).episodes) <= 50
