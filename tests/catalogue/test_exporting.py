"""What is exported comes back equal, holds nothing that is hidden, and says what things cost."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from catalogue import archiving, boxes, exporting, insurance, pictures, places, references
from catalogue.formats import archive
from catalogue.imports import reviewing, services
from catalogue.models import (
    Copy,
    Edition,
    Import,
    Library,
    Location,
    OwnField,
    Picture,
    Play,
    Progress,
    Season,
    SetMember,
    Work,
)
from core.errors import ConfigError
from jobs.models import Job, JobState
from jobs.services import run_inline
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.shelf import make_shelf
from tests.catalogue.tables import rows_of_all
from tests.catalogue.test_pages import browser_of, text_of
from tests.storage.make import poster

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "data", "no_worker_is_asked")]


def archive_of(user: User) -> bytes:
    to = io.BytesIO()
    exporting.write_archive(user, to)
    return to.getvalue()


def imported(content: bytes, user: User) -> Import:
    of = services.upload([content], user, name="collection.zip")
    assert run_inline(services.start(of)).state == JobState.COMPLETED
    of.refresh_from_db()
    return of


def told(content: bytes) -> Any:
    """All that an archive says, whatever the works, editions and copies of its house are numbered."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows, house = (json.loads(archive.read(name)) for name in ("collection.json", "house.json"))
    names: dict[str, int] = {}
    for row in rows:
        entry = row["entry"]
        row.pop("copy", None)
        for of, name in (
            (entry, "id"),
            *((one, "work") for one in (entry["kept"], *entry["kept"].get("box", ()))),
        ):
            of[name] = of.get(name) and names.setdefault(of[name], len(names))
        for one in row["pictures"]:
            one["file"] = one["file"].rpartition(".")[2]
    return rows, house


def empty_the_house() -> None:
    Work.objects.all().delete()
    for model in (Location, OwnField):
        model.objects.all().delete()
    Library.objects.filter(is_default=False).delete()


def arrange_shelf(user: User) -> dict[str, Work]:
    """A shelf on which all is arranged that lists of others do not know, and of which much is alike."""
    works = make_shelf(user)
    firefly, dune = works["Firefly"], works["Dune"]
    alone = Location.objects.create(name="Shelf 2")
    add_copy(add_work("Dune", year=1965, locks=["title"]), location=alone)
    comics = Library.objects.create(name="Comics", visibility="members", description="Ours")
    comics.members.add(user)
    saga = add_work("Saga", kind="comic", library=comics, added_by=user, own={"Ink": "wet"})
    add_copy(saga, added_by=user, own={"Ink": "dry"}, locks=["notes"])
    add_copy(add_work("Saga", kind="comic", library=comics, added_by=user), added_by=user)
    for note in ("one", "two"):
        add_copy(dune, added_by=user, notes=note)
    second = Season.objects.create(work=firefly, number=2, name="Never made", expected=3)
    seen = Progress.objects.create(user=user, work=firefly, season=second, state="in_progress", times=1)
    Play.objects.create(progress=seen, finished_on="2021-01-05")
    OwnField.objects.create(kind="comic", name="Ink", type="choice", choices=["wet", "dry"])
    works["Alien"].editions.update(locks=["format"])
    return works


@pytest.mark.parametrize("role", [Role.USER, Role.ADMIN])
def test_an_archive_brings_all_back_into_an_empty_house(role: Role):
    user = add_user("vera", role)
    works = arrange_shelf(user)
    pictures.add([poster(1)], user, works["Dune"], "cover")
    pictures.add([poster(3)], user, Copy.objects.get(edition__work=works["Alien"]), "receipt")
    content = archive_of(user)
    empty_the_house()
    if role is Role.USER:
        # Whoever may not make libraries and fields finds them there.
        Library.objects.create(name="Comics", visibility="members").members.add(user)
        OwnField.objects.create(kind="comic", name="Ink", type="choice", choices=["wet", "dry"])
    of = imported(content, user)
    # A work's other copies come to it when it is there.
    assert (of.format, of.counts) == ("archived", {"created": 10, "updated": 2})
    assert told(archive_of(user)) == told(content)
    assert sorted(places.paths().values()) == ["Attic", "Attic / Shelf 2", "Shelf 2"]
    assert Season.objects.get(number=1).is_complete
    assert imported(content, user).counts == {"unchanged": 12}
    assert run_inline(services.undo(of, user)).summary["kept"] == 0
    for model in (Location, Work, Picture, SetMember, Season):
        assert not model._default_manager.exists(), model
    # What this import made goes with it; what was there stays.
    kept = [] if role is Role.ADMIN else ["Comics"]
    assert [one.name for one in Library.objects.filter(is_default=False)] == kept
    assert OwnField.objects.exists() == bool(kept)


