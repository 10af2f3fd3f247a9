"""The collection through the API: each act is the one that pages have, and nobody sees more by it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Role, User
from catalogue.models import Copy, Duplicate, ImportRow, Progress, Season, Work
from jobs import doorbells, services
from jobs.models import Job
from storage.models import Stored
from system import switches
from tests.api.conftest import with_key
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.shelf import make_shelf
from tests.catalogue.test_exporting import sent

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/collection"
LIST = "title,media_type,year,format\nEmma,book,1815,Hardcover\nPersuasion,book,1817,Paperback\n"


@pytest.fixture(autouse=True)
def _is_on(db: None, data: object, read_just_now: None):
    switches.switch("catalogue", True)
    with doorbells.muted():
        yield


@pytest.fixture
def shelf(ute: User) -> dict[str, Work]:
    return make_shelf(ute)


@pytest.fixture
def mine(ute: User) -> APIClient:
    return with_key(ute, "read", "write")


@pytest.fixture
def others() -> APIClient:
    """Another user's."""
    return with_key(add_user("vera"), "read", "write")


def titles(client: APIClient, query: str = "") -> list[str]:
    answer = client.get(f"{ROOT}/works?{query}")
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["results"]]


def detail(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dune&ordering=title", ["Dune", "Dune Messiah"]),
        ("q=by:herbert+year:1969", ["Dune Messiah"]),
        ("kind=movie&ordering=-year", ["Serenity", "Amélie", "Alien"]),
        ("genre=SF&kind=book", ["Dune"]),
        ("format=DVD", ["Alien"]),
        ("decade=1960&ordering=title", ["Dune", "Dune Messiah"]),
        ("state=completed", ["Dune"]),
        ("q=9780441013593", ["Dune"]),
        ("trash=true", []),
    ],
)
def test_works_are_found_as_the_search_of_the_pages_finds_them(mine, shelf, query, found):
    assert titles(mine, query) == found


def test_a_work_tells_who_made_it_and_what_sort_it_is(mine: APIClient, shelf: dict[str, Work]):
    told = mine.get(f"{ROOT}/works/{shelf['Alien'].pk}").json()
    assert told["people"] == {"director": ["Ridley Scott"], "actor": ["Sigourney Weaver"]}
    assert told["terms"] == {"genre": ["SF"], "studio": ["Fox"]}
    assert told["identifiers"] == [{"scheme": "imdb", "value": "tt0078748"}]
    assert told["own"] == {"Mood": "dark"}


def test_a_work_is_added_once_unless_somebody_says_otherwise(mine: APIClient, shelf: dict[str, Work]):
    told = {"kind": "book", "title": "Dune", "creators": ["Frank Herbert"], "location": "Cellar"}
    answer = mine.post(f"{ROOT}/works", told, format="json")
    assert answer.status_code == 409
    assert [one["work"] for one in answer.json()["alike"]] == [shelf["Dune"].pk]
    again = mine.post(f"{ROOT}/works", {**told, "to": shelf["Dune"].pk}, format="json")
    assert (again.status_code, again.json()["id"]) == (201, shelf["Dune"].pk)
    copies = mine.get(f"{ROOT}/copies?work={shelf['Dune'].pk}").json()["results"]
    assert [one["location"] for one in copies] == ["Attic / Shelf 2", "Cellar"]
    other = mine.post(f"{ROOT}/works", {**told, "anew": True}, format="json").json()
    assert other["people"] == {"author": ["Frank Herbert"]}
    assert other["added_by"] == "ute"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "book"}, "title"),
        ({"kind": "book", "title": "Emma", "code": "12"}, "code"),
        ({"kind": "poem", "title": "Emma"}, "kind"),
        ({"kind": "book", "title": "Emma", "creators": "Jane Austen"}, "creators"),
    ],
)
def test_what_cannot_be_added_is_told_at_its_field(mine: APIClient, body, field):
    answer = mine.post(f"{ROOT}/works", body, format="json")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not Work.objects.exists()


