"""Who sees and who changes what of the collection."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Role, User
from catalogue import scope
from catalogue.models import Import, Library, Progress, Visibility, Work
from core import flags
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
