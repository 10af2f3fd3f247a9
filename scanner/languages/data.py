"""Tables about languages that pycountry lacks: names, old codes, macrolanguages, regions."""

from __future__ import annotations

PREFERRED_NAMES = {
    "ckb": "Central Kurdish",
    "cmn": "Mandarin",
    "ell": "Greek",
    "fas": "Persian",
    "fry": "Frisian",
    "hat": "Haitian Creole",
    "him": "Himachali languages",
    "iii": "Nuosu",
    "ina": "Interlingua",
    "kal": "Greenlandic",
    "kir": "Kyrgyz",
    "lim": "Limburgish",
    "msa": "Malay",
    "nep": "Nepali",
    "oci": "Occitan",
    "ori": "Odia",
    "pan": "Punjabi",
    "pus": "Pashto",
    "qaa": "Original",
    "qad": "Audio description",
    "sgn": "Sign languages",
    "swa": "Swahili",
    "ton": "Tongan",
    "uig": "Uyghur",
    "yue": "Cantonese",
    "zxx": "No speech",
    "por-br": "Portuguese (Brazil)",
    "spa-419": "Spanish (Latino)",
    "nld-be": "Flemish",
}
"""How a language is called where ISO 639-3 has a longer or rarer name, or none, by canonical code.

`him` is a collective of ISO 639-2 that ISO 639-5 lacks.
"""

ALIASES = {
    "American English": "eng-us",
    "Azeri": "aze",
    "Berber": "ber",
    "Bihari": "bih",
    "Bangla": "ben",
    "Bokmal": "nob",
    "Brazilian": "por-br",
    "Brazilian Portuguese": "por-br",
    "British English": "eng-gb",
    "Canadian French": "fra-ca",
    "Castilian": "spa-es",
    "Castilian Spanish": "spa-es",
    "Chinese (Cantonese)": "yue",
    "Chinese (Mandarin)": "cmn",
    "Dari": "prs",
    "European Portuguese": "por-pt",
    "European Spanish": "spa-es",
    "Farsi": "fas",
    "French Canadian": "fra-ca",
    "Frisian": "fry",
    "Gaelic": "gla",
    "Irish Gaelic": "gle",
    "Iranian Persian": "pes",
    "Latin American Spanish": "spa-419",
    "Latin Spanish": "spa-419",
    "Modern Greek": "ell",
    "Moldavian": "ron",
    "Moldovan": "ron",
    "Myanmar": "mya",
    "Nahuatl": "nah",
    "Norwegian (Bokmal)": "nob",
    "Norwegian (Nynorsk)": "nno",
    "Nynorsk": "nno",
    "Quebec French": "fra-ca",
    "Sami": "smi",
    "Sign language": "sgn",
    "Silent": "zxx",
    "Simplified Chinese": "zho",
    "Sinhalese": "sin",
    "Slovene": "slv",
    "Sorbian": "wen",
    "Taiwanese": "nan",
    "Traditional Chinese": "zho",
    "Valencian": "cat",
}
"""Further English names, with the canonical code of what they mean."""

OLD_CODES = {
    "in": "ind",
    "iw": "heb",
    "ji": "yid",
    "jw": "jav",
    "mo": "ron",
    "mol": "ron",
    "scc": "srp",
    "scr": "hrv",
}
"""Withdrawn codes that older muxers wrote (ISO 639-1 and 639-2 change notices), with today's code."""

WHOLE_TAGS = {
    "i-hak": "hak",
    "i-klingon": "tlh",
    "i-lux": "ltz",
    "i-navajo": "nav",
    "no-bok": "nob",
    "no-nyn": "nno",
    "pb": "por-br",
    "pob": "por-br",
    "ptbr": "por-br",
    "zh-guoyu": "cmn",
    "zh-hakka": "hak",
    "zh-min-nan": "nan",
    "zh-xiang": "hsn",
    "zhtw": "zho-tw",
}
"""Tags that name a language only as a whole.

The grandfathered ones stand in the IANA registry (RFC 5646, section 2.2.8); `pb` and `pob` are codes of
OpenSubtitles, and `zhtw` is one that Sonarr reads.
"""

NO_LANGUAGE = frozenset({"und", "mis", "mul", "any", "unk"})
"""Codes that name no single language.

`any` is a wish in Radarr's profiles (in ISO 639-3, Anyin), `unk` what some software writes for unknown (there
Enawene Nawe, of a few hundred people).
"""

