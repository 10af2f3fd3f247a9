"""Codes and names of languages, and which of them match."""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from scanner.languages.codes import (
    DESCRIPTION,
    LATIN_AMERICA,
    MACROLANGUAGE,
    NO_SPEECH,
    ORIGINAL,
    Language,
    choices,
    contains,
    display_name,
    matches,
    normalise,
    require,
)

# What Sonarr (June 2026) and Radarr (November 2025) call languages, and the canonical code of each.
APP_LANGUAGES = {
    "Afrikaans": "afr",
    "Albanian": "sqi",
    "Arabic": "ara",
    "Azerbaijani": "aze",
    "Bengali": "ben",
    "Bosnian": "bos",
    "Bulgarian": "bul",
    "Catalan": "cat",
    "Chinese": "zho",
    "Croatian": "hrv",
    "Czech": "ces",
    "Danish": "dan",
    "Dutch": "nld",
    "English": "eng",
    "Estonian": "est",
    "Finnish": "fin",
    "Flemish": "nld-be",
    "French": "fra",
    "Georgian": "kat",
    "German": "deu",
    "Greek": "ell",
    "Hebrew": "heb",
    "Hindi": "hin",
    "Hungarian": "hun",
    "Icelandic": "isl",
    "Indonesian": "ind",
    "Italian": "ita",
    "Japanese": "jpn",
    "Kannada": "kan",
    "Korean": "kor",
    "Latvian": "lav",
    "Lithuanian": "lit",
    "Macedonian": "mkd",
    "Malay": "msa",
    "Malayalam": "mal",
    "Marathi": "mar",
    "Mongolian": "mon",
    "Norwegian": "nor",
    "Original": "qaa",
    "Persian": "fas",
    "Polish": "pol",
    "Portuguese": "por",
    "Portuguese (Brazil)": "por-br",
    "Romanian": "ron",
    "Romansh": "roh",
    "Russian": "rus",
    "Serbian": "srp",
    "Slovak": "slk",
    "Slovenian": "slv",
    "Spanish": "spa",
    "Spanish (Latino)": "spa-419",
    "Swedish": "swe",
    "Swiss German": "gsw",
    "Tagalog": "tgl",
    "Tamil": "tam",
    "Telugu": "tel",
    "Thai": "tha",
    "Turkish": "tur",
    "Ukrainian": "ukr",
    "Urdu": "urd",
    "Uzbek": "uzb",
    "Vietnamese": "vie",
}

CODES = {
    # ISO 639-1, ISO 639-2 (terminological and bibliographic), ISO 639-3, withdrawn codes
    "en": "eng",
    "EN": "eng",
    "eng": "eng",
    "deu": "deu",
    "ger": "deu",
    "fre": "fra",
    "chi": "zho",
    "dut": "nld",
    "cze": "ces",
    "gre": "ell",
    "slo": "slk",
    "rum": "ron",
    "may": "msa",
    "per": "fas",
    "ice": "isl",
    "alb": "sqi",
    "cmn": "cmn",
    "iw": "heb",
    "in": "ind",
    "mo": "ron",
    "scr": "hrv",
    "scc": "srp",
    # BCP 47 and its relatives
    "en-US": "eng-us",
    "pt-BR": "por-br",
    "pt_BR": "por-br",
    "por-br": "por-br",
    "es-419": "spa-419",
    "es-MX": "spa-mx",
    "zh-Hant": "zho",
    "zh-Hant-TW": "zho-tw",
    "zh-CHS": "zho",
    "zh-yue": "yue",
    "zh-cmn-Hans-CN": "cmn-cn",
    "zh-min-nan": "nan",
    "sr-Latn-RS": "srp-rs",
    "de-CH-1996": "deu-ch",
    "ca-valencia": "cat",
    "en-UK": "eng-gb",
    "en-001": "eng",
    "en-XX": "eng",
    "en-x-private": "eng",
    "en-US-u-hc-h12": "eng-us",
    "en_US.UTF-8": "eng-us",
    "sr_RS@latin": "srp-rs",
    "pob": "por-br",
    "zhtw": "zho-tw",
    " en ": "eng",
    # English names
    "english": "eng",
    "ENGLISH": "eng",
    "Modern Greek (1453-)": "ell",
    "Greek, Modern (1453-)": "ell",
    "Norwegian Bokmål": "nob",
    "Norwegian Bokmal": "nob",
    "Mandarin": "cmn",
    "Cantonese": "yue",
    "Chinese (Cantonese)": "yue",
    "Chinese (Simplified)": "zho",
    "Farsi": "fas",
    "Filipino": "fil",
    "Brazilian Portuguese": "por-br",
    "Portuguese (BR)": "por-br",
    "Portuguese - Brazil": "por-br",
    "Spanish (Latin America)": "spa-419",
    "Castilian": "spa-es",
    "English (US)": "eng-us",
    "English (United Kingdom)": "eng-gb",
    "French (Canada)": "fra-ca",
    "Canadian French": "fra-ca",
    # Codes with a meaning of their own
    "zxx": "zxx",
    "qaa": "qaa",
    "qad": "qad",
}

