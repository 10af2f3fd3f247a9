"""What people add, change, note and throw away by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role, User
from catalogue import adding, cleaning, editing, scope, values
from catalogue.codes import Code, Scheme
from catalogue.models import Change, Copy, Edition, Footprint, Library, Location, Progress, Visibility, Work
from catalogue.values import Kind
from catalogue.values import Role as Did
from core.errors import ConfigError, FieldError
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.conftest import Importing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on")]

DUNE = values.Entry(
    0,
    values.Work(Kind.BOOK, "Dune", year=1965, people=(values.Person("Frank Herbert", Did.AUTHOR),)),
    values.Edition(format="Hardcover"),
    (Code(Scheme.ISBN, "9780441013593"),),
    values.Copy(place="Shelf 2"),
)


@pytest.fixture
def library(db: None) -> Library:
    return Library.usual()


def test_what_is_entered_is_a_work_an_edition_and_a_copy(ute: User, library: Library):
    work, copy = adding.add(DUNE, ute, library)
    assert (work.title, work.year, work.added_by, work.added_via, work.origins) == (
        "Dune", 1965, ute, "manual", {"*": "manual"},
    )  # fmt: skip
    assert [one.person.name for one in work.contributions.all()] == ["Frank Herbert"]
    edition = Edition.objects.get(work=work)
    assert [one.value for one in edition.identifiers.all()] == ["9780441013593"]
    assert copy is not None
    copy.refresh_from_db()
    assert (copy.edition, str(copy.location), copy.added_by) == (edition, "Shelf 2", ute)
    # It is no import, so there is none to take back.
    assert not Footprint.objects.exists()


def test_what_may_be_here_already_is_told_and_can_have_another_copy(ute: User, library: Library):
    work, first = adding.add(DUNE, ute, library)
    (found,) = adding.alike(replace(DUNE, codes=()), ute, library)
    assert (found.work, found.match.score) == (work, 0.93)
    again, second = adding.add(DUNE, ute, library, to=work.pk)
    assert (again.pk, Work.objects.count(), Edition.objects.count()) == (work.pk, 1, 1)
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert adding.alike(replace(DUNE, codes=(), work=values.Work(Kind.BOOK, "Emma")), ute, library) == []


def test_nothing_is_added_to_what_is_not_there_for_somebody(ute: User, library: Library):
    hidden = Library.objects.create(name="Hers", visibility=Visibility.MEMBERS)
    foreign = add_work("Dune", library=hidden)
    with pytest.raises(ConfigError, match="no access to this library"):
        adding.add(DUNE, ute, hidden)
    with pytest.raises(ConfigError, match="choose another"):
        adding.add(DUNE, ute, library, to=foreign.pk)
    with pytest.raises(ConfigError, match="only look"):
        adding.add(DUNE, add_user("vera", Role.VIEWER), library)
    assert adding.alike(DUNE, ute, hidden) == []


def test_what_a_person_changed_is_written_down_and_no_import_changes_it_back(
    ute: User, importing: Importing, library: Library
):
    rows = "id,title,media_type,year,author,genre\n7,Dune,book,1964,F. Herbert,SF\n"
    importing(rows)
    work = Work.objects.get()
    changes = {"title": " Dune ", "year": 1965, "author": ["Frank Herbert", "frank  herbert"], "genre": []}
    work = editing.edit_work(work, ute, changes)
    assert (work.year, work.version, work.origins["year"]) == (1965, 2, "manual")
    (change,) = Change.objects.all()
    assert (change.actor, change.before, change.after) == (
        ute,
        {"year": 1964, "author": ["F. Herbert"], "genre": ["SF"]},
        {"year": 1965, "author": ["Frank Herbert"], "genre": []},
    )
    importing(rows.replace("Dune,book,1964", "Dune,book,1963"), mode="overwrite")
    work.refresh_from_db()
    assert work.year == 1965
    editing.edit_work(work, ute, {"year": 1965, "author": ["frank herbert"]})
    assert Change.objects.count() == 1


def test_another_title_is_found_and_sorted_by(ute: User):
    work = add_work("Dnue", added_by=ute)
    work = editing.edit_work(work, ute, {"title": "The Dune", "locks": ["overview"]})
    assert (work.folded, work.sort_title, work.locks) == ("dune", "dune", ["overview"])
    assert Change.objects.get().after == {"title": "The Dune", "locks": ["overview"]}
    editing.edit_work(work, ute, {"locks": ["overview"]})
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"year": 999}, "year"),
        ({"year": True}, "year"),
        ({"kind": "car"}, "kind"),
        ({"community_rating": Decimal(11)}, "community_rating"),
        ({"runtime_min": -1}, "runtime_min"),
        ({"genre": ["x" * 301]}, "genre"),
        ({"genre": [str(number) for number in range(201)]}, "genre"),
        ({"colour": "red"}, "colour"),
        ({"locks": ["colour"]}, "locks"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    ute: User, changes: dict[str, Any], field: str
):
    work = add_work("Dune", added_by=ute, year=1965)
    with pytest.raises(FieldError) as refused:
        editing.edit_work(work, ute, {"overview": "Sand.", **changes})
    assert refused.value.field == field
    work.refresh_from_db()
    assert (work.title, work.year, work.overview) == ("Dune", 1965, "")
    assert not Change.objects.exists()


def test_who_may_not_change_a_work_is_told_so(ute: User):
    work = add_work("Dune")
    copy = add_copy(work)
    for change in (
        lambda: editing.edit_work(work, ute, {"year": 1965}),
        lambda: editing.edit_edition(copy.edition, ute, {"pages": 412}),
        lambda: editing.edit_copy(copy, ute, {"notes": "mine"}),
        lambda: editing.trash_copy(copy, ute),
        lambda: editing.restore_copy(copy, ute),
    ):
        with pytest.raises(ConfigError, match="may not change"):
            change()
    assert editing.trash_works(Work.objects.all(), ute) == 0
    with pytest.raises(ConfigError, match="not there"):
        editing.note_progress(add_work("Hidden", deleted_at=timezone.now()), ute, {"state": "completed"})


def test_an_edition_and_a_copy_are_changed_and_the_work_tells_it(ute: User):
    work = add_work("Dune", added_by=ute)
    copy = add_copy(work, added_by=ute)
    edition = editing.edit_edition(
        copy.edition, ute, {"format": " Blu-ray\n", "published_on": date(2001, 2, 3)}
    )
    assert (edition.format, edition.origins["format"]) == ("Blu-ray", "manual")
    changes = {
        "location": "Attic",
        "price": Decimal("9.9"),
        "quantity": None,
        "own": {"Mood": "dark", "No": ""},
    }
    copy = editing.edit_copy(copy, ute, changes)
    assert (str(copy.location), copy.price, copy.quantity, copy.own) == (
        "Attic", Decimal("9.9"), 1, {"Mood": "dark"},
    )  # fmt: skip
    editing.edit_copy(copy, ute, {"location": "attic"})
    assert Location.objects.count() == 1
    editing.edit_copy(copy, ute, {"location": ""})
    newest = Change.objects.first()
    assert newest is not None
    assert newest.before == {f"{copy.number} location": "Attic"}
    editing.edit_edition(edition, ute, {"format": "Blu-ray"})
    assert Change.objects.count() == 3


def test_how_somebody_stands_to_a_work_is_theirs_and_may_go_back(ute: User):
    work = add_work("Dune")
    editing.note_progress(work, ute, {"state": "completed", "rating": Decimal(9)}, date(2020, 1, 5))
    editing.note_progress(work, ute, {"state": "in_progress"}, date(2020, 1, 5))
    (mine,) = Progress.objects.all()
    assert (mine.user, mine.state, mine.rating, mine.plays.count()) == (ute, "in_progress", Decimal(9), 1)
    with pytest.raises(FieldError, match="no state"):
        editing.note_progress(work, ute, {"state": "eaten"})


def test_the_trash_gives_back_what_it_holds_and_forgets_it_after_thirty_days(ute: User):
    work = add_work("Dune", added_by=ute)
    copy = add_copy(work, added_by=ute)
    editing.trash_copy(copy, ute)
    assert not scope.copies(ute).exists()
    editing.restore_copy(copy, ute)
    assert editing.trash_works(Work.objects.filter(pk=work.pk), ute) == 1
    assert not scope.works(ute).exists()
    assert editing.restore_works(Work.objects.filter(pk=work.pk), ute) == 1
    assert scope.copies(ute).get() == copy
    clean = cleaning.BRINGS.cleaners["catalogue_trash"]
    Work.objects.update(deleted_at=timezone.now() - timedelta(days=29))
    assert (clean(), Work.objects.count()) == (0, 1)
    Work.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    clean()
    assert not Work.objects.exists()
    assert not Copy.objects.exists()
