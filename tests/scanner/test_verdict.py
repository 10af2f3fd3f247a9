"""The rules for one file, sentence by sentence, row by row, and as properties."""

from __future__ import annotations

import itertools
import runpy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from scanner.languages.codes import ORIGINAL, contains, matches, normalise
from scanner.languages.titles import is_commentary, is_description
from scanner.probe.tracks import Facts, Track
from scanner.verdict import file
from scanner.verdict.file import present_targets
from scanner.verdict.rollup import Reason, Rules, Verdict, decide_file
from tests.scanner.truth_table import SECTIONS, truth_table
from tests.scanner.verdicts import ENGLISH, decide, facts, lang, rules, why

ROOT = Path(__file__).resolve().parents[2]


class TestTable:
    """Each row of the table, in its order."""

    def test_a_file_whose_probe_failed_is_unknown(self):
        decided = decide_file(None, ENGLISH, lang("jpn"))
        assert (decided.verdict, decided.reason) == (Verdict.UNKNOWN, Reason.UNREADABLE)

    def test_a_file_without_audio_is_unknown(self):
        silent = Facts((Track("text", 0, language="eng"),))
        decided = decide_file(silent, ENGLISH, lang("jpn"))
        assert (decided.verdict, decided.reason) == (Verdict.UNKNOWN, Reason.NO_AUDIO)

    def test_a_file_without_a_usable_language_is_unknown(self):
        decided = decide([None], rules("eng", undetermined="ignore"))
        assert (decided.verdict, decided.reason) == (Verdict.UNKNOWN, Reason.NO_LANGUAGE)
        assert decided.missing == (lang("eng"),)

    def test_an_unknown_original_and_nothing_wanted_is_unknown(self):
        decided = decide(["fra"], ENGLISH, None)
        assert (decided.verdict, decided.reason) == (Verdict.UNKNOWN, Reason.ORIGINAL_UNKNOWN)

    def test_an_unknown_original_and_something_wanted_is_decided(self):
        assert decide(["eng"], ENGLISH, None).verdict == Verdict.DUB
        assert decide(["eng"], rules("eng", "deu"), None).verdict == Verdict.SEMI_DUB

    @pytest.mark.parametrize("tracks", [["fra"], ["jpn", "fra"], ["fra", "ita"]])
    def test_other_languages_and_nothing_wanted_is_wrong(self, tracks):
        decided = decide(tracks, ENGLISH)
        assert (decided.verdict, decided.reason) == (Verdict.WRONG_DUB, Reason.ONLY_OTHERS)

    def test_other_languages_beside_what_is_wanted_are_tolerated(self):
        decided = decide(["jpn", "eng", "fra"], ENGLISH)
        assert (decided.verdict, decided.extra) == (Verdict.DUB, (lang("fra"),))

    def test_other_languages_beside_a_part_of_what_is_wanted_are_tolerated_too(self):
        decided = decide(["eng", "fra"], rules("eng", "deu"))
        assert (decided.verdict, decided.extra) == (Verdict.SEMI_DUB, (lang("fra"),))

    def test_other_languages_beside_what_is_wanted_may_be_forbidden(self):
        decided = decide(["jpn", "eng", "fra"], rules("eng", extra_languages="forbid"))
        assert (decided.verdict, decided.reason) == (Verdict.WRONG_DUB, Reason.EXTRA_FORBIDDEN)

    def test_a_native_title_is_a_dub(self):
        decided = decide(["eng"], ENGLISH, "eng")
        assert (decided.verdict, decided.reason) == (Verdict.DUB, Reason.NATIVE)

    def test_a_native_title_may_be_called_original(self):
        decided = decide(["eng"], rules("eng", native_titles="original"), "eng")
        assert (decided.verdict, decided.reason) == (Verdict.ORIGINAL, Reason.NATIVE)

    def test_native_titles_need_every_target_to_be_the_original(self):
        decided = decide(["eng", "deu"], rules("eng", "deu", native_titles="original"), "eng")
        assert (decided.verdict, decided.reason) == (Verdict.DUB, Reason.ALL_TARGETS)

    def test_all_that_is_wanted_is_a_dub(self):
        decided = decide(["jpn", "deu", "eng"], rules("eng", "deu"))
        assert (decided.verdict, decided.reason) == (Verdict.DUB, Reason.ALL_TARGETS)
        assert (decided.present, decided.missing) == ((lang("eng"), lang("deu")), ())

    def test_a_part_of_what_is_wanted_is_a_semi_dub(self):
        decided = decide(["jpn", "deu"], rules("eng", "deu"))
        assert (decided.verdict, decided.reason) == (Verdict.SEMI_DUB, Reason.SOME_TARGETS)
        assert (decided.present, decided.missing) == ((lang("deu"),), (lang("eng"),))

    def test_the_original_alone_is_original(self):
        decided = decide(["jpn"], ENGLISH)
        assert (decided.verdict, decided.reason) == (Verdict.ORIGINAL, Reason.NO_DUB)

    def test_a_wanted_original_alone_is_no_semi_dub(self):
        assert decide(["jpn"], rules("jpn", "eng")).verdict == Verdict.ORIGINAL