def test_libraries_and_fields_that_an_archive_made_stay_where_they_are_used_or_changed():
    admin = add_user("ada", Role.ADMIN)
    for name in ("Comics", "Games", "Maps"):
        Library.objects.create(name=name)
    for name in ("Ink", "Paper"):
        OwnField.objects.create(kind="comic", name=name)
    content = archive_of(admin)
    empty_the_house()
    of, again = imported(content, admin), imported(content, admin)
    Library.objects.filter(name="Comics").update(description="Ours")
    work = add_work("Risk", kind="comic", own={"Ink": "wet"}, library=Library.objects.get(name="Games"))
    assert run_inline(services.undo(of, admin)).state == JobState.COMPLETED
    assert {one.name for one in Library.objects.filter(is_default=False)} == {"Comics", "Games"}
    assert [one.name for one in OwnField.objects.all()] == ["Ink"]
    # They go with the next import that is taken back, as places do, unless somebody made them theirs.
    work.delete()
    assert run_inline(services.undo(again, admin)).state == JobState.COMPLETED
    assert [one.name for one in Library.objects.filter(is_default=False)] == ["Comics"]
    assert not OwnField.objects.exists()


def test_what_only_members_see_does_not_go_where_all_see_it(ute: User):
    arrange_shelf(ute)
    content = archive_of(ute)
    empty_the_house()
    of = imported(content, ute)
    assert of.counts == {"created": 8, "updated": 2, "failed": 2}
    assert not Work.objects.filter(title="Saga").exists()
    assert "Comics" in str(of.rows.filter(outcome="failed")[0].error)


def test_what_is_in_a_box_already_and_seasons_that_are_here_stay_as_they_are(ute: User):
    make_shelf(ute)
    content = archive_of(ute)
    box = Edition.objects.get(is_set=True)
    box.members.exclude(note="An interview").delete()
    Season.objects.update(expected=20)
    before = rows_of_all()
    of = imported(content, ute)
    assert "created" not in of.counts
    assert [one.note for one in box.members.all()] == ["An interview"]
    assert Season.objects.get().expected == 20
    assert run_inline(services.undo(of, ute)).state == JobState.COMPLETED
    assert rows_of_all() == before


@pytest.mark.parametrize("order", [["Solaris"], ["Solaris", "Stalker"], ["Stalker", "Solaris"]])
@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_decided_later_brings_its_pictures_and_is_in_its_boxes(
    ute: User, order: list[str], at_once: bool
):
    works = {title: add_work(title, kind="movie", added_by=ute) for title in ("Stalker", "Alien", "Solaris")}
    box = add_copy(works["Stalker"], added_by=ute).edition
    boxes.fill(box, ute, [boxes.Inside(works["Solaris"].pk), boxes.Inside(works["Alien"].pk)])
    pictures.add([poster(1)], ute, works["Solaris"], "cover")
    content = archive_of(ute)
    Work.objects.all().delete()
    for title in order:
        add_work(title, kind="movie", year=1972)
    before = rows_of_all()
    of = imported(content, ute)
    assert of.counts == {"review": len(order), "created": 3 - len(order)}
    assert not Picture.objects.exists()
    brought = []
    for some in [order] if at_once else [[title] for title in order]:
        for title in some:
            reviewing.keep_as_new(of.rows.get(entry__work__title=title))
        with pytest.raises(ConfigError):
            services.undo(of, ute)
        # Each decision starts one; the first does it for all that are decided by then.
        for job in Job.objects.filter(name=services.BRING, state=JobState.QUEUED).order_by("pk"):
            assert run_inline(job).state == JobState.COMPLETED
            brought.append(job.summary.get("pictures", 0))
    assert sum(brought) == 1
    assert not at_once or brought[0] == 1
    assert [str(one.work) for one in SetMember.objects.all()] == ["Solaris", "Alien"]
    assert Picture.objects.get().work.year is None
    assert run_inline(services.undo(of, ute)).summary["kept"] == 0
    assert rows_of_all() == before


