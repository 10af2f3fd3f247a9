"""What became of an import, as a table of its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from django.utils.translation import gettext as _

from catalogue.entries import entry_of
from catalogue.matching import Match
from catalogue.models import Import, ImportRow
from catalogue.values import Entry
from core.words import Phrase, told

_FORMULA = tuple("=+-@\t\r'")
_AT_ONCE = 2_000


def write_result(of: Import, to: TextIO) -> None:
    """Write what became of each row, and why; `to` must leave the ends of lines alone."""
    writer = csv.writer(to)
    writer.writerow([_("Row"), _("Title"), _("Outcome"), _("Reasons"), _("Work")])
    rows = ImportRow.objects.filter(of=of).select_related("work").order_by("number")
    for row in rows.iterator(_AT_ONCE):
        cells = (row.number, title_of(row), row.get_outcome_display(), why(row), row.work or "")
        writer.writerow([guarded(str(cell)) for cell in cells])


def result_name(of: Import) -> str:
    """What the file is called that says what became of an import."""
    return f"import-{of.pk}.csv"


def why(row: ImportRow) -> str:
    """Why a row became what it is, in the active language."""
    if row.error:
        return told(row.error)
    return ", ".join(evidence(row.reasons))


def evidence(parts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each piece of evidence, in the active language."""
    for what, how, detail in parts:
        yield Phrase(f"catalogue.evidence-{what}-{how}", detail=detail).told


def evidence_of(match: Match) -> list[str]:
    """Each piece of evidence of a match, in the active language."""
    return list(evidence([(part.what, part.how, part.detail) for part in match.parts]))


def title_of(row: ImportRow) -> str:
    """What a row calls its thing; empty where it could not be read."""
    entry: Entry | None = entry_of(row.entry) if row.entry else None
    return entry.work.title if entry else ""


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
