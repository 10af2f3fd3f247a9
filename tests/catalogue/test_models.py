"""What no collection may hold, however it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalogue.models import (
    Copy,
    Duplicate,
    Edition,
    Identifier,
    Library,
    Location,
    Merge,
    OwnField,
    Person,
    Progress,
    Season,
    SetMember,
    SourceLink,
    Term,
    Visibility,
    Work,
    WorkTerm,
)
from catalogue.models.works import Contribution
from tests.catalogue.build import add_copy, add_user, add_work

pytestmark = pytest.mark.django_db


def refused(make: Callable[[], Any]) -> bool:
    """Whether the database refuses it, at once or at the end of the transaction."""
    try:
        with transaction.atomic():
            make()
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


def test_the_database_refuses_what_cannot_be():
    library, user = Library.usual(), add_user("ann")
    dune, emma = add_work("Dune"), add_work("Emma")
    copy = add_copy(dune)
    edition, person = copy.edition, Person.objects.create(name="Ann", folded="ann")
    genre = Term.objects.create(kind="genre", name="SF", folded="sf")
    shelf = Location.objects.create(name="Shelf")
    Location.objects.create(parent=shelf, name="Box")
    Contribution.objects.create(work=dune, person=person, role="author")
    WorkTerm.objects.create(work=dune, term=genre)
    Season.objects.create(work=dune, number=1)
    Progress.objects.create(user=user, work=dune)
    Identifier.objects.create(library=library, work=dune, scheme="imdb", value="tt1")
    SetMember.objects.create(box=edition, position=1, work=emma)
    OwnField.objects.create(kind="book", name="Mood")
    SourceLink.objects.create(library=library, source="ours", known_as="1", work=dune, edition=edition)
    Duplicate.objects.create(one=dune, other=emma, score=0.9)
    wrong: dict[str, Callable[[], Any]] = {
        "a second usual library": lambda: Library.objects.create(name="Other", is_default=True),
        "a library's name twice": lambda: Library.objects.create(name=library.name.upper()),
        "an unknown visibility": lambda: Library.objects.create(name="Other", visibility="nobody"),
        "an unknown kind": lambda: add_work("X", kind="stamp"),
        "a year before print": lambda: add_work("X", year=999),
        "a rating above ten": lambda: add_work("X", community_rating=11),
        "merged into itself": lambda: Work.objects.filter(pk=dune.pk).update(merged_into=dune.pk),
        "a person twice": lambda: Person.objects.create(name="ANN", folded="ann"),
        "a contribution twice": lambda: Contribution.objects.create(work=dune, person=person, role="author"),
        "an unknown role": lambda: Contribution.objects.create(work=dune, person=person, role="cook"),
        "a genre twice": lambda: Term.objects.create(kind="genre", name="Sf", folded="sf"),
        "an unknown sort of term": lambda: Term.objects.create(kind="mood", name="x", folded="x"),
        "a genre of a work twice": lambda: WorkTerm.objects.create(work=dune, term=genre),
        "a season twice": lambda: Season.objects.create(work=dune, number=1),
        "a person's progress twice": lambda: Progress.objects.create(user=user, work=dune),
        "an unknown state": lambda: Progress.objects.create(user=user, work=emma, state="bored"),
        "a person's rating above ten": lambda: Progress.objects.create(user=user, work=emma, rating=11),
        "a number of nothing": lambda: Identifier.objects.create(library=library, scheme="imdb", value="2"),
        "a number of two": lambda: Identifier.objects.create(
            library=library, scheme="imdb", value="2", work=dune, edition=edition
        ),
        "an unknown scheme": lambda: Identifier.objects.create(
            library=library, scheme="phone", value="2", work=dune
        ),
        "one number, two works": lambda: Identifier.objects.create(
            library=library, work=emma, scheme="imdb", value="tt1"
        ),
        "a place twice": lambda: Location.objects.create(name="SHELF"),
        "a place in a place twice": lambda: Location.objects.create(parent=shelf, name="box"),
        "no copies": lambda: Copy.objects.filter(pk=copy.pk).update(quantity=0),
        "two at one place of a set": lambda: SetMember.objects.create(box=edition, position=1, work=dune),
        "a nameless member": lambda: SetMember.objects.create(box=edition, position=2),
        "an own field twice": lambda: OwnField.objects.create(kind="book", name="mood"),
        "an own field of no kind": lambda: OwnField.objects.create(kind="stamp", name="Mood"),
        "a row of a list twice": lambda: SourceLink.objects.create(
            library=library, source="ours", known_as="1", work=emma, edition=edition
        ),
        "merged with itself": lambda: Merge.objects.create(kept=dune, gone=dune),
        "like itself": lambda: Duplicate.objects.create(one=dune, other=dune, score=1),
        "a pair turned round": lambda: Duplicate.objects.create(one=emma, other=dune, score=0.9),
    }
    assert [name for name, make in wrong.items() if not refused(make)] == []


def test_a_number_that_somebody_shared_is_of_several():
    library = Library.usual()
    for title, shared in (("Dune", False), ("Emma", True), ("Ida", True)):
        work = add_work(title)
        Identifier.objects.create(library=library, work=work, scheme="gtin", value="1", shared=shared)
    assert Identifier.objects.filter(value="1").count() == 3


def test_a_season_is_complete_when_all_that_is_expected_is_there():
    work = add_work("Harbour", kind="tv_series")
    told = [
        Season(work=work, number=n, expected=e, available=a) for n, e, a in ((1, 2, 2), (2, 3, 2), (3, 0, 0))
    ]
    Season.objects.bulk_create(told)
    assert list(Season.objects.values_list("is_complete", flat=True)) == [True, False, False]


def test_rows_say_what_they_are():
    work = add_work("Dune", year=1965)
    copy = add_copy(work)
    assert str(work) == "Dune (1965)"
    assert str(copy) == f"C-{copy.pk:06}"
    assert str(Library(name="Attic", visibility=Visibility.MEMBERS)) == "Attic"
    assert str(Edition(format="dvd")) == "dvd"
    assert str(Identifier(scheme="imdb", value="tt1")) == "imdb tt1"
