"""From files to seasons, series and movies."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.languages.codes import Language
from scanner.probe.tracks import Facts, Track
from scanner.verdict.rollup import (
    FileInput,
    FileVerdict,
    RollUp,
    RollUpReason,
    Rules,
    SeasonInput,
    Verdict,
    combine,
    decide_file,
    roll_up,
)
from scanner.verdict.sentences import title_sentence

ENGLISH = Rules((Language("eng"),))
BOTH = Rules((Language("eng"), Language("deu")))
JAPANESE = Language("jpn")

TRACKS = {
    Verdict.DUB: ["jpn", "eng", "deu"],
    Verdict.SEMI_DUB: ["jpn", "eng"],
    Verdict.ORIGINAL: ["jpn"],
    Verdict.WRONG_DUB: ["fra"],
}


def decision(verdict: Verdict, rules: Rules = BOTH) -> FileVerdict:
    """A real decision with this verdict under `BOTH`."""
    if verdict == Verdict.UNKNOWN:
        return decide_file(None, rules, JAPANESE)
    tracks = tuple(Track("audio", i, language=code) for i, code in enumerate(TRACKS[verdict]))
    return decide_file(Facts(tracks), rules, JAPANESE)


def season(number: int | None, *verdicts: Verdict | None, monitored: bool = True) -> SeasonInput:
    """A season with one file for each verdict; None is a file that was not probed."""
    files = (
        FileInput(f"S{number or 0:02}E{n:02}", decision(verdict) if verdict else None)
        for n, verdict in enumerate(verdicts, 1)
    )
    return SeasonInput(number, tuple(files), monitored)


def why(rolled: RollUp) -> str:
    return title_sentence(rolled.reason)


DUB, SEMI, WRONG, ORIGINAL, UNKNOWN = (
    Verdict.DUB,
    Verdict.SEMI_DUB,
    Verdict.WRONG_DUB,
    Verdict.ORIGINAL,
    Verdict.UNKNOWN,
)


@pytest.mark.parametrize("verdict", Verdict)
def test_the_decisions_of_these_tests_are_what_they_are_called(verdict):
    assert decision(verdict).verdict == verdict


class TestRules:
    """Each sentence of the roll-up."""

    @pytest.mark.parametrize(
        ("verdicts", "whole"),
        [
            ([], UNKNOWN),
            ([UNKNOWN], UNKNOWN),
            ([DUB, WRONG], WRONG),
            ([ORIGINAL, WRONG, SEMI], WRONG),
            ([DUB, DUB], DUB),
            ([DUB, ORIGINAL], SEMI),
            ([SEMI], SEMI),
            ([SEMI, ORIGINAL], SEMI),
            ([DUB, SEMI], SEMI),
            ([ORIGINAL, ORIGINAL], ORIGINAL),
        ],
    )
    def test_files_make_a_season_and_seasons_a_series(self, verdicts, whole):
        rolled = roll_up([season(1, *verdicts)], BOTH)
        assert (rolled.verdict, rolled.seasons[0].verdict) == (whole, whole)

    def test_unknown_files_are_left_out_and_shown(self):
        rolled = roll_up([season(1, DUB, UNKNOWN)], BOTH)
        assert rolled.verdict == DUB
        assert rolled.reason["unknown_total"] == 1
        assert [file["name"] for file in rolled.reason["unknown"]] == ["S01E02"]
        assert why(rolled).endswith(" 1 file could not be judged.")

    def test_empty_seasons_do_not_count(self):
        rolled = roll_up([season(1, DUB), season(2)], BOTH)
        assert (rolled.verdict, rolled.seasons[1].verdict) == (DUB, UNKNOWN)

    def test_a_season_without_a_known_file_does_not_count(self):
        assert roll_up([season(1, DUB), season(2, UNKNOWN)], BOTH).verdict == DUB

    def test_a_season_that_lost_its_dub_makes_the_series_a_semi_dub(self):
        rolled = roll_up([season(1, DUB, DUB), season(2, ORIGINAL)], BOTH)
        assert rolled.verdict == SEMI
        assert [one.verdict for one in rolled.seasons] == [DUB, ORIGINAL]

    def test_specials_do_not_count(self):
        rolled = roll_up([season(0, WRONG), season(1, DUB)], BOTH)
        assert rolled.verdict == DUB
        assert rolled.seasons[0].left_out == "specials"
        assert rolled.seasons[0].verdict == WRONG
        assert rolled.reason["left_out"] == {"specials": 1}

    def test_specials_count_where_the_policy_says_so(self):
        rules = Rules(BOTH.targets, include_specials=True)
        assert roll_up([season(0, WRONG), season(1, DUB)], rules).verdict == WRONG

    def test_a_series_of_nothing_but_specials_is_unknown(self):
        rolled = roll_up([season(0, DUB)], BOTH)
        assert (rolled.verdict, why(rolled)) == (UNKNOWN, "No file counts: 1 among the specials.")
        assert rolled.reason["code"] == RollUpReason.ALL_LEFT_OUT

    def test_where_every_file_is_left_out_each_cause_is_told(self):
        rules = Rules(BOTH.targets, only_monitored=True)
        unread = SeasonInput(2, (FileInput("S02E01", None),))
        seasons = [season(0, DUB), season(1, DUB, DUB, monitored=False), unread]
        rolled = roll_up(seasons, rules)
        assert rolled.verdict == UNKNOWN
        assert why(rolled) == "No file counts: 1 among the specials, 2 not monitored, 1 not read yet."

    def test_unmonitored_seasons_count(self):
        assert roll_up([season(1, DUB), season(2, WRONG, monitored=False)], BOTH).verdict == WRONG

    def test_unmonitored_seasons_do_not_count_where_the_policy_says_so(self):
        rules = Rules(BOTH.targets, only_monitored=True)
        rolled = roll_up([season(1, DUB), season(2, WRONG, monitored=False)], rules)
        assert rolled.verdict == DUB
        assert rolled.seasons[1].left_out == "unmonitored"
        assert rolled.reason["left_out"] == {"unmonitored": 1}

    def test_what_a_quick_scan_did_not_probe_is_outside(self):
        rolled = roll_up([season(1, DUB, None, None), season(2, ORIGINAL, None)], BOTH)
        assert rolled.verdict == SEMI
        assert rolled.reason["left_out"] == {"not_probed": 3}
        assert rolled.reason["files_counted"] == 2
        assert rolled.seasons[0].counts == {"dub": 1}

    def test_a_movie_is_its_file(self):
        rolled = roll_up([SeasonInput(None, (FileInput("Movie.mkv", decision(SEMI)),))], BOTH)
        assert (rolled.verdict, why(rolled)) == (SEMI, "The file holds English but lacks German.")


class TestReason:
    """What is stored, and what a person reads."""

    def test_a_wrong_file_is_named_with_its_language(self):
        rolled = roll_up([season(1, DUB, DUB, WRONG)], BOTH)
        assert why(rolled) == "1 of 3 files holds French, neither wanted nor the original: S01E03."
        assert rolled.reason["code"] == RollUpReason.WRONG_FILES
        assert rolled.reason["extra"] == {"fra": 1}

    def test_several_wrong_files_are_named(self):
        rolled = roll_up([season(1, WRONG, DUB, WRONG)], BOTH)
        assert why(rolled) == "2 of 3 files hold French, neither wanted nor the original: S01E01, S01E03."

    def test_a_full_dub_names_the_languages(self):
        rolled = roll_up([season(1, DUB, DUB)], BOTH)
        assert why(rolled) == "All 2 files hold English and German."
        assert [file["name"] for file in rolled.reason["files"]] == ["S01E01", "S01E02"]

    def test_a_semi_dub_names_what_is_missing_where(self):
        rolled = roll_up([season(1, DUB, SEMI, ORIGINAL)], BOTH)
        assert why(rolled) == "2 of 3 files lack German or English: S01E02, S01E03."
        assert rolled.reason["missing"] == {"deu": 2, "eng": 1}
        assert rolled.reason["counts"] == {"dub": 1, "semi-dub": 1, "original": 1}

    def test_a_single_lacking_file_is_spoken_of_in_the_singular(self):
        assert why(roll_up([season(1, DUB, SEMI)], BOTH)) == "1 of 2 files lacks German: S01E02."

    def test_many_files_are_counted_and_the_first_are_named(self):
        rolled = roll_up([season(1, DUB, *[SEMI] * 30)], BOTH)
        assert why(rolled) == "30 of 31 files lack German: S01E02, S01E03, S01E04 and 27 more."
        assert (len(rolled.reason["files"]), rolled.reason["files_total"]) == (20, 30)

    def test_an_original_series_says_what_is_missing(self):
        rolled = roll_up([season(1, ORIGINAL, ORIGINAL)], BOTH)
        assert why(rolled) == "None of 2 files is dubbed: English or German is missing."

    def test_a_native_series_that_counts_as_original_says_so(self):
        rules = Rules((JAPANESE,), native_titles="original")
        rolled = roll_up(
            [
                SeasonInput(
                    1, (FileInput("a", decision(ORIGINAL, rules)), FileInput("b", decision(ORIGINAL, rules)))
                )
            ],
            rules,
        )
        assert rolled.verdict == ORIGINAL
        assert why(rolled) == "All 2 files hold Japanese, the original and the wanted language."

    def test_nothing_but_an_unknown_file_tells_why(self):
        rolled = roll_up([season(1, UNKNOWN)], BOTH)
        assert why(rolled) == "The file could not be read."
        assert rolled.reason["code"] == RollUpReason.NOTHING_KNOWN

    def test_several_unknown_files_are_counted(self):
        rolled = roll_up([season(1, UNKNOWN, UNKNOWN)], BOTH)
        assert why(rolled) == "None of 2 files could be judged. The first: The file could not be read."

    def test_no_file_at_all(self):
        rolled = roll_up([], BOTH)
        assert (rolled.verdict, why(rolled)) == (UNKNOWN, "There is no file to judge.")
        assert rolled.reason["code"] == RollUpReason.NO_FILES

    def test_more_than_one_unknown_file_is_said_in_the_plural(self):
        assert why(roll_up([season(1, DUB, UNKNOWN, UNKNOWN)], BOTH)).endswith(
            " 2 files could not be judged."
        )

    def test_a_deciding_file_is_stored_with_its_own_reason(self):
        assert roll_up([season(2, SEMI)], BOTH).reason["files"] == [
            {
                "name": "S02E01",
                "season": 2,
                "verdict": "semi-dub",
                "reason": "some-targets",
            }
        ]


verdicts = st.none() | st.sampled_from(Verdict)
seasons = st.lists(
    st.builds(
        lambda number, some, monitored: season(number, *some, monitored=monitored),
        st.none() | st.integers(0, 4),
        st.lists(verdicts, max_size=5),
        st.booleans(),
    ),
    max_size=4,
)
any_rules = st.builds(
    Rules, st.just(BOTH.targets), include_specials=st.booleans(), only_monitored=st.booleans()
)

RANK = {WRONG: 0, ORIGINAL: 1, SEMI: 2, DUB: 3}


class TestProperties:
    @given(seasons, any_rules)
    def test_it_is_total_deterministic_and_can_be_stored(self, some, rules):
        rolled = roll_up(some, rules)
        assert rolled == roll_up(some, rules)
        assert json.loads(json.dumps(rolled.reason)) == rolled.reason
        assert why(rolled).endswith(".")
        assert len(rolled.seasons) == len(some)

    @given(seasons, any_rules)
    def test_rolling_up_seasons_is_rolling_up_their_files(self, some, rules):
        rolled = roll_up(some, rules)
        assert rolled.verdict == combine(one.verdict for one in rolled.seasons if not one.left_out)

    @given(seasons, any_rules, st.randoms())
    def test_the_order_does_not_change_the_verdict(self, some, rules, random):
        mixed = [
            SeasonInput(one.number, tuple(random.sample(one.files, len(one.files))), one.monitored)
            for one in random.sample(some, len(some))
        ]
        assert roll_up(mixed, rules).verdict == roll_up(some, rules).verdict

    @given(seasons, any_rules)
    def test_every_file_is_counted_unknown_or_left_out(self, some, rules):
        reason = roll_up(some, rules).reason
        told = reason["files_counted"] + reason["unknown_total"] + sum(reason["left_out"].values())
        assert told == sum(len(one.files) for one in some)

    @given(st.lists(st.sampled_from([DUB, SEMI, ORIGINAL, WRONG]), min_size=1), st.data())
    def test_a_better_file_never_makes_the_whole_worse(self, some, data):
        at = data.draw(st.integers(0, len(some) - 1))
        better = data.draw(st.sampled_from([one for one in RANK if RANK[one] >= RANK[some[at]]]))
        improved = [*some[:at], better, *some[at + 1 :]]
        assert RANK[combine(improved)] >= RANK[combine(some)]

    @given(st.lists(st.sampled_from(Verdict)))
    def test_unknown_parts_change_nothing(self, some):
        assert combine([*some, UNKNOWN]) == combine(some)
