"""Which tracks count, and in which language."""

from __future__ import annotations

import pytest

from scanner.probe.tracks import Facts, Track
from scanner.verdict.counting import Dropped, Why
from scanner.verdict.rollup import Reason, Verdict, decide_file
from tests.scanner.verdicts import ENGLISH, decide, lang, rules, why


class TestCounting:
    """Which tracks count."""

    @pytest.mark.parametrize("flag", ["commentary", "descriptive"])
    def test_a_track_flagged_in_the_file_does_not_count(self, flag):
        decided = decide(["jpn", {"language": "eng", flag: True}], ENGLISH)
        assert decided.languages == (lang("jpn"),)
        assert [track.index for track in decided.dropped] == [1]

    def test_flags_drop_even_the_last_track(self):
        decided = decide([{"language": "eng", "commentary": True}], ENGLISH)
        assert decided.verdict == Verdict.UNKNOWN
        assert why(decided) == "Every audio track is a commentary or an audio description."

    @pytest.mark.parametrize(
        ("title", "why"),
        [("Director's Commentary", "commentary-title"), ("Audio Description", "description-title")],
    )
    def test_a_title_drops_a_track(self, title, why):
        decided = decide(["jpn", {"language": "eng", "title": title}], ENGLISH)
        assert decided.verdict == Verdict.ORIGINAL
        assert [(track.index, track.why, track.title) for track in decided.dropped] == [(1, why, title)]

    def test_a_directors_cut_counts(self):
        assert decide(["jpn", {"language": "eng", "title": "Director's Cut"}], ENGLISH).verdict == Verdict.DUB

    def test_title_words_never_drop_the_last_track(self):
        assert decide([{"language": "eng", "title": "Commentary"}], ENGLISH).verdict == Verdict.DUB

    def test_titles_that_would_drop_every_track_drop_none(self):
        both = [{"language": "eng", "title": "Commentary"}, {"language": "deu", "title": "Kommentar"}]
        assert decide(both, rules("eng", "deu")).verdict == Verdict.DUB

    def test_title_words_may_drop_all_but_a_track_without_a_language(self):
        decided = decide([None, {"language": "eng", "title": "Commentary"}], ENGLISH)
        assert (decided.verdict, decided.assumed) == (Verdict.ORIGINAL, 0)

    def test_a_flagged_track_is_not_the_one_that_titles_must_leave(self):
        tracks = [{"language": "jpn", "commentary": True}, {"language": "eng", "title": "Commentary"}]
        assert decide(tracks, ENGLISH).languages == (lang("eng"),)

    def test_the_code_for_description_is_a_description(self):
        decided = decide(["jpn", "qad"], ENGLISH)
        assert [(track.index, track.why) for track in decided.dropped] == [(1, "description-flag")]

    def test_a_disabled_track_and_one_for_the_hearing_impaired_count_like_any_other(self):
        tracks = ["jpn", {"language": "eng", "enabled": False, "hearing_impaired": True}]
        assert decide(tracks, ENGLISH).verdict == Verdict.DUB

    def test_an_isolated_score_is_no_dub(self):
        decided = decide(["jpn", {"language": "eng", "title": "Isolated Score"}], ENGLISH)
        assert decided.verdict == Verdict.ORIGINAL
        assert [(track.index, track.why) for track in decided.dropped] == [(1, "music-title")]

    def test_the_only_track_counts_though_its_title_says_music(self):
        assert decide([{"language": "eng", "title": "Music Only"}], ENGLISH).verdict == Verdict.DUB

    @pytest.mark.parametrize("code", [None, "und", "qtz"])
    def test_a_track_without_a_language_is_in_the_one_that_its_title_names(self, code):
        decided = decide([{"language": code, "title": "English Dub"}], ENGLISH)
        assert (decided.verdict, decided.assumed) == (Verdict.DUB, None)
        later = decide(["jpn", {"language": code, "title": "English 5.1"}], ENGLISH)
        assert (later.verdict, later.languages) == (Verdict.DUB, (lang("jpn"), lang("eng")))

    def test_a_title_names_no_language_beside_one_that_the_track_names(self):
        assert decide([{"language": "jpn", "title": "English"}], ENGLISH).verdict == Verdict.ORIGINAL
        assert decide([{"language": "mul", "title": "English"}], ENGLISH).verdict == Verdict.ORIGINAL

    def test_the_code_of_vietnamese_in_a_title_is_no_description(self):
        assert decide(["jpn", {"language": "vie", "title": "(VI)"}], rules("vie")).verdict == Verdict.DUB
        assert decide(["jpn", {"language": "eng", "title": "(VI)"}], ENGLISH).verdict == Verdict.ORIGINAL

    def test_several_languages_count_as_none_behind_another_track(self):
        decided = decide(["eng", "mul"], rules("eng", "jpn"))
        assert [(track.index, track.why) for track in decided.dropped] == [(1, "several-languages")]

    def test_a_group_of_languages_is_a_language_that_is_named(self):
        assert decide(["smi"], rules("sme")).verdict == Verdict.DUB
        decided = decide(["sgn"], ENGLISH)
        assert (decided.verdict, decided.assumed) == (Verdict.WRONG_DUB, None)
        assert "The file holds Sign languages" in why(decided)

    def test_subtitles_do_not_count(self):
        tracks = (Track("text", 0, language="eng"), Track("audio", 0, language="jpn"))
        assert decide_file(Facts(tracks), ENGLISH, lang("jpn")).verdict == Verdict.ORIGINAL

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            (None, "names no language and"),
            ("und", "names no language and"),
            ("mis", "is in “mis”, not a known language, and"),
            ("mul", "holds several languages and"),
            ("xyz", "is in “xyz”, not a known language, and"),
        ],
    )
    def test_the_first_track_without_a_language_is_taken_as_the_original(self, code, told):
        decided = decide([code, "eng"], rules("eng", "deu"))
        assert decided.languages == (lang("jpn"), lang("eng"))
        assert decided.assumed == 0
        assert f"Audio track 1 {told} is taken as Japanese" in why(decided)

    def test_a_track_before_it_that_does_not_count_does_not_make_it_a_later_one(self):
        decided = decide([{"language": "eng", "commentary": True}, None], ENGLISH)
        assert (decided.assumed, decided.languages) == (1, (lang("jpn"),))
        assert "Audio track 2 names no language" in why(decided)

    def test_a_later_track_without_a_language_is_ignored(self):
        decided = decide(["eng", None], rules("eng", "jpn"))
        assert decided.languages == (lang("eng"),)
        assert [(track.index, track.why) for track in decided.dropped] == [(1, "no-language")]

    def test_labelled_tracks_beside_an_ignored_one_still_count(self):
        assert decide([None, "eng"], rules("eng", undetermined="ignore")).verdict == Verdict.DUB

    def test_a_track_without_a_language_may_be_a_fixed_language(self):
        assert decide([None], rules("eng", undetermined=lang("eng"))).verdict == Verdict.DUB
        assert decide([None], rules("eng", undetermined=lang("fra"))).verdict == Verdict.WRONG_DUB

    def test_partial_facts_say_nothing_of_a_first_track(self):
        assert decide([None], ENGLISH, partial=True).verdict == Verdict.UNKNOWN
        assert decide([None, "eng"], ENGLISH, partial=True).verdict == Verdict.DUB

    def test_a_track_that_stands_for_an_unknown_original_does_not_count(self):
        decided = decide(["qaa"], ENGLISH, None)
        assert (decided.verdict, decided.reason) == (Verdict.UNKNOWN, Reason.NO_LANGUAGE)
        assert why(decided) == "The audio is in the original language, and that is unknown."

    def test_the_code_for_original_is_the_original(self):
        assert decide(["qaa"], ENGLISH).languages == (lang("jpn"),)
        assert decide(["qaa"], ENGLISH, "eng").verdict == Verdict.DUB

    @pytest.mark.parametrize("code", ["qaa", "qad"])
    def test_an_original_that_is_no_language_is_unknown(self, code):
        assert decide(["fra"], ENGLISH, code).verdict == Verdict.UNKNOWN

    def test_no_speech_counts_and_is_never_extra(self):
        assert decide(["zxx"], ENGLISH).verdict == Verdict.ORIGINAL
        assert decide(["eng", "zxx"], rules("eng", extra_languages="forbid")).verdict == Verdict.DUB

    def test_dropped_tracks_say_why_in_file_order(self):
        decided = decide(["jpn", None, {"language": "eng", "title": "Commentary"}], ENGLISH)
        assert decided.dropped == (
            Dropped(1, Why.NO_LANGUAGE),
            Dropped(2, Why.COMMENTARY_TITLE, "Commentary"),
        )