def test_a_library_that_is_not_there_for_somebody_takes_nothing(mine: APIClient):
    answer = mine.post(f"{ROOT}/works", {"kind": "book", "title": "Emma", "library": 4711}, format="json")
    assert detail(answer) == (422, "You have no access to this library: choose another.")


def test_a_work_is_changed_and_its_changes_are_written_down(mine: APIClient, shelf: dict[str, Work]):
    address = f"{ROOT}/works/{shelf['Alien'].pk}"
    changes = {"year": 1980, "people": {"actor": []}, "terms": {"genre": ["SF", "Horror"]}, "locks": ["year"]}
    told = mine.patch(address, changes, format="json").json()
    assert (told["year"], told["locks"]) == (1980, ["year"])
    assert told["people"] == {"director": ["Ridley Scott"]}
    assert told["terms"]["genre"] == ["SF", "Horror"]
    (change,) = mine.get(f"{address}/changes").json()["results"]
    assert (change["actor"], change["before"]["year"], change["after"]["year"]) == ("ute", 1979, 1980)
    answer = mine.patch(address, {"people": {"juggler": ["Bo"]}}, format="json")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("Nothing is called juggler here: choose from ")


def test_fields_of_editions_and_copies_are_locked_and_released(mine: APIClient, shelf: dict[str, Work]):
    copy = Copy.objects.get(edition__work=shelf["Alien"])
    for address, field in ((f"editions/{copy.edition_id}", "format"), (f"copies/{copy.pk}", "lent_to")):
        told = mine.patch(f"{ROOT}/{address}", {field: "VHS", "locks": [field]}, format="json").json()
        assert (told[field], told["locks"], told["origins"]) == ("VHS", [field], {field: "manual"})
        told = mine.patch(f"{ROOT}/{address}", {"released": [field]}, format="json").json()
        assert (told[field], told["locks"], told["origins"]) == ("VHS", [], {field: ""})
        assert mine.patch(f"{ROOT}/{address}", {"locks": ["mood"]}, format="json").status_code == 422


def test_what_somebody_else_added_is_seen_and_not_changed(others, mine, shelf):
    refused = (403, "You may not change this: ask whoever added it, or an admin.")
    dune, copy = shelf["Dune"], Copy.objects.get(edition__work=shelf["Dune"])
    for address in (f"works/{dune.pk}", f"editions/{copy.edition_id}", f"copies/{copy.pk}"):
        assert others.get(f"{ROOT}/{address}").status_code == 200
        assert detail(others.patch(f"{ROOT}/{address}", {}, format="json")) == refused
    for address in (f"works/{dune.pk}", f"copies/{copy.pk}"):
        assert detail(others.delete(f"{ROOT}/{address}")) == refused
    Copy.objects.filter(pk=copy.pk).update(is_private=True)
    assert others.get(f"{ROOT}/copies/{copy.pk}").status_code == 404
    assert mine.get(f"{ROOT}/copies/{copy.pk}").status_code == 200


def test_an_edition_and_a_copy_are_changed(mine: APIClient, shelf: dict[str, Work]):
    copy = Copy.objects.get(edition__work=shelf["Alien"])
    told = mine.patch(f"{ROOT}/editions/{copy.edition_id}", {"format": "Blu-ray"}, format="json").json()
    assert (told["format"], told["identifiers"]) == (
        "Blu-ray",
        [{"scheme": "gtin", "value": "5039036030281"}],
    )
    assert [one["number"] for one in mine.get(f"{ROOT}/copies?lent=true").json()["results"]] == [copy.number]
    changes = {"location": "Attic", "price": "7.25", "lent_to": ""}
    told = mine.patch(f"{ROOT}/copies/{copy.pk}", changes, format="json").json()
    assert (told["location"], told["price"], told["lent_to"]) == ("Attic", "7.2500", "")
    assert mine.get(f"{ROOT}/copies?lent=true").json()["results"] == []
    places = mine.get(f"{ROOT}/places?ordering=name").json()["results"]
    assert [one["name"] for one in places] == ["Attic", "Shelf 2"]
    assert mine.patch(f"{ROOT}/copies/{copy.pk}", {"quantity": 0}, format="json").status_code == 422


