"""Works are found by what is written and chosen, and nobody finds what they may not see."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.db.models import Q, QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from catalogue import facets, scope, search
from catalogue.facets import Option
from catalogue.models import Copy, Library, Progress, Visibility, Work
from catalogue.query import CHOICES, FIELDS, NUMBERS, parse
from catalogue.search import ALL, ANY, Chosen
from tests.catalogue.build import add_user, add_work
from tests.catalogue.shelf import add_edition, add_person, add_term, make_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    caches["process"].clear()


@pytest.fixture
def shelf(ute: User) -> dict[str, Work]:
    return make_shelf(ute)


def told(user: User, query: str = "", **chosen: str) -> set[str]:
    return set(search.find(user, parse(query), Chosen(**chosen)).values_list("title", flat=True))


DUNES = {"Dune", "Dune Messiah"}
EVERYTHING = {*DUNES, "Alien", "Amélie", "Firefly", "Serenity", "Halo"}
WRITTEN = {
    # Words, in any order, inside others, without capitals and accents, in titles, series and names.
    "": EVERYTHING,
    "dune": DUNES,
    "messiah dune": {"Dune Messiah"},
    "essi": {"Dune Messiah"},
    "AMELIE": {"Amélie"},
    "fabuleux": {"Amélie"},
    "herbert dune": DUNES,
    "herbert alien": set(),
    "weaver": {"Alien"},
    "al": {"Alien"},
    "de": {"Amélie"},
    "lien al": {"Alien"},
    "100%": set(),
    "_": set(),
    "dune -messiah": {"Dune"},
    '"dune mess"': {"Dune Messiah"},
    # Numbers, however they are written.
    "9780441013593": {"Dune"},
    "0-441-01359-7": {"Dune"},
    "code:5039036030281": {"Alien"},
    "code:tt0078748": {"Alien"},
    # Fields.
    "by:herbert": DUNES,
    "author:herbert": DUNES,
    "actor:herbert": set(),
    "actor:weaver -director:scott": set(),
    "title:dune": DUNES,
    "series:dune year:1965": {"Dune"},
    "year:1960..1979": {*DUNES, "Alien"},
    "year:2002..": {"Firefly", "Serenity"},
    "-year:..2002": {"Serenity", "Halo"},
    "about:worm": {"Dune"},
    "about:worms about:des": {"Dune"},
    "about:...": EVERYTHING,
    "about:dunes": set(),
    "publisher:chil": {"Dune"},
    "format:dvd": {"Alien"},
    "resolution:576": {"Alien"},
    "pages:400..": {"Dune"},
    "minutes:100..120": {"Alien"},
    "language:en": {"Alien"},
    "genre:sf": {"Dune", "Alien"},
    "studio:fox": {"Alien"},
    "platform:xbox": {"Halo"},
    "tag:sf": set(),
    "place:shelf": {"Dune"},
    "place:attic": {"Dune"},
    "owner:ute": {"Alien"},
    "lent:ann": {"Alien"},
    "library:home": EVERYTHING,
    "rating:9..": {"Firefly"},
    "mine:9": {"Dune"},
    "added:..1999": set(),
    "added:2000..": EVERYTHING,
    "added:999999": set(),
    "year:999999": set(),
    "kind:movie": {"Alien", "Amélie", "Serenity"},
    "state:read": {"Dune"},
    "state:unstarted": EVERYTHING - {"Dune", "Halo"},
    "is:owned": {"Dune", "Alien"},
    "is:lent": {"Alien"},
    "is:signed": {"Dune"},
    "is:wanted": {"Alien"},
    "is:boxed": {"Firefly", "Serenity"},
    "is:complete": {"Firefly"},
    "-is:owned kind:movie": {"Amélie", "Serenity"},
}


def test_what_is_written_finds_what_it_says(ute: User, shelf: dict[str, Work]):
    assert {query: told(ute, query) for query in WRITTEN} == WRITTEN


def test_what_is_chosen_of_facets_is_found(ute: User, shelf: dict[str, Work]):
    place = Copy.objects.exclude(location=None).values_list("location", flat=True)[0]
    found = {
        name: told(ute, **{name: value})
        for name, value in (
            ("kind", "game"),
            ("genre", "SF"),
            ("format", "DVD"),
            ("decade", "2000"),
            ("place", str(place)),
            ("state", "in_progress"),
            ("library", str(Library.usual().pk)),
        )
    }
    assert found == {
        "kind": {"Halo"},
        "genre": {"Dune", "Alien"},
        "format": {"Alien"},
        "decade": {"Amélie", "Firefly", "Serenity"},
        "place": {"Dune"},
        "state": {"Halo"},
        "library": EVERYTHING,
    }
    assert told(ute, state="unwatched") == EVERYTHING - {"Dune", "Halo"}
    wrong = {name: told(ute, **{name: "x"}) for name in Chosen.__slots__}
    assert not any(wrong.values())


def test_facets_count_what_fits(ute: User, shelf: dict[str, Work]):
    def counted(query: str = "", **chosen: str) -> dict[str, dict[str, int | None]]:
        asked = parse(query), Chosen(**chosen)
        told = facets.offered(ute, *asked, facets.matches(ute, *asked).ids)
        return {name: {one.name: one.number for one in options} for name, options in told.items()}

    everything = counted()
    assert everything["genre"] == {"SF": 2}
    assert everything["format"] == {"Blu-ray": 1, "DVD": 1, "Hardcover": 1}
    assert everything["decade"] == {"1960": 2, "1970": 1, "2000": 3}
    assert everything["state"] == {"completed": 1, "in_progress": 1, "": 5}
    assert counted("dune")["decade"] == {"1960": 2}
    # Of what is chosen all that there is stays to choose from.
    assert counted(format="DVD")["format"] == {"Blu-ray": None, "DVD": None, "Hardcover": None}
    assert counted(format="DVD")["genre"] == {"SF": 1}


def test_of_very_many_works_nothing_is_counted_anew(
    ute: User, shelf: dict[str, Work], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(facets, "FEW", 1)
    found = facets.matches(ute, parse("dune"), ANY)
    assert (found.ids, found.rows.count(), found.kinds) == (None, 2, {"book": 2})
    assert facets.offered(ute, parse("dune"), ANY, None)["genre"] == [Option("SF", "SF")]


def test_a_misspelled_word_comes_close(ute: User, shelf: dict[str, Work]):
    titles = {pk: work.title for title, work in shelf.items() for pk in [work.pk]}

    def close(query: str) -> set[str]:
        return {titles[pk] for pk in search.closely(ute, parse(query))}

    assert {query: close(query) for query in ("mesiah", "herbart", "alein kind:book", "-dune", "amelei")} == {
        "mesiah": {"Dune Messiah"},
        "herbart": DUNES,
        "alein kind:book": set(),
        "-dune": set(),
        "amelei": {"Amélie"},
    }


def test_a_number_is_known_by_what_it_is_on(ute: User, shelf: dict[str, Work]):
    assert search.known_by(ute, "978-0-441-01359-3") == [shelf["Dune"].pk]
    assert search.known_by(ute, "9780141439587") == search.known_by(ute, "dune") == []


# Who sees what


@pytest.fixture
def people(ute: User) -> dict[str, User]:
    """Three people; a library of ute's, and copies that are hers alone."""
    found = {"ute": ute, "uwe": add_user("uwe"), "ada": add_user("ada", Role.ADMIN)}
    make_shelf(ute)
    hers = Library.objects.create(name="Hers", visibility=Visibility.MEMBERS)
    hers.members.add(ute)
    diary = add_work("Diary", library=hers, kind="book", year=1990, overview="secret")
    add_person(diary, "Secret Person", "author")
    add_term(diary, "genre", "Secret")
    Copy.objects.create(edition=add_edition(diary, "isbn13:9780141439587", format="Notebook"))
    private = add_edition(Work.objects.get(title="Halo"), "gtin:0711719541028", format="Secret disc", pages=7)
    Copy.objects.create(edition=private, owner=ute, is_private=True, lent_to="Secret", quantity=3)
    Progress.objects.create(user=ute, work=diary, state="dropped", rating=1, is_wanted=True)
    return found