_MEMBERS = {
    "aka": "fat twi",
    "ara": "aao abh abv acm acq acw acx acy adf aeb aec afb ajp apc apd arb arq ars ary arz auz avl ayh ayl "
    "ayn ayp pga shu ssh",
    "aym": "ayc ayr",
    "aze": "azb azj",
    "bal": "bcc bgn bgp",
    "bik": "bcl bln bto cts fbl lbl rbl ubl",
    "cre": "crj crk crl crm csw cwd",
    "doi": "dgo xnr",
    "est": "ekk vro",
    "fas": "pes prs",
    "ful": "ffm fub fuc fue fuf fuh fui fuq fuv",
    "grn": "gnw gug gui gun nhd",
    "hbs": "bos cnr hrv srp",
    "iku": "ike ikt",
    "ipk": "esi esk",
    "kau": "kby knc krt",
    "kok": "gom knn",
    "kom": "koi kpv",
    "kon": "kng kwy ldi",
    "kur": "ckb kmr sdh",
    "lah": "hnd hno jat phr pnb skr xhe",
    "lav": "ltg lvs",
    "mlg": "bhr bmm bzc msh plt skg tdx tkg txy xmv xmw",
    "mon": "khk mvf",
    "msa": "kxd meo mfa zlm zsm",
    "nep": "dty npi",
    "nor": "nno nob",
    "oji": "ciw ojb ojc ojg ojs ojw otw",
    "ori": "ory spv",
    "orm": "gax gaz hae orc",
    "pus": "pbt pbu pst",
    "que": "qub qud quf qug quh quk qul qup qur qus quw qux quy quz qva qvc qve qvh qvi qvj qvl qvm qvn qvo "
    "qvp qvs qvw qvz qwa qwc qwh qws qxa qxc qxh qxl qxn qxo qxp qxr qxt qxu qxw",
    "raj": "bgq gda gju hoj mup wbr",
    "rom": "rmc rmf rml rmn rmo rmw rmy",
    "sqi": "aae aat aln als",
    "srd": "sdc sdn src sro",
    "swa": "swc swh",
    "syr": "aii cld",
    "tgl": "fil",
    "uzb": "uzn uzs",
    "yid": "ydd yih",
    "zha": "zch zeh zgb zgm zgn zhd zhn zlj zln zlq zqe zyb zyg zyj zyn zzj",
    "zho": "cdo cjy cmn cnp cpx csp czh czo gan hak hsn lzh mnp nan wuu yue",
    "zza": "diq kiu",
}

# Groups whose languages long had no code but the group's, and whose speakers go by its name. Of wider groups
# (Slavic, Bantu, sign languages …) nothing follows for one language.
_MEMBERS |= {
    "ber": "auj cnu gha gho grr jbn kab mzb oua rif sds shi shy siz sjs swn taq tez thv thz tia tmh ttq tzm "
    "zen zgh",
    "bih": "anp bho mag mai",
    "nah": "azd azn azz naz nch nci ncj ncl ncx ngu nhc nhe nhg nhi nhk nhm nhn nhp nhq nht nhv nhw nhx nhy "
    "nhz nlv npl nsu nuz ppl",
    "smi": "sia sjd sje sjk sjt sju sma sme smj smn sms",
    "wen": "dsb hsb",
}

MACROLANGUAGE = {member: macro for macro, members in _MEMBERS.items() for member in members.split()}
"""Member -> macrolanguage, after the ISO 639-3 table, for the macrolanguages that dubs are made in.

Two rows differ from ISO on purpose: Indonesian (and the other languages that ISO puts under `msa` and nobody
calls Malay) is left out, and Filipino, the standard form of Tagalog, stands under it: files use both codes.
"""

SPOKEN_THERE = {"zho-cn": "cmn", "zho-hk": "yue", "zho-mo": "yue", "zho-sg": "cmn", "zho-tw": "cmn"}
"""Which member a macrolanguage with a region means: "Chinese" of Taiwan is a dub in Mandarin."""

LATIN_AMERICA_CODE = "419"

_CARIBBEAN = "ag ai aw bb bl bq bs cu cw dm do gd gp ht jm kn ky lc mf mq ms pr sx tc tt vc vg vi"
_CENTRAL_AMERICA = "bz cr gt hn mx ni pa sv"
_SOUTH_AMERICA = "ar bo br bv cl co ec fk gf gs gy pe py sr uy ve"

LATIN_AMERICA = frozenset(f"{_CARIBBEAN} {_CENTRAL_AMERICA} {_SOUTH_AMERICA}".split())
"""What UN M.49 puts into its region 419."""

LATIN_AMERICAN_ABROAD = frozenset({"spa-us"})
"""What is spoken elsewhere and belongs there all the same: the CLDR derives es-US from es-419."""

REGION_ALIASES = {
    "american": "us",
    "brasil": "br",
    "brazilian": "br",
    "british": "gb",
    "canadian": "ca",
    "castilian": "es",
    "europe": "",
    "latin america": LATIN_AMERICA_CODE,
    "latin american": LATIN_AMERICA_CODE,
    "latinoamerica": LATIN_AMERICA_CODE,
    "latino": LATIN_AMERICA_CODE,
    "quebec": "ca",
    "uk": "gb",
    "usa": "us",
    "cyrillic": "",
    "latin": "",
    "simplified": "",
    "traditional": "",
}
"""What may stand behind a language's name; what is empty there (a script, a continent) says nothing."""

CHOICE_EXTRAS = (
    "cmn",
    "eng-gb",
    "eng-us",
    "fil",
    "fra-ca",
    "gsw",
    "nld-be",
    "por-br",
    "por-pt",
    "spa-419",
    "spa-es",
    "spa-mx",
    "yue",
)
"""Canonical codes that are offered beside the languages of ISO 639-1."""