def test_a_work_tells_its_editions_and_copies_as_far_as_they_are_seen(
    mine: APIClient, others: APIClient, shelf: dict[str, Work]
):
    work = shelf["Alien"].pk
    for what in ("editions", "copies"):
        told = mine.get(f"{ROOT}/works/{work}/{what}").json()
        assert told == mine.get(f"{ROOT}/{what}?work={work}").json()
        assert {one["work"] for one in told["results"]} == {work}
    hidden = add_copy(add_work("Diary"), owner=User.objects.get(username="ute"), is_private=True)
    for what in ("editions", "copies"):
        address = f"{ROOT}/works/{hidden.edition.work_id}/{what}"
        assert [client.get(address).json()["count"] for client in (mine, others)] == [1, 0]
        assert mine.get(f"{ROOT}/works/4711/{what}").status_code == 404


def test_the_trash_gives_back_what_it_took(mine: APIClient, others: APIClient, shelf: dict[str, Work]):
    halo, copy = shelf["Halo"].pk, Copy.objects.get(edition__work=shelf["Alien"]).pk
    assert mine.delete(f"{ROOT}/works/{halo}").status_code == 204
    assert mine.get(f"{ROOT}/works/{halo}").status_code == 404
    assert titles(mine, "trash=true") == ["Halo"]
    assert titles(others, "trash=true") == []
    assert others.post(f"{ROOT}/works/{halo}/restore").status_code == 404
    assert mine.post(f"{ROOT}/works/{halo}/restore").json()["deleted_at"] is None
    assert mine.delete(f"{ROOT}/copies/{copy}").status_code == 204
    assert [one["id"] for one in mine.get(f"{ROOT}/copies?trash=true").json()["results"]] == [copy]
    assert mine.post(f"{ROOT}/copies/{copy}/restore").json()["deleted_at"] is None
    assert mine.get(f"{ROOT}/copies/{copy}").status_code == 200


def test_two_works_become_one_and_two_again(mine: APIClient, others: APIClient, shelf: dict[str, Work]):
    kept, gone = shelf["Dune"].pk, shelf["Dune Messiah"].pk
    address = f"{ROOT}/works/{kept}"
    assert detail(others.post(f"{address}/merge", {"other": gone}, format="json"))[0] == 403
    assert (
        mine.post(f"{address}/merge", {"other": gone, "take": ["colour"]}, format="json").status_code == 422
    )
    assert mine.post(f"{address}/merge", {"other": 4711}, format="json").status_code == 404
    told = mine.post(f"{address}/merge", {"other": gone, "take": ["year"]}, format="json").json()
    assert (told["id"], told["title"], told["year"]) == (kept, "Dune", 1969)
    assert mine.get(f"{ROOT}/works/{gone}").status_code == 404
    assert mine.post(f"{address}/unmerge").json()["year"] == 1965
    assert mine.get(f"{ROOT}/works/{gone}").json()["year"] == 1969
    nothing = "There is nothing to take back: nothing became part of this work."
    assert detail(mine.post(f"{address}/unmerge")) == (422, nothing)


def test_everybody_notes_how_they_stand_to_a_work(mine: APIClient, others: APIClient, shelf: dict[str, Work]):
    address = f"{ROOT}/works/{shelf['Dune'].pk}/progress"
    assert others.get(address).json() == {
        "state": "",
        "rating": None,
        "is_wanted": False,
        "times": None,
        "review": "",
        "plays": [],
    }
    told = others.patch(
        address, {"state": "completed", "rating": 8, "finished_on": "2024-05-06"}, format="json"
    )
    assert told.json()["plays"] == [{"started_on": None, "finished_on": "2024-05-06"}]
    assert mine.get(address).json()["rating"] == "9.00"
    assert Progress.objects.filter(work=shelf["Dune"]).count() == 2
    assert others.patch(address, {"rating": 11}, format="json").status_code == 422


def uploaded(client: APIClient, text: str, name: str = "list.csv") -> dict[str, Any]:
    answer = client.post(
        f"{ROOT}/imports/upload?name={name}", text.encode(), content_type="application/octet-stream"
    )
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def run(answer: Any) -> None:
    assert answer.status_code == 202, answer.content
    services.run_inline(Job.objects.get(pk=answer.json()["id"]))


