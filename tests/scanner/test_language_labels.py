"""Which labels a title earns for its languages: what the files say, and nothing that a policy assumes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import Phrase
from scanner.labels.desired import Desired, Labels, change_to
from scanner.labels.of_languages import Heard, LanguageLabelRules, language_labels
from scanner.languages.codes import Language, normalise, short_code
from scanner.probe.tracks import Facts, Track
from scanner.verdict.file import Rules, decide_file
from scanner.verdict.rollup import FileInput, SeasonInput, roll_up

JPN = Language("jpn")
EVERY = LanguageLabelRules(scope="all")
ANY = LanguageLabelRules(scope="all", every_file=False)
TARGETS = LanguageLabelRules(scope="targets")


def rules(*targets: str, **options) -> Rules:
    found = [normalise(target) for target in targets or ("eng",)]
    return Rules(targets=tuple(one for one in found if one), **options)


def facts(*audio: str | None, subtitles: tuple[str, ...] = (), forced: bool = False) -> Facts:
    tracks = [_track("audio", index, code) for index, code in enumerate(audio)]
    tracks += [_track("text", index, code, forced=forced) for index, code in enumerate(subtitles)]
    return Facts(tuple(tracks), engine="header")


def _track(kind, index: int, code: str | None, **flags) -> Track:
    language, _, region = (code or "").partition("-")
    return Track(kind, index, language or None, region or None, **flags)


def labels_of(files: list[Facts], wanted: LanguageLabelRules, what: Rules | None = None, original=JPN):
    """The labels of a series with these files in one season."""
    what = what or rules()
    heard = [Heard(decide_file(one, what, original), one) for one in files]
    season = SeasonInput(1, tuple(FileInput(str(n), one.decision) for n, one in enumerate(heard)))
    return language_labels(heard, roll_up([season], what).verdict, what.targets, wanted)


def told(found):
    return {label: Phrase.of(reason) for label, reason in found.items()}


def test_each_language_that_every_file_holds_has_a_label_with_its_reason():
    found = labels_of([facts("jpn", "eng"), facts("jpn", "eng", "deu")], EVERY)
    assert told(found) == {
        "audio-en": "English is heard in all 2 files.",
        "audio-ja": "Japanese is heard in all 2 files.",
    }


def test_a_language_that_a_title_alone_names_has_a_label():
    titled = Facts((_track("audio", 0, None, title="English Dub"),), engine="header")
    assert set(labels_of([titled], EVERY)) == {"audio-en"}


def test_any_file_is_enough_where_the_owner_says_so():
    found = labels_of([facts("jpn", "eng"), facts("jpn", "eng", "deu")], ANY)
    assert set(found) == {"audio-de", "audio-en", "audio-ja"}
    assert told(found)["audio-de"] == "German is heard in 1 of 2 files."


def test_only_targets_have_labels_where_no_others_are_asked_for():
    assert set(labels_of([facts("jpn", "eng", "deu")], TARGETS)) == {"audio-en"}


def test_a_target_is_named_as_its_owner_named_it_and_others_lose_their_region():
    found = labels_of([facts("por-br", "fra-ca")], EVERY, rules("pt-BR"))
    assert set(found) == {"audio-pt-br", "audio-fr"}
    assert set(labels_of([facts("por-br")], EVERY, rules("pt"))) == {"audio-pt"}


def test_the_pattern_makes_the_label():
    wanted = LanguageLabelRules(scope="all", pattern="{language}-dub")
    assert set(labels_of([facts("eng")], wanted)) == {"en-dub"}


def test_commentary_and_speechless_tracks_earn_no_label():
    commentary = Facts((_track("audio", 0, "jpn"), _track("audio", 1, "eng", commentary=True)))
    assert set(labels_of([commentary], EVERY)) == {"audio-ja"}
    assert labels_of([facts("zxx")], EVERY) == {}


def test_a_track_that_is_only_taken_as_the_original_earns_no_label_by_itself():
    assert set(labels_of([facts(None, "eng")], EVERY)) == {"audio-en"}
    # ... but it does not take the label from a series whose other files name the language.
    assert set(labels_of([facts(None), facts("jpn")], EVERY)) == {"audio-ja"}


def test_a_file_whose_language_is_unknown_may_lack_a_target():
    assert labels_of([facts("eng"), facts(None)], TARGETS) == {}


def test_unknown_audio_is_for_media_that_were_read_and_name_no_language_at_all():
    wanted = LanguageLabelRules(unknown_audio="unknown-audio")
    assert told(labels_of([facts(None), facts(None, None)], wanted)) == {
        "unknown-audio": "No audio track of 2 files names a language."
    }
    assert labels_of([facts(None), facts("jpn")], wanted) == {}
    assert labels_of([facts(None)], wanted, rules(undetermined="ignore")) != {}


@pytest.mark.parametrize("files", [[], [facts()], [facts(subtitles=("eng",))]])
def test_where_no_audio_was_read_nothing_is_known(files):
    assert labels_of(files, LanguageLabelRules(scope="all", unknown_audio="unknown-audio")) is None


def test_sub_only_is_for_originals_with_whole_subtitles_in_a_language_that_is_missing():
    wanted = LanguageLabelRules(sub_only="sub-only")
    with_subtitles = facts("jpn", subtitles=("fra", "eng"))
    assert told(labels_of([with_subtitles], wanted)) == {
        "sub-only": "Not dubbed, with subtitles in English in the file."
    }
    assert labels_of([facts("jpn", subtitles=("fra",))], wanted) == {}
    assert labels_of([facts("jpn", subtitles=("eng",), forced=True)], wanted) == {}
    assert labels_of([facts("jpn", "eng", subtitles=("eng",))], wanted) == {}
    assert labels_of([with_subtitles, facts("jpn")], wanted) == {}
    some = LanguageLabelRules(sub_only="sub-only", every_file=False)
    assert told(labels_of([with_subtitles, facts("jpn")], some)) == {
        "sub-only": "Not dubbed, with subtitles in English in 1 of 2 files."
    }


def test_an_original_that_is_wanted_as_it_is_lacks_no_dub():
    wanted = LanguageLabelRules(sub_only="sub-only")
    native = rules("jpn", native_titles="original")
    assert labels_of([facts("jpn", subtitles=("jpn",))], wanted, native) == {}


def test_a_label_that_means_something_else_is_never_given():
    wanted = LanguageLabelRules(scope="all", pattern="{language}", reserved=frozenset({"en"}))
    assert set(labels_of([facts("jpn", "eng")], wanted)) == {"ja"}


def test_short_codes_have_two_letters_where_there_are_two():
    codes = [short_code(one) for name in ("Japanese", "pt-BR", "es-419", "yue") if (one := normalise(name))]
    assert codes == ["ja", "pt-br", "es-419", "yue"]


codes = st.sampled_from(["jpn", "eng", "deu", "por-br", "por", "cmn", "zxx", "qaa", "und", None])
audio = st.lists(codes, max_size=4)
files_of = st.lists(st.builds(lambda one: facts(*one), audio), max_size=4)
wanted_rules = st.builds(
    LanguageLabelRules,
    scope=st.sampled_from(["off", "targets", "all"]),
    every_file=st.booleans(),
    sub_only=st.sampled_from(["", "sub-only"]),
    unknown_audio=st.sampled_from(["", "unknown-audio"]),
)
owners = st.builds(
    lambda targets, undetermined: rules(*targets, undetermined=undetermined),
    st.lists(st.sampled_from(["eng", "deu", "por-br", "jpn"]), min_size=1, max_size=2, unique=True),
    st.sampled_from(["original", "ignore"]),
)


@given(files=files_of, wanted=wanted_rules, owner=owners, original=st.sampled_from([JPN, None]))
def test_every_label_is_one_that_the_apps_take(files, wanted, owner, original):
    for label, reason in told(labels_of(files, wanted, owner, original) or {}).items():
        assert re.fullmatch(r"[a-z0-9-]{1,50}", label)
        assert reason.endswith(".")


@given(files=files_of, owner=owners)
def test_what_every_file_holds_some_file_holds_and_targets_are_among_all(files, owner):
    every, some = labels_of(files, EVERY, owner), labels_of(files, ANY, owner)
    targets = labels_of(files, TARGETS, owner)
    assert set(every or ()) <= set(some or ())
    assert set(targets or ()) <= set(every or ())


@given(files=files_of, wanted=wanted_rules, owner=owners)
def test_unknown_audio_never_stands_beside_a_language(files, wanted, owner):
    found = labels_of(files, wanted, owner) or {}
    if "unknown-audio" in found:
        assert set(found) <= {"unknown-audio", "sub-only"}


@given(files=files_of, wanted=wanted_rules, owner=owners)
def test_the_order_of_files_makes_no_difference(files, wanted, owner):
    assert set(labels_of(files, wanted, owner) or ()) == set(labels_of(files[::-1], wanted, owner) or ())


labels = st.frozensets(st.sampled_from(["dub", "semi-dub", "audio-en", "audio-ja", "sub-only", "4k"]))


@given(
    tags=labels, managed=labels, of_languages=labels, verdict=st.none() | labels, languages=st.none() | labels
)
def test_verdict_and_languages_are_reconciled_each_by_itself(tags, managed, of_languages, verdict, languages):
    ours = Labels(managed | of_languages, of_languages=of_languages)
    change = change_to(tags, Desired(verdict, languages), ours)
    after = (tags | change.add) - change.remove
    assert (verdict or frozenset()) | (languages or frozenset()) <= after
    assert after - ours.managed <= tags | change.add
    if verdict is None:
        assert not change.remove & (ours.managed - of_languages)
    if languages is None:
        assert not change.remove & of_languages
    assert not change_to(after, Desired(verdict, languages), ours)