class TestMatching:
    """Regions, macrolanguages, and one target for each track."""

    def test_a_track_without_a_region_satisfies_one_target_only(self):
        decided = decide(["por"], rules("pt-BR", "pt-PT"))
        assert (decided.verdict, decided.present) == (Verdict.SEMI_DUB, (lang("pt-BR"),))

    def test_two_tracks_without_a_region_satisfy_two_targets(self):
        assert decide(["por", "por"], rules("pt-BR", "pt-PT")).verdict == Verdict.DUB

    @pytest.mark.parametrize(
        "tracks", [["pt-BR", "por"], ["por", "pt-BR"], ["pt-PT", "por"], ["por", "pt-PT"]]
    )
    def test_a_track_with_a_region_leaves_the_other_target_to_one_without(self, tracks):
        assert decide(tracks, rules("pt-BR", "pt-PT")).verdict == Verdict.DUB

    def test_tracks_are_dealt_out_so_that_most_targets_are_satisfied(self):
        # Only the first track can be Spain's, so the second has to be Mexico's.
        assert decide(["spa", "es-419"], rules("es-MX", "es-ES")).verdict == Verdict.DUB

    def test_a_track_without_a_region_stays_with_the_target_that_contains_it(self):
        assert decide(["por"], rules("pt-BR", "por")).present == (lang("por"),)
        assert decide(["por", "por"], rules("pt-BR", "por")).verdict == Verdict.DUB

    def test_a_track_with_a_region_satisfies_the_wide_and_the_narrow_target(self):
        assert decide(["pt-BR"], rules("por", "pt-BR")).verdict == Verdict.DUB
        assert decide(["cmn"], rules("zho", "cmn")).verdict == Verdict.DUB

    def test_a_macrolanguage_satisfies_one_of_its_members_only(self):
        assert decide(["zho"], rules("cmn", "yue")).verdict == Verdict.SEMI_DUB
        assert decide(["zho"], rules("cmn")).verdict == Verdict.DUB

    def test_the_original_language_may_have_a_region(self):
        assert decide(["por"], ENGLISH, "pt-BR").verdict == Verdict.ORIGINAL
        assert decide(["pt-PT"], ENGLISH, "pt-BR").verdict == Verdict.WRONG_DUB

    def test_a_region_in_the_facts_is_seen(self):
        track = Track("audio", 0, language="por", region="br")
        assert decide_file(Facts((track,)), rules("pt-PT"), lang("jpn")).verdict == Verdict.WRONG_DUB

    def test_extra_tracks_are_named_once(self):
        assert decide(["fra", "fra", "ita"], ENGLISH).extra == (lang("fra"), lang("ita"))


class TestRules:
    def test_rules_without_a_target_are_refused(self):
        with pytest.raises(ConfigError, match="at least one target language"):
            Rules(())

    def test_the_stored_reason_is_made_of_codes(self):
        stored = decide(
            [None, "eng", {"language": "fra", "title": "Commentary"}], rules("eng", "deu")
        ).to_json()
        assert stored == {
            "reason": "some-targets",
            "present": ["eng"],
            "missing": ["deu"],
            "extra": [],
            "languages": ["jpn", "eng"],
            "dropped": [{"index": 2, "why": "commentary-title", "title": "Commentary", "code": ""}],
            "assumed": 0,
            "assumed_code": "",
        }


