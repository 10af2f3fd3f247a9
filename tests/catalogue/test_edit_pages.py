"""Pages on which the collection is changed by hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import Role, User
from catalogue import editing, places
from catalogue.filling import filled
from catalogue.models import Copy, Edition, Progress, Work
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.shelf import make_shelf
from tests.catalogue.test_pages import browser_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "no_worker_is_asked")]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    caches["process"].clear()


@pytest.fixture
def client(ute: User) -> Client:
    return browser_of(ute)


@pytest.fixture
def shelf(ute: User) -> dict[str, Work]:
    return make_shelf(ute)


def post(client: Client, address: str, **values: Any) -> str:
    answer = client.post(address, values, follow=True)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", answer.content.decode())


def entered(client: Client, address: str) -> dict[str, Any]:
    """What the form of a page holds, as a browser would send it."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    told = {name: form[name].field.prepare_value(value) for name, value in values.items()}
    return {name: value for name, value in told.items() if value not in (None, False)}


def test_what_is_entered_is_there_and_can_be_taken_back_at_once(client: Client):
    text = post(client, "/collection/add", kind="book", title="Emma", creators="Jane Austen", is_owned="on")
    work = Work.objects.get()
    assert "Emma is in your collection." in text
    assert f'action="/collection/works/{work.pk}/trash"' in text
    assert "No copy of it is yours" not in text


def test_what_is_added_stands_at_a_place_in_another(client: Client):
    told = {"kind": "book", "is_owned": "on"}
    post(client, "/collection/add", **told, title="Emma", location="Attic / Shelf 2")
    post(client, "/collection/add", **told, title="Persuasion", location="shelf 2")
    assert list(places.paths().values()) == ["Attic", "Attic / Shelf 2"]


def test_what_may_be_here_already_is_asked_about(client: Client, shelf: dict[str, Work]):
    told = {"kind": "book", "title": "Dune", "is_owned": "on", "location": "Cellar"}
    text = post(client, "/collection/add", **told)
    assert "You may have it already" in text
    assert "60 %: same title" in text
    assert Work.objects.filter(title="Dune").count() == 1
    text = post(client, "/collection/add", **told, to=shelf["Dune"].pk)
    assert "Another copy of Dune (1965) is in your collection." in text
    assert Copy.objects.filter(edition__work=shelf["Dune"]).count() == 2
    post(client, "/collection/add", **told, anew="1")
    assert Work.objects.filter(title="Dune").count() == 2


def test_what_cannot_be_added_is_told_at_its_field(client: Client):
    assert "neither a title nor a number" in post(client, "/collection/add", kind="book")
    assert "is not an ISBN, a barcode" in post(
        client, "/collection/add", kind="book", title="Emma", code="12"
    )
    assert not Work.objects.exists()


def test_a_work_is_changed_on_its_page(client: Client, shelf: dict[str, Work]):
    work = shelf["Alien"]
    address = f"/collection/works/{work.pk}/edit"
    told = entered(client, address)
    assert (told["director"], told["own-0"]) == ("Ridley Scott", "dark")
    told |= {"year": "1980", "genre": "SF\nHorror", "own-0": "", "new_name": "Shelf mark", "new_value": "A 1"}
    text = post(client, address, **told)
    assert "Saved." in text
    work.refresh_from_db()
    assert (work.year, work.own) == (1980, {"Shelf mark": "A 1"})
    assert "Horror" in text
    text = post(client, address, **{**told, "year": "80"})
    assert "Enter a number from 1000 to 2200, or nothing." in text


def test_the_form_says_what_no_import_changes_and_gives_single_fields_back(client: Client, ute: User):
    work = add_work("Dune", kind="book", year=1965, language="en", added_by=ute, origins={"*": "goodreads"})
    address = f"/collection/works/{work.pk}/edit"
    text = text_of(client, address)
    assert "Year (Goodreads)" in text
    told = {**entered(client, address), "year": "1966"}
    told["kept"] = ["language"]
    post(client, address, **told)
    work.refresh_from_db()
    assert (work.locks, work.origins) == (["language"], {"*": "goodreads", "year": "manual"})
    text = client.get(address).content.decode()
    assert "Year (Entered by hand)" in text
    assert re.findall(r'name="kept" value="(\w+)"[^>]*checked', text) == ["year", "language"]
    post(client, address, **told)
    work.refresh_from_db()
    assert (work.locks, work.origins["year"], work.year) == (["language"], "", 1966)
    assert not editing.is_kept(work, "year")
    filled_in = filled({"year": 1966}, {"year": 1965}, by="libib", origins=work.origins, locks=work.locks)
    assert filled_in == {}
    again = filled(
        {"year": 1966}, {"year": 1965}, by="libib", origins=work.origins, locks=[], overwrites=True
    )
    assert again == {"year": 1965}