def test_a_list_is_looked_at_imported_and_taken_back(mine: APIClient, others: APIClient):
    of = uploaded(mine, LIST)
    address = f"{ROOT}/imports/{of['id']}"
    shown = mine.get(f"{address}/preview").json()
    assert (shown["format"], shown["rows"], shown["unknown"]) == ("ours", 2, [])
    assert shown["first"][0] == {"title": "Emma", "state": "new", "work": None, "fault": ""}
    assert mine.patch(address, {"mode": "skip"}, format="json").json()["mode"] == "skip"
    assert mine.get(f"{address}/undo-preview").status_code == 422
    run(mine.post(f"{address}/start"))
    assert mine.get(address).json()["counts"] == {"created": 2}
    rows = mine.get(f"{address}/rows?outcome=created").json()["results"]
    assert [(one["title"], one["why"]) for one in rows] == [("Emma", []), ("Persuasion", [])]
    assert "Persuasion" in mine.get(f"{address}/result").content.decode()
    assert b"Emma" in sent(mine.get(f"{ROOT}/export"))
    assert sent(mine.get(f"{ROOT}/export?as=archive")).startswith(b"PK")
    assert sent(mine.get(f"{ROOT}/export?as=tellico")).startswith(b"PK")
    assert mine.get(f"{ROOT}/export?as=else").status_code == 422
    assert others.get(address).status_code == 404
    assert others.get(f"{address}/rows").status_code == 404
    assert mine.patch(address, {"mode": "fill"}, format="json").status_code == 422
    assert mine.get(f"{address}/undo-preview").json() == {
        "deleted": 2,
        "restored": 0,
        "kept": 0,
        "touched": [],
    }
    run(mine.post(f"{address}/undo"))
    assert titles(mine) == []


def test_a_list_whose_file_is_gone_is_told_of_in_a_sentence(mine: APIClient):
    of = uploaded(mine, LIST)
    Stored.objects.all().delete()
    answer = mine.get(f"{ROOT}/imports/{of['id']}/preview")
    assert detail(answer) == (503, "The import is no longer there: upload the file again.")


def test_the_columns_of_a_list_are_given_their_names(mine: APIClient):
    of = uploaded(mine, "Titel;Art\nEmma;book\n")
    assert of["columns"] == ["Titel", "Art"]
    address = f"{ROOT}/imports/{of['id']}"
    fault = mine.get(f"{address}/preview").json()
    assert (fault["format"], bool(fault["first"][0]["fault"])) == ("", True)
    answer = mine.patch(address, {"mapping": {"Titel": "titel"}}, format="json")
    assert answer.status_code == 422
    mine.patch(address, {"mapping": {"Titel": "title", "Art": "media_type"}}, format="json")
    assert mine.get(f"{address}/preview").json()["first"][0]["title"] == "Emma"


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (lambda work: {"do": "accept"}, "updated"),
        (lambda work: {"do": "choose", "work": work.pk}, "updated"),
        (lambda work: {"do": "keep"}, "created"),
        (lambda work: {"do": "skip"}, "skipped"),
    ],
)
def test_a_row_in_doubt_is_decided(
    mine: APIClient, others: APIClient, asked: Callable[[Work], dict[str, Any]], outcome: str
):
    run(mine.post(f"{ROOT}/imports/{uploaded(mine, LIST)['id']}/start"))
    doubt = uploaded(mine, "id,title,media_type\n1,Emma,book\n", "doubts.csv")
    run(mine.post(f"{ROOT}/imports/{doubt['id']}/start"))
    (row,) = mine.get(f"{ROOT}/reviews").json()["results"]
    assert (row["title"], row["outcome"], row["why"]) == ("Emma", "review", ["same title"])
    assert others.get(f"{ROOT}/reviews").json()["results"] == []
    address, body = f"{ROOT}/reviews/{row['id']}/decide", asked(Work.objects.get(title="Emma"))
    assert others.post(address, body, format="json").status_code == 404
    assert mine.post(address, body, format="json").json()["outcome"] == outcome
    assert mine.post(address, body, format="json").status_code == 404


