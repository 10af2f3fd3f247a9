"""One short name for each codec, whichever engine read it."""

from __future__ import annotations

# (Format, Format_Profile) of MediaInfo; its own name stands for what is not here.
MEDIAINFO_CODECS: dict[tuple[str, str], str] = {
    ("MLP FBA", ""): "TrueHD",
    ("MPEG Audio", "Layer 3"): "MP3",
    ("MPEG Audio", "Layer 2"): "MP2",
    ("MPEG Audio", "Layer 1"): "MP1",
    ("UTF-8", ""): "SubRip",
}

# CodecID of Matroska (https://www.matroska.org/technical/codec_specs.html), whole or up to its first slash.
MATROSKA_CODECS: dict[str, str] = {
    "A_AAC": "AAC",
    "A_AC3": "AC-3",
    "A_ALAC": "ALAC",
    "A_DTS": "DTS",
    "A_EAC3": "E-AC-3",
    "A_FLAC": "FLAC",
    "A_MLP": "MLP",
    "A_MPEG/L1": "MP1",
    "A_MPEG/L2": "MP2",
    "A_MPEG/L3": "MP3",
    "A_OPUS": "Opus",
    "A_PCM": "PCM",
    "A_TRUEHD": "TrueHD",
    "A_TTA1": "TTA",
    "A_VORBIS": "Vorbis",
    "A_WAVPACK4": "WavPack",
    "D_WEBVTT/SUBTITLES": "WebVTT",
    "S_ARIBSUB": "ARIB STD B24/B37",
    "S_DVBSUB": "DVB Subtitle",
    "S_HDMV/PGS": "PGS",
    "S_HDMV/TEXTST": "TextST",
    "S_KATE": "Kate",
    "S_TEXT/ASS": "ASS",
    "S_TEXT/SSA": "SSA",
    "S_TEXT/USF": "USF",
    "S_TEXT/UTF8": "SubRip",
    "S_TEXT/WEBVTT": "WebVTT",
    "S_VOBSUB": "VobSub",
}