@pytest.mark.parametrize(
    ("kind", "field", "label"), [("editions", "format", "Format"), ("copies", "notes", "Remarks")]
)
def test_editions_and_copies_say_what_no_import_changes_too(
    client: Client, ute: User, kind: str, field: str, label: str
):
    copy = add_copy(add_work("Dune", added_by=ute), added_by=ute)
    thing: Copy | Edition = copy if kind == "copies" else copy.edition
    setattr(thing, field, "worn")
    thing.origins = {"*": "clz"}
    thing.save()
    address = f"/collection/{kind}/{thing.pk}/edit"
    assert f"{label} (CLZ (Collectorz))" in text_of(client, address)
    told = {**entered(client, address), "kept": [field]}
    post(client, address, **told)
    thing.refresh_from_db()
    assert (thing.locks, thing.origins) == ([field], {"*": "clz"})
    post(client, address, **{**told, field: "torn", "kept": []})
    thing.refresh_from_db()
    assert (getattr(thing, field), thing.locks, thing.origins[field]) == ("torn", [], "manual")
    assert re.findall(r'name="kept" value="(\w+)"[^>]*checked', client.get(address).content.decode()) == [
        field
    ]
    post(client, address, **{**told, field: "torn", "kept": []})
    thing.refresh_from_db()
    assert thing.origins[field] == ""


def test_an_edition_and_a_copy_are_changed_on_their_pages(client: Client, shelf: dict[str, Work]):
    copy = Copy.objects.get(edition__work=shelf["Alien"])
    address = f"/collection/editions/{copy.edition_id}/edit"
    text = post(client, address, **{**entered(client, address), "format": "Blu-ray"})
    assert "Blu-ray" in text
    address = f"/collection/copies/{copy.pk}/edit"
    assert '<option value="Attic">' in text_of(client, address)
    told = entered(client, address)
    assert told["price"] == "4.5"
    text = post(client, address, **{**told, "location": "Attic", "lent_to": ""})
    assert ">Attic</a>" in text
    assert "Lent to Anna" not in text
    assert "Lent to: <del>Anna</del>" in text


def test_the_trash_takes_works_and_copies_and_gives_them_back(client: Client, shelf: dict[str, Work]):
    assert "The trash is empty." in text_of(client, "/collection/trash")
    copy, halo = Copy.objects.get(edition__work=shelf["Alien"]), shelf["Halo"]
    assert f"Copy {copy.number} is in the trash." in post(client, f"/collection/copies/{copy.pk}/trash")
    assert "Halo is in the trash." in post(client, f"/collection/works/{halo.pk}/trash")
    text = text_of(client, "/collection/trash")
    assert copy.number in text
    assert "Halo" in text
    assert f"Copy {copy.number} is back." in post(client, f"/collection/copies/{copy.pk}/restore")
    assert "Halo is back." in post(client, f"/collection/works/{halo.pk}/restore")
    assert "The trash is empty." in text_of(client, "/collection/trash")


def test_everybody_notes_how_they_stand_to_a_work(shelf: dict[str, Work]):
    work, vera = shelf["Dune"], add_user("vera", Role.VIEWER)
    client, address = browser_of(vera), f"/collection/works/{work.pk}/mine"
    text = post(client, address, state="completed", rating="8", finished_on="2024-05-06")
    assert "Noted." in text
    mine = Progress.objects.get(work=work, user=vera)
    assert (mine.state, int(mine.rating or 0), mine.plays.count()) == ("completed", 8, 1)
    assert "Enter a number." in post(client, address, rating="good")
    assert "Enter a number from 0 to 10" in post(client, address, rating="11")
    assert "/edit" not in text_of(client, f"/collection/works/{work.pk}")


def test_two_works_become_one_on_a_page_and_two_again(client: Client, shelf: dict[str, Work], ute: User):
    work = shelf["Dune"]
    other = add_work("Der Wüstenplanet", year=1966, added_by=ute)
    foreign = add_work("Wüstenplanet", added_by=add_user("uwe"))
    address = f"/collection/works/{work.pk}/merge"
    assert f'href="{address}"' in text_of(client, f"/collection/works/{work.pk}")
    text = text_of(client, f"{address}?q=planet")
    assert f'href="?other={other.pk}"' in text
    assert f"other={foreign.pk}" not in text
    assert "Nothing fits this." in text_of(client, f"{address}?q=qqqq")
    text = text_of(client, f"{address}?other={other.pk}")
    assert f'name="field_year" value="{other.pk}"' in text
    assert "Both side by side" not in text_of(client, f"{address}?other={foreign.pk}")
    assert "Both side by side" not in post(client, address, other=foreign.pk)
    text = post(client, address, other=other.pk, kept=work.pk, field_title=work.pk, field_year=other.pk)
    assert "Der Wüstenplanet (1966) is part of Dune (1966)." in text
    assert "Make two again" in text
    assert client.get(f"/collection/works/{other.pk}")["Location"] == f"/collection/works/{work.pk}"
    text = post(client, f"/collection/works/{work.pk}/unmerge")
    assert "Der Wüstenplanet (1966) is a work of its own again." in text
    assert "Make two again" not in text
    work.refresh_from_db()
    assert work.year == 1965
    assert "There is nothing to take back" in post(client, f"/collection/works/{work.pk}/unmerge")


def test_the_other_work_may_be_the_one_that_stays(client: Client, shelf: dict[str, Work]):
    kept, gone = shelf["Dune Messiah"], shelf["Dune"]
    text = post(client, f"/collection/works/{gone.pk}/merge", other=kept.pk, kept=kept.pk)
    assert "Dune (1965) is part of Dune Messiah (1969)." in text
    Work.objects.filter(pk=kept.pk).update(overview="Sand.")
    assert "has been changed since" in post(client, f"/collection/works/{kept.pk}/unmerge")
