"""Which labels are added and removed: never one that is not ours, and never the last one first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.labels.desired import (
    NOTHING,
    Change,
    Desired,
    Labels,
    Standing,
    asked_for,
    change_to,
    desired,
    difference,
)

OURS = {"dub": "dub", "semi-dub": "semi-dub", "wrong-dub": "wrong-dub"}
labels = st.sampled_from(["dub", "semi-dub", "wrong-dub", "old-dub", "4k", "anime", "kids"])
sets = st.frozensets(labels)


def of_verdict(verdict: str, *, untag: bool = False) -> frozenset[str] | None:
    return desired(Standing(verdict, untag=untag), OURS).verdict


@given(tags=sets, wanted=st.none() | sets, managed=sets, found=sets)
def test_only_labels_of_ours_are_removed_and_only_wanted_ones_added(tags, wanted, managed, found):
    change = difference(tags, wanted, Labels(managed, found))
    assert change.remove <= managed - found
    assert change.add <= (wanted or frozenset()) - found
    assert change.remove <= tags
    assert not change.add & tags


@given(tags=sets, wanted=sets, managed=sets)
def test_applying_a_change_leaves_nothing_to_change(tags, wanted, managed):
    ours = Labels(managed | wanted)
    change = difference(tags, wanted, ours)
    after = (tags | change.add) - change.remove
    assert not difference(after, wanted, ours)
    assert after & ours.managed == wanted
    assert after - ours.managed == tags - ours.managed


@given(tags=sets, managed=sets, found=sets)
def test_an_unknown_verdict_changes_nothing(tags, managed, found):
    assert difference(tags, of_verdict("unknown"), Labels(managed, found)) == Change()


def test_a_label_that_waits_to_be_adopted_keeps_the_media_as_it_is():
    change = difference(["semi-dub"], frozenset(["dub"]), Labels(frozenset(["semi-dub"]), frozenset(["dub"])))
    assert change == Change()


def test_a_found_label_that_the_media_carries_already_does_not_keep_an_old_one():
    labels = Labels(frozenset(["semi-dub"]), frozenset(["dub"]))
    assert difference(["semi-dub", "dub"], frozenset(["dub"]), labels) == Change(
        remove=frozenset(["semi-dub"])
    )


def test_the_original_verdict_asks_for_no_label():
    assert of_verdict("original") == frozenset()


def test_taking_all_labels_off_wins_over_the_verdict():
    assert of_verdict("dub", untag=True) == frozenset()
    assert of_verdict("unknown", untag=True) == frozenset()


def test_each_verdict_with_a_label_asks_for_it():
    assert {v: of_verdict(v) for v in OURS} == {v: frozenset([v]) for v in OURS}


def test_a_change_is_true_only_where_there_is_something_to_do():
    assert not Change()
    assert Change(add=frozenset(["dub"]))
    assert Change(remove=frozenset(["dub"]))


def test_what_is_wanted_is_known_where_the_verdict_is_or_a_language_label_is():
    label = frozenset({"audio-en"})
    assert Desired(None, label).known == label
    assert Desired(frozenset({"dub"}), label).known == label | {"dub"}
    assert Desired(None, frozenset()).known is None
    assert Desired(NOTHING, None).known == NOTHING


VERDICTS = st.sampled_from(["dub", "semi-dub", "wrong-dub", "original", "unknown"])


@given(
    tags=st.frozensets(st.sampled_from(["dub", "semi-dub", "wrong-dub", "4k"]), max_size=1),
    verdict=VERDICTS,
    found=st.frozensets(st.sampled_from(sorted(OURS.values()))),
    chosen=st.frozensets(st.sampled_from(sorted(OURS.values()))),
)
def test_however_few_found_labels_are_adopted_no_title_carries_two_of_verdicts(tags, verdict, found, chosen):
    labels = Labels(frozenset(OURS.values()) - found, found).adopting(chosen)
    wanted = desired(Standing(verdict), OURS)
    change = change_to(tags, wanted, labels)
    after = (tags | change.add) - change.remove
    assert len(after & set(OURS.values())) <= 1
    assert after - set(OURS.values()) == tags - set(OURS.values())
    if found <= chosen and wanted.verdict is not None:
        assert after & set(OURS.values()) == wanted.verdict


@given(verdict=VERDICTS, declined=VERDICTS, languages=st.none() | st.just(["audio-en"]))
def test_what_was_declined_is_not_wanted_until_something_else_is(verdict, declined, languages):
    said_no_to = asked_for(Standing(declined, languages), OURS).known or NOTHING
    standing = Standing(verdict, languages, declined=sorted(said_no_to))
    wanted = desired(standing, OURS)
    if asked_for(standing, OURS).known == said_no_to:
        assert wanted == Desired()
    else:
        assert wanted == asked_for(standing, OURS)


def test_taking_all_labels_off_wins_over_what_was_declined():
    assert desired(Standing("dub", untag=True, declined=[]), OURS) == Desired(NOTHING, NOTHING)
