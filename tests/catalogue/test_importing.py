"""Files become works, editions and copies; the same again writes nothing."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest
from django.db import connection

from accounts.models import Role, User
from catalogue.cleaning import BRINGS as CLEANING
from catalogue.imports import services
from catalogue.models import Copy, Identifier, Import, ImportRow, Library, Progress, Work
from catalogue.references import BRINGS as REFERENCES
from core.errors import ConfigError, FieldError
from core.words import Phrase
from jobs.models import Job, JobState
from jobs.services import run_inline
from jobs.services import start as start_job
from tests.catalogue.build import add_user, add_work
from tests.catalogue.conftest import Importing
from tests.catalogue.tables import rows_of_all

pytestmark = pytest.mark.django_db

SHELF = """media_type,title,year,author,director,isbn,ean,format,location,genre,state,user_rating,plays,Mood
book,Dune,1965,Frank Herbert,,9780441013593,,Paperback,Shelf,SF;Classic,completed,9,2019-01-05/2019-02-01,calm
book,Dune,1965,Frank Herbert,,9780441013593,,Paperback,shelf,SF,completed,9,,calm
movie,Alien,1979,,Ridley Scott,,5039036030281,Blu-ray,Box,Horror,,,,
book,,,,,9780141439587,,,,,,,,
movie,Arrival,2016,,Denis Villeneuve,,,,,,unwatched,,,
"""


def told(of: Import) -> list[tuple[int, str, str]]:
    return list(of.rows.values_list("number", "outcome", "basis"))


def test_each_row_becomes_a_work_with_its_edition_and_copy(importing: Importing, ute: User):
    of = importing(SHELF)
    assert of.counts == {"created": 4, "updated": 1}
    assert sorted(Work.objects.values_list("title", "year")) == [
        ("", None),
        ("Alien", 1979),
        ("Arrival", 2016),
        ("Dune", 1965),
    ]
    dune = Work.objects.get(title="Dune")
    assert [row.person.name for row in dune.contributions.all()] == ["Frank Herbert"]
    assert [row.term.name for row in dune.terms.all()] == ["SF", "Classic"]
    edition = dune.editions.get()
    assert edition.format == "Paperback"
    # Two equal rows are two copies, at one place that was spelled in two ways.
    copies = list(edition.copies.all())
    assert [copy.own for copy in copies] == [{"Mood": "calm"}] * 2
    assert {str(copy.location) for copy in copies} == {"Shelf"}
    progress = Progress.objects.get(user=ute, work=dune)
    assert (progress.state, str(progress.rating), progress.plays.count()) == ("completed", "9.00", 1)
    assert dune.added_by == ute
    assert not Identifier.objects.filter(shared=True)


def test_the_same_file_again_writes_nothing(importing: Importing):
    importing(SHELF)
    before = rows_of_all()
    again = importing(SHELF)
    assert rows_of_all() == before
    assert again.counts == {"unchanged": 5}
    assert {basis for _, _, basis in told(again)} == {"matched_by_source"}


def test_another_list_of_the_same_shelf_adds_nothing_but_what_is_new(importing: Importing):
    importing("title,year,author,isbn,owned\nDune,1965,Frank Herbert,9780441013593,yes\n")
    goodreads = importing(
        "Book Id,Title,Author,Additional Authors,ISBN,ISBN13,My Rating,Publisher,Binding,Year Published,"
        "Original Publication Year,Date Read,Date Added,Bookshelves,Exclusive Shelf,My Review,Read Count,"
        'Owned Copies\n44767458,Dune,Frank Herbert,,="0441013597",="9780441013593",5,Ace,Paperback,2005,'
        "1965,,2020/01/01,,read,,1,1\n"
    )
    assert goodreads.format == "goodreads"
    assert told(goodreads) == [(2, "updated", "matched_by_identifier")]
    work = Work.objects.get()
    assert (Copy.objects.count(), work.editions.get().publisher) == (1, "Ace")
    assert Progress.objects.get().rating == 10


def test_a_doubt_waits_and_writes_nothing(importing: Importing):
    importing("media_type,title,year\nmovie,Solaris,1972\n")
    before = rows_of_all()
    of = importing("media_type,title,year,format\nmovie,Solaris,,DVD\n")
    assert rows_of_all() == before
    row = of.rows.get()
    assert (row.outcome, row.basis, row.score) == ("review", "fallback_title_match", 0.6)
    assert ["title", "equal", "1.00"] in row.reasons
    assert [one.work.year for one in row.candidates.all()] == [1972]
    assert of.job is not None
    assert of.job.outcome == Phrase("catalogue.rows-wait", number=1)


def test_a_row_that_cannot_be_read_costs_itself_alone(importing: Importing):
    of = importing("title,year\nDune,1965\n,1970\nEmma,1815\n")
    assert of.counts == {"created": 2, "failed": 1}
    failed = of.rows.get(outcome="failed")
    assert (failed.number, failed.error) == (3, Phrase("catalogue.row-no-title", text=""))


def test_a_list_corrects_what_it_wrote_and_never_what_a_person_did(importing: Importing):
    head = "id,media_type,title,year,publisher,overview,language,state,user_rating,location\n"
    importing(f"{head}7,book,Dune,1964,Chilton,Sand,de,completed,8,Shelf\n")
    work = Work.objects.get()
    work.overview, work.origins = "Mine", {**work.origins, "overview": "manual"}
    work.locks = ["language"]
    work.save()
    importing(f"{head}7,book,Dune,1965,Ace,Worms,en,in_progress,,Attic\n")
    work.refresh_from_db()
    assert (work.year, work.overview, work.language) == (1965, "Mine", "de")
    assert work.version == 2
    copy = Copy.objects.get()
    assert (copy.edition.publisher, str(copy.location)) == ("Ace", "Attic")
    progress = Progress.objects.get()
    assert (progress.state, str(progress.rating)) == ("completed", "8.00")


def test_the_modes_say_what_happens_to_what_is_known(importing: Importing):
    one = "media_type,title,year,director,publisher,overview\nmovie,Alien,1979,Ridley Scott,{},{}\n"
    importing(one.format("Fox", "A cat"))
    other = one.replace("title", "id,title", 1).replace("movie,", "movie,x1,")
    assert importing(other.format("20th", "A ship"), mode="skip").counts == {"skipped": 1}
    assert Work.objects.get().overview == "A cat"
    importing(other.format("20th", "A ship"), mode="overwrite")
    work = Work.objects.get()
    assert (work.overview, work.editions.get().publisher) == ("A ship", "20th")


def test_what_others_added_is_not_changed_without_their_leave(importing: Importing):
    importing("media_type,title,year,director,overview\nmovie,Alien,1979,Ridley Scott,\n")
    of = importing(
        "media_type,title,year,director,overview,ean_upc,user_rating\n"
        "movie,Alien,1979,Ridley Scott,A ship,5039036030281,7\n",
        user=add_user("uwe"),
    )
    work = Work.objects.get()
    assert (of.rows.get().outcome, work.overview, work.identifiers.count()) == ("updated", "", 0)
    # The copy is another's: uwe has one of his own.
    assert sorted(copy.added_by.username for copy in Copy.objects.all() if copy.added_by) == ["ute", "uwe"]
    assert Progress.objects.get(user__username="uwe").rating == 7


def test_what_is_in_the_trash_stays_there(importing: Importing):
    importing("title,isbn\nDune,9780441013593\n")
    Work.objects.update(deleted_at="2026-01-01T00:00Z")
    of = importing("title,isbn,publisher\nDune,9780441013593,Ace\n")
    row = of.rows.get()
    assert (row.outcome, row.error) == ("skipped", Phrase("catalogue.row-in-trash"))
    # To another list it is new, and both have the number.
    assert importing("id,title,isbn\nx,Dune,9780441013593\n").counts == {"created": 1}
    assert set(Identifier.objects.values_list("shared", flat=True)) == {False, True}


def test_columns_are_mapped_and_that_is_remembered(importing: Importing, ute: User):
    text = "Titel;Jahr;Regal;Laune\nDune;1965;Oben;ruhig\n"
    of = importing(text, mapping={"Titel": "title", "Jahr": "year", "Regal": "location"})
    assert of.counts == {"created": 1}
    copy = Copy.objects.get()
    assert (str(copy.edition.work), str(copy.location), copy.own) == (
        "Dune (1965)",
        "Oben",
        {"Laune": "ruhig"},
    )
    again = services.upload([text.encode()], ute, name="again.csv")
    assert again.mapping == of.mapping
    assert services.before(again) == of
    shown = services.preview(again)
    assert (shown.format, shown.number, shown.unknown) == ("ours", 1, ("Laune",))


def test_a_mapping_is_that_of_the_library_until_another_is_imported(ute: User, data: Path, switched_on: None):
    text, attic = b"Titel;Jahr\nDune;1965\n", Library.objects.create(name="Attic")
    first = services.upload([text], ute, name="list.csv")
    assert services.preview(first).format == ""
    services.configure(first, mapping={"Titel": "title", "Jahr": "own:Jahr"})
    shown = services.preview(first)
    assert (shown.number, shown.unknown) == (1, ("Jahr",))
    # Another person has the same program; a library of its own begins anew.
    second = services.upload([text], add_user("uwe"), name="list.csv")
    assert second.mapping == first.mapping
    services.configure(second, mapping={"Titel": "title"}, library=attic)
    services.start(second)
    assert services.upload([text], ute, name="list.csv").mapping == first.mapping
    there = services.configure(first, mapping={}, library=attic)
    assert there.mapping == {}
    third = services.upload([text.replace(b"Jahr", b"Year")], ute, name="list.csv")
    assert third.mapping == {}
    other = Import.objects.create(library=attic, made_by=ute, columns=["Titel", "Jahr"], digest=third.digest)
    assert services.configure(other, library=attic).mapping == {"Titel": "title"}


def test_lists_that_overlap_become_the_same_shelf_in_either_order(importing: Importing):
    head, *rows = SHELF.splitlines()
    lists = ["\n".join([head, *rows[:4]]), "\n".join([head, *rows[1:]])]
    shelves = []
    for order in (lists, lists[::-1]):
        for text in order:
            importing(text)
        copies = Copy.objects.values_list(
            "edition__work__title", "edition__format", "location__name", "own", "quantity"
        )
        works = Work.objects.values_list(
            "title", "year", "identifiers__value", "editions__identifiers__value"
        )
        people = Work.objects.values_list("title", "contributions__role", "contributions__person__name")
        progress = Progress.objects.values_list("work__title", "state", "rating", "plays__finished_on")
        shelves.append([sorted(map(str, told)) for told in (copies, works, people, progress)])
        Import.objects.all().delete()
        Work.objects.all().delete()
    assert shelves[0] == shelves[1]
    assert len(shelves[0][0]) == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("data", "switched_on")
def test_two_imports_at_once_add_each_thing_once(ute: User):
    """Files that overlap, by two people: they take turns."""
    uwe = add_user("uwe")
    books = [f"Book {number},97801414{number:02},Ann Bo" for number in range(40)]
    head = "title,asin,author"
    jobs = []
    for user, rows in ((ute, books[:30]), (uwe, books[10:])):
        text = "\n".join([head, *(row.replace("97801414", "B0000000") for row in rows)])
        of = services.upload([text.encode()], user, name="list.csv")
        jobs.append(services.start(of))

    def run(job: Job) -> None:
        try:
            run_inline(job)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Job.objects.get(pk=job.pk).state for job in jobs] == [JobState.COMPLETED] * 2
    assert Work.objects.count() == Identifier.objects.count() == 40
    assert not Identifier.objects.filter(shared=True)
    counts = [Import.objects.get(job=job).counts for job in jobs]
    assert sum(count.get("created", 0) for count in counts) == 40
    assert sum(sum(count.values()) for count in counts) == 60


def test_a_plan_that_was_cut_off_begins_anew(importing: Importing, ute: User):
    of = services.upload([SHELF.encode()], ute, name="list.csv")
    job = services.start(of)
    ImportRow.objects.create(of=of, number=2, entry={"left": "over"})
    assert run_inline(job).state == JobState.COMPLETED
    of.refresh_from_db()
    assert of.counts == {"created": 4, "updated": 1}
    assert services.start(of) == job


def test_what_an_import_may_not_be_told(importing: Importing, ute: User):
    of = services.upload([SHELF.encode()], ute, name="list.csv")
    attic = Library.objects.create(name="Attic", visibility="members")
    for field, value in (
        *(("mode", "burn"), ("library", attic)),
        *(("mapping", {"Titel": "title"}), ("mapping", {"Mood": "temper"})),
    ):
        with pytest.raises(FieldError) as refused:
            services.configure(of, **{field: value})
        assert refused.value.field == field
    with pytest.raises(TypeError):
        services.configure(of, colour="red")
    services.start(of)
    with pytest.raises(ConfigError, match="started already"):
        services.configure(of, mode="skip")
    with pytest.raises(ConfigError, match="may only look"):
        services.upload([b"title"], add_user("vera", Role.VIEWER), name="list.csv")


@pytest.mark.usefixtures("switched_on")
def test_a_job_of_no_import_says_so():
    with pytest.raises(ConfigError, match="number of an import"):
        start_job("catalogue_import", params={"import": "x"})
    job = run_inline(start_job("catalogue_import", params={"import": 999})[0])
    assert (job.state, job.error) == (JobState.FAILED, Phrase("catalogue.import-gone"))


def test_a_file_is_kept_until_it_was_read(importing: Importing, ute: User):
    of = services.upload([b"title\nDune\n"], ute, name="list.csv")
    (visible,) = REFERENCES.visible

    def used() -> list[str]:
        return [digest for digests in REFERENCES.used for digest in digests()]

    assert used() == [of.digest]
    assert visible(ute, of.digest)
    assert not visible(add_user("uwe"), of.digest)
    importing("title\nEmma\n")
    assert used() == [of.digest]
    Import.objects.filter(pk=of.pk).update(created_at="2020-01-01T00:00Z")
    assert CLEANING.cleaners["abandoned_imports"]() == 1
    assert used() == []


def test_hostile_values_fit_or_are_left_out(importing: Importing):
    long = "ä" * 5000
    of = importing(
        "title,year,author,location,format,genre,ids,price,quantity,user_rating\n"
        f"{long},2199,{long},{long},{long},{long},imdb:{long},999999999,0,10\n"
        "=1+1,1965,a\x00b,\ud83d,x,y,imdb:tt1,1,1,1\n".encode("utf-16", "surrogatepass").decode(
            "utf-16", "replace"
        )
    )
    assert of.counts == {"created": 2}


def test_one_work_of_two_numbers_that_are_anothers_shares_them(importing: Importing):
    add_work("Elsewhere")
    importing("id,title,isbn\n1,Dune,9780441013593\n2,Emma,9780141439587\n")
    importing("id,title,isbn\n1,Dune,9780441013593;9780141439587\n2,Emma,9780141439587\n")
    dune, emma = Work.objects.get(title="Dune"), Work.objects.get(title="Emma")
    numbers = Identifier.objects.filter(edition__work=dune).values_list("value", "shared")
    assert sorted(numbers) == [("9780141439587", True), ("9780441013593", False)]
    assert not emma.editions.get().identifiers.get().shared
