"""Facts from what the app says of a file, for files that are not mounted here."""

from __future__ import annotations

from library.models import File
from scanner.facts.sources import Source
from scanner.probe.naming import track_language
from scanner.probe.tracks import Facts, Track

MOST_TRACKS = 256
"""More tracks than a file has."""


def arr_facts(file: File) -> Facts:
    """Return the facts in `mediaInfo.audioLanguages` ("jpn/eng") of an episode file or movie file.

    Sonarr and Radarr may leave out tracks without a language: where the file has more audio streams than the
    list names, the facts are partial, and the others stand behind as tracks without a language. So does one
    for a file whose audio they did not look at, of which nobody says that it has none. They give no titles
    and no flags, so that commentary cannot be told.
    """
    codes = [code.strip() for code in file.arr_languages.split("/") if code.strip()]
    streams = min(file.arr_audio_streams, MOST_TRACKS) or 1
    named = (track_language(code) for code in codes)
    tracks = [Track("audio", index, language, region) for index, (language, region) in enumerate(named)]
    tracks += [Track(kind="audio", index=index) for index in range(len(codes), streams)]
    partial = len(tracks) > len(codes)
    note = "From the app: commentary cannot be told."
    return Facts(tracks=tuple(tracks), engine=Source.ARR, partial=partial, note=note)
