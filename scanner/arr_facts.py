"""Facts from what the app says of a file, for files that are not mounted here."""

from __future__ import annotations

from library.models import File

from .facts import Facts, Track
from .languages import normalise
from .sources import Source


def arr_facts(file: File) -> Facts:
    """Return the facts in `mediaInfo.audioLanguages` ("jpn/eng") of an episode file or movie file.

    Sonarr and Radarr may leave out tracks without a language: where the file has more audio streams than the
    list names, the facts are partial. They give no titles and no flags, so that commentary cannot be told.
    """
    codes = [code.strip() for code in file.arr_languages.split("/") if code.strip()]
    tracks = []
    for index, code in enumerate(codes):
        language = normalise(code)
        tracks.append(
            Track(
                kind="audio",
                index=index,
                language=language.base if language else "und",
                region=language.region if language else None,
            )
        )
    partial = file.arr_audio_streams > len(codes)
    note = "From the app: commentary cannot be told."
    return Facts(tracks=tuple(tracks), engine=Source.ARR, partial=partial, note=note)
