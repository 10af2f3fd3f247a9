"""What the platform is told of the collection: health, metrics, notifications, configuration as YAML."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, User
from catalogue import health, libraries, metrics, news, own_fields, places
from catalogue.models import Import, ImportRow, Library, Location, OwnField
from core.words import told as told_in_english
from jobs.models import Job, JobState
from system.configuration import export_document, import_document
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.conftest import Importing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "data", "no_worker_is_asked")]

LIST = "id,title,media_type,year\n1,Dune,book,1965\n"


def test_health_tells_of_lists_that_broke_off_and_of_doubts_that_wait_too_long(importing: Importing):
    add_work("Dune", year=1964)
    of = importing(LIST)
    assert of.counts == {"review": 1}
    assert [*health.unfinished(), *health.undecided()] == []
    Import.objects.filter(pk=of.pk).update(finished_at=timezone.now() - timedelta(days=8))
    (issue,) = health.undecided()
    assert "1 row of a list waits for your decision" in told_in_english(issue.what)
    Job.objects.filter(pk=of.job_id or 0).update(state=JobState.FAILED)
    (issue,) = health.unfinished()
    assert told_in_english(issue.what) == "list.csv was not imported to its end"
    assert issue.action is not None
    assert issue.action.address == f"/collection/imports/{of.pk}"


def test_metrics_count_works_copies_and_what_waits(importing: Importing):
    add_copy(add_work("Dune", year=1964), quantity=3)
    importing(LIST)
    told = {
        (family.name, *sample.labels.values()): sample.value
        for family in metrics.catalogue()
        for sample in family.samples
    }
    assert told["taggarr_collection_works", "book"] == 1
    assert told["taggarr_collection_copies",] == 3
    assert told["taggarr_collection_waiting", "rows"] == 1
    assert told["taggarr_collection_imports", "finished"] == 1


def test_who_hears_of_imports_hears_of_doubts(importing: Importing):
    add_work("Dune", year=1964)
    of = importing(LIST)
    assert of.job is not None
    assert [(one.topic, one.without) for one in news.of_import(of.job)] == [
        ("import_done", "review_waiting"),
        ("review_waiting", ""),
    ]
    ImportRow.objects.all().delete()
    Import.objects.update(counts={"created": 1})
    assert [(one.topic, one.without) for one in news.of_import(of.job)] == [("import_done", "")]


def test_libraries_places_and_fields_move_as_yaml(ute: User):
    ada = add_user("ada", Role.ADMIN)
    libraries.save(Library.usual(), ada, name="House")
    libraries.save(Library(), ada, name="Gifts", visibility="members", members=["ute"])
    places.called("Attic / Shelf 2")
    own_fields.save(OwnField(), ada, kind="movie", name="Cut", type="choice", choices=["long", "short"])
    document = export_document()
    Library.objects.all().delete()
    Location.objects.all().delete()
    OwnField.objects.all().delete()
    import_document(document)
    assert export_document() == document
    gifts = Library.objects.get(name="Gifts")
    assert (gifts.visibility, [*gifts.members.all()]) == ("members", [ute])
    assert Library.usual().name == "House"
    assert sorted(places.paths().values()) == ["Attic", "Attic / Shelf 2"]
    assert OwnField.objects.get().choices == ["long", "short"]
