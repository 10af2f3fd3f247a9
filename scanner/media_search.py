"""Finding media by the languages of their files, and by what went wrong with them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import sql
from history.models import Event
from library.models import MEDIA, Media, excluded, included
from scanner.events import ScanEvent
from scanner.languages.codes import matches, normalise, require
from scanner.models import HARMLESS, FileScanState, Verdict

COMBINATIONS = """
    WITH RECURSIVE found AS (
        (SELECT languages FROM scanner_filescanstate ORDER BY languages LIMIT 1)
        UNION ALL
        SELECT (SELECT next.languages FROM scanner_filescanstate AS next
                WHERE next.languages > found.languages ORDER BY next.languages LIMIT 1)
        FROM found WHERE found.languages IS NOT NULL
    )
    SELECT languages FROM found WHERE languages IS NOT NULL
"""
"""From each combination of languages to the next one in the index: SELECT DISTINCT would read all files."""


_LANGUAGES = """
    SELECT file.media_id, code
    FROM library_file AS file JOIN scanner_filescanstate AS state ON state.file_id = file.id AND state.counted
    CROSS JOIN unnest(state.languages) AS code
    WHERE file.media_id = ANY (%s) GROUP BY file.media_id, code ORDER BY count(*) DESC, code
"""


def with_language(media: QuerySet[Media], language: str) -> QuerySet[Media]:
    """Those of which some file has an audio track in this language. Raises ConfigError for an unknown one."""
    codes = _stored_codes(language)
    return media.filter(Exists(_files().filter(languages__overlap=codes))) if codes else media.none()


def without_language(media: QuerySet[Media], language: str) -> QuerySet[Media]:
    """Those of which some file, whose tracks are known, has no audio track in this language.

    Raises ConfigError for an unknown one.
    """
    files = _files().exclude(engine="").filter(counted=True)
    codes = _stored_codes(language)
    return media.filter(Exists(files.exclude(languages__overlap=codes) if codes else files))


def that_failed(media: QuerySet[Media], *, failed: bool) -> QuerySet[Media]:
    """Those of which a file could not be read, or that could not be scanned or written; or all others."""
    lasting = _files().exclude(problem__in=HARMLESS)
    trouble = ~Q(scan_state__scan_error="") | ~Q(scan_state__reconcile_error="") | Exists(lasting)
    return media.filter(trouble) if failed else media.exclude(trouble)


def that_lost_a_dub(media: QuerySet[Media]) -> QuerySet[Media]:
    """Those that have a verdict, were dubbed before, as far back as history goes, and are not now."""
    was = Event.objects.filter(kind=ScanEvent.VERDICT, subject_kind=MEDIA, subject_id=OuterRef("pk"))
    known = media.exclude(scan_state__verdict__in=[Verdict.DUB, Verdict.UNKNOWN])
    return known.filter(Exists(was.filter(before=Verdict.DUB)))


def that_is_excluded(media: QuerySet[Media], *, so: bool) -> QuerySet[Media]:
    """Those that are neither scanned nor tagged, by hand or by a rule; or all others."""
    return media.filter(excluded() if so else included())


def stored_codes() -> set[str]:
    """Return the language codes that any file has. Files share few combinations, so these are asked for."""
    return {code for (codes,) in sql.fetch(COMBINATIONS, []) for code in codes}


def languages_of(media_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the language codes of the files of each of these media, the most frequent first."""
    found: dict[int, list[str]] = {}
    for media_id, language in sql.fetch(_LANGUAGES, [list(media_ids)]):
        found.setdefault(media_id, []).append(language)
    return found


def _files() -> QuerySet[FileScanState]:
    return FileScanState.objects.filter(file__media=OuterRef("pk"))


def _stored_codes(text: str) -> list[str]:
    """The codes, of those that any file has, which mean this language: `por` is `por-br` too.

    A code that is no language, and stands in a file all the same, means itself.
    """
    stored = stored_codes()
    if text in stored and normalise(text) is None:
        return [text]
    wanted = require(text)
    known = ((code, normalise(code)) for code in stored)
    return [code for code, language in known if language is not None and matches(language, wanted)]
