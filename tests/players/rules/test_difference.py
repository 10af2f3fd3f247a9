"""What is written to an item: only differences, and only what is ours to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from players.clients.contract import (
    PERFORMERS,
    SUMMARY,
    TAGS,
    TITLE,
    Abilities,
    Edit,
    Form,
    Kind,
    Present,
    Value,
    labels_after,
    same,
)
from players.rules.difference import (
    FIGHT,
    Difference,
    Mark,
    Mode,
    Rules,
    Wanted,
    conflicts,
    difference,
    label_key,
    taken_back,
)

ABILITIES = Abilities(
    forms={Form.LABEL: frozenset({Kind.MOVIE}), Form.GENRE: frozenset({Kind.MOVIE})},
    fields={TITLE: 5, SUMMARY: 20, PERFORMERS: 5},
    labels_longest=8,
)
KEEP = Rules({TITLE: Mode.KEEP, SUMMARY: Mode.KEEP, PERFORMERS: Mode.KEEP})


def shown(*labels: str, **fields: Value) -> Present:
    full: dict[str, Value] = {TITLE: "", SUMMARY: "", PERFORMERS: (), **fields}
    return Present("1", Kind.MOVIE, "1", "x", (), (), {Form.LABEL: labels}, full)


def after(edit: Edit) -> Present:
    """What stands there once an edit was carried out."""
    longest = ABILITIES.labels_longest
    labels = {
        form: labels_after(edit.seen.labels.get(form, ()), edit, form, longest)
        for form in (Form.LABEL, Form.GENRE)
    }
    return replace(edit.seen, labels=labels, fields={**edit.seen.fields, **edit.fields})


def decide(
    wanted: Wanted, present: Present, marks: Mapping[str, Mark] | None = None, rules: Rules = KEEP
) -> Difference:
    return difference(wanted, present, marks or {}, rules, ABILITIES)


def labels(*wanted: str) -> Wanted:
    return Wanted({Form.LABEL: wanted})


def field(value: Value, name: str = TITLE) -> Wanted:
    return Wanted(fields={name: value})


LABELS = st.lists(st.sampled_from(["dub", "Dub", "kids", "a,b", "x" * 12, " ", "caf\u00e9"]), max_size=3).map(
    tuple
)
TEXTS = st.sampled_from(["", "A", "A ", "B", "longer than it may be", "e\u0301", "\u00e9", "\0", "\ud800"])
NAMES = st.lists(st.sampled_from(["", "Ann", "ann", "Bob", "much longer"]), max_size=3).map(tuple)
FIELDS = st.fixed_dictionaries({}, optional={TITLE: TEXTS, SUMMARY: TEXTS, PERFORMERS: NAMES})
WANTED = st.builds(
    Wanted, st.fixed_dictionaries({}, optional={Form.LABEL: LABELS, Form.GENRE: LABELS}), FIELDS
)
PRESENT = st.builds(
    lambda own, genres, fields: Present(
        "1", Kind.MOVIE, "1", "x", (), (), {Form.LABEL: own, Form.GENRE: genres},
        {TITLE: "", SUMMARY: "", PERFORMERS: (), **fields},
    ),
    LABELS, LABELS, FIELDS,
)  # fmt: skip
RULES = st.builds(
    Rules,
    st.fixed_dictionaries({name: st.sampled_from(Mode) for name in (TITLE, SUMMARY, PERFORMERS)}),
    st.frozensets(st.sampled_from([TITLE, SUMMARY, PERFORMERS])),
)


@given(PRESENT, RULES, st.lists(WANTED, min_size=1, max_size=4))
def test_what_was_written_is_not_written_again(present: Present, rules: Rules, wishes: list[Wanted]):
    marks: Mapping[str, Mark] = {}
    for wanted in wishes:
        found = decide(wanted, present, marks, rules)
        present, marks = after(found.edit), found.done
        again = decide(wanted, present, marks, rules)
        assert not again
        assert again.done == decide(wanted, present, again.done, rules).done


@given(PRESENT, RULES, st.lists(WANTED, min_size=1, max_size=4), st.data())
def test_labels_that_others_set_are_never_taken_off(
    present: Present, rules: Rules, wishes: list[Wanted], data: st.DataObject
):
    foreign = {form: {same(one) for one in some} for form, some in present.labels.items()}
    marks: Mapping[str, Mark] = {}
    for wanted in wishes:
        found = decide(wanted, present, marks, rules)
        for form, gone in found.edit.remove.items():
            assert not {same(one) for one in gone} & foreign[form]
        # Whether it was carried out or the process died before it knew.
        carried_out, marks = data.draw(st.sampled_from([(True, found.done), (True, found.claimed)]))
        present = after(found.edit) if carried_out else present


@given(PRESENT, st.lists(WANTED, min_size=1, max_size=4), st.data())
def test_a_crash_at_any_moment_ends_where_no_crash_ends(
    present: Present, wishes: list[Wanted], data: st.DataObject
):
    empty: Mapping[str, Mark] = {}
    calm, crashed = (present, empty), (present, empty)
    for wanted in wishes:
        found = decide(wanted, *calm)
        calm = after(found.edit), found.done
        found = decide(wanted, *crashed)
        crashed = (after(found.edit) if data.draw(st.booleans()) else crashed[0]), found.claimed
        found = decide(wanted, *crashed)
        crashed = after(found.edit), found.done
        assert crashed[0].labels == calm[0].labels
        assert crashed[0].fields == calm[0].fields


@given(PRESENT, st.lists(WANTED, min_size=1, max_size=3), TEXTS.filter(bool))
def test_what_a_person_writes_stays_until_it_is_handed_over(
    present: Present, wishes: list[Wanted], text: str
):
    marks: Mapping[str, Mark] = {}
    for wanted in wishes:
        found = decide(wanted, present, marks)
        present, marks = after(found.edit), found.done
    present = replace(present, fields={**present.fields, SUMMARY: f"mine: {text}"})
    for wanted in wishes:
        found = decide(wanted, present, marks)
        assert SUMMARY not in found.edit.fields
        marks = found.done


@given(WANTED, PRESENT)
def test_a_field_that_is_off_is_neither_written_nor_remembered(wanted: Wanted, present: Present):
    found = decide(Wanted(fields=wanted.fields), present, rules=Rules())
    assert not found
    assert found.done == {}


@given(WANTED, PRESENT, RULES)
def test_only_what_we_wrote_is_ever_emptied(wanted: Wanted, present: Present, rules: Rules):
    assert all(decide(wanted, present, rules=rules).edit.fields.values())


@pytest.mark.parametrize(
    ("mode", "there", "written"),
    [
        (Mode.OFF, "", False),
        (Mode.FILL, "", True),
        (Mode.FILL, "theirs", False),
        (Mode.KEEP, "", True),
        (Mode.KEEP, "theirs", False),
        (Mode.OVERWRITE, "theirs", True),
    ],
)
def test_each_mode(mode: Mode, there: str, written: bool):
    found = decide(field("new"), shown(title=there), rules=Rules({TITLE: mode}))
    assert bool(found) is written
    assert list(conflicts(found.done)) == ([TITLE] if mode is Mode.KEEP and there else [])


def test_a_field_is_emptied_only_where_the_source_has_nothing_and_that_is_wanted():
    present, marks = shown(title="old"), decide(field("old"), shown()).done
    assert not decide(field(""), present, marks)
    assert not decide(Wanted(), present, marks, replace(KEEP, clear=frozenset({TITLE})))
    found = decide(field(""), present, marks, replace(KEEP, clear=frozenset({TITLE})))
    assert (found.edit.fields, found.takes, found.done) == ({TITLE: ""}, True, {})


def test_what_a_player_would_cut_short_is_compared_as_it_stands_there():
    assert not decide(field("longer"), shown(title="longe"))
    assert not decide(field(("Bob", "Ann"), PERFORMERS), shown(performers=("ann", "bob")))
    assert decide(labels("x" * 9), shown()).edit.add == {Form.LABEL: ("x" * 8,)}


def test_a_label_that_stood_there_stays_until_a_person_hands_it_over():
    found = decide(labels("dub"), shown("Dub"))
    assert not found
    assert not decide(labels(), shown("Dub"), found.done)
    key = label_key(Form.LABEL, "dub")
    ours = {key: taken_back(found.done[key])}
    assert decide(labels(), shown("Dub"), ours).edit.remove == {Form.LABEL: ("Dub",)}


@pytest.mark.parametrize("wanted", [labels("dub"), field("new")])
def test_what_is_undone_again_and_again_is_left_alone(wanted: Wanted):
    rules, marks, written = Rules({TITLE: Mode.OVERWRITE}), decide(wanted, shown()).done, 1
    for _ in range(5):
        found = decide(wanted, shown(), marks, rules)
        marks, written = found.done, written + bool(found)
    assert written == FIGHT
    (key,) = conflicts(marks)
    assert decide(wanted, shown(), {key: taken_back(marks[key])}, rules)


def test_a_held_field_is_written_once_it_was_handed_over():
    marks = decide(field("new"), shown(title="mine")).done
    found = decide(field("new"), shown(title="mine"), {TITLE: taken_back(marks[TITLE])})
    assert found.edit.fields == {TITLE: "new"}
    assert not decide(field("new"), after(found.edit), found.done)


def test_a_part_that_was_refused_stays_claimed():
    found = decide(Wanted({Form.LABEL: ("dub",)}, {TITLE: "new"}), shown())
    marks = found.marks_after({TITLE}, {})
    assert marks[label_key(Form.LABEL, "dub")].sure
    assert not marks[TITLE].sure


def test_a_players_own_spelling_of_what_we_wrote_is_ours_and_not_written_again():
    found = decide(field("new"), shown())
    marks = found.marks_after((), {TITLE: "New"})
    assert not decide(field("new"), shown(title="New"), marks)
    assert decide(field("next"), shown(title="New"), marks).edit.fields == {TITLE: "next"}


def test_labels_are_asked_only_of_what_carries_them():
    season = replace(shown(), kind=Kind.SEASON)
    assert not decide(labels("dub"), season)


@given(st.builds(Mark, st.lists(TEXTS).map(tuple), st.booleans(), st.integers(0, 3), st.text()))
def test_a_mark_is_kept_as_it_is(mark: Mark):
    assert Mark.from_json(mark.to_json()) == mark


@pytest.mark.parametrize(
    ("mode", "add", "remove"),
    [
        (Mode.OFF, (), ()),
        (Mode.FILL, (), ()),
        (Mode.KEEP, ("dub",), ()),
        (Mode.OVERWRITE, ("dub",), ("Kids",)),
    ],
)
def test_labels_of_others_are_treated_as_the_mode_says(mode, add, remove):
    found = difference(Wanted({Form.LABEL: ("dub",)}), shown("Kids"), {}, Rules({TAGS: mode}), ABILITIES)
    assert (found.edit.add.get(Form.LABEL, ()), found.edit.remove.get(Form.LABEL, ())) == (add, remove)
    assert found.takes is bool(remove)
    again = difference(
        Wanted({Form.LABEL: ("dub",)}), after(found.edit), found.done, Rules({TAGS: mode}), ABILITIES
    )
    assert not again


@given(
    st.sampled_from(list(Mode)),
    st.lists(st.text(max_size=4), max_size=4),
    st.lists(st.text(max_size=4), max_size=4),
)
def test_labels_settle_after_one_edit_in_every_mode(mode, wanted, there):
    rules, said = Rules({TAGS: mode}), Wanted({Form.LABEL: tuple(wanted)})
    first = difference(said, shown(*dict.fromkeys(map(same, there))), {}, rules, ABILITIES)
    assert not difference(said, after(first.edit), first.done, rules, ABILITIES)


@pytest.mark.parametrize("mode", [Mode.FILL, Mode.KEEP])
@pytest.mark.parametrize(("title", "written"), [("a_1", True), ("A 1", True), ("a 12", False)])
def test_a_title_that_is_the_name_of_the_file_is_nobodys(mode, title, written):
    there = replace(shown(title=title), paths=("/clips/a.1.mp4",))
    rules = Rules({TITLE: mode})
    found = difference(Wanted(fields={TITLE: "Reef"}), there, {}, rules, ABILITIES)
    assert (found.edit.fields == {TITLE: "Reef"}) is written
    if written:
        shows = replace(after(found.edit), paths=there.paths)
        assert not difference(Wanted(fields={TITLE: "Reef"}), shows, found.done, rules, ABILITIES)


def test_a_title_that_is_wanted_and_the_files_name_is_not_written_again():
    there = replace(shown(title="a"), paths=("/clips/a.mp4",))
    assert not difference(Wanted(fields={TITLE: "a"}), there, {}, KEEP, ABILITIES)
