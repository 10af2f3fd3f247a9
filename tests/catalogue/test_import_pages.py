"""Imports on pages: upload, look, import, decide what is in doubt, and take back."""

from __future__ import annotations

import csv
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role, User
from catalogue.imports import reviewing
from catalogue.models import Import, Library, Location, Outcome, Work
from jobs.models import ItemState, Job, JobItem, JobState
from jobs.services import run_inline
from tests.catalogue.build import add_user, add_work
from tests.catalogue.conftest import Importing
from tests.catalogue.test_pages import browser_of, text_of, titles
from web.contract import every

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "no_worker_is_asked", "data")]

BOOKS = """id,media_type,title,year,author,isbn,location,Mood
1,book,Dune,1965,Frank Herbert,9780441013593,Shelf,calm
2,book,Emma,1815,Jane Austen,9780141439587,Shelf,
3,book,,,,,,
"""


@pytest.fixture
def client(ute: User) -> Client:
    return browser_of(ute)


def upload(client: Client, content: str, name: str = "books.csv") -> str:
    answer = client.post("/collection/imports/upload", {"file": SimpleUploadedFile(name, content.encode())})
    return str(answer["Location"])


def run(page: str) -> Import:
    of = Import.objects.select_related("job").get(pk=int(page.rpartition("/")[2]))
    job = Job.objects.filter(state__in=["queued", "running"]).latest("pk")
    assert run_inline(job).state == JobState.COMPLETED
    return of


def test_a_file_is_looked_at_imported_and_taken_back(client: Client, ute: User):
    page = upload(client, BOOKS)
    text = text_of(client, page)
    assert "A table with a column for titles: 3 rows" in text
    assert "Taggarr does not know these columns and keeps them under their own names: Mood." in text
    assert "The row has neither a title nor a number: add one of them." in text
    assert text.count("<td>new</td>") == 2
    assert not Work.objects.exists()

    assert client.post(f"{page}/start", {"mode": "fill", "with_progress": "on"})["Location"] == page
    assert "The file is being read…" in text_of(client, page)
    run(page)
    text = text_of(client, page)
    assert "2 rows of this list are in your collection." in text
    assert titles(text) == ["Dune", "Emma"]
    assert titles(text_of(client, f"{page}?outcome=failed")) == []
    assert ">Emma</a>" in text_of(client, "/collection")
    assert "Added 2 · Not read 1" in text_of(client, "/collection/imports")

    answer = client.get(f"{page}/result.csv")
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
    assert [row[:3] for row in rows[1:3]] == [["2", "Dune", "Added"], ["3", "Emma", "Added"]]
    assert answer["Content-Disposition"].startswith("attachment")

    Work.objects.filter(title="Emma").update(overview="Mine", version=2)
    text = text_of(client, f"{page}/undo")
    assert "1 work goes that this import added." in text
    assert "1 work stays, because somebody changed it since." in text
    assert titles(text) == ["Emma"]
    client.post(f"{page}/undo")
    assert "It is being taken back." in text_of(client, page)
    run(page)
    assert "This import was taken back." in text_of(client, page)
    assert list(Work.objects.values_list("title", flat=True)) == ["Emma"]
    assert client.get(f"{page}/undo")["Location"] == page
    assert "taken back" in text_of(client, "/collection/imports")


def test_what_is_here_already_and_what_is_in_doubt_is_foreseen(client: Client, importing: Importing):
    importing(BOOKS)
    add_work("Solaris", kind="movie", year=1972)
    page = upload(client, BOOKS)
    text = text_of(client, page)
    assert "This very file was imported before" in text
    assert text.count("is here already</span>") == 2
    more = (
        "id,media_type,title,year,author\n9,movie,Solaris,,\n8,book,Dune,1965,Frank Herbert\n7,book,New,,\n"
    )
    text = text_of(client, upload(client, more))
    assert [text.count(told) for told in ("you will be asked", "is here already</span>", "<td>new</td>")] == [
        1,
        1,
        1,
    ]


def test_how_a_file_is_imported_is_chosen(client: Client, ute: User):
    attic = Location.objects.create(name="Attic")
    second = Library.objects.create(name="Second")
    page = upload(client, "Titel;Jahr\nDune;1965\n")
    text = text_of(client, page)
    assert "Which column is the title?" in text
    assert "No format is known in which the file is written" in text
    asked = {"mode": "skip", "place": attic.pk, "library": second.pk, "column-1": "title", "look": "1"}
    client.post(f"{page}/start", {**asked, "column-2": "title"})
    assert "Two columns would be called title" in text_of(client, page)
    client.post(f"{page}/start", {**asked, "column-2": "year"})
    text = text_of(client, page)
    assert "A table with a column for titles: 1 row" in text
    of = Import.objects.get()
    assert (of.mode, of.location, of.library, of.with_progress) == ("skip", attic, second, False)
    assert of.mapping == {"Titel": "title", "Jahr": "year"}
    client.post(f"{page}/start", {**asked, "mode": "blue", "column-2": "year"})
    assert "There is no way to import called blue" in text_of(client, page)


def test_what_is_no_file_or_not_known_is_told(client: Client):
    assert client.post("/collection/imports/upload")["Location"] == "/collection/imports"
    assert "Choose a file first." in text_of(client, "/collection/imports")
    assert "The file is empty: export it once more." in text_of(client, upload(client, ""))