NO_LANGUAGE = [
    None,
    "",
    "   ",
    "und",
    "mis",
    "mul",
    "any",
    "unk",
    "Any",
    "Unknown",
    "Undetermined",
    "xx",
    "xyz",
    "qab",
    "zz",
    "-",
    "en-",
    "En (Vietnam)",
    "Ju",
    "419",
    "en/ja",
    "English / Japanese",
    "Klingonese",
    "English (Atlantis)",
    "日本語",
    "\0",
    "e" * 1000,
]

languages = st.builds(
    Language,
    st.sampled_from(
        [
            "eng",
            "por",
            "spa",
            "zho",
            "cmn",
            "yue",
            "nor",
            "nob",
            "nno",
            "msa",
            "zsm",
            "ind",
            "hbs",
            "srp",
            "hrv",
            "zxx",
        ]
    ),
    st.sampled_from([None, "br", "pt", "mx", "ar", "es", "419", "us", "tw"]),
)


@pytest.mark.parametrize(("name", "code"), APP_LANGUAGES.items())
def test_every_name_of_sonarr_and_radarr_resolves(name, code):
    assert str(normalise(name)) == code


@pytest.mark.parametrize(("text", "code"), CODES.items())
def test_a_code_or_name_becomes_canonical(text, code):
    assert str(normalise(text)) == code


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_what_names_no_language_is_none(text):
    assert normalise(text) is None


def test_every_code_of_iso_639_resolves():
    specials = {"und", "mis", "mul", "any", "unk"}
    for entry in pycountry.languages:
        if entry.alpha_3 in specials:
            continue
        for code in (entry.alpha_3, getattr(entry, "alpha_2", None), getattr(entry, "bibliographic", None)):
            if code:
                assert normalise(code) == Language(entry.alpha_3), code


COLLECTIVE = (
    "afa alg apa art ath aus bad bai bat ber bih bnt btk cai cau cel cmc cpe cpf cpp crp cus day dra fiu gem "
    "him ijo inc ine ira iro kar khi kro map mkh mno mun myn nah nai nic nub oto paa phi pra roa sai sal sem "
    "sgn sio sit sla smi son ssa tai tup tut wak wen ypk znd"
)


@pytest.mark.parametrize("code", COLLECTIVE.split())
def test_every_collective_code_of_iso_639_2_is_a_language_with_a_name(code):
    language = normalise(code)
    assert language == Language(code)
    name = display_name(language)
    assert name != code
    assert normalise(name) == language


@pytest.mark.parametrize(
    ("name", "code"), [("Sami", "smi"), ("Berber", "ber"), ("Nahuatl", "nah"), ("Sign language", "sgn")]
)
def test_a_group_of_languages_has_the_name_that_people_use(name, code):
    assert str(normalise(name)) == code


