"""What a scene shows: cut, cleaned, and always within what players and the database take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from players.clients.contract import (
    COLLECTIONS,
    PERFORMERS,
    POSTER,
    RATING,
    SUMMARY,
    TAGS,
    TITLE,
)
from players.clients.stash import Scene
from players.rules.scenes import USUAL_MODES, Filters, Lack, cover_of, fields_of, is_poor, lack_of, title_of

ANY = st.text(st.characters(), max_size=300)


def scene(**given: object) -> Scene:
    return Scene(**{"id": "17", "title": "Reef", "paths": ("/clips/a.mp4",), **given})  # type: ignore[arg-type]


@given(ANY, ANY, st.lists(ANY, max_size=120), ANY)
def test_whatever_is_said_can_be_kept_and_is_no_longer_than_fits(title, details, names, date):
    fields = fields_of(
        scene(
            title=title,
            details=details * 50,
            tags=tuple(names),
            performers=tuple(names),
            groups=tuple(names),
            date=date,
        )
    )
    text = json.dumps(fields, ensure_ascii=False)
    # Such a text may stand there as it was written: then its backslash is escaped.
    assert "\\u0000" not in text.replace("\\\\", "")
    text.encode()
    assert len(fields.get(TITLE, "")) <= 255
    assert len(fields[SUMMARY]) <= 10_000
    sizes = [len(fields[name]) for name in (PERFORMERS, TAGS, COLLECTIONS)]
    assert all(size <= most for size, most in zip(sizes, (50, 100, 20), strict=True))


def test_what_only_looks_like_a_nul_stays():
    assert fields_of(scene(title="a\\u0000"))[TITLE] == "a\\u0000"


def test_texts_written_from_right_to_left_stay_as_they_are():
    assert fields_of(scene(title="\u202bשלם\u202c"))[TITLE] == "\u202bשלם\u202c"


def test_two_forms_of_one_letter_are_one():
    composed, decomposed = (fields_of(scene(title=title)) for title in ("é", "e\u0301"))
    assert composed == decomposed


def test_half_a_surrogate_and_a_nul_are_left_out():
    assert fields_of(scene(title="a\ud800b\x00c"))[TITLE] == "abc"


def test_a_scene_without_a_title_is_called_after_its_file_and_leaves_the_players_title():
    assert title_of(scene(title="", paths=("C:\\clips\\b.mp4",))).title == "b"
    assert title_of(scene(title="", paths=())).title == "scene:17"
    assert len(title_of(scene(title="", paths=(f"/clips/{'x' * 900}.mp4",))).title) == 255
    assert TITLE not in fields_of(scene(title=" "))


@pytest.mark.parametrize(("date", "year"), [("2024-05-06", 2024), ("", None), ("²024", None)])
def test_the_year_is_that_of_its_date(date, year):
    assert title_of(scene(date=date)).year == year


def test_a_picture_may_be_another_one_where_stash_names_it_anew():
    assert cover_of(scene(cover="/1?t=1")) != cover_of(scene(cover="/1?t=2"))
    assert cover_of(scene()) == ""
    assert POSTER not in fields_of(scene())


@pytest.mark.parametrize(
    ("of_100", "of_ten"), [(85, "8.5"), (100, "10"), (7, "0.7"), (0, ""), (None, ""), (120, "")]
)
def test_a_rating_is_of_ten(of_100, of_ten):
    assert fields_of(scene(rating=of_100))[RATING] == of_ten


@pytest.mark.parametrize("known", ["studio", "details", "date"])
def test_a_rating_alone_is_nothing_to_show(known):
    assert is_poor(scene(rating=80))
    assert not is_poor(scene(**{known: "x"}))
    assert not is_poor(scene(tags=("x",)))


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        (Filters(), True),
        (Filters(folders=("/clips",)), True),
        (Filters(folders=("/clips/", "/other")), True),
        (Filters(folders=("/clip",)), False),
        (Filters(tags=("SEA",)), True),
        (Filters(tags=("land",)), False),
        (Filters(without_tags=("sea",)), False),
        (Filters(tags=("sea",), without_tags=("land",)), True),
    ],
)
def test_filters_look_at_folders_and_tags(filters, passes):
    assert filters.passes(scene(tags=("Sea",))) is passes


def test_every_field_has_a_usual_mode():
    assert fields_of(scene(), "digest").keys() == USUAL_MODES.keys()


@pytest.mark.parametrize(
    ("given", "lack"),
    [
        ({"organized": True, "details": "x"}, None),
        ({"organized": True}, Lack.NOTHING),
        ({"organized": False, "details": "x", "tags": ("no",)}, Lack.UNFINISHED),
        ({"organized": True, "details": "x", "tags": ("no",)}, Lack.FILTERED),
    ],
)
def test_what_is_not_sent_has_a_reason(given, lack):
    assert lack_of(scene(**given), Filters(without_tags=("no",)), organized_only=True) is lack
    open_to_all = lack_of(scene(details="x", organized=False), Filters(), organized_only=False)
    assert open_to_all is None