def test_an_archive_brings_back_whose_a_copy_is_and_who_alone_sees_it(ute: User):
    emil = add_user("Emil")
    add_copy(add_work("Dune"), added_by=ute, owner=emil)
    add_copy(add_work("Emma"), added_by=ute, owner=ute, is_private=True)
    add_copy(add_work("Alien"), added_by=ute, is_private=True)
    add_copy(add_work("Halo"), added_by=ute)
    content = archive_of(ute)

    def brought(user: User) -> list[tuple[Any, ...]]:
        Work.objects.all().delete()
        assert imported(content, user).counts == {"created": 4}
        rows = Copy.objects.order_by("edition__work__title")
        return list(rows.values_list("edition__work__title", "owner__username", "is_private"))

    dune, halo = ("Dune", "Emil", False), ("Halo", None, False)
    assert brought(ute) == [("Alien", None, True), dune, ("Emma", "ute", True), halo]
    # What is private stays with who brings it: it is not put among what is somebody else's alone.
    assert brought(emil) == [("Alien", None, True), dune, ("Emma", None, True), halo]


def test_the_same_archive_again_writes_nothing(ute: User):
    pictures.add([poster(1)], ute, make_shelf(ute)["Dune"], "cover")
    content = archive_of(ute)
    Work.objects.all().delete()
    imported(content, ute)
    before = rows_of_all()
    of = imported(content, ute)
    assert of.counts == {"unchanged": 7}
    assert rows_of_all() == before


BOOK = {"kind": "book", "title": "A"}


def broken(record: Any) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr("collection.json", json.dumps([record, {"entry": {"work": {**BOOK, "title": "B"}}}]))
        archive.writestr("about.json", "[" * 2000)
    return to.getvalue()


@pytest.mark.parametrize(
    "record",
    [
        7,
        {},
        {"entry": []},
        {"entry": {"work": 3}},
        {"entry": {"work": {"kind": "book", "title": {"a": 1}}}},
        {"entry": {"work": {"kind": "ship", "title": "A"}}},
        {"entry": {"work": {**BOOK, "year": "x"}}},
        {"entry": {"work": {**BOOK, "unheard": 1}}},
        {"entry": {"work": BOOK, "copy": {"price": "NaN"}}},
        {"entry": {"work": BOOK, "own": [["a"]]}},
        {"entry": {"work": BOOK, "own": "ab"}},
        {"entry": {"work": {"kind": "book", "title": ""}}},
    ],
)
def test_what_is_wrong_in_an_archive_costs_its_record_alone(ute: User, record: Any):
    assert imported(broken(record), ute).counts == {"failed": 1, "created": 1}


def test_pictures_that_an_archive_names_and_does_not_have_are_left_out(ute: User):
    named = [
        {"shows": "cover", "of": "work", "file": "pictures/none.jpg"},
        {"shows": "ship", "of": "work", "file": "../../etc/passwd"},
        {"shows": "photo", "of": "copy", "file": "pictures/x.svg"},
        5,
    ]
    to = io.BytesIO(broken({"entry": {"work": BOOK}, "pictures": named}))
    with zipfile.ZipFile(to, "a") as archive:
        archive.writestr("pictures/x.svg", "<svg/>")
    of = imported(to.getvalue(), ute)
    assert of.job is not None
    assert of.job.summary["pictures_left_out"] == 2
    assert not Picture.objects.exists()


