"""An import can be taken back, and then nothing of it is left."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from catalogue.imports import reviewing, services, undoing
from catalogue.imports.undoing import Undoing
from catalogue.models import Copy, Import, Person, Progress, Work
from core.errors import ConfigError
from jobs.models import JobState
from jobs.services import run_inline
from tests.catalogue.build import add_user
from tests.catalogue.conftest import Importing
from tests.catalogue.tables import rows_of_all
from tests.catalogue.test_importing import SHELF

pytestmark = pytest.mark.django_db

MORE = """media_type,title,year,author,isbn,overview,location,genre,state,user_rating,Mood
book,Dune,1965,Frank Herbert,9780441013593,Sand,Attic,Classic,in_progress,3,wild
book,Emma,1815,Jane Austen,9780141439587,,Attic,Classic,completed,7,
book,Ida,1999,,,,,,,,
"""


def undone(of: Import) -> dict[str, int]:
    job = run_inline(services.undo(of, of.made_by))
    assert job.state == JobState.COMPLETED
    of.refresh_from_db()
    assert of.undone_at is not None
    return {name: job.summary[name] for name in ("deleted", "restored", "kept") if name in job.summary}


def test_what_was_added_goes_and_what_was_changed_is_as_before(importing: Importing):
    importing(SHELF)
    before = rows_of_all()
    of = importing(MORE)
    assert of.counts == {"created": 1, "updated": 2}
    assert undoing.foreseen(of) == Undoing(1, 2, 0)
    assert undone(of) == {"deleted": 1, "restored": 2, "kept": 0}
    assert rows_of_all() == before
    assert not of.footprints.exists()
    # What was taken back can be imported again.
    assert importing(MORE).counts == {"created": 1, "updated": 2}


def test_what_somebody_touched_since_stays_and_is_listed(importing: Importing):
    of = importing(SHELF)
    dune, alien, arrival = (Work.objects.get(title=title) for title in ("Dune", "Alien", "Arrival"))
    Progress.objects.create(user=add_user("uwe"), work=alien, rating=Decimal(8))
    Copy.objects.filter(edition__work=dune).update(notes="mine")
    assert undoing.foreseen(of) == Undoing(2, 0, 2, tuple(sorted([dune.pk, alien.pk])))
    assert undone(of) == {"deleted": 2, "restored": 0, "kept": 2}
    assert set(Work.objects.all()) == {dune, alien}
    assert arrival.pk not in of.footprints.values_list("work_id", flat=True)
    assert set(Person.objects.values_list("name", flat=True)) == {"Frank Herbert", "Ridley Scott"}


def test_imports_are_undone_in_any_order_as_far_as_they_do_not_meet(importing: Importing):
    before = rows_of_all()["catalogue_work"]
    first, second = importing(SHELF), importing(MORE)
    assert undone(first)["kept"] == 2
    assert undone(second) == {"deleted": 1, "restored": 2, "kept": 0}
    # What the first import left because of the second is still known as its own.
    assert first.footprints.count() == 2
    assert before == []


def test_a_name_that_two_imports_brought_goes_with_the_last(importing: Importing):
    start = rows_of_all()
    first = importing("id,title,author,genre\n1,Dune,Frank Herbert,SF\n")
    second = importing("id,title,author,genre\n2,Destination Void,Frank Herbert,SF\n")
    undone(first)
    assert Person.objects.count() == 1
    undone(second)
    assert rows_of_all() | {"catalogue_library": []} == start | {"catalogue_library": []}


def test_only_what_was_done_can_be_undone_and_once(importing: Importing, ute: User):
    new = services.upload([b"title\nDune\n"], ute, name="list.csv")
    with pytest.raises(ConfigError, match="was not imported"):
        services.undo(new, ute)
    services.start(new)
    with pytest.raises(ConfigError, match="still being imported"):
        services.undo(new, ute)
    of = importing("title\nEmma\n")
    undone(of)
    with pytest.raises(ConfigError, match="undone already"):
        services.undo(of, ute)


def test_a_decision_of_a_person_is_taken_back_too(importing: Importing, ute: User):
    importing("media_type,title,year\nmovie,Solaris,1972\n")
    before = rows_of_all()
    of = importing("media_type,title,year,format\nmovie,Solaris,,DVD\n")
    row = reviewing.accept(of.rows.get())
    assert (row.outcome, row.work) == ("updated", Work.objects.get())
    assert rows_of_all() != before
    assert undone(of) == {"deleted": 0, "restored": 1, "kept": 0}
    assert rows_of_all() == before


TITLES = st.sampled_from(["Dune", "Emma", "Solaris", "Ida", "Heat"])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["book", "movie"]),
        TITLES,
        st.sampled_from(["", "1972", "1973"]),
        st.sampled_from(["", "Ann Bo", "Cy Do"]),
        st.sampled_from(["", "9780441013593", "5039036030281"]),
        st.sampled_from(["", "DVD", "Paperback"]),
        st.sampled_from(["", "Attic"]),
        st.sampled_from(["", "completed", "in_progress"]),
        st.sampled_from(["", "7", "8.5"]),
        st.sampled_from(["yes", "no"]),
        st.sampled_from(["", "SF"]),
    ),
    min_size=1,
    max_size=6,
)


def table(rows: list[tuple[str, ...]]) -> str:
    head = "id,media_type,title,year,author,ean,format,location,state,user_rating,owned,genre"
    return "\n".join([head, *(",".join(row) for row in rows)]) + "\n"


# Without shrinking: each example is three imports.
@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ROWS, ROWS)
def test_to_import_and_undo_changes_nothing_and_twice_is_once(
    importing: Importing, one: list[tuple[str, ...]], other: list[tuple[str, ...]]
):
    Work.objects.all().delete()
    importing(table(one))
    before = rows_of_all()
    of = importing(table(other))
    between = rows_of_all()
    importing(table(other))
    assert rows_of_all() == between
    undone(of)
    assert rows_of_all() == before
