"""The tables of MP4 and QuickTime: language codes, codecs, roles, and names that are no titles."""

from __future__ import annotations

from scanner.probe.roles import (
    COMMENTARY,
    DESCRIPTION,
    DUB,
    FORCED,
    HARD_OF_HEARING,
    Role,
)

# QuickTime File Format, "Language code values": the code, below 0x400, is an index; "-" is no language.
MACINTOSH_LANGUAGES = (
    "eng fra deu ita nld swe spa dan por nor heb jpn ara fin ell isl mlt tur hrv zho urd hin tha kor "
    "lit pol hun est lav sme fao fas rus zho nld gle sqi ron ces slk slv yid srp mkd bul ukr bel uzb "
    "kaz aze aze hye kat ron kir tgk tuk mon mon pus kur kas snd bod nep san mar ben asm guj pan ori "
    "mal kan tam tel sin mya khm lao vie ind tgl msa msa amh tir orm som swa kin run nya mlg epo"
    + " -" * 33
    + " cym eus cat lat que grn aym tat uig dzo jav sun glg afr bre iku gla glv gle ton grc kal aze"
).split()

# Sample entries of audio and of subtitles.
CODECS: dict[bytes, str] = {
    b".mp3": "MP3",
    b"Opus": "Opus",
    b"ac-3": "AC-3",
    b"ac-4": "AC-4",
    b"alac": "ALAC",
    b"dtsc": "DTS",
    b"dtse": "DTS",
    b"dtsh": "DTS",
    b"dtsl": "DTS",
    b"ec-3": "E-AC-3",
    b"fLaC": "FLAC",
    b"in24": "PCM",
    b"ipcm": "PCM",
    b"lpcm": "PCM",
    b"mlpa": "TrueHD",
    b"sowt": "PCM",
    b"twos": "PCM",
    b"c608": "EIA-608",
    b"c708": "EIA-708",
    b"mp4s": "VobSub",
    b"stpp": "TTML",
    b"text": "Timed Text",
    b"tx3g": "Timed Text",
    b"wvtt": "WebVTT",
}

# Object types of an ES descriptor (ISO/IEC 14496-1 and the registry of mp4ra.org).
OBJECT_TYPES: dict[int, str] = {
    0x40: "AAC",
    0x66: "AAC",
    0x67: "AAC",
    0x68: "AAC",
    0x69: "MP3",
    0x6B: "MP3",
    0xA5: "AC-3",
    0xA6: "E-AC-3",
    0xA9: "DTS",
    0xAA: "DTS",
    0xAB: "DTS",
    0xAC: "DTS",
    0xAD: "Opus",
    0xDD: "Vorbis",
    0xE0: "VobSub",
}


_DASH = "urn:mpeg:dash:role:2011"
_HTML = "about:html-kind"
_TVA = "urn:tva:metadata:cs:AudioPurposeCS:2007"

# Scheme and value of a `kind` box. DASH: ISO/IEC 23009-1, 5.8.5.5; HTML: the kinds of audio and text tracks;
# TVA: the audio purposes of TV-Anytime, as DVB uses them in DASH. "main" says nothing of the language.
KINDS: dict[tuple[str, str], Role] = {
    (_DASH, "caption"): HARD_OF_HEARING,
    (_DASH, "commentary"): COMMENTARY,
    (_DASH, "description"): DESCRIPTION,
    (_DASH, "dub"): DUB,
    (_DASH, "enhanced-audio-intelligibility"): HARD_OF_HEARING,
    (_DASH, "forced-subtitle"): FORCED,
    (_DASH, "forced_subtitle"): FORCED,
    (_HTML, "captions"): HARD_OF_HEARING,
    (_HTML, "commentary"): COMMENTARY,
    (_HTML, "descriptions"): DESCRIPTION,
    (_HTML, "main-desc"): DESCRIPTION,
    (_HTML, "translation"): DUB,
    (_TVA, "1"): DESCRIPTION,
    (_TVA, "2"): HARD_OF_HEARING,
    (_TVA, "3"): COMMENTARY,
    (_TVA, "4"): COMMENTARY,
}

# Media characteristics in QuickTime's `tagc` boxes.
CHARACTERISTICS: dict[str, Role] = {
    "public.accessibility.describes-music-and-sound": HARD_OF_HEARING,
    "public.accessibility.describes-video": DESCRIPTION,
    "public.accessibility.enhances-speech-intelligibility": HARD_OF_HEARING,
    "public.accessibility.transcribes-spoken-dialog": HARD_OF_HEARING,
    "public.original-content": Role(original=True),
    "public.subtitles.forced-only": FORCED,
    "public.translation": DUB,
    "public.translation.dubbed": DUB,
    "public.translation.voice-over": DUB,
}