EXPECTED = {
    "One wanted language": "dub dub original wrong-dub wrong-dub dub original",
    "Two wanted languages": "dub semi-dub original wrong-dub original semi-dub",
    "The original is what is wanted": "dub original dub wrong-dub",
    "Other languages are forbidden": "dub wrong-dub dub",
    "The original language is unknown": "dub semi-dub unknown unknown",
    "Tracks without a language": "original dub dub original unknown dub unknown original semi-dub dub "
    "unknown dub dub dub original original",
    "Commentary, audio description and music": "original original dub dub unknown original original original "
    "original dub dub",
    "Regions and macrolanguages": "dub dub wrong-dub semi-dub dub dub "
    "dub dub wrong-dub dub dub wrong-dub wrong-dub dub dub wrong-dub dub wrong-dub",
    "Nothing to judge": "unknown unknown",
}


class TestDocument:
    """The truth table in the documentation."""

    @pytest.mark.parametrize("heading", SECTIONS)
    def test_each_row_has_the_verdict_that_the_rules_give(self, heading):
        assert [str(case.decide().verdict) for case in SECTIONS[heading]] == EXPECTED[heading].split()

    def test_the_committed_table_is_up_to_date(self):
        committed = (ROOT / "docs/truth-table.md").read_text(encoding="utf-8")
        assert committed == truth_table(), "run: python -m tests.scanner.truth_table > docs/truth-table.md"

    @pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
    def test_the_table_is_printed_by_its_command(self, capsys):
        runpy.run_module("tests.scanner.truth_table", run_name="__main__")
        assert capsys.readouterr().out == truth_table()

    def test_the_table_shows_every_reason(self):
        shown = {case.decide().reason for cases in SECTIONS.values() for case in cases}
        assert shown == set(Reason)


CODES = [
    "eng",
    "deu",
    "jpn",
    "por",
    "por-br",
    "por-pt",
    "spa",
    "spa-419",
    "spa-mx",
    "zho",
    "cmn",
    "yue",
    "zxx",
]
some_languages = st.sampled_from([lang(code) for code in CODES])
targets = st.lists(some_languages, min_size=1, max_size=4, unique=True).map(tuple)
originals = st.none() | some_languages
any_rules = st.builds(
    Rules,
    targets,
    undetermined=st.sampled_from(["original", "ignore"]) | some_languages,
    extra_languages=st.sampled_from(["tolerate", "forbid"]),
    native_titles=st.sampled_from(["dub", "original"]),
)
any_codes = st.sampled_from(
    [*(code.partition("-")[0] for code in CODES), None, "und", "mul", "qaa", "qad", "xyz", "?"]
)
titles = st.sampled_from(["", "Commentary", "Audio Description", "Director's Cut", "5.1"]) | st.text(
    max_size=5
)
any_tracks = st.builds(
    Track,
    kind=st.sampled_from(["audio", "text"]),
    index=st.just(0),
    language=any_codes,
    region=st.sampled_from([None, "br", "pt", "mx", "419", "001", "zz"]),
    title=titles,
    commentary=st.booleans(),
    descriptive=st.booleans(),
)


def numbered(tracks) -> tuple[Track, ...]:
    return tuple(replace(track, index=index) for index, track in enumerate(tracks))


any_facts = st.builds(
    Facts, st.lists(any_tracks, max_size=5).map(numbered), engine=st.just("header"), partial=st.booleans()
)
labelled = st.lists(some_languages, min_size=1, max_size=4)

RANK = {Verdict.UNKNOWN: 0, Verdict.WRONG_DUB: 0, Verdict.ORIGINAL: 1, Verdict.SEMI_DUB: 2, Verdict.DUB: 3}


def spoken(languages) -> Facts:
    """Facts with plain tracks in these languages."""
    return Facts(numbered(Track("audio", 0, language.base, language.region) for language in languages))


def most_present(languages, wanted) -> int:
    """The largest number of targets that these tracks can satisfy, by trying every way to deal them out."""
    narrow = [one for one in languages if all(contains(t, one) for t in wanted if matches(t, one))]
    sure = {target for target in wanted for one in narrow if matches(target, one)}
    broad = [[None, *(t for t in wanted if matches(t, one))] for one in languages if one not in narrow]
    return max(len(sure | (set(dealt) - {None})) for dealt in itertools.product(*broad))


