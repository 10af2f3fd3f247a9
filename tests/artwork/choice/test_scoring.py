"""How pictures are scored and ranked: by language first, then by points that depend on no other picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.choice.scoring import (
    SHAPES,
    Blocked,
    Candidate,
    Reason,
    Rule,
    Weights,
    Why,
    art_of,
    bits_between,
    candidates_of,
    ranked,
    refusal,
    score,
    usual_rule,
)
from artwork.names import ArtType
from providers.contract import Picture, Type

POSTER = Rule(ArtType.POSTER, languages=("de", "original", "none"))


def poster(address: str = "a", **given_values: object) -> Candidate:
    values: dict[str, object] = {"language": "de", "width": 2000, "height": 3000, **given_values}
    return Candidate("tmdb", address, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("favour", "voters", "votes"), [(1.0, 1, 0.5556), (0.76, 60, 0.7294), (None, 0, 0.5), (2.0, 10**9, 1.0)]
)
def test_a_vote_of_one_does_not_win(favour: float | None, voters: int, votes: float):
    assert score(poster(favour=favour, voters=voters), POSTER).votes == votes


@pytest.mark.parametrize(
    ("language", "tier", "part"),
    [("de", 0, 1.0), ("ko", 1, 0.8), (None, 2, 0.6), ("en", 3, 0.0), ("", 3, 0.0)],
)
def test_languages_are_tiers_in_the_order_of_the_rule(language: str | None, tier: int, part: float):
    found = score(poster(language=language), POSTER, original="ko")
    assert (found.tier, found.language) == (tier, part)
    assert score(poster(language=language), replace(POSTER, tiers=False), original="ko").tier == 0


def test_a_language_that_is_the_original_one_too_counts_by_its_first_place():
    assert score(poster(language="de"), POSTER, original="de").tier == 0
    assert score(poster(language=""), POSTER, original="").tier == 3


@pytest.mark.parametrize(
    ("width", "height", "part"), [(2000, 3000, 1.0), (4000, 6000, 1.0), (1000, 1500, 0.5), (0, 0, 0.5)]
)
def test_more_pixels_than_needed_are_worth_nothing(width: int, height: int, part: float):
    assert score(poster(width=width, height=height), POSTER).resolution == part


def test_the_score_is_made_of_its_parts_and_weights():
    found = score(poster(), replace(POSTER, weights=Weights(3, 4, 2, 1)))
    assert (found.resolution, found.votes, found.language, found.provider) == (1, 0.5, 1, 1)
    assert found.score == 80
    assert score(replace(poster(), provider="fanart"), POSTER).provider == 0.3333
    assert score(replace(poster(), provider="local"), POSTER).provider == 0


@pytest.mark.parametrize("weights", [(0, 0, 0, 0), (-1, 1, 1, 1)])
def test_weights_that_weigh_nothing_are_refused(weights: tuple[float, float, float, float]):
    with pytest.raises(ValueError, match="weights"):
        Weights(*weights)


@pytest.mark.parametrize(("least", "most"), [(0, 0), (2, 1), (-1, 1)])
def test_a_rule_that_wants_nothing_is_refused(least: int, most: int):
    with pytest.raises(ValueError, match="rule"):
        Rule(ArtType.POSTER, least=least, most=most)


def test_fanart_is_wanted_without_text_and_more_than_once():
    assert usual_rule(ArtType.FANART).languages == ("none",)
    assert (usual_rule(ArtType.FANART).most, usual_rule(ArtType.POSTER).most) == (3, 1)


PHASH = 0x0F0F_0F0F_0F0F_0F0F
BLOCKED = Blocked(frozenset({("tmdb", "bad")}), frozenset({"d1"}), (PHASH,))


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (poster(), None),
        (poster(rejected=True), Reason(Why.REJECTED)),
        (poster("bad"), Reason(Why.BLOCKED)),
        (poster(digest="d1"), Reason(Why.BLOCKED)),
        (poster(phash=PHASH ^ 3), Reason(Why.LOOKS_BLOCKED, {"bits": 2})),
        (poster(phash=PHASH ^ 7), None),
        (poster(gone=True), Reason(Why.GONE)),
        (poster(width=0, height=0), None),
        (poster(width=2000, height=2400), Reason(Why.SHAPE, {"shape": 0.83, "wanted": 0.67})),
        (poster(width=2000, height=2750), None),
        (
            poster(width=200, height=300),
            Reason(Why.TOO_SMALL, {"width": 200, "height": 300, "least_width": 500, "least_height": 0}),
        ),
    ],
)
def test_what_will_not_do_says_why(candidate: Candidate, reason: Reason | None):
    assert refusal(candidate, replace(POSTER, min_width=500), BLOCKED) == reason


def test_a_logo_has_any_shape_and_shows_what_is_behind_it():
    rule = Rule(ArtType.CLEARLOGO)
    logo = replace(poster(), width=800, height=100)
    assert [refusal(replace(logo, alpha=alpha), rule) for alpha in (None, True, False)] == [
        None,
        None,
        Reason(Why.OPAQUE),
    ]
    assert ArtType.CLEARLOGO not in SHAPES


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [
        ({"phash": 0}, {"phash": 0b111}, 3),
        ({"phash": 0}, {"phash": 2**10 - 1}, None),
        ({"phash": 0}, {}, None),
        ({"phash": 0, "language": None}, {"phash": 0}, None),
        ({"digest": "d"}, {"digest": "d", "language": None}, 0),
        ({"digest": ""}, {"digest": ""}, None),
    ],
)
def test_two_pictures_count_as_one(one: dict[str, object], other: dict[str, object], bits: int | None):
    assert bits_between(poster("a", **one), poster("b", **other), POSTER) == bits


def test_the_white_logo_is_the_black_one():
    white, black = poster("a", phash=0), poster("b", phash=2**64 - 1)
    assert bits_between(white, black, Rule(ArtType.CLEARLOGO)) == 0
    assert bits_between(white, black, POSTER) is None


def test_candidates_are_made_of_what_each_provider_tells():
    tmdb = Picture(Type.POSTER, "a", "t", "de", 1, 2, vote=7.6, votes=60)
    fanart = Picture(Type.POSTER, "b", "t", None, likes=5)
    none = Picture(Type.STILL, "c", "t", None)
    assert candidates_of("tmdb", [tmdb, none]) == [
        Candidate("tmdb", "a", "de", 1, 2, 0.76, 60),
        Candidate("tmdb", "c"),
    ]
    assert candidates_of("fanart", [fanart]) == [Candidate("fanart", "b", favour=0.75, voters=5)]
    scores = [replace(fanart, address=str(one), likes=one) for one in (100_002, 3, 100_002)]
    favours = [one.favour for one in candidates_of("tvdb", scores)]
    assert favours == [2 / 3, 1 / 3, 2 / 3]
    assert (art_of(none), art_of(tmdb)) == (ArtType.THUMB, ArtType.POSTER)
    assert {art_of(replace(none, type=one)) for one in Type} <= set(ArtType)


LANGUAGES = st.sampled_from(["de", "en", "ko", None, ""])
CANDIDATES = st.builds(
    Candidate,
    st.sampled_from(["tmdb", "tvdb", "fanart", "local"]),
    st.sampled_from("abcdef"),
    LANGUAGES,
    st.sampled_from([0, 500, 2000]),
    st.sampled_from([0, 750, 3000]),
    st.none() | st.floats(0, 1),
    st.integers(0, 100),
    digest=st.sampled_from(["", "d1", "d2"]),
    phash=st.none() | st.sampled_from([0, 1, 2**40 - 1, 2**64 - 1]),
    rejected=st.booleans(),
    gone=st.booleans(),
)
RULES = st.builds(
    Rule,
    st.sampled_from([ArtType.POSTER, ArtType.FANART, ArtType.CLEARLOGO]),
    languages=st.lists(st.sampled_from(["de", "en", "original", "none"]), unique=True).map(tuple),
    most=st.integers(1, 3),
    tiers=st.booleans(),
)


@given(st.lists(CANDIDATES, max_size=8), RULES, st.randoms())
def test_the_ranking_is_total_and_the_same_whatever_the_order(found: list[Candidate], rule: Rule, random):
    order = ranked(found, rule, "ko")
    random.shuffle(found)

    assert ranked(found, rule, "ko") == order
    assert all(0 <= one.score <= 100 for one in order)
    assert [one.tier for one in order] == sorted(one.tier for one in order)


@given(st.lists(CANDIDATES, max_size=8), CANDIDATES, RULES)
def test_one_more_candidate_moves_no_other_by_more_than_its_place(
    found: list[Candidate], new: Candidate, rule: Rule
):
    before = [one.candidate for one in ranked(found, rule)]
    after = [one.candidate for one in ranked([*found, new], rule)]

    after.remove(new)
    assert after == before
