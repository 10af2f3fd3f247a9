"""Rows in doubt wait for a person, and are what that person says."""

from __future__ import annotations

import csv
import io

import pytest

from accounts.models import Role, User
from catalogue.imports import reviewing
from catalogue.imports.result import write_result
from catalogue.models import Copy, ImportRow, Work
from core.errors import ConfigError
from core.words import Phrase
from tests.catalogue.build import add_user, add_work
from tests.catalogue.conftest import Importing

pytestmark = pytest.mark.django_db

DOUBT = "media_type,title,year,format\nmovie,Solaris,,DVD\n"


@pytest.fixture
def doubted(importing: Importing) -> ImportRow:
    """A row that may be Solaris (1972)."""
    importing("media_type,title,year\nmovie,Solaris,1972\n")
    return importing(DOUBT).rows.get()


def test_the_best_of_the_candidates_is_accepted(doubted: ImportRow, importing: Importing, ute: User):
    assert list(reviewing.waiting(ute)) == [doubted]
    row = reviewing.accept(doubted)
    work = Work.objects.get()
    assert (row.outcome, row.work, [one.format for one in work.editions.all()]) == ("updated", work, ["DVD"])
    assert not reviewing.waiting(ute)
    row.of.refresh_from_db()
    assert row.of.counts == {"updated": 1}
    assert importing(DOUBT).counts == {"unchanged": 1}


def test_another_work_is_chosen(doubted: ImportRow, ute: User):
    other = add_work("Solyaris", kind="movie", added_by=ute)
    assert reviewing.choose(doubted, other.pk, ute).work == other
    assert Copy.objects.filter(edition__work=other).count() == 1


def test_a_row_is_kept_as_new(doubted: ImportRow, importing: Importing):
    assert reviewing.keep_as_new(doubted).outcome == "created"
    assert Work.objects.count() == 2
    assert importing(DOUBT).counts == {"unchanged": 1}


def test_nobody_is_asked_twice(doubted: ImportRow, importing: Importing, ute: User):
    row = importing(DOUBT).rows.get()
    assert (row.outcome, row.error) == ("skipped", Phrase("catalogue.row-waits"))
    assert list(reviewing.waiting(ute)) == [doubted]


def test_a_row_is_left_out(doubted: ImportRow):
    assert reviewing.skip(doubted).outcome == "skipped"
    assert Work.objects.count() == 1


def test_a_row_is_decided_once_and_by_works_that_are_there(doubted: ImportRow, ute: User):
    hidden = add_work("Elsewhere", deleted_at="2026-01-01T00:00Z")
    with pytest.raises(ConfigError, match="not there"):
        reviewing.choose(doubted, hidden.pk, ute)
    Work.objects.filter(title="Solaris").update(deleted_at="2026-01-01T00:00Z")
    with pytest.raises(ConfigError, match="not there"):
        reviewing.accept(doubted)
    doubted.candidates.all().delete()
    with pytest.raises(ConfigError, match="Nothing here"):
        reviewing.accept(doubted)
    reviewing.skip(doubted)
    with pytest.raises(ConfigError, match="decided already"):
        reviewing.keep_as_new(doubted)


def test_each_sees_the_rows_of_their_own_imports(doubted: ImportRow):
    assert not reviewing.waiting(add_user("uwe"))
    assert list(reviewing.waiting(add_user("ada", Role.ADMIN))) == [doubted]


def test_the_result_says_what_became_of_each_row_and_why(importing: Importing):
    importing("media_type,title,year\nmovie,Solaris,1972\n")
    of = importing("media_type,title,year\nmovie,Solaris,\nmovie,=Heat,1995\n,,2000\n")
    to = io.StringIO()
    write_result(of, to)
    head, *rows = csv.reader(io.StringIO(to.getvalue()))
    assert head == ["Row", "Title", "Outcome", "Reasons", "Work"]
    assert rows == [
        ["2", "Solaris", "To decide", "same title", ""],
        ["3", "'=Heat", "Added", "", "'=Heat (1995)"],
        ["4", "", "Not read", "The row has neither a title nor a number: add one of them.", ""],
    ]