def test_what_is_hidden_is_neither_found_nor_counted(people: dict[str, User]):
    hidden = (
        '"secret disc"',
        "format:secret",
        "lent:secret",
        "code:0711719541028",
        "pages:7",
        "0711719541028",
    )
    for query in hidden:
        found = {name: told(user, query) for name, user in people.items()}
        expected = set() if query.startswith('"') else {"Halo"}
        assert found == {"ute": expected, "uwe": set(), "ada": set()}, query
    for query in ("diary", "secret", "by:secret", "9780141439587", "about:secret", "state:dropped"):
        assert (told(people["ute"], query), told(people["uwe"], query)) == ({"Diary"}, set()), query
    names = {
        name: {option.name for options in facets.offered(user, ALL, ANY, None).values() for option in options}
        for name, user in people.items()
    }
    assert {"Secret disc", "Secret", "Notebook", "Hers", "dropped"} <= names["ute"]
    assert not {"Secret disc", "Secret", "Notebook", "Hers", "dropped", "completed"} & names["uwe"]
    assert "Secret disc" not in names["ada"]


FIELD = st.sampled_from(FIELDS)
VALUE = st.one_of(
    st.sampled_from(
        ["secret", "dune", "x", "1990", "7", "2000..", "..1980", "9780141439587", "notebook", "\u02bc(1)"]
    ),
    st.sampled_from(sorted({name for names in CHOICES.values() for name in names})),
    st.text(max_size=12),
)
ASKED = st.lists(
    st.one_of(VALUE, st.builds("{}:{}".format, FIELD, VALUE), st.builds('-{}:"{}"'.format, FIELD, VALUE)),
    max_size=4,
).map(" ".join)
CHOSEN = st.builds(
    Chosen,
    kind=st.sampled_from(["", "book", "game"]),
    genre=st.sampled_from(["", "SF", "Secret"]),
    format=st.sampled_from(["", "DVD", "Secret disc", "Notebook"]),
    decade=st.sampled_from(["", "1990", "1960"]),
    state=st.sampled_from(["", "dropped", "completed", "unwatched"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ASKED, CHOSEN)
def test_nobody_finds_what_they_may_not_see(people: dict[str, User], asked: str, chosen: Chosen):
    query = parse(asked.replace("\0", ""))
    for user in people.values():
        seen = set(scope.works(user).values_list("pk", flat=True))
        exact = set(search.find(user, query, chosen).values_list("pk", flat=True))
        assert exact <= seen
        assert set(search.closely(user, query, chosen)) <= seen


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ASKED, CHOSEN)
def test_ids_looked_up_find_what_joined_ones_find(people: dict[str, User], asked: str, chosen: Chosen):
    def joined(rows: QuerySet[Work], fits: search.Fits) -> QuerySet[Work]:
        return rows.filter(fits if isinstance(fits, Q) else Q(pk__in=fits))

    query = parse(asked.replace("\0", ""))
    for user in people.values():
        found = sorted(search.find(user, query, chosen).values_list("pk", flat=True))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search, "_only", joined)
            assert found == sorted(search.find(user, query, chosen).values_list("pk", flat=True))


def test_every_field_that_is_read_is_searched(ute: User):
    values: dict[str, Any] = {**NUMBERS}
    values |= {name: next(iter(known)) for name, known in CHOICES.items()}
    for field in FIELDS:
        query = parse(f"{field}:{values.get(field, 'x')}")
        assert (query.faults, list(search.find(ute, query))) == ((), []), field
