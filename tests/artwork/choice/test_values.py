"""Values of several sources are merged under locks, and nothing that is locked changes by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from artwork.choice.locking import Locks, slot_name
from artwork.choice.scoring import Blocked, Candidate, Rule
from artwork.choice.selecting import select
from artwork.choice.values import PERSON, Order, Told, is_empty, merged, offered_by
from artwork.names import ArtType
from artwork.nfo.value import Nfo, Rating
from providers import contract
from providers.contract import Actor, Crew, Kind, Season, Source, Title
from tests.artwork.choice.test_scoring import CANDIDATES, RULES

ORDER = Order(("tmdb", "tvdb"), {"plot": ("tvdb", "tmdb")})


@pytest.mark.parametrize(
    ("now", "offers", "told"),
    [
        (None, {"tmdb": "A", "tvdb": "B"}, Told("A", "tmdb")),
        (None, {"tmdb": "", "tvdb": "B"}, Told("B", "tvdb")),
        (None, {"tmdb": ""}, None),
        (Told("A", "tmdb"), {"tmdb": "", "tvdb": ""}, Told("A", "tmdb")),
        (Told("A", "tmdb"), {"tvdb": "B"}, Told("A", "tmdb")),
        (Told("A", "tmdb"), {"tmdb": "C", "tvdb": "B"}, Told("C", "tmdb")),
        (Told("A", "tvdb"), {"tmdb": "C"}, Told("C", "tmdb")),
        (Told("", "tmdb"), {"tvdb": "B"}, Told("B", "tvdb")),
        (Told("A", "nfo"), {"tvdb": "B"}, Told("B", "tvdb")),
        (Told("A", PERSON), {"tmdb": "C"}, Told("A", PERSON)),
        (None, {"y": "Y", "x": "X"}, Told("X", "x")),
    ],
)
def test_a_field_has_the_value_of_the_first_source_that_tells_one(
    now: Told | None, offers: dict[str, str], told: Told | None
):
    current = {"title": now} if now else {}
    found = merged(current, {source: {"title": value} for source, value in offers.items()}, ORDER, Locks())
    assert found.get("title") == told


def test_a_field_may_have_an_order_of_its_own():
    offers = {"tmdb": {"plot": "A", "title": "A"}, "tvdb": {"plot": "B", "title": "B"}}
    found = merged({}, offers, ORDER, Locks())
    assert found == {"plot": Told("B", "tvdb"), "title": Told("A", "tmdb")}


def test_a_locked_field_stays_empty_too():
    offers = {"tmdb": {"title": "A", "plot": "P"}}
    assert merged({}, offers, ORDER, Locks(["title"])) == {"plot": Told("P", "tmdb")}
    assert merged({}, offers, ORDER, Locks(["*"])) == {}


@pytest.mark.parametrize(("value", "empty"), [(None, True), ("", True), ((), True), ({}, True), (0, False)])
def test_a_number_always_tells_something(value: object, empty: bool):
    assert is_empty(value) is empty


VALUES = st.sampled_from(["", "A", "B", None, 0, ()])
OFFERS = st.dictionaries(
    st.sampled_from(["tmdb", "tvdb", "nfo"]), st.dictionaries(st.sampled_from(["title", "plot"]), VALUES)
)
TOLD = st.builds(Told, VALUES, st.sampled_from(["tmdb", "tvdb", "nfo", PERSON]))
CURRENT = st.dictionaries(st.sampled_from(["title", "plot"]), TOLD)


@given(CURRENT, OFFERS)
def test_empty_never_overwrites_and_to_merge_twice_is_to_merge_once(
    current: dict[str, Told], offers: dict[str, dict[str, Any]]
):
    found = merged(current, offers, ORDER, Locks())

    assert merged(found, offers, ORDER, Locks()) == found
    assert merged(current, dict(reversed(offers.items())), ORDER, Locks()) == found
    assert current.keys() <= found.keys()
    for name, now in current.items():
        assert is_empty(now.value) or not is_empty(found[name].value)


def test_what_a_provider_tells_are_fields_of_an_nfo():
    title = Title(
        Kind.SERIES,
        {Source.TMDB: "1"},
        "Harbour",
        titles={"de": "Hafen"},
        plots={"en": "A sea."},
        premiered=date(2020, 1, 2),
        runtime=45,
        ratings=(contract.Rating(Source.TMDB, 7.6, 60),),
        certifications={"DE": "12"},
        cast=(Actor("A"),),
        crew=(Crew("D", "Director"), Crew("W", "Screenplay"), Crew("W", "Story"), Crew("X", "Grip")),
        seasons=(Season(1, "Water"), Season(2)),
    )
    assert offered_by(title, ["de", "en"], "DE") == {
        "title": "Hafen",
        "year": 2020,
        "premiered": date(2020, 1, 2),
        "plot": "A sea.",
        "runtime": 45,
        "certification": "12",
        "ratings": (Rating("tmdb", 7.6, 60),),
        "cast": (Actor("A"),),
        "directors": ("D",),
        "credits": ("W",),
        "season_names": {1: "Water"},
        "status": "Ended",
    }
    movie = offered_by(Title(Kind.MOVIE, {}, "Lantern"), ["fr"], "")
    assert movie == {"title": "Lantern"}
    assert {*offered_by(title, ["de"], "DE")} <= set(Nfo.__slots__)


ART = ArtType.POSTER
LOCKS = st.sampled_from(["title", "plot", slot_name(ART), "*"])


class Automation(RuleBasedStateMachine):
    """A title that people and automation change in turn: what is locked only people do."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Told] = {}
        self.chosen: tuple[tuple[str, str], ...] = ()
        self.names: set[str] = set()
        self.adopted = self.locks_adopted = False
        self.held = self._now()

    @property
    def locks(self) -> Locks:
        return Locks(frozenset(self.names), self.locks_adopted)

    def _now(self) -> dict[str, object]:
        """What is locked at this moment."""
        found: dict[str, object] = {
            name: self.values.get(name) for name in ("title", "plot") if self.locks.of_field(name)
        }
        if self.locks.of_slot(ART, is_adopted=self.adopted):
            found["chosen"] = self.chosen
        return found

    # People

    @rule(name=st.sampled_from(["title", "plot"]), value=VALUES)
    def edit(self, name: str, value: object) -> None:
        self.values[name] = Told(value, PERSON)
        self.names.add(name)
        self.held = self._now()

    @rule(address=st.sampled_from("abcdef"))
    def choose(self, address: str) -> None:
        self.chosen, self.adopted = (("tmdb", address),), False
        self.names.add(slot_name(ART))
        self.held = self._now()

    @rule(name=LOCKS, on=st.booleans())
    def turn(self, name: str, on: bool) -> None:
        self.names = self.names | {name} if on else self.names - {name}
        self.held = self._now()

    @rule(on=st.booleans())
    def lock_what_was_there(self, on: bool) -> None:
        self.locks_adopted = on
        self.held = self._now()

    # Automation

    @rule(offers=OFFERS)
    def refresh(self, offers: dict[str, dict[str, Any]]) -> None:
        self.values = merged(self.values, offers, ORDER, self.locks)

    @rule(
        found=st.lists(CANDIDATES, max_size=4),
        how=RULES,
        blocked=st.sampled_from([Blocked(phashes=(0,)), None]),
    )
    def select(self, found: list[Candidate], how: Rule, blocked: Blocked | None) -> None:
        lock = self.locks.of_slot(ART, is_adopted=self.adopted)
        selection = select(found, how, self.chosen, blocked=blocked or Blocked(), lock=lock)
        self.adopted = self.adopted and selection.chosen == self.chosen
        self.chosen = selection.chosen

    @rule()
    def adopt(self) -> None:
        if not self.locks.of_slot(ART) and not self.chosen:
            self.chosen, self.adopted = (("local", "poster.jpg"),), True
            self.held = self._now()

    @invariant()
    def nothing_locked_has_changed(self) -> None:
        assert self._now() == self.held


def test_no_automatic_step_changes_what_is_locked():
    run_state_machine_as_test(Automation, settings=settings(max_examples=60, stateful_step_count=25))
