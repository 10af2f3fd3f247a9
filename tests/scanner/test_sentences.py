"""Why a verdict is what it is, in other languages than English."""

import pytest
from django.utils import translation

from core import words
from library.models import Media
from scanner.languages.codes import require
from scanner.models import Policy, ScanState
from scanner.probe.tracks import Facts, Track
from scanner.verdict.file import Rules, decide_file
from scanner.verdict.rollup import FileInput, SeasonInput, roll_up
from scanner.verdict.sentences import file_sentence, media_sentence, verdict_changed, why_dropped

ENGLISH, JAPANESE = require("eng"), require("jpn")
RULES = Rules(targets=(ENGLISH,))


def facts(*codes, title=""):
    return Facts(
        engine="test",
        tracks=tuple(
            Track(kind="audio", index=number, language=code, title=title) for number, code in enumerate(codes)
        ),
    )


def german(reason):
    with translation.override("de"):
        return file_sentence(reason).told


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["eng"], "Die Datei enthält alles Gewünschte: Englisch."),
        (["jpn"], "Die Datei enthält nur Japanisch, es fehlt Englisch."),
        (["deu", "fra"], "Die Datei enthält Deutsch und Französisch, weder gewünscht noch das Original,"),
        ([], "Die Datei hat keine Tonspur."),
        ([None, "eng"], " Tonspur 1 nennt keine Sprache und gilt als Japanisch."),
    ],
)
def test_a_file_is_explained_in_the_language_of_the_page(codes, told):
    decided = decide_file(facts(*codes), RULES, JAPANESE)

    assert told in german(decided.to_json())


def test_a_file_of_commentaries_is_explained():
    commentary = Facts(engine="test", tracks=(Track(kind="audio", index=0, language="eng", commentary=True),))
    decided = decide_file(commentary, RULES, JAPANESE)

    assert german(decided.to_json()) == "Jede Tonspur ist ein Kommentar oder eine Audiodeskription."


def media_of(*files, rules=RULES):
    decided = [decide_file(facts(*codes), rules, JAPANESE) for codes in files]
    season = SeasonInput(1, tuple(FileInput(f"S01E0{n}", one) for n, one in enumerate(decided, 1)))
    reason = roll_up([season], rules).reason
    policy = Policy(target_languages=[str(language) for language in rules.targets])
    return ScanState(media=Media(), verdict_reason=reason, policy_override=policy).media


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([["eng"], ["eng", "jpn"]], "Alle 2 Dateien enthalten Englisch."),
        ([["eng"], ["jpn"]], "1 von 2 Dateien fehlt Englisch: S01E02."),
        ([["deu"], ["eng"]], "1 von 2 Dateien enthält Deutsch, weder gewünscht noch das Original: S01E01."),
        ([["jpn"], ["jpn"]], "Keine von 2 Dateien ist synchronisiert: Englisch fehlt."),
        ([["deu"]], "Die Datei enthält Deutsch, weder gewünscht noch das Original, und es fehlt Englisch."),
        ([["jpn"]], "Die Datei enthält nur Japanisch, es fehlt Englisch."),
        (
            [["eng"], []],
            "Die Datei enthält alles Gewünschte: Englisch. 1 Datei konnte nicht beurteilt werden.",
        ),
        ([[], []], "Keine von 2 Dateien konnte beurteilt werden. Die erste: Die Datei hat keine Tonspur."),
        ([], "Es gibt keine Datei zu beurteilen."),
        ([["deu"]] * 5, "S01E01, S01E02, S01E03 und 2 weitere."),
    ],
)
def test_a_media_is_explained_in_the_language_of_the_page(files, told):
    media = media_of(*files)

    with translation.override("de"):
        assert told in words.told(media_sentence(media))


