"""What ffprobe and mkvmerge say of a file, in the terms of a `Track`."""

import json
import shutil
import subprocess

from scanner.probe.naming import clean, track_language
from scanner.probe.tracks import Track

TOOLS = ("ffmpeg", "ffprobe", "mkvmerge", "mkvpropedit")
MISSING = [tool for tool in TOOLS if not shutil.which(tool)]

FFPROBE_CODECS = {
    "aac": "AAC",
    "ac3": "AC-3",
    "alac": "ALAC",
    "ass": "ASS",
    "dts": "DTS",
    "eac3": "E-AC-3",
    "flac": "FLAC",
    "hdmv_pgs_subtitle": "PGS",
    "mov_text": "Timed Text",
    "mp3": "MP3",
    "opus": "Opus",
    "pcm_s16le": "PCM",
    "pcm_s16be": "PCM",
    "subrip": "SubRip",
    "truehd": "TrueHD",
    "vorbis": "Vorbis",
    "webvtt": "WebVTT",
}
MKVMERGE_CODECS = {
    "SubRip/SRT": "SubRip",
    "SubStationAlpha": "ASS",
    "HDMV PGS": "PGS",
    "D_WEBVTT/SUBTITLES": "WebVTT",
    "Timed Text": "Timed Text",
    "WebVTT": "WebVTT",
}
KINDS = {"audio": "audio", "subtitle": "text", "subtitles": "text"}


def answer(command):
    """The JSON that a program prints."""
    output = subprocess.run(command, capture_output=True, check=False).stdout
    return json.loads(output or b"{}")


def numbered(found):
    counts = {"audio": 0, "text": 0}
    tracks = []
    for kind, fields in found:
        tracks.append(Track(kind=kind, index=counts[kind], **fields))
        counts[kind] += 1
    return tuple(tracks)


def ffprobe(path):
    """The tracks as ffprobe sees them."""
    command = ["ffprobe", "-v", "quiet", "-show_streams", "-show_format", "-of", "json", str(path)]
    told = answer(command)
    mp4 = "mp4" in told.get("format", {}).get("format_name", "")
    return numbered(
        (KINDS[stream["codec_type"]], ffprobe_fields(stream, mp4=mp4))
        for stream in told.get("streams", ())
        if stream.get("codec_type") in KINDS
    )


def ffprobe_fields(stream, *, mp4):
    tags = {name.lower(): text for name, text in stream.get("tags", {}).items()}
    disposition = stream["disposition"]
    language, region = track_language(tags.get("language"))
    codec = stream.get("codec_name", "")
    describes = "visual_impaired" if stream["codec_type"] == "audio" else "descriptions"
    return {
        "language": language,
        "region": region,
        "title": clean(tags.get("title", "")),
        "default": bool(disposition["default"]),
        "forced": bool(disposition["forced"]),
        "commentary": bool(disposition["comment"]),
        "descriptive": bool(disposition[describes]),
        "original": True if disposition["original"] else False if disposition["dub"] else None,
        "codec": FFPROBE_CODECS.get(codec, codec),
        "channels": stream.get("channels", 0),
        "hearing_impaired": bool(disposition["hearing_impaired"]),
        # In MP4 "default" is the flag "enabled"; that of Matroska ffprobe does not tell.
        "enabled": not mp4 or bool(disposition["default"]),
    }


def mkvmerge(path):
    """The tracks as mkvmerge sees them."""
    found = answer(["mkvmerge", "--identify", "--identification-format", "json", str(path)]).get("tracks", ())
    return numbered(
        (KINDS[track["type"]], mkvmerge_fields(track)) for track in found if track["type"] in KINDS
    )


def mkvmerge_fields(track):
    told = track["properties"]
    language, region = track_language(told.get("language_ietf") or told.get("language"))
    describes = "flag_visual_impaired" if track["type"] == "audio" else "flag_text_descriptions"
    return {
        "language": language,
        "region": region,
        "title": clean(told.get("track_name", "")),
        "default": told.get("default_track", False),
        "forced": told.get("forced_track", False),
        "commentary": told.get("flag_commentary", False),
        "descriptive": told.get(describes, False),
        "original": told.get("flag_original"),
        "codec": MKVMERGE_CODECS.get(track["codec"], track["codec"]),
        "channels": told.get("audio_channels", 0),
        "hearing_impaired": told.get("flag_hearing_impaired", False),
        "enabled": told.get("enabled_track", True),
    }