def test_a_file_that_is_gone_is_told(client: Client, monkeypatch: pytest.MonkeyPatch):
    from catalogue.imports import services
    from core.errors import StorageError

    page = upload(client, BOOKS)

    def gone(_of: Import) -> None:
        raise StorageError("The disk is away.")

    monkeypatch.setattr(services, "preview", gone)
    assert client.get(page)["Location"] == "/collection/imports"
    assert "The disk is away." in text_of(client, "/collection/imports")


def test_imports_are_for_who_may_add_and_ones_own(client: Client, importing: Importing):
    page = f"/collection/imports/{importing(BOOKS).pk}"
    uwe, vera = browser_of(add_user("uwe")), browser_of(add_user("vera", Role.VIEWER))
    for address in (page, f"{page}/live", f"{page}/undo", f"{page}/result.csv"):
        assert (uwe.get(address).status_code, vera.get(address).status_code) == (404, 403), address
    assert "books" not in text_of(uwe, "/collection/imports")
    assert "list.csv" in text_of(browser_of(add_user("ada", Role.ADMIN)), "/collection/imports")


def test_how_far_an_import_is_is_shown_until_it_ends(client: Client):
    page = upload(client, BOOKS)
    client.post(f"{page}/start", {"mode": "fill"})
    of, job = Import.objects.get(), Job.objects.get()
    JobItem.objects.create(job=job, step="rows", key="1", state=ItemState.PENDING)
    of.rows.create(number=1, outcome=Outcome.CREATED)
    of.rows.create(number=2)
    answer = client.get(f"{page}/live")
    assert "1 of 2 rows are done." in answer.content.decode()
    assert "HX-Refresh" not in answer
    Job.objects.update(state=JobState.FAILED)
    assert client.get(f"{page}/live")["HX-Refresh"] == "true"
    assert "The import ended before all rows were done" in text_of(client, page)


# What is in doubt


@pytest.fixture
def doubts(importing: Importing) -> list[int]:
    """Three rows that may be a film that is here, which is there twice; a book is there too."""
    for year in (1972, 2002):
        add_work("Solaris", kind="movie", year=year)
    add_work("Stalker", kind="movie", year=1979)
    rows = "".join(f"{number},movie,Solaris,,\n" for number in range(1, 4))
    of = importing(f"id,media_type,title,year,format\n{rows}")
    assert of.counts == {"review": 3}
    return list(of.rows.values_list("pk", flat=True))


def decide(client: Client, row: int, **said: str) -> str:
    return str(client.post(f"/collection/review/{row}", said)["Location"])


def test_doubts_are_decided_one_after_the_other(client: Client, ute: User, doubts: list[int]):
    text = text_of(client, "/collection/review")
    assert "row 2 of list.csv" in text
    assert text.count("It is this one") == 2
    assert f'href="?row={doubts[1]}" data-key="j"' in text
    assert f'href="?row={doubts[0]}" data-key="k"' in text_of(client, f"/collection/review?row={doubts[1]}")

    assert decide(client, doubts[0], do="accept") == f"/collection/review?row={doubts[1]}"
    text = text_of(client, f"/collection/review?row={doubts[1]}&q=stalker")
    other = Work.objects.get(title="Stalker")
    assert f'name="work" value="{other.pk}"' in text
    decide(client, doubts[1], do="choose", work=str(other.pk))
    assert decide(client, doubts[2], do="keep") == "/collection/review"
    assert "Nothing is in doubt." in text_of(client, "/collection/review")
    assert Work.objects.filter(title="Solaris").count() == 3
    assert Import.objects.get().counts == {"created": 1, "updated": 2}
    decide(client, doubts[0], do="skip")
    assert "This row was decided already" in text_of(client, "/collection/review")


def test_a_work_that_is_misspelled_is_found_and_one_that_is_not_there_refused(
    client: Client, doubts: list[int]
):
    assert "Stalker" in text_of(client, "/collection/review?q=stalkr")
    assert "Nothing fits this." in text_of(client, "/collection/review?q=qqqq")
    decide(client, doubts[0], do="choose", work="x")
    assert "This work is not there: choose another." in text_of(client, "/collection/review")


def test_doubts_stand_in_the_inbox_of_whoever_imported(client: Client, ute: User, doubts: list[int]):
    (kind,) = (one for one in every("inbox") if one.slug == "collection")
    uwe = add_user("uwe")
    assert (kind.count(ute), kind.count(uwe)) == (3, 0)
    assert [str(entry.what) for entry in kind.entries(ute, 2)] == [
        "Solaris, from list.csv: do you have it already?"
    ] * 2
    text = text_of(client, "/inbox")
    assert text.count("It is this one") == 6
    assert decide(client, doubts[0], do="skip", back="inbox") == "/inbox"
    assert reviewing.waiting(ute).count() == 2
    assert browser_of(uwe).post(f"/collection/review/{doubts[1]}").status_code == 404
    page = text_of(client, f"/collection/imports/{Import.objects.get().pk}")
    assert "Decide 2 doubts" in page
    assert re.search(rf'review\?row={doubts[1]}">To decide</a>', page)