def test_every_language_of_iso_639_1_resolves_by_its_name():
    for entry in pycountry.languages:
        if hasattr(entry, "alpha_2"):
            assert normalise(entry.name) == Language(entry.alpha_3), entry.name


def test_the_constants_are_what_their_codes_mean():
    assert normalise("Original") == normalise("qaa") == ORIGINAL
    assert normalise("qad") == DESCRIPTION
    assert normalise("zxx") == NO_SPEECH


@given(st.text(max_size=120))
def test_any_text_becomes_a_canonical_language_or_none(text):
    language = normalise(text)
    assert language is None or normalise(str(language)) == language


def test_a_hostile_tag_is_answered_at_once():
    assert normalise("en" + "-a" * 48 + "!") is None


def test_a_language_matches_itself_and_no_other():
    assert matches(Language("eng"), Language("eng"))
    assert not matches(Language("eng"), Language("deu"))
    assert not matches(NO_SPEECH, Language("eng"))


@pytest.mark.parametrize(
    ("macro", "member"),
    [
        ("zho", "cmn"),
        ("zho", "yue"),
        ("nor", "nob"),
        ("nor", "nno"),
        ("msa", "zsm"),
        ("ara", "arz"),
        ("fas", "prs"),
        ("hbs", "srp"),
        ("est", "ekk"),
        ("lav", "lvs"),
        ("tgl", "fil"),
        ("aze", "azj"),
        ("uzb", "uzn"),
        ("sqi", "als"),
    ],
)
def test_a_macrolanguage_matches_its_members_either_way(macro, member):
    assert matches(Language(macro), Language(member))
    assert matches(Language(member), Language(macro))


@pytest.mark.parametrize(("a", "b"), [("cmn", "yue"), ("nob", "nno"), ("srp", "hrv"), ("arz", "arb")])
def test_two_members_of_one_macrolanguage_do_not_match(a, b):
    assert not matches(Language(a), Language(b))


def test_indonesian_is_no_malay():
    assert not matches(Language("msa"), Language("ind"))
    assert not matches(Language("ind"), Language("zsm"))


def test_the_macrolanguage_table_holds_known_codes_and_one_level():
    for member, macro in MACROLANGUAGE.items():
        # ISO 639-3 withdrew South Levantine Arabic in 2023; older files name it.
        assert member == "ajp" or pycountry.languages.get(alpha_3=member), member
        assert pycountry.languages.get(alpha_3=macro) or pycountry.language_families.get(alpha_3=macro), macro
        assert macro not in MACROLANGUAGE


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("por", "por-br", True),
        ("por-br", "por", True),
        ("por-br", "por-br", True),
        ("por-br", "por-pt", False),
        ("spa-419", "spa-mx", True),
        ("spa-ar", "spa-419", True),
        ("spa-419", "spa-es", False),
        ("spa-419", "spa", True),
        ("spa-mx", "spa-ar", False),
        ("zho-tw", "cmn", True),
        ("zho-tw", "cmn-cn", False),
        ("por-419", "por-br", True),
        # Spanish of the United States is Latin American; their English is not.
        ("spa-419", "spa-us", True),
        ("eng-419", "eng-us", False),
        # A region of Chinese says which Chinese is spoken there.
        ("zho-tw", "yue", False),
        ("zho-tw", "cmn-tw", True),
        ("zho-cn", "yue", False),
        ("zho-hk", "yue", True),
        ("zho-hk", "cmn", False),
        ("zho-tw", "zho", True),
        ("zho-tw", "zho-cn", False),
        # A group of languages matches those that go by its name.
        ("smi", "sme", True),
        ("sme", "sma", False),
        ("ber", "kab", True),
        ("nah", "nci", True),
        ("sla", "rus", False),
        ("sla", "sla", True),
    ],
)
def test_regions_match_as_far_as_they_are_told(a, b, expected):
    assert matches(Language(*a.split("-")), Language(*b.split("-"))) is expected


