"""The verdicts of a library as a list, a row for each media."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from connections.models import Connection
from library.models import Media
from scanner.languages.codes import display_name, normalise
from scanner.models import FileScanState

from .explain import why


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One title: `languages` are those of its files' audio tracks that count, by English name.

    `why` is one sentence.
    """

    media: int
    title: str
    year: int | None
    instance: str
    verdict: str
    languages: list[str]
    tags: list[str]
    why: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def list_verdicts(connection: Connection | None = None, verdict: str = "") -> Iterator[VerdictRow]:
    """Yield a row for each series and movie, by title; of one instance or with one verdict where given."""
    media = Media.objects.all()
    if connection is not None:
        media = media.filter(connection=connection)
    if verdict:
        media = media.filter(scan_state__verdict=verdict)
    languages = _languages_of(media)
    for one in (
        media.select_related("connection", "scan_state")
        .order_by("sort_title", "pk")
        .iterator(chunk_size=2000)
    ):
        yield VerdictRow(
            media=one.pk,
            title=one.title,
            year=one.year,
            instance=one.connection.name,
            verdict=one.scan_state.verdict,
            languages=languages.get(one.pk, []),
            tags=one.tags,
            why=why(one),
        )


def _languages_of(media: QuerySet[Media]) -> dict[int, list[str]]:
    """Return the names of the audio languages of each title, those of the most files first."""
    counts: dict[int, dict[str, int]] = {}
    files = FileScanState.objects.filter(file__media__in=media, counted=True).order_by("file__path")
    rows = files.values_list("file__media_id", "reason__languages", "languages")
    for media_id, counting, all_codes in rows.iterator(chunk_size=5000):
        of_media = counts.setdefault(media_id, {})
        for code in dict.fromkeys(counting or all_codes):
            of_media[code] = of_media.get(code, 0) + 1
    return {
        pk: [_name(code) for code in sorted(of, key=of.__getitem__, reverse=True)]
        for pk, of in counts.items()
    }


def _name(code: str) -> str:
    language = normalise(code)
    return display_name(language) if language else "no language"
