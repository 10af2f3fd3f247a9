"""Which pictures are chosen, why the others are not, and that a choice does not change by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.choice.locking import Lock, Locks, slot_name
from artwork.choice.scoring import Blocked, Candidate, Reason, Rule, Why, bits_between, refusal
from artwork.choice.selecting import BETTER, Selection, or_of_series, select, why_not
from artwork.names import ArtType
from tests.artwork.choice.test_scoring import CANDIDATES, RULES, poster

RULE = Rule(ArtType.POSTER, languages=("de", "none"), least=1)
FANART = Rule(ArtType.FANART, languages=("none",), most=3, least=2)


def addresses(selection: Selection) -> list[str]:
    return [address for _, address in selection.chosen]


def test_the_best_is_chosen_and_every_other_says_why_not():
    best = poster("best", favour=0.9, voters=90, phash=0)
    candidates = [
        best,
        poster("twin", phash=1, digest="x"),
        poster("plain", favour=0.1, voters=90),
        poster("text", language="en", favour=1.0, voters=999),
        poster("gone", gone=True),
    ]
    selection = select(candidates, RULE)

    assert addresses(selection) == ["best"]
    assert why_not(best.key, selection) is None
    reasons = {name: why_not(("tmdb", name), selection) for name in ("twin", "plain", "text", "gone", "none")}
    assert reasons == {
        "twin": Reason(Why.DUPLICATE, {"address": "best", "bits": 1}),
        "plain": Reason(Why.SCORE, {"score": 65.31, "chosen": 94.69}),
        "text": Reason(Why.TIER, {"tier": 2, "chosen": 0}),
        "gone": Reason(Why.GONE),
        "none": Reason(Why.GONE),
    }


def test_of_two_that_are_worth_the_same_the_first_by_name_is_chosen():
    selection = select([poster("b"), poster("a")], RULE)
    assert addresses(selection) == ["a"]
    assert why_not(("tmdb", "b"), selection) == Reason(Why.TIE, {"score": 80.0, "chosen": 80.0})


def test_several_are_chosen_and_no_picture_twice():
    wide = {"language": None, "width": 3840, "height": 2160}
    found = [
        poster("a", favour=0.9, voters=50, phash=0, **wide),
        poster("b", favour=0.8, voters=50, phash=3, **wide),
        poster("c", favour=0.7, voters=50, phash=2**32 - 1, **wide),
    ]
    assert addresses(select(found, FANART)) == ["a", "c"]
    assert select(found[:1], FANART).missing == 1
    assert select([], FANART).missing == 2


def test_a_choice_stands_until_another_is_much_better():
    old = poster("old", favour=0.5, voters=50)
    little = poster("little", favour=0.6, voters=50)
    much = poster("much", favour=0.9, voters=50)
    selection = select([old, little], RULE, [old.key])

    assert addresses(selection) == ["old"]
    reason = why_not(little.key, selection)
    assert reason
    assert reason.why is Why.NOT_BETTER_ENOUGH
    assert reason.figures["needed"] == BETTER
    assert addresses(select([old, little, much], RULE, [old.key])) == ["much"]


def test_a_better_language_replaces_a_choice_and_a_worse_one_never():
    english, german = poster("en", language=None, favour=1, voters=900), poster("de", favour=0, voters=9)
    assert addresses(select([english, german], RULE, [english.key])) == ["de"]
    assert addresses(select([english, german], RULE, [german.key])) == ["de"]


def test_what_its_provider_lists_no_more_stays_while_there_is_no_other():
    gone = poster("gone", gone=True)
    assert addresses(select([gone], RULE, [gone.key])) == ["gone"]
    assert addresses(select([gone], RULE)) == []
    assert addresses(select([gone, poster("new")], RULE, [gone.key])) == ["new"]
    assert addresses(select([replace(gone, rejected=True)], RULE, [gone.key])) == []


def test_what_is_locked_stays_whatever_there_is():
    selection = select([poster("new")], RULE, [("upload", "mine")], lock=Lock.SLOT)
    assert selection.chosen == (("upload", "mine"),)
    assert why_not(("tmdb", "new"), selection) == Reason(Why.LOCKED, {"lock": "slot"})
    assert select([poster("new")], RULE, [], lock=Lock.SLOT).missing == 1


def test_a_season_has_the_poster_of_its_series_for_want_of_its_own():
    series = select([poster("series")], RULE)
    none = select([], RULE)
    fallen = or_of_series(none, series)

    assert (addresses(fallen), fallen.falls_back, fallen.missing) == (["series"], True, 0)
    assert why_not(("tmdb", "series"), fallen) is None
    own = select([poster("own")], RULE)
    assert or_of_series(own, series) is own
    assert or_of_series(none, none) is none
    locked = select([], RULE, lock=Lock.SLOT)
    assert or_of_series(locked, series) is locked


@pytest.mark.parametrize(
    ("locks", "field", "slot", "adopted"),
    [
        (Locks(), None, None, None),
        (Locks(["*"]), Lock.WHOLE, Lock.WHOLE, Lock.WHOLE),
        (Locks(["title"]), Lock.FIELD, None, None),
        (Locks([slot_name(ArtType.POSTER)]), None, Lock.SLOT, Lock.SLOT),
        (Locks(adopted=True), None, None, Lock.LIBRARY),
    ],
)
def test_a_lock_holds_a_field_a_slot_or_all(
    locks: Locks, field: Lock | None, slot: Lock | None, adopted: Lock | None
):
    assert locks.of_field("title") is field
    assert locks.of_field("plot") in (None, Lock.WHOLE)
    assert locks.of_slot(ArtType.POSTER) is slot
    assert locks.of_slot(ArtType.POSTER, is_adopted=True) is adopted
    assert locks.of_slot(ArtType.FANART) in (None, Lock.WHOLE)


SOME = st.lists(CANDIDATES, max_size=8, unique_by=lambda one: one.key)
KEYS = st.lists(
    st.tuples(st.sampled_from(["tmdb", "tvdb"]), st.sampled_from("abcdef")), max_size=3, unique=True
)


@given(SOME, RULES, KEYS, st.randoms())
def test_a_selection_stands_when_it_is_made_again(
    found: list[Candidate], rule: Rule, current: list[tuple[str, str]], random
):
    first = select(found, rule, current)
    random.shuffle(found)

    assert select(found, rule, first.chosen) == first
    assert select(found, rule, current) == first


@given(
    SOME, RULES, KEYS, st.sampled_from([Blocked(), Blocked(phashes=(0,)), Blocked(digests=frozenset({"d1"}))])
)
def test_what_is_chosen_will_do_and_is_no_picture_twice(
    found: list[Candidate], rule: Rule, current: list[tuple[str, str]], blocked: Blocked
):
    selection = select(found, rule, current, blocked=blocked)
    by_key = {one.key: one for one in found}
    chosen = [by_key[key] for key in selection.chosen]

    assert len(chosen) <= rule.most
    reasons = [refusal(one, rule, blocked) for one in chosen]
    assert all(one is None or one.why is Why.GONE for one in reasons)
    sound = [one for one, reason in zip(chosen, reasons, strict=True) if reason is None]
    for place, one in enumerate(sound):
        assert all(bits_between(one, other, rule) is None for other in sound[:place])
    for one in found:
        assert (why_not(one.key, selection) is None) == (one.key in selection.chosen)


@given(SOME, RULES)
def test_where_any_picture_will_do_the_slot_is_not_left_empty(found: list[Candidate], rule: Rule):
    usable = [one for one in found if refusal(one, rule) is None]
    assert bool(select(found, rule).chosen) == bool(usable)