def test_latin_america_holds_every_country_of_it():
    assert {"mx", "ar", "br", "cl", "co", "pe", "ve", "cu", "do", "pr", "uy"} <= LATIN_AMERICA
    assert all(pycountry.countries.get(alpha_2=region.upper()) for region in LATIN_AMERICA)
    assert not {"es", "us", "pt"} & LATIN_AMERICA


@given(languages, languages)
def test_matching_is_symmetric(a, b):
    assert matches(a, b) == matches(b, a)


@given(languages)
def test_matching_is_reflexive(a):
    assert matches(a, a)
    assert contains(a, a)


@given(languages, languages)
def test_what_contains_also_matches(wide, narrow):
    assert matches(wide, narrow) or not contains(wide, narrow)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("por", "por-br", True),
        ("por-br", "por", False),
        ("zho", "cmn", True),
        ("cmn", "zho", False),
        ("spa-419", "spa-mx", True),
        ("spa-419", "spa-us", True),
        ("zho-tw", "yue", False),
        ("zho-tw", "cmn-tw", True),
        ("zho-tw", "cmn", False),
        ("smi", "sme", True),
        ("sme", "smi", False),
        ("spa-mx", "spa-419", False),
        ("spa-419", "spa", False),
        ("spa-419", "spa-es", False),
        ("eng", "deu", False),
    ],
)
def test_a_wide_language_contains_a_narrow_one(wide, narrow, expected):
    assert contains(Language(*wide.split("-")), Language(*narrow.split("-"))) is expected


@pytest.mark.parametrize(
    ("text", "code"), [("German", "deu"), ("ger", "deu"), ("pt-BR", "por-br"), ("zxx", "zxx")]
)
def test_a_person_may_name_a_language_in_any_way(text, code):
    assert str(require(text)) == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Germn", "Taggarr knows no language “Germn”: did you mean German?"),
        ("portugese", "Taggarr knows no language “portugese”: did you mean Portuguese?"),
        ("Brasilian", "Taggarr knows no language “Brasilian”: did you mean Portuguese (Brazil)?"),
        ("qqqq", "Taggarr knows no language “qqqq”: give a name or a code, such as English or eng."),
        (
            "Original",
            "“Original” does not stand for one language: give a name or a code, such as English or eng.",
        ),
        ("qad", "“qad” does not stand for one language: give a name or a code, such as English or eng."),
        ("  ", "The language is missing: give a name or a code, such as English or eng."),
    ],
)
def test_a_wrong_language_is_refused_with_the_nearest_name(text, sentence):
    with pytest.raises(ConfigError) as caught:
        require(text)
    assert str(caught.value) == sentence


def test_a_very_long_wrong_language_is_cut_in_the_message():
    with pytest.raises(ConfigError) as caught:
        require("x" * 10_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("por-br", "Portuguese (Brazil)"),
        ("spa-419", "Spanish (Latino)"),
        ("nld-be", "Flemish"),
        ("ell", "Greek"),
        ("msa", "Malay"),
        ("eng-gb", "English (United Kingdom)"),
        ("kor-kr", "Korean (South Korea)"),
        ("por-419", "Portuguese (Latin America)"),
        ("zxx", "No speech"),
        ("qaa", "Original"),
        ("qad", "Audio description"),
    ],
)
def test_a_language_has_the_name_that_people_use(code, name):
    assert display_name(normalise(code)) == name


def test_a_code_without_a_name_is_shown_as_it_is():
    assert display_name(Language("qqq", "qq")) == "qqq (QQ)"


def test_the_choices_are_sorted_named_once_and_resolve():
    offered = choices()
    names = [name for _, name in offered]
    assert len(set(names)) == len(names) > 180
    assert names == sorted(names, key=str.casefold)
    for code, name in offered:
        assert str(normalise(code)) == code
        assert str(normalise(name)) == code
        assert str(require(name)) == code


def test_the_choices_hold_what_both_apps_offer():
    offered = {code for code, _ in choices()}
    assert set(APP_LANGUAGES.values()) - offered == {"qaa"}