def test_a_table_brings_own_fields_back_to_where_they_were(ute: User):
    works = make_shelf(ute)
    Copy.objects.filter(edition__work=works["Alien"]).update(own={"Mood": "torn", "Sleeve": "white"})
    table = written(exporting.write, ute)
    before = rows_of_all()
    assert "created" not in imported(table.encode(), ute).counts
    assert rows_of_all()["catalogue_work"] == before["catalogue_work"]
    assert rows_of_all()["catalogue_copy"] == before["catalogue_copy"]
    for model in (Import, Work):
        model._default_manager.all().delete()
    imported(table.encode(), ute)
    assert Work.objects.get(title="Alien").own == {"Mood": "dark"}
    assert Copy.objects.get(edition__work__title="Alien").own == {"Mood": "torn", "Sleeve": "white"}
    assert sorted(written(exporting.write, ute).splitlines()) == sorted(table.splitlines())


def test_collections_for_tellico_bring_all_but_pictures_back_into_an_empty_house(ute: User):
    make_shelf(ute)
    packed = io.BytesIO()
    exporting.write_for_tellico(ute, packed)
    table = written(exporting.write, ute)
    Work.objects.all().delete()
    of = imported(packed.getvalue(), ute)
    assert (of.format, of.counts) == ("tellico", {"created": 7})
    assert sorted(written(exporting.write, ute).splitlines()) == sorted(table.splitlines())
    assert imported(packed.getvalue() + b"\0", ute).counts == {"unchanged": 7}


def test_an_export_holds_nothing_that_is_hidden(ute: User):
    vera = add_user("vera", Role.VIEWER)
    work = add_work("Dune")
    hidden = add_copy(work, added_by=ute, is_private=True, own={"Safe": "behind the picture"}, notes="secret")
    hidden.edition.publisher = "Hidden press"
    hidden.edition.save()
    add_copy(add_work("Emma"), added_by=ute, price="31.57", currency="EUR")
    pictures.add([poster(1)], ute, hidden, "photo")
    packed = io.BytesIO()
    exporting.write_for_tellico(vera, packed)
    with zipfile.ZipFile(packed) as collections:
        unpacked = b"".join(map(collections.read, collections.namelist()))
    for content in (archive_of(vera), written(exporting.write, vera).encode(), unpacked):
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert archive.namelist() == ["house.json", "collection.json", "about.json"]
                text = archive.read("collection.json")
        else:
            text = content
        for word in (b"Safe", b"secret", b"Hidden press", b"31.57", b"EUR"):
            assert word not in text, word
        assert b"Dune" in text
    assert "31.5700" in written(insurance.write_table, ute)
    assert "Emma" not in written(insurance.write_table, vera)


def written(write: Any, user: User) -> str:
    to = io.StringIO(newline="")
    write(user, to)
    return to.getvalue()


def whole(sums: insurance.Sums) -> list[tuple[str, int]]:
    return [(currency, int(price)) for currency, price in sums.items()]


def test_the_list_for_the_insurance_sums_up_each_place(ute: User):
    attic = Location.objects.create(name="Attic")
    shelf = Location.objects.create(name="=Shelf", parent=attic)
    for title, place, price, currency in (
        ("Dune", attic, 4, "EUR"),
        ("Emma", shelf, 6, "EUR"),
        ("Alien", shelf, 5, "USD"),
        ("Lost", None, 1, "€"),
        ("Ivy", shelf, 2, "eur"),
        ("Gift", attic, None, ""),
    ):
        add_copy(add_work(title), location=place, price=price, currency=currency, added_by=ute)
    found = insurance.insurance(ute)
    rooms = [(room.name, room.number, whole(room.sums)) for room in found.rooms]
    assert rooms == [
        ("", 1, [("EUR", 1)]),
        ("Attic", 1, [("EUR", 4)]),
        ("Attic / =Shelf", 3, [("EUR", 8), ("USD", 5)]),
    ]
    assert (whole(found.sums), found.unpriced) == ([("EUR", 13), ("USD", 5)], 1)
    rows = list(csv.reader(io.StringIO(written(insurance.write_table, ute))))
    assert [row[11:13] for row in rows[-2:]] == [["13.0000", "EUR"], ["5.0000", "USD"]]
    text = text_of(browser_of(ute), "/collection/insurance")
    assert "1 copy has no price" in text
    assert "13.00 EUR + 5.00 USD" in text
    few = insurance.insurance(ute, 1)
    assert (few.left, sum(len(room.shown) for room in few.rooms)) == (4, 1)


