"""What is there is filled, never undone by a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.filling import PERSON, filled, moved_on
from catalogue.values import Progress, State
from tests.catalogue.test_entries import PROGRESS

VALUES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y"]), min_size=3)
ORIGINS = st.dictionaries(st.sampled_from(["a", "b", "c", "*"]), st.sampled_from([PERSON, "ours", "clz"]))
ORDER = [None, State.UNSTARTED, State.STARTED, State.DROPPED, State.COMPLETED]


@pytest.mark.parametrize(
    ("now", "writer", "how", "becomes"),
    [
        ("", "ours", {}, "new"),
        ("old", "ours", {}, "old"),
        ("old", "ours", {"again": True}, "new"),
        ("old", "clz", {"again": True}, "old"),
        ("old", "clz", {"overwrites": True}, "new"),
        ("old", PERSON, {"overwrites": True, "again": True}, "old"),
        ("", "ours", {"locks": ["title"]}, ""),
    ],
)
def test_a_field_changes_as_it_should(now: str, writer: str, how: dict[str, bool], becomes: str):
    settings = {"by": "ours", "origins": {"*": writer}, "locks": (), **how}
    changes = filled({"title": now}, {"title": "new"}, **settings)  # type: ignore[arg-type]
    assert {"title": now, **changes} == {"title": becomes}


@given(VALUES, VALUES, ORIGINS, st.lists(st.sampled_from("abc")), st.booleans(), st.booleans())
def test_nothing_is_erased_and_what_a_person_wrote_stays(now, told, origins, locks, overwrites, again):
    how = {"by": "ours", "origins": origins, "locks": locks, "overwrites": overwrites, "again": again}
    changes = filled(now, told, **how)
    assert all(changes.values())
    for field in changes:
        assert field not in locks
        assert not now[field] or origins.get(field, origins.get("*", PERSON)) != PERSON
    assert filled(now | changes, told, **{**how, "overwrites": False, "again": False}) == {}


@given(PROGRESS, PROGRESS, st.booleans())
def test_progress_never_goes_back(now: Progress, told: Progress, corrects: bool):
    then = moved_on(now, told, corrects=corrects)
    assert ORDER.index(then.state) >= max(ORDER.index(now.state), ORDER.index(told.state))
    assert (then.times or 0) >= (now.times or 0)
    assert (then.rating is None) == (now.rating is None and told.rating is None)
    assert set(now.plays) | set(told.plays) == set(then.plays)
    assert moved_on(then, told, corrects=corrects) == then
