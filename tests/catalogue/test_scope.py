"""Who sees and who changes what of the collection."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Role, User
from catalogue import editing, scope
from catalogue.models import Change, Import, Library, Progress, Visibility, Work
from core import flags
from core.errors import FieldError
from tests.catalogue.build import add_copy, add_user, add_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    roles = {"ada": Role.ADMIN, "ute": Role.USER, "uwe": Role.USER, "vera": Role.VIEWER}
    return {name: add_user(name, role) for name, role in roles.items()}


def seen_by(people: dict[str, User], rows) -> dict[str, set[str]]:
    """The titles that each of them gets."""
    return {
        name: {getattr(row, "title", "") or row.edition.work.title for row in rows(user)}
        for name, user in people.items()
    }


def test_a_library_for_its_members_is_hidden_from_others(people: dict[str, User]):
    attic = Library.objects.create(name="Attic", visibility=Visibility.MEMBERS)
    attic.members.add(people["uwe"])
    for work in (add_work("Dune"), add_work("Emma", library=attic)):
        add_copy(work)
        Progress.objects.create(work=work, user=people["ute"])
    both = {"Dune", "Emma"}
    assert seen_by(people, scope.works) == {"ada": both, "ute": {"Dune"}, "uwe": both, "vera": {"Dune"}}
    assert seen_by(people, scope.copies) == {"ada": both, "ute": {"Dune"}, "uwe": both, "vera": {"Dune"}}
    assert [row.work.title for row in scope.progress(people["ute"])] == ["Dune"]
    assert not scope.progress(people["ada"])


def test_a_private_copy_is_its_owners_alone(people: dict[str, User]):
    add_copy(add_work("Diary"), owner=people["ute"], added_by=people["ada"], is_private=True)
    add_copy(add_work("Letters"), added_by=people["uwe"], is_private=True)
    nothing: set[str] = set()
    expected = {"ada": nothing, "ute": {"Diary"}, "uwe": {"Letters"}, "vera": nothing}
    assert seen_by(people, scope.copies) == expected


def test_what_was_changed_of_a_private_copy_is_told_to_its_owner_alone(people: dict[str, User]):
    work = add_work("Diary", added_by=people["ute"])
    hidden = add_copy(work, added_by=people["ute"], is_private=True)
    shown = add_copy(work, added_by=people["ute"])
    for copy in (hidden, shown):
        editing.edit_copy(copy, people["ute"], {"notes": "mine", "price": Decimal(9)})
    told = {
        name: [change.after for change in scope.without_prices(user, scope.changes(user, [work.pk]))]
        for name, user in people.items()
    }
    one, other = f"{hidden.number} notes", f"{shown.number} notes"
    price = f"{shown.number} price"
    assert told == {
        "ada": [{other: "mine", price: "9.0000"}],
        "ute": [{other: "mine", price: "9.0000"}, {one: "mine", f"{hidden.number} price": "9.0000"}],
        "uwe": [{other: "mine"}],
        "vera": [{other: "mine"}],
    }


def test_what_a_copy_cost_is_seen_by_admins_its_owner_and_who_added_it(
    people: dict[str, User], monkeypatch: pytest.MonkeyPatch
):
    copy = add_copy(add_work("Dune"), owner=people["ute"], added_by=people["uwe"], price=9)
    scope_of = {name: scope.may_see_price(user, copy) for name, user in people.items()}
    assert scope_of == {"ada": True, "ute": True, "uwe": True, "vera": False}
    sorted_by = {
        name: scope.with_seen_price(scope.copies(user), user).get().seen_price
        for name, user in people.items()
    }
    assert sorted_by == {"ada": 9, "ute": 9, "uwe": 9, "vera": None}
    monkeypatch.setattr(flags, "is_on", lambda key: key == "catalogue.prices_for_all")
    assert scope.may_see_price(people["vera"], copy)


def test_a_copy_becomes_somebodys(people: dict[str, User]):
    copy = add_copy(add_work("Dune"), added_by=people["ute"])
    assert editing.edit_copy(copy, people["ute"], {"owner": "UWE"}).owner == people["uwe"]
    editing.edit_copy(copy, people["uwe"], {"owner": ""})
    copy.refresh_from_db()
    assert copy.owner is None
    with pytest.raises(FieldError, match="no user called otto"):
        editing.edit_copy(copy, people["ute"], {"owner": "otto"})
    assert [change.after for change in Change.objects.order_by("pk")] == [
        {f"{copy.number} owner": "uwe"},
        {f"{copy.number} owner": ""},
    ]


def test_users_change_what_they_added_and_viewers_nothing(
    people: dict[str, User], monkeypatch: pytest.MonkeyPatch
):
    for name in ("ute", "uwe", "vera"):
        add_copy(add_work(f"of {name}", added_by=people[name]), added_by=people[name])
    add_copy(add_work("lent to ute", added_by=people["uwe"]), owner=people["ute"])
    every = {"of ute", "of uwe", "of vera", "lent to ute"}
    works = {"ada": every, "ute": {"of ute"}, "uwe": {"of uwe", "lent to ute"}, "vera": set()}
    copies = {"ada": every, "ute": {"of ute", "lent to ute"}, "uwe": {"of uwe"}, "vera": set()}
    assert seen_by(people, scope.changeable_works) == works
    assert seen_by(people, scope.changeable_copies) == copies
    real = flags.is_on
    monkeypatch.setattr(flags, "is_on", lambda key: key == "catalogue.shared_editing" or real(key))
    shared = {"ada": every, "ute": every, "uwe": every, "vera": set()}
    assert seen_by(people, scope.changeable_works) == shared
    assert seen_by(people, scope.changeable_copies) == shared


def test_the_trash_shows_what_one_may_bring_back(people: dict[str, User]):
    add_copy(add_work("Gone", added_by=people["ute"], deleted_at=timezone.now()))
    nothing: set[str] = set()
    assert set().union(*seen_by(people, scope.works).values()) == nothing
    assert set().union(*seen_by(people, scope.copies).values()) == nothing
    trash = seen_by(people, lambda user: scope.works(user, in_trash=True))
    assert trash == {"ada": {"Gone"}, "ute": {"Gone"}, "uwe": nothing, "vera": nothing}


def test_what_was_merged_into_another_is_not_shown(people: dict[str, User]):
    kept = add_work("Dune")
    add_work("Dune again", merged_into=kept)
    assert [work.title for work in scope.works(people["ada"])] == ["Dune"]
    assert Work.objects.count() == 2


def test_imports_are_seen_by_whoever_made_them(people: dict[str, User]):
    for name in ("ute", "uwe"):
        Import.objects.create(library=Library.usual(), made_by=people[name], name=name)
    seen = {name: {str(one) for one in scope.imports(user)} for name, user in people.items()}
    assert seen == {"ada": {"ute", "uwe"}, "ute": {"ute"}, "uwe": {"uwe"}, "vera": set()}