@pytest.mark.parametrize("body", [{"do": "choose"}, {"do": "skip", "work": 1}, {"do": "burn"}, {}])
def test_a_decision_that_says_too_little_or_too_much_is_refused(mine: APIClient, body: dict[str, Any]):
    of = uploaded(mine, LIST)
    row = ImportRow.objects.create(of_id=of["id"], number=1, outcome="review")
    assert mine.post(f"{ROOT}/reviews/{row.pk}/decide", body, format="json").status_code == 422


def test_a_viewer_adds_nothing_and_switched_off_nothing_is_there(mine: APIClient, shelf: dict[str, Work]):
    viewer = with_key(add_user("olga", Role.VIEWER), "read")
    answer = viewer.post(f"{ROOT}/works", {"kind": "book", "title": "Emma"}, format="json")
    assert detail(answer) == (403, "This needs the role user.")
    assert titles(viewer, "q=halo") == ["Halo"]
    switches.switch("catalogue", False)
    assert mine.get(f"{ROOT}/works").status_code == 404


def looked_up(client: APIClient, **told: Any) -> dict[str, Any]:
    answer = client.post(f"{ROOT}/lookup", told, format="json")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_what_is_here_already_is_looked_up_by_its_number_or_title(mine, others, shelf):
    dune, copy = shelf["Dune"].pk, Copy.objects.get(edition__work=shelf["Dune"])
    found = looked_up(mine, kind="book", code="978-0-441-01359-3")
    assert (found["state"], [one["work"] for one in found["alike"]]) == ("link", [dune])
    (one,) = found["alike"]
    assert (one["title"], one["copies"], one["basis"]) == ("Dune", copy.quantity, "matched_by_identifier")
    assert {"what": "code", "how": "equal", "detail": "isbn13 9780441013593"} in one["parts"]
    found = looked_up(others, kind="book", title="Dune")
    assert (found["state"], found["alike"][0]["why"][0]) == ("review", "same title")
    assert looked_up(mine, kind="game", title="Dune") == {"state": "new", "alike": []}
    assert mine.post(f"{ROOT}/lookup", {"kind": "book", "code": "12"}, format="json").status_code == 422
    nowhere = {"kind": "book", "title": "Dune", "library": 4711}
    assert mine.post(f"{ROOT}/lookup", nowhere, format="json").status_code == 422
    # The number of what is hidden tells nobody else that it is there.
    Copy.objects.filter(pk=copy.pk).update(is_private=True)
    assert looked_up(mine, kind="book", code="9780441013593")["alike"][0]["copies"] == copy.quantity
    assert looked_up(others, kind="book", code="9780441013593") == {"state": "new", "alike": []}


def test_what_can_be_imported_is_listed_and_an_empty_table_comes_back_filled_in(mine: APIClient):
    formats = mine.get(f"{ROOT}/imports/formats").json()
    assert {"key": "clz", "name": "CLZ (Collectorz)", "document": "docs/imports.md#clz-collectorz"} in formats
    answer = mine.get(f"{ROOT}/imports/template.csv")
    assert "collection.csv" in answer["Content-Disposition"]
    (head,) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    told = {"media_type": "book", "title": "Emma", "creator": "Jane Austen", "location": "Attic"}
    filled = answer.content.decode() + ",".join(told.get(name, "") for name in head) + "\r\n"
    of = uploaded(mine, filled)
    shown = mine.get(f"{ROOT}/imports/{of['id']}/preview").json()
    assert (shown["format"], shown["rows"], shown["unknown"]) == ("ours", 1, [])
    run(mine.post(f"{ROOT}/imports/{of['id']}/start"))
    assert str(Copy.objects.get().location) == "Attic"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("director=scott", ["Alien"]),
        ("actor=weaver&kind=movie", ["Alien"]),
        ("lent=true", ["Alien"]),
        ("year_from=1965&year_to=1969&ordering=title", ["Dune", "Dune Messiah"]),
        ("my_rating_from=9", ["Dune"]),
        ("rating_from=9.5", []),
        ("owner=nobody", []),
        ("resolution=4K", []),
        ("added_since=2999-01-01T00:00:00Z", []),
        ("kind=book&ordering=-my_rating", ["Dune", "Dune Messiah"]),
        ("kind=movie&ordering=format", ["Alien", "Amélie", "Serenity"]),
        ("kind=movie&ordering=-added", ["Serenity", "Amélie", "Alien"]),
    ],
)
def test_works_are_found_and_sorted_by_what_belongs_to_them(mine, shelf, query, found):
    assert titles(mine, query) == found


