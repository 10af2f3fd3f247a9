"""Places, boxes, libraries, own fields, the trash and possible doubles, as people arrange them."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import Role, User
from catalogue import boxes, duplicates, editing, libraries, own_fields, places, scope, search, trash
from catalogue.boxes import Inside
from catalogue.models import Copy, Duplicate, Edition, Identifier, Library, Location, OwnField, Work
from catalogue.query import parse
from core.errors import ConfigError, FieldError
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.conftest import Importing
from tests.catalogue.shelf import add_edition, add_person, make_shelf
from tests.catalogue.test_edit_pages import entered, post
from tests.catalogue.test_pages import browser_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "data", "no_worker_is_asked")]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    caches["process"].clear()


@pytest.fixture
def ada(db: None) -> User:
    return add_user("ada", Role.ADMIN)


@pytest.fixture
def client(ute: User) -> Client:
    return browser_of(ute)


def found(user: User, text: str) -> set[str]:
    return {work.title for work in search.find(user, parse(text))}


# Places


def test_places_are_a_tree_that_says_what_stands_where(ute: User, client: Client):
    make_shelf(ute)
    add_copy(add_work("Diary"), location=Location.objects.get(name="Attic"), added_by=ute, is_private=True)
    told = [(node.path, node.here, node.within) for node in places.tree(ute)]
    assert told == [("Attic", 1, 2), ("Attic / Shelf 2", 1, 1)]
    others = [(node.path, node.within) for node in places.tree(add_user("uwe"))]
    assert others == [("Attic", 1), ("Attic / Shelf 2", 1)]
    assert "(1 right here)" in text_of(client, "/collection/places")


def test_a_place_is_added_renamed_moved_and_removed_on_pages(ute: User, client: Client):
    make_shelf(ute)
    attic, shelf = Location.objects.get(name="Attic"), Location.objects.get(name="Shelf 2")
    post(client, "/collection/places/add", name=" Living  room ")
    room = Location.objects.get(name="Living room")
    assert "Saved." in post(client, f"/collection/places/{shelf.pk}", name="Shelf 3", parent=room.pk)
    assert places.paths()[shelf.pk] == "Living room / Shelf 3"
    text = text_of(client, f"/collection/places/{room.pk}")
    assert f'<option value="{shelf.pk}">' not in text
    post(client, f"/collection/places/{shelf.pk}", name="Shelf 3", parent="")
    assert "already" in post(client, f"/collection/places/{shelf.pk}", name="attic")
    assert "Something stands at Shelf 3" in post(client, f"/collection/places/{shelf.pk}/remove")
    text = post(client, f"/collection/places/{shelf.pk}/merge", into=room.pk)
    assert "What stood at Shelf 3 stands at Living room now." in text
    assert found(ute, 'place:"living room"') == {"Dune"}
    assert "Attic is gone." in post(client, f"/collection/places/{attic.pk}/remove")


def test_no_place_is_inside_itself(ute: User):
    make_shelf(ute)
    attic, shelf = Location.objects.get(name="Attic"), Location.objects.get(name="Shelf 2")
    with pytest.raises(FieldError, match="cannot be inside itself"):
        places.save(attic, ute, name="Attic", parent=shelf)
    with pytest.raises(ConfigError, match="cannot be inside itself"):
        places.merge(attic, shelf, ute)
    with pytest.raises(ConfigError, match="may only look"):
        places.save(Location(), add_user("vera", Role.VIEWER), name="Cellar", parent=None)
    deep = None
    for number in range(places.DEEPEST):
        deep = places.save(Location(), ute, name=str(number), parent=deep)
    with pytest.raises(FieldError, match="at most 10 deep"):
        places.save(Location(), ute, name="one more", parent=deep)


def test_places_with_equal_parts_become_one(ute: User):
    house, flat = (places.called(name) for name in ("House / Shelf", "Flat / Shelf"))
    assert house
    assert flat
    add_copy(add_work("Dune"), location=house)
    add_copy(add_work("Emma"), location=flat)
    assert house.parent
    assert flat.parent
    places.merge(house.parent, flat.parent, ute)
    assert sorted(places.paths().values()) == ["Flat", "Flat / Shelf"]
    assert Copy.objects.filter(location=flat).count() == 2


def test_a_list_finds_a_place_that_was_moved(ute: User, importing: Importing):
    importing("title,location\nDune,Attic\n")
    attic = Location.objects.get()
    house = places.save(Location(), ute, name="House", parent=None)
    places.save(attic, ute, name="Attic", parent=house)
    importing("title,location\nEmma,attic\n")
    assert sorted(places.paths().values()) == ["House", "House / Attic"]
    assert Copy.objects.filter(location=attic).count() == 2


# Boxes


def test_who_owns_a_box_owns_what_is_in_it(ute: User, client: Client):
    works = make_shelf(ute)
    box = Edition.objects.get(work=works["Alien"])
    text = text_of(client, f"/collection/editions/{box.pk}/box?q=messiah")
    assert "Nothing is in it yet" in text
    post(client, f"/collection/editions/{box.pk}/box", work=works["Dune Messiah"].pk)
    assert "Alien 3" in post(client, f"/collection/editions/{box.pk}/box", note="Alien 3")
    assert {"Dune Messiah", "Alien"} <= found(ute, "is:owned")
    assert found(ute, "is:boxed") == {"Alien", "Dune Messiah", "Firefly", "Serenity"}
    text = text_of(client, f"/collection/works/{works['Dune Messiah'].pk}")
    assert "In the box" in text
    assert "owned</span>" in text
    last = box.members.get(note="Alien 3")
    post(client, f"/collection/box/{last.pk}/up")
    assert [one.note for one in box.members.all()] == ["Alien 3", ""]
    first = box.members.get(note="Alien 3")
    assert "Alien 3 is no longer in the box." in post(client, f"/collection/box/{first.pk}/remove")
    assert "Change what is in this box" in text_of(client, f"/collection/works/{works['Alien'].pk}")


def test_a_box_is_not_in_itself_nor_filled_by_others(ute: User):
    works = make_shelf(ute)
    outer, inner = Edition.objects.get(work=works["Firefly"]), Edition.objects.get(work=works["Alien"])
    boxes.put_in(outer, ute, Inside(works["Alien"].pk))
    for box, work in ((outer, works["Firefly"]), (inner, works["Firefly"])):
        with pytest.raises(FieldError, match="cannot be in itself"):
            boxes.put_in(box, ute, Inside(work.pk))
    with pytest.raises(ConfigError, match="may not change"):
        boxes.put_in(outer, add_user("uwe"), Inside(note="x"))
    with pytest.raises(FieldError, match="A title is needed"):
        boxes.put_in(outer, ute, Inside(note=" "))


def test_what_one_does_not_see_stays_in_a_box(ute: User, ada: User):
    box = Edition.objects.create(work=add_work("Box", added_by=ute), is_set=True)
    secret = add_work("Gift", library=Library.objects.create(name="Gifts", visibility="members"))
    box.members.create(position=1, work=secret)
    boxes.put_in(box, ute, Inside(note="Film 1"))
    assert [str(one.work or one.note) for one in boxes.members(ada, [box.pk])] == ["Film 1", "Gift"]
    assert [one.note for one in boxes.members(ute, [box.pk])] == ["Film 1"]
    change = scope.changes(ute, [box.work_id]).get()
    assert "Gift" not in str((change.before, change.after))


# Own fields


def test_a_field_is_defined_filled_and_found(ada: User, ute: User, client: Client):
    admin = browser_of(ada)
    work = make_shelf(ute)["Alien"]
    for values in (
        {"kind": "movie", "name": "Poster", "type": "yes_no"},
        {"kind": "movie", "name": "Shelf mark", "type": "text"},
        {"kind": "movie", "name": "Cut", "type": "choice", "choices": "Director's\nCinema"},
        {"kind": "movie", "name": "Seen at", "type": "date"},
        {"kind": "movie", "name": "Worth", "type": "number"},
        {"kind": "movie", "name": "Shop", "type": "link"},
    ):
        assert "Saved." in post(admin, "/settings/collection/fields/add", **values)
    assert "already" in post(admin, "/settings/collection/fields/add", kind="movie", name="CUT", type="text")
    assert "from 2 to" in post(
        admin, "/settings/collection/fields/add", kind="book", name="Cut", type="choice"
    )
    address = f"/collection/works/{work.pk}/edit"
    form = client.get(address).context["form"]
    named = {form.fields[name].label: name for name in form.fields}
    told = entered(client, address) | {
        named["Poster"]: "yes",
        named["Cut"]: "Cinema",
        named["Seen at"]: "1979-10-25",
        named["Worth"]: "7,50",
        named["Shop"]: "https://example.org/a",
    }
    post(client, address, **told)
    work.refresh_from_db()
    assert work.own == {
        "Cut": "Cinema",
        "Poster": "yes",
        "Seen at": "1979-10-25",
        "Shop": "https://example.org/a",
        "Worth": "7.5",
        "Mood": "dark",
    }
    for name, text, said in (
        ("Seen at", "soon", "write it as 2026-01-15"),
        ("Worth", "much", "write digits alone"),
        ("Shop", "javascript:alert(1)", "begins with https"),
    ):
        assert said in post(client, address, **{**told, named[name]: text})
    assert found(ute, "own:Cut=cinema") == {"Alien"}
    assert found(ute, "own:dark") == {"Alien"}
    assert found(ute, 'own:"seen at=1979"') == {"Alien"}
    assert found(ute, "own:Mood=cinema") == set()
    page = text_of(client, f"/collection/works/{work.pk}")
    assert 'href="https://example.org/a" rel="noreferrer"' in page


def test_a_field_that_is_called_otherwise_keeps_what_stands_in_it(ada: User, ute: User):
    work = make_shelf(ute)["Alien"]
    field = own_fields.save(OwnField(), ada, kind="movie", name="Mood", type="text")
    assert own_fields.used(field) == 1
    own_fields.save(field, ada, kind="movie", name="Feeling", type="choice", choices=["good", "bad"])
    work.refresh_from_db()
    assert work.own == {"Feeling": "dark"}
    # What was there may stay, whatever can be chosen now.
    editing.edit_work(work, ute, {"own": {"Feeling": "dark"}, "year": 1980})
    with pytest.raises(FieldError, match="good, bad"):
        editing.edit_work(work, ute, {"own": {"Feeling": "so so"}})
    assert "is gone from the forms" in post(browser_of(ada), f"/settings/collection/fields/{field.pk}/remove")
    with pytest.raises(ConfigError, match="may not change"):
        own_fields.save(OwnField(), ute, kind="movie", name="Mine", type="text")


def test_copies_have_fields_of_their_own_and_numbers_are_entered(ute: User, client: Client):
    make_shelf(ute)
    copy = Copy.objects.get(edition__work__title="Alien")
    address = f"/collection/copies/{copy.pk}/edit"
    post(client, address, **entered(client, address), new_name="Sleeve", new_value="torn")
    copy.refresh_from_db()
    assert copy.own == {"Sleeve": "torn"}
    assert found(ute, "own:sleeve=torn") == {"Alien"}
    address = f"/collection/editions/{copy.edition_id}/edit"
    told = entered(client, address)
    assert "is not an ISBN" in post(client, address, **{**told, "numbers": "12"})
    other = add_edition(Work.objects.get(title="Dune Messiah"))
    text = post(client, f"/collection/editions/{other.pk}/edit", numbers="9780441013593")
    assert "Home has something with the number 9780441013593 already: look there." in text
    post(client, address, **{**told, "numbers": "4006381333931"})
    assert [one.value for one in Identifier.objects.filter(edition=copy.edition)] == ["4006381333931"]


# Libraries


def test_a_library_is_for_its_members_and_works_move_there(ada: User, ute: User, client: Client):
    admin, work = browser_of(ada), make_shelf(ute)["Dune"]
    told = {"name": "Gifts", "visibility": "members", "members": ["ada"]}
    assert "Saved." in post(admin, "/settings/collection/libraries/add", **told)
    gifts = Library.objects.get(name="Gifts")
    with pytest.raises(ConfigError, match="no access to this library"):
        libraries.move(work, gifts, ute)
    text = post(admin, f"/collection/works/{work.pk}/edit", title="Dune", kind="book", library=gifts.pk)
    assert "Saved." in text
    post(admin, "/collection/add", kind="book", title="Bow", library=gifts.pk)
    assert found(ute, "bow") == set()
    Work.objects.get(title="Bow").delete()
    assert client.get(f"/collection/works/{work.pk}").status_code == 404
    assert found(ute, "code:9780441013593") == set()
    assert found(ada, "library:gifts") == {"Dune"}
    post(admin, f"/settings/collection/libraries/{gifts.pk}", **{**told, "members": ["ada", "ute"]})
    assert found(ute, "code:9780441013593") == {"Dune"}
    usual = Library.usual()
    libraries.save(usual, ada, name="House")
    assert "cannot go" in post(admin, f"/settings/collection/libraries/{gifts.pk}/remove")
    post(admin, f"/settings/collection/libraries/{gifts.pk}/usual")
    assert Library.usual() == gifts
    assert "is the usual library" in post(
        admin, f"/settings/collection/libraries/{gifts.pk}", **told, is_archived="on"
    )
    assert client.get("/settings/collection").status_code == 403


def test_a_number_that_is_there_holds_a_move(ada: User, ute: User):
    work = make_shelf(ute)["Dune"]
    attic = libraries.save(Library(), ada, name="Attic")
    Identifier.objects.create(
        library=attic, work=add_work("Other", library=attic), scheme="isbn13", value="9780441013593"
    )
    with pytest.raises(ConfigError, match="has something with the number 9780441013593"):
        libraries.move(work, attic, ada)


# The trash


def test_the_trash_is_emptied_of_what_one_may_take_out(ute: User, client: Client):
    works, uwe = make_shelf(ute), add_user("uwe")
    other = add_work("Theirs", added_by=uwe)
    editing.trash_works(Work.objects.filter(pk=other.pk), uwe)
    copy = Copy.objects.get(edition__work=works["Alien"])
    editing.trash_copy(copy, ute)
    editing.trash_works(Work.objects.filter(title__in=["Dune", "Halo"]), ute)
    assert "Halo is deleted." in post(client, f"/collection/works/{works['Halo'].pk}/delete")
    assert client.post(f"/collection/works/{other.pk}/delete").status_code == 404
    assert client.post(f"/collection/works/{works['Alien'].pk}/delete").status_code == 404
    assert "The trash is empty." in post(client, "/collection/trash/empty")
    assert not Work.objects.filter(title__in=["Dune", "Halo"]).exists()
    assert not Copy.objects.filter(pk=copy.pk).exists()
    assert list(trash.works(uwe)) == [other]


# Doubles


def test_what_may_be_here_twice_is_proposed_and_never_made_one(ute: User, client: Client):
    works = make_shelf(ute)
    again = add_work("Alien", kind="movie", year=1980, added_by=ute)
    add_person(again, "Ridley Scott", "director")
    add_work("The Left Hand of Darkness", year=1969, added_by=ute)
    near = add_work("The Left Hand of Darknes", year=1969, added_by=ute)
    add_work("The Left Hand of Darkness", year=2010, added_by=ute)
    add_work("Emma", year=1815, added_by=ute)
    add_work("Emma", kind="game", year=2009, added_by=ute)
    before = Work.objects.count()
    assert duplicates.look() == 2
    told = {(one.one.title, one.other.title) for one in duplicates.proposed(ute)}
    assert told == {("Alien", "Alien"), ("The Left Hand of Darkness", "The Left Hand of Darknes")}
    assert not duplicates.proposed(add_user("uwe"))
    assert Work.objects.count() == before
    text = text_of(client, "/collection/duplicates")
    assert f'href="/collection/works/{works["Alien"].pk}/merge?other={again.pk}"' in text
    assert "same creator" in text
    assert "Alien (1979) and Alien (1980): are they one?" in text_of(client, "/inbox")
    pair = Duplicate.objects.get(other=near)
    assert "are two" in post(client, f"/collection/duplicates/{pair.pk}/dismiss", back="inbox")
    assert duplicates.look() == 1
    post(client, f"/collection/duplicates/{pair.pk}/ask")
    assert duplicates.proposed(ute).count() == 2
    editing.trash_works(Work.objects.filter(pk=again.pk), ute)
    assert [one.pk for one in duplicates.proposed(ute)] == [pair.pk]


def test_pairs_are_looked_for_by_a_job(ute: User, client: Client):
    from catalogue.jobs import DuplicatesHandler
    from jobs.models import Job
    from jobs.services import run_inline

    make_shelf(ute)
    add_work("Dune", year=1965, added_by=ute)
    assert "Works are compared" in post(client, "/collection/duplicates/look")
    assert "Works are being compared." in text_of(client, "/collection/duplicates")
    job = Job.objects.get(name=DuplicatesHandler.name)
    assert run_inline(job).summary["proposed"] == 1