@pytest.mark.parametrize(
    ("codes", "undetermined", "english", "told"),
    [
        (
            ["qtz", "eng"],
            "original",
            " Audio track 1 is in “qtz”, not a known language, and is taken as Japanese.",
            " Tonspur 1 ist in „qtz“, keiner bekannten Sprache, und gilt als Japanisch.",
        ),
        (
            ["mul"],
            "original",
            " Audio track 1 holds several languages and is taken as Japanese.",
            " Tonspur 1 enthält mehrere Sprachen und gilt als Japanisch.",
        ),
        (
            ["qtz", None, "xx"],
            "ignore",
            "No audio track that counts names a known language: qtz, xx.",
            "Keine Tonspur, die zählt, nennt eine bekannte Sprache: qtz, xx.",
        ),
    ],
)
def test_a_code_that_is_no_language_is_told_as_the_file_has_it(codes, undetermined, english, told):
    decided = decide_file(facts(*codes), Rules((ENGLISH,), undetermined=undetermined), JAPANESE)

    assert file_sentence(decided.to_json()).endswith(english)
    assert german(decided.to_json()).endswith(told)


@pytest.mark.parametrize(
    ("track", "english", "told"),
    [
        (
            {"language": "qtz"},
            "Audio track 2 does not count: its code is “qtz”, which is not a known language.",
            "Tonspur 2 zählt nicht: ihr Code ist „qtz“, und das ist keine bekannte Sprache.",
        ),
        (
            {"language": "mul"},
            "Audio track 2 does not count: it holds several languages, and does not say which.",
            "Tonspur 2 zählt nicht: sie enthält mehrere Sprachen und sagt nicht, welche.",
        ),
        (
            {"language": "eng", "title": "Isolated Score"},
            "Audio track 2 “Isolated Score” does not count: its title says that it holds music alone.",
            "Tonspur 2 „Isolated Score“ zählt nicht: ihr Titel sagt, dass sie nur Musik enthält.",
        ),
    ],
)
def test_a_track_that_does_not_count_says_why(track, english, told):
    tracks = (Track("audio", 0, "jpn"), Track("audio", 1, **track))
    (dropped,) = decide_file(Facts(tracks), RULES, JAPANESE).dropped

    with translation.override("de"):
        assert why_dropped(dropped).told == told


def test_what_is_left_out_is_told_where_nothing_else_is():
    special = SeasonInput(0, (FileInput("S00E01", decide_file(facts("eng"), RULES, JAPANESE)),))
    policy, reason = Policy(target_languages=["eng"]), roll_up([special], RULES).reason
    media = ScanState(media=Media(), verdict_reason=reason, policy_override=policy).media

    with translation.override("de"):
        assert words.told(media_sentence(media)) == "Keine Datei zählt: 1 unter den Specials."


def test_a_media_in_its_native_language_is_explained():
    media = media_of(["jpn"], ["jpn"], rules=Rules(targets=(JAPANESE,), native_titles="original"))

    with translation.override("de"):
        assert words.told(media_sentence(media)) == (
            "Alle 2 Dateien enthalten Japanisch, Original und gewünschte Sprache."
        )


def test_what_is_not_scanned_has_no_sentence():
    with translation.override("de"):
        assert media_sentence(ScanState(media=Media()).media) == ""


@pytest.mark.parametrize(
    ("before", "german"),
    [
        ("unknown", "Lantern: Teil-Dub. 1 von 2 Dateien fehlt Englisch: S01E02."),
        ("dub", "Lantern: Dub → Teil-Dub. 1 von 2 Dateien fehlt Englisch: S01E02."),
    ],
)
def test_history_tells_a_changed_verdict_in_the_language_of_the_page(before, german):
    media = media_of(["eng"], ["jpn"])
    media.title, media.scan_state.verdict = "Lantern", before
    sentence = verdict_changed(media, "semi-dub", media.scan_state.verdict_reason)

    assert sentence.endswith("Semi-dub. 1 of 2 files lacks English: S01E02.")
    with translation.override("de"):
        assert sentence.told == german