@pytest.mark.parametrize(
    "ordering", ["", "title", "-title", "-year", "year", "-my_rating", "format", "-added"]
)
def test_cursors_walk_through_a_list_both_ways_as_its_pages_do(mine, shelf, ordering):
    whole = titles(mine, f"ordering={ordering}")
    assert len(whole) == len(shelf)
    address, seen, before = f"{ROOT}/works?ordering={ordering}&page_size=3&cursor=first", [], None
    while address:
        told = mine.get(address).json()
        assert told["previous"] is None or titles(mine, told["previous"].partition("?")[2]) == before
        before = [one["title"] for one in told["results"]]
        seen += before
        address = told["next"]
    assert seen == whole


@pytest.mark.parametrize("query", ["cursor=here", "cursor=after.x", "cursor=first&page=1", "cursor="])
def test_a_cursor_that_is_none_of_the_list_is_refused(mine: APIClient, query: str):
    answer = mine.get(f"{ROOT}/works?{query}")
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("query", "field"),
    [("rating_to=11", "rating_to"), ("my_rating_from=-1", "my_rating_from"), ("q=a%00b", "q")],
)
def test_a_filter_that_fits_nothing_there_could_be_is_refused(mine: APIClient, query: str, field: str):
    answer = mine.get(f"{ROOT}/works?{query}")
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])


def test_nobody_overwrites_what_they_have_not_read(mine: APIClient, shelf: dict[str, Work]):
    copy = Copy.objects.get(edition__work=shelf["Alien"])
    for address, change in (
        (f"works/{shelf['Alien'].pk}", {"year": 1980}),
        (f"editions/{copy.edition_id}", {"pages": 7}),
        (f"copies/{copy.pk}", {"condition": "worn"}),
    ):
        read = mine.get(f"{ROOT}/{address}", headers={"Accept-Encoding": "gzip"})["ETag"]
        assert mine.patch(f"{ROOT}/{address}", change, format="json").status_code == 200
        headers = {"If-Match": read}
        answer = mine.patch(f"{ROOT}/{address}", change, format="json", headers=headers)
        assert detail(answer)[0] == 412
        headers = {"If-Match": mine.get(f"{ROOT}/{address}")["ETag"]}
        assert mine.patch(f"{ROOT}/{address}", change, format="json", headers=headers).status_code == 200
        headers = {"If-Match": "*"}
        assert mine.patch(f"{ROOT}/{address}", {}, format="json", headers=headers).status_code == 200


def test_what_lacks_a_part_is_told(mine: APIClient, shelf: dict[str, Work]):
    Work.objects.filter(pk=shelf["Dune Messiah"].pk).update(position="4")
    add_copy(shelf["Dune Messiah"])
    Season.objects.create(work=shelf["Firefly"], number=3, expected=3, available=2)
    told = mine.get(f"{ROOT}/gaps").json()
    assert told["series"] == [{"series": "Dune", "kind": "book", "owned": 2, "missing": [[2, 3]]}]
    assert [(one["title"], one["number"], one["available"]) for one in told["seasons"]] == [("Firefly", 3, 2)]


def test_the_pairs_of_one_work_are_found(mine: APIClient, shelf: dict[str, Work]):
    dune, alien, halo = (shelf[title].pk for title in ("Dune", "Alien", "Halo"))
    for one, other in ((dune, alien), (alien, halo)):
        Duplicate.objects.create(one_id=min(one, other), other_id=max(one, other), score=0.7)
    for work, number in ((dune, 1), (alien, 2), (halo, 1)):
        assert mine.get(f"{ROOT}/duplicates?work={work}").json()["count"] == number
