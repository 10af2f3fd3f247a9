"""Whatever somebody asks for, they are told what they would be told if what is hidden were not there.

A property over all that lists, search, facets, counts and exports can be asked: with the hidden rows deleted
every answer is the same.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from catalogue import boxes, exporting, insurance, places, scope, search
from catalogue.models import Change, Copy, Edition, Identifier, Library, Location, SetMember, Work
from catalogue.pages.collection_rows import Filters, collection_page
from catalogue.query import CHOICES, FIELDS, parse
from catalogue.search import Chosen
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.shelf import add_edition, add_term, make_shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on")]

WORDS = (
    *("dune", "secret", "gift", "attic", "safe", "shelf", "dvd", "blu-ray", "hidden press", "9780306406157"),
    *(
        "4006381333931",
        "ada",
        "ute",
        "anna",
        "otto",
        "horror",
        "1965",
        "1990..",
        "..2000",
        "mood=dark",
        "dark",
    ),
    *("home", "gifts", "box", "dun", "secrat"),
)

PEOPLE = ("ute", "uwe", "ada", "vera")

words = st.sampled_from(WORDS)
said = st.one_of(
    words,
    st.builds("{}:{}".format, st.sampled_from(FIELDS), words),
    st.builds('-{}:"{}"'.format, st.sampled_from(FIELDS), words),
    *(st.builds(f"{field}:{{}}".format, st.sampled_from(sorted(known))) for field, known in CHOICES.items()),
)
queries = st.lists(said, max_size=3).map(" ".join)
chosen = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["book", "movie", "game"]),
        "genre": st.sampled_from(["SF", "Horror"]),
        "format": st.sampled_from(["DVD", "Vault", "Hardcover"]),
        "decade": st.sampled_from(["1960", "1990"]),
        "place": st.sampled_from(["first", "last"]),
        "state": st.sampled_from(["completed", "in_progress", "unwatched"]),
        "library": st.sampled_from(["usual", "gifts"]),
        "sort": st.sampled_from(["title", "-year", "-added", "-rating", "-mine"]),
    },
)


@pytest.fixture
def people(ute: User) -> dict[str, User]:
    """A household in which each hides something from the others."""
    uwe, ada = add_user("uwe"), add_user("ada", Role.ADMIN)
    vera = add_user("vera", Role.VIEWER)
    works = make_shelf(ute)
    gifts = Library.objects.create(name="Gifts", visibility="members")
    gifts.members.add(uwe)
    secret = add_work("Secret gift", library=gifts, year=1965, own={"Mood": "dark"}, added_by=uwe)
    add_term(secret, "genre", "Horror")
    box = add_edition(secret, "isbn13:9780306406157", format="Vault", publisher="Hidden press", is_set=True)
    Copy.objects.create(edition=box, location=Location.objects.get(name="Attic"), price=9)
    SetMember.objects.create(box=box, position=1, work=works["Dune Messiah"])
    safe = Location.objects.create(name="Safe")
    for owner in (ute, uwe, ada):
        hidden = add_copy(
            works["Dune"],
            owner=owner,
            is_private=True,
            location=safe,
            lent_to="otto",
            own={"Where": "dark"},
            notes="secret",
            price=5,
            currency="EUR",
            signatures=[{"by": "x", "role": "", "on": "", "at": ""}],
        )
        Edition.objects.filter(pk=hidden.edition_id).update(
            format="Vault", publisher="Hidden press", pages=1965, is_set=True
        )
        SetMember.objects.create(box=hidden.edition, position=1, work=works["Halo"])
        about = {"library": Library.usual(), "edition": hidden.edition, "scheme": "gtin"}
        Identifier.objects.create(**about, value=f"40000000000{owner.pk % 10}0")
        Change.objects.create(work=works["Dune"], copy=hidden, via="manual", after={"notes": "secret"})
    return {"ute": ute, "uwe": uwe, "ada": ada, "vera": vera}


def told(user: User, q: str, wanted: dict[str, str]) -> Any:
    """All that somebody is told for what they ask."""
    caches["process"].clear()
    named = {
        "first": lambda: Location.objects.get(name="Attic").pk,
        "last": lambda: Location.objects.get(name="Safe").pk,
        "usual": lambda: Library.usual().pk,
        "gifts": lambda: Library.objects.get(name="Gifts").pk,
    }
    asked = {name: str(named[value]()) if value in named else value for name, value in wanted.items()}
    page = collection_page(user, Filters.of({**asked, "q": q}))
    return (
        [(row.work.pk, row.copies, row.formats, row.places, row.mine) for row in page.rows],
        page.kinds,
        page.facets,
        page.total,
        search.known_by(user, q),
        sorted(search.find(user, parse(q), Chosen.of(asked)).values_list("pk", flat=True)),
    )


def exported(user: User) -> Any:
    """All that is exported for somebody, and what else tells of works."""
    table, sums, packed = io.StringIO(newline=""), io.StringIO(newline=""), io.BytesIO()
    exporting.write(user, table)
    insurance.write_table(user, sums)
    exporting.write_archive(user, packed)
    with zipfile.ZipFile(packed) as archive:
        records = json.loads(archive.read("collection.json"))
    works = list(scope.works(user).values_list("pk", flat=True))
    editions = list(scope.editions(user).values_list("pk", flat=True))
    return (
        table.getvalue(),
        sums.getvalue(),
        records,
        [(node.path, node.here, node.within) for node in places.tree(user)],
        [change.after for change in scope.without_prices(user, scope.changes(user, works))],
        sorted(boxes.owned(user).values_list("work", flat=True)),
        [(one.work_id, one.note) for one in boxes.members(user, editions)],
    )


def forget_hidden(user: User) -> None:
    """Delete all that is hidden from somebody."""
    Change.objects.exclude(copy=None).exclude(copy__in=scope.copies(user)).delete()
    hidden = Copy.objects.exclude(pk__in=scope.copies(user))
    Edition.objects.filter(pk__in=list(hidden.values_list("edition", flat=True))).exclude(
        pk__in=scope.editions(user)
    ).delete()
    hidden.delete()
    Work.objects.exclude(pk__in=scope.works(user)).delete()


@settings(
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=st.lists(st.tuples(queries, chosen), min_size=1, max_size=4), name=st.sampled_from(PEOPLE))
def test_no_search_facet_or_count_tells_of_what_is_hidden(people: dict[str, User], asked: Any, name: str):
    user = people[name]
    with_hidden = [told(user, q, wanted) for q, wanted in asked]
    with transaction.atomic():
        forget_hidden(user)
        without = [told(user, q, wanted) for q, wanted in asked]
        transaction.set_rollback(True)
    assert with_hidden == without


@pytest.mark.parametrize("name", PEOPLE)
def test_no_export_place_or_change_tells_of_what_is_hidden(people: dict[str, User], name: str):
    user = people[name]
    with_hidden = exported(user)
    forget_hidden(user)
    assert with_hidden == exported(user)


def test_something_is_hidden_from_each_of_them(people: dict[str, User]):
    copies, works = Copy.objects.count(), Work.objects.count()
    seen = {
        name: (copies - scope.copies(user).count(), works - scope.works(user).count())
        for name, user in people.items()
    }
    assert seen == {"ute": (3, 1), "uwe": (2, 0), "ada": (2, 0), "vera": (4, 1)}