def sent(answer: Any) -> bytes:
    async def pieces() -> bytes:
        return b"".join([piece async for piece in answer])

    return async_to_sync(pieces)()


def test_the_pages_send_what_they_offer(ute: User):
    make_shelf(ute)
    client = browser_of(ute)
    text = text_of(client, "/collection/export")
    for form, kind, name in (
        ("archive", "application/zip", "collection.zip"),
        ("table", "text/csv; charset=utf-8", "collection.csv"),
        ("tellico", "application/zip", "tellico.zip"),
        ("insurance", "text/csv; charset=utf-8", "insurance.csv"),
    ):
        address = f"/collection/export/{form}"
        assert f'href="{address}"' in text
        answer = client.get(address)
        content = sent(answer)
        assert answer["Content-Type"] == kind
        assert name in answer["Content-Disposition"]
        assert int(answer["Content-Length"]) == len(content) > 100
    assert client.get("/collection/export/else").status_code == 404
    vera = browser_of(add_user("vera", Role.VIEWER))
    assert "No copy has a price" in text_of(vera, "/collection/insurance")


def test_a_large_archive_is_made_in_the_background_and_kept_for_who_asked(
    ute: User, monkeypatch: pytest.MonkeyPatch
):
    pictures.add([poster(1)], ute, make_shelf(ute)["Dune"], "cover")
    monkeypatch.setattr(archiving, "MOST_BYTES", 100)
    monkeypatch.setattr(services, "MOST", 100)
    client, page, address = browser_of(ute), "/collection/export", "/collection/export/archive"
    assert "Download the archive" not in text_of(client, page)
    assert "have it made first" in client.get(address, follow=True).content.decode()
    assert "is being made" in client.post(f"{address}/make", follow=True).content.decode()
    job = archiving.start(ute)
    assert run_inline(job).state == JobState.COMPLETED
    assert (job.summary["rows"], job.summary["pictures"]) == (7, 1)
    # Who has it made hears what can be done with it.
    for where, limit, said in (
        (services, "MOST", "only an admin can import it"),
        (services, "MOST_OF_ADMINS", "the command catalogue_import takes it back"),
        (archive, "MOST_MEMBERS", "No import takes more"),
    ):
        monkeypatch.setattr(where, limit, 3)
        assert said in text_of(client, page)
    assert "only an admin can import it" in str(job.outcome)
    answer = client.get(address)
    content = sent(answer)
    assert told(content) == told(archive_of(ute))
    assert int(answer["Content-Length"]) == len(content)
    assert "Make it anew" in text_of(client, page)
    vera = add_user("vera", Role.VIEWER)
    others = browser_of(vera)
    assert others.get(address).status_code == 302
    (digest,) = archiving.digests()
    assert [one for one in (ute, vera) if references.BRINGS.visible[0](one, digest)] == [ute]
    Job.objects.update(created_at=timezone.now() - archiving.KEPT)
    assert list(archiving.digests()) == []
    assert client.get(address).status_code == 302


def test_the_command_writes_what_it_is_asked_for(ute: User, tmp_path: Path):
    from tests.catalogue.test_commands import run

    make_shelf(ute)
    assert run("catalogue_export", tmp_path / "all.zip", "--user", "ute") == {"rows": 7}
    assert zipfile.is_zipfile(tmp_path / "all.zip")
    assert run("catalogue_export", tmp_path / "cost.csv", "--user", "ute", "--as", "insurance") == {"rows": 1}
    assert "Alien" in (tmp_path / "cost.csv").read_text()
    assert run("catalogue_export", tmp_path / "t.zip", "--user", "ute", "--as", "tellico") == {"rows": 7}
    assert {"books.xml", "movies.xml"} <= set(zipfile.ZipFile(tmp_path / "t.zip").namelist())


def test_a_visitor_exports_what_they_see(ute: User):
    add_work("Dune")
    client: Client = browser_of(add_user("vera", Role.VIEWER))
    assert b"Dune" in sent(client.get("/collection/export/table"))
