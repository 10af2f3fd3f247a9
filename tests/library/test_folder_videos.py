"""Which file of a folder is the movie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.folder.videos import choose_movie_file, is_extra, is_video

GB = 2**30


def test_the_largest_video_is_the_movie():
    assert choose_movie_file({"a.mkv": GB, "b.mp4": 2 * GB, "c.iso": 9 * GB, "d.nfo": 9 * GB}) == "b.mp4"


def test_a_large_extra_is_not_the_movie():
    sizes = {
        "Movie.mkv": GB,
        "Movie-trailer.mkv": 2 * GB,
        "Extras/Making of.mkv": 3 * GB,
        "sample.mkv": 4 * GB,
    }
    assert choose_movie_file(sizes) == "Movie.mkv"


def test_of_two_of_a_size_the_first_by_name_is_the_movie():
    assert choose_movie_file({"b.mkv": GB, "a.mkv": GB}) == "a.mkv"


@pytest.mark.parametrize("sizes", [{}, {"movie.nfo": 1}, {"sample.mkv": 1}, {"Trailers/a.mkv": 1}])
def test_a_folder_without_a_movie_has_none(sizes):
    assert choose_movie_file(sizes) is None


@pytest.mark.parametrize("name", ["a.mkv", "a.MKV", "a.mp4", "a.m2ts", "a.ts", "a.avi", "dir/a.webm"])
def test_videos_are_told_by_their_suffix(name):
    assert is_video(name)


@pytest.mark.parametrize("name", ["a.srt", "a.nfo", "a.strm", "a.iso", "mkv", "a", ""])
def test_other_files_are_no_videos(name):
    assert not is_video(name)


@pytest.mark.parametrize(
    "path",
    [
        "sample.mkv",
        "Sample-movie.mkv",
        "movie-sample.mkv",
        "movie.sample.mkv",
        "Movie (2020)-trailer.mkv",
        "Movie (2020)-trailer2.mkv",
        "Movie Trailer.mkv",
        "trailer.mp4",
        "Movie-behindthescenes.mkv",
        "Movie-deleted.mkv",
        "Movie-featurette.mkv",
        "Movie-interview.mkv",
        "Movie-scene.mkv",
        "Movie-short.mkv",
        "Movie-clip.mkv",
        "Movie-other.mkv",
        "Sample/movie.mkv",
        "samples/movie.mkv",
        "Trailers/one.mkv",
        "Extras/one.mkv",
        "Behind The Scenes/one.mkv",
        "behind-the-scenes/one.mkv",
        "Deleted.Scenes/one.mkv",
        "Featurettes/deep/one.mkv",
        "Extras\\one.mkv",
        ".hidden/one.mkv",
        "._Movie.mkv",
        "@eaDir/Movie.mkv",
        "Plex Versions/Optimized/Movie.mkv",
    ],
)
def test_samples_trailers_and_extras_are_extras(path):
    assert is_extra(path)


@pytest.mark.parametrize(
    "path",
    [
        "Movie (2020).mkv",
        "Sample (2020).mkv",
        "The Sample.Man.mkv",
        "Trailer Park (2021).mkv",
        "The Interview (2014).mkv",
        "Extras The Movie.mkv",
        "Other People.mkv",
        "Movie - Directors Cut.mkv",
        "Shortcut.mkv",
        "CD1/Movie.mkv",
        "BDMV/STREAM/00001.m2ts",
        "",
    ],
)
def test_movies_are_no_extras(path):
    assert not is_extra(path)


@given(st.dictionaries(st.text(max_size=20), st.integers(0, 10**12)))
def test_the_choice_is_total_and_one_of_the_files(sizes):
    chosen = choose_movie_file(sizes)
    assert chosen is None or chosen in sizes


@given(
    st.dictionaries(
        st.sampled_from(["a.mkv", "b.mkv", "c.mp4", "sample.mkv"]), st.integers(0, 100), min_size=1
    )
)
def test_no_movie_beside_the_chosen_one_is_larger(sizes):
    chosen = choose_movie_file(sizes)
    others = [size for path, size in sizes.items() if path != "sample.mkv"]
    assert (chosen is None) == (not others)
    assert chosen is None or sizes[chosen] == max(others)
