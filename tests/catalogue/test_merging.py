"""Two works become one with all that belongs to them, and two again as they were."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from catalogue import cleaning, merging
from catalogue.models import Copy, Identifier, Library, Merge, Play, Progress, Season, SetMember, Work
from core.errors import ConfigError, FieldError
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.shelf import add_edition, add_person, add_term
from tests.catalogue.tables import rows_of_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(ute: User) -> tuple[Work, Work]:
    kept = add_work("Dune", year=1965, added_by=ute, own={"Mood": "dark"}, locks=["overview"])
    gone = add_work(
        "Der Wüstenplanet",
        year=1966,
        language="de",
        overview="Sand.",
        added_by=ute,
        own={"Mood": "wild", "Shelf": "A"},
        origins={"*": "goodreads", "year": "manual"},
        locks=["year"],
        sort_title="wustenplanet",
    )
    return kept, gone


def test_all_that_belongs_to_a_work_moves(two: tuple[Work, Work], ute: User):
    kept, gone = two
    copy = add_copy(gone)
    box = add_edition(gone, "isbn13:9780441013593", is_set=True)
    SetMember.objects.create(box=add_edition(add_work("Saga"), is_set=True), position=1, work=gone)
    for work in two:
        add_person(work, "Frank Herbert", "author")
        add_term(work, "genre", "SF")
        Identifier.objects.create(
            library=work.library, work=work, scheme="imdb", value="tt1", shared=work is kept
        )
    add_person(gone, "Ronald Hahn", "writer")
    merging.merge(kept, gone, ute)
    assert set(kept.editions.all()) == {copy.edition, box}
    assert kept.boxes.count() == 1
    assert [one.person.name for one in kept.contributions.all()] == ["Frank Herbert", "Ronald Hahn"]
    assert kept.terms.count() == 1
    # What one of two equal numbers had for itself, both have.
    assert [number.shared for number in kept.identifiers.all()] == [False]
    gone.refresh_from_db()
    assert (gone.merged_into, merging.leads_to(gone.pk)) == (kept, kept.pk)


def test_what_is_empty_is_filled_and_what_differs_is_chosen_and_told(two: tuple[Work, Work], ute: User):
    kept, gone = two
    assert merging.differing(kept, gone) == ["title", "year"]
    merging.merge(kept, gone, ute, taken=["year"])
    kept.refresh_from_db()
    assert (kept.title, kept.folded, kept.year, kept.language) == ("Dune", "dune", 1966, "de")
    assert kept.overview == ""
    assert kept.own == {"Mood": "dark", "Shelf": "A"}
    assert kept.origins == {"year": "manual", "language": "goodreads"}
    assert kept.locks == ["overview", "year"]
    change = kept.changes.get()
    assert change.after["merged"] == "Der Wüstenplanet (1966)"
    assert (change.before["title"], change.after["title"]) == ("Der Wüstenplanet", "Dune")
    assert (change.before["year"], change.after["year"]) == (1965, 1966)
    assert (change.before["Mood"], change.after["Mood"]) == ("wild", "dark")


def test_a_title_that_is_taken_is_found_and_sorted_as_it_was(two: tuple[Work, Work], ute: User):
    kept, gone = two
    merging.merge(kept, gone, ute, taken=["title"])
    kept.refresh_from_db()
    assert (kept.title, kept.folded, kept.sort_title) == (gone.title, gone.folded, "wustenplanet")


def test_people_stand_to_it_as_far_as_they_were_with_either(two: tuple[Work, Work], ute: User):
    kept, gone = two
    uwe = add_user("uwe")
    mine = Progress.objects.create(user=ute, work=kept, state="in_progress", review="Sand.")
    same = {"finished_on": "2020-01-01"}
    Play.objects.create(progress=mine, **same)
    other = Progress.objects.create(
        user=ute, work=gone, state="completed", rating=Decimal(9), review="Worms.", is_wanted=True
    )
    Play.objects.create(progress=other, **same)
    Play.objects.create(progress=other, finished_on="2024-01-01")
    Progress.objects.create(user=uwe, work=gone, state="dropped")
    merging.merge(kept, gone, ute)
    mine.refresh_from_db()
    assert (mine.state, mine.rating, mine.is_wanted) == ("completed", Decimal(9), True)
    assert mine.review == "Sand.\n\nWorms."
    assert mine.plays.count() == 2
    assert kept.progress.get(user=uwe).state == "dropped"
    assert not gone.progress.exists()


def test_a_season_of_both_is_one(two: tuple[Work, Work], ute: User):
    kept, gone = two
    Season.objects.create(work=kept, number=1, available=3)
    first = Season.objects.create(work=gone, number=1, name="Book One", expected=10, available=2)
    second = Season.objects.create(work=gone, number=2)
    for season in (first, second):
        Progress.objects.create(user=ute, work=gone, season=season, state="completed")
    merging.merge(kept, gone, ute)
    told = kept.seasons.values_list("number", "name", "expected", "available")
    assert list(told) == [(1, "Book One", 10, 3), (2, "", 0, 0)]
    assert {one.season.number for one in kept.progress.all() if one.season} == {1, 2}


def test_what_cannot_be_one_is_refused(two: tuple[Work, Work], ute: User):
    kept, gone = two
    with pytest.raises(ConfigError, match="two different"):
        merging.merge(kept, kept, ute)
    with pytest.raises(ConfigError, match="may not change"):
        merging.merge(kept, add_work("Emma", added_by=add_user("uwe")), ute)
    elsewhere = add_work("Dune", added_by=ute, library=Library.objects.create(name="Cellar"))
    with pytest.raises(ConfigError, match="the same library"):
        merging.merge(kept, elsewhere, ute)
    with pytest.raises(FieldError, match="Nothing is called colour"):
        merging.merge(kept, gone, ute, taken=["colour"])
    assert not Merge.objects.exists()


def test_it_is_undone_once_and_only_while_nobody_touched_it(two: tuple[Work, Work], ute: User):
    kept, gone = two
    done = merging.merge(kept, gone, ute)
    with pytest.raises(ConfigError, match="may not change"):
        merging.undo(done, add_user("uwe"))
    Work.objects.filter(pk=kept.pk).update(overview="Worms.")
    with pytest.raises(ConfigError, match="changed since"):
        merging.undo(done, ute)
    Work.objects.filter(pk=kept.pk).update(overview="")
    merging.undo(done, add_user("ada", Role.ADMIN))
    assert [change.before.get("merged") for change in kept.changes.all()] == [str(gone), None]
    with pytest.raises(ConfigError, match="undone already"):
        merging.undo(done, ute)


def test_merges_of_merged_works_are_undone_from_the_last_on(two: tuple[Work, Work], ute: User):
    kept, gone = two
    third = add_work("Dune", added_by=ute)
    before = rows_of_all()
    first = merging.merge(kept, gone, ute)
    second = merging.merge(third, kept, ute)
    assert merging.leads_to(gone.pk) == third.pk
    assert list(merging.undoable(ute)) == [second]
    with pytest.raises(ConfigError):
        merging.undo(first, ute)
    merging.undo(second, ute)
    merging.undo(first, ute)
    assert rows_of_all() == before


def test_a_work_that_is_cleaned_up_takes_those_along_that_became_part_of_it(
    two: tuple[Work, Work], ute: User
):
    kept, gone = two
    merging.merge(kept, gone, ute)
    old = timezone.now() - cleaning.TRASH_KEPT - timedelta(days=1)
    Work.objects.filter(pk=kept.pk).update(deleted_at=old)
    for clean in cleaning.BRINGS.cleaners.values():
        clean()
    assert not Work.objects.exists()


WORK = st.fixed_dictionaries(
    {
        "fields": st.fixed_dictionaries(
            {
                "title": st.sampled_from(["Dune", "Arrakis"]),
                "year": st.sampled_from([None, 1965, 1966]),
                "kind": st.sampled_from(["book", "movie"]),
                "overview": st.sampled_from(["", "Sand.", "Worms."]),
                "community_rating": st.sampled_from([None, Decimal("7.25")]),
                "own": st.sampled_from([{}, {"Mood": "dark"}, {"Mood": "wild"}]),
                "origins": st.sampled_from([{}, {"*": "clz", "year": "manual"}]),
                "locks": st.sampled_from([[], ["overview"]]),
            }
        ),
        "people": st.sets(st.sampled_from(["Frank Herbert", "Brian Herbert"])),
        "terms": st.sets(st.sampled_from(["SF", "Classic"])),
        "imdb": st.sampled_from(["", "tt1", "tt2"]),
        "copies": st.lists(st.sampled_from(["", "4.5", "1234567890.1234"]), max_size=2),
        "seasons": st.sets(st.integers(1, 2)),
        "members": st.integers(0, 1),
        "states": st.dictionaries(
            st.tuples(st.sampled_from(["ute", "uwe"]), st.integers(0, 2)),
            st.tuples(
                st.sampled_from(["", "in_progress", "completed"]),
                st.sampled_from(["", "Fine.", "Dull."]),
                st.lists(st.sampled_from(["2020-01-01", "2021-01-01"]), max_size=2),
            ),
            max_size=4,
        ),
        "taken": st.sets(st.sampled_from(merging.FIELDS)),
    }
)


def built(told: dict[str, Any], users: dict[str, User]) -> Work:
    work = add_work(**told["fields"], added_by=users["ute"])
    for name in sorted(told["people"]):
        add_person(work, name, "author")
    for name in sorted(told["terms"]):
        add_term(work, "genre", name)
    if value := told["imdb"]:
        is_taken = Identifier.objects.filter(value=value).exists()
        Identifier.objects.create(
            library=work.library, work=work, scheme="imdb", value=value, shared=is_taken
        )
    for price in told["copies"]:
        add_copy(work, price=Decimal(price) if price else None)
    for position in range(told["members"]):
        box = add_edition(work, is_set=True)
        SetMember.objects.create(box=box, position=position, work=work)
    seasons = {number: Season.objects.create(work=work, number=number) for number in sorted(told["seasons"])}
    for (name, number), (state, review, plays) in told["states"].items():
        if number and number not in seasons:
            continue
        row = Progress.objects.create(
            user=users[name], work=work, season=seasons.get(number), state=state, review=review
        )
        for day in plays:
            Play.objects.create(progress=row, finished_on=day)
    return work


# Without shrinking: each example writes many rows.
@settings(
    max_examples=30,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(WORK, WORK)
def test_to_merge_and_undo_changes_nothing(ute: User, one: dict[str, Any], other: dict[str, Any]):
    Work.objects.all().delete()
    users = {name: User.objects.get_or_create(username=name)[0] for name in ("ute", "uwe")}
    kept, gone = built(one, users), built(other, users)
    before = rows_of_all()
    copies = set(Copy.objects.values_list("pk", flat=True))
    done = merging.merge(kept, gone, ute, taken=one["taken"])
    # Nothing stays behind, and no copy is lost.
    for rows in (
        gone.editions,
        gone.identifiers,
        gone.contributions,
        gone.terms,
        gone.seasons,
        gone.progress,
    ):
        assert not rows.exists()
    assert set(Copy.objects.filter(edition__work=kept).values_list("pk", flat=True)) == copies
    merging.undo(done, ute)
    assert rows_of_all() == before