class TestProperties:
    @given(st.none() | any_facts, any_rules, originals | st.just(ORIGINAL))
    def test_the_verdict_is_total_and_deterministic(self, found, wanted, original):
        decided = decide_file(found, wanted, original)
        assert decided == decide_file(found, wanted, original)
        assert isinstance(decided.verdict, Verdict)
        assert why(decided).endswith(".")

    @given(st.none() | any_facts, any_rules, originals)
    def test_every_target_is_either_present_or_missing(self, found, wanted, original):
        decided = decide_file(found, wanted, original)
        assert sorted(map(str, decided.present + decided.missing)) == sorted(map(str, wanted.targets))

    @given(any_facts, any_rules, originals)
    def test_every_audio_track_either_counts_or_is_dropped_with_a_reason(self, found, wanted, original):
        decided = decide_file(found, wanted, original)
        assert len(decided.languages) + len(decided.dropped) == len(found.audio)

    @given(labelled, any_rules, originals, st.randoms())
    def test_the_order_of_labelled_tracks_does_not_matter(self, languages, wanted, original, random):
        shuffled = random.sample(languages, len(languages))
        one = decide_file(spoken(languages), wanted, original)
        other = decide_file(spoken(shuffled), wanted, original)
        assert (one.verdict, one.reason, one.present) == (other.verdict, other.reason, other.present)
        assert set(one.extra) == set(other.extra)

    @given(labelled, any_rules, originals, st.data())
    def test_a_further_wanted_track_never_makes_it_worse(self, languages, wanted, original, data):
        before = decide_file(spoken(languages), wanted, original)
        target = data.draw(st.sampled_from(wanted.targets))
        after = decide_file(spoken([*languages, target]), wanted, original)
        assert RANK[after.verdict] >= RANK[before.verdict]

    @given(labelled, any_rules, originals)
    def test_one_track_for_every_target_leaves_nothing_missing(self, languages, wanted, original):
        decided = decide_file(spoken([*languages, *wanted.targets]), wanted, original)
        assert not decided.missing
        assert decided.verdict in (Verdict.DUB, Verdict.ORIGINAL, Verdict.WRONG_DUB)

    @given(labelled, any_rules, originals)
    def test_forbidding_other_languages_only_ever_makes_it_wrong(self, languages, wanted, original):
        tolerated = decide_file(spoken(languages), replace(wanted, extra_languages="tolerate"), original)
        forbidden = decide_file(spoken(languages), replace(wanted, extra_languages="forbid"), original)
        assert forbidden.verdict in (tolerated.verdict, Verdict.WRONG_DUB)

    @given(labelled, any_rules, originals)
    def test_a_commentary_beside_other_tracks_changes_nothing(self, languages, wanted, original):
        plain = spoken(languages)
        commentary = Track("audio", len(languages), "eng", title="Commentary")
        with_commentary = decide_file(Facts((*plain.tracks, commentary)), wanted, original)
        without = decide_file(plain, wanted, original)
        assert replace(with_commentary, dropped=()) == without

    @given(labelled, any_rules)
    def test_the_original_is_never_extra(self, languages, wanted):
        decided = decide_file(spoken(languages), wanted, languages[0])
        assert languages[0] not in decided.extra

    @given(st.lists(some_languages, max_size=4), targets)
    def test_as_many_targets_as_possible_are_present(self, languages, wanted):
        assert len(present_targets(languages, wanted)) == most_present(languages, wanted)

    @given(st.lists(some_languages, max_size=4), targets, st.randoms())
    def test_what_is_present_does_not_depend_on_the_order_of_tracks(self, languages, wanted, random):
        shuffled = random.sample(languages, len(languages))
        assert present_targets(languages, wanted) == present_targets(shuffled, wanted)


def test_a_file_like_another_is_decided_without_parsing_anything_again():
    wanted, original = rules("eng", "deu"), lang("jpn")

    def decide_anew():
        found = facts(
            {"language": "jpn", "title": "Japanese 2.0"},
            {"language": "eng", "title": "English 5.1"},
            {"language": "deu", "title": "Deutsch"},
            {"language": "eng", "title": "Commentary"},
        )
        return decide_file(found, wanted, original)

    caches = (normalise, is_commentary, is_description, file._judge)
    first = decide_anew()
    misses = [cache.cache_info().misses for cache in caches]
    assert decide_anew() == first
    assert [cache.cache_info().misses for cache in caches] == misses
