"""Our own table: all that an entry tells, one row each. What we write comes back equal.

It is also the table for everybody whose program is not known here: it needs no more than `title`. Several
values in one cell stand between `;` or `|`. A cell that a spreadsheet would take for a formula is written
with an apostrophe before it. No Django.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TextIO

from catalogue.codes import PRINTED, Code, Scheme
from catalogue.formats.cells import Cells, Columns, day
from catalogue.formats.contract import Format, Row, Upload, count_rows
from catalogue.formats.tables import rows
from catalogue.values import (
    BEST_RATING,
    CREATOR,
    Copy,
    Edition,
    Entry,
    Fault,
    Kind,
    Person,
    Play,
    Progress,
    Role,
    Signature,
    State,
    Term,
    TermKind,
    Work,
    Wrong,
)

OWN, OWN_OF_WORK = "own:", "own of work:"
"""Before the name of a column that only its owner knows: of copies, and of works."""

_KINDS = {
    **{kind.value: kind for kind in Kind},
    "tv_episode": Kind.TV,
    "tv": Kind.TV,
    "film": Kind.MOVIE,
    "comic_book": Kind.COMIC,
    "music": Kind.AUDIO,
}
_KIND = ("media_type", "kind", "type")
_KIND_BY = {
    "isbn": Kind.BOOK,
    **{CREATOR[one].value: one for one in (Kind.BOOK, Kind.MOVIE, Kind.AUDIO, Kind.GAME)},
}
_STATES = {state.value: state for state in State}

ROLES: Mapping[Role, str] = {role: "cast" if role is Role.ACTOR else role.value for role in Role}
_OF_ROLE = {column: role for role, column in ROLES.items()}
_ROLES, _TERMS = tuple(_OF_ROLE), tuple(kind.value for kind in TermKind)
_CODES: Mapping[Scheme, str] = {
    Scheme.ISBN: "isbn",
    Scheme.GTIN: "ean_upc",
    Scheme.ADDON: "ean_upc",
    Scheme.ISSN: "issn",
    Scheme.ASIN: "asin",
}
_SIGNED = ("signed_by", "signed_role", "signed_on", "signed_at")
COLUMNS = (
    *(
        "id",
        "media_type",
        "title",
        "original_title",
        "year",
        "series",
        "position",
        "overview",
        "language",
        "runtime",
    ),
    *("audience_rating", "rating", *ROLES.values(), *(kind.value for kind in TermKind)),
    *("edition", "format", "publisher", "published_on", "region", "resolution", "pages", "discs"),
    *(
        *dict.fromkeys(_CODES.values()),
        "ids",
        "owned",
        "location",
        "condition",
        "condition_note",
        "acquired_on",
    ),
    *("price", "currency", "from_where", "quantity", "lent_to", "notes"),
    *_SIGNED,
    *("state", "times", "user_rating", "wanted", "review", "plays", "added_on"),
)
FIELDS = (*COLUMNS, "creator", "kind", "type", "upc", "ean", "barcode", "owned_formats")
"""What a column of a table can be called to be understood; the last ones are other words for others."""

TEMPLATE = (
    *("media_type", "title", "year", "series", "position", "creator", "cast", "genre"),
    *("format", "publisher", "language", "runtime", "isbn", "ean_upc", "asin"),
    *("location", "condition", "acquired_on", "price", "currency", "quantity", "lent_to", "notes"),
    *(*_SIGNED, "state", "user_rating", "wanted"),
)
"""The columns of a table that is to be filled in by hand: what people write down of what they own."""

_FORMULA = re.compile(r"[=+\-@\t\r']")
_SEPARATOR = re.compile(r"(?<!\\)((?:\\\\)*)[;|]")
_ESCAPED = re.compile(r"\\([\\;|])")


# Writing


def write(entries: Iterable[Entry], to: TextIO, own: Sequence[str]) -> int:
    """Write entries as a table, and return how many; `to` must leave the ends of lines alone.

    `own` are the columns that only their owner knows: none of the entries needs to be in memory then.
    """
    number = 0
    writer = csv.writer(to)
    columns = (*COLUMNS, *own)
    writer.writerow(map(_guarded, columns))
    for entry in entries:
        cells = told(entry)
        writer.writerow([_guarded(cells.get(name, "")) for name in columns])
        number += 1
    return number


def write_template(to: TextIO) -> None:
    """Write the head of a table that is to be filled in."""
    csv.writer(to).writerow(TEMPLATE)


def told(entry: Entry) -> dict[str, str]:
    """All that an entry says, as it stands in the cells of a row."""
    own = {OWN + name: text for name, text in entry.own}
    own |= {OWN_OF_WORK + name: text for name, text in entry.own_of_work}
    return {name: text for name, value in _told(entry).items() if (text := _text(value))} | own


def _told(entry: Entry) -> dict[str, object]:
    work, edition = entry.work, entry.edition
    by_column: dict[str, list[str]] = {}
    for code in entry.codes:
        text = code.value if code.scheme in PRINTED else f"{code.scheme}:{code.value}"
        by_column.setdefault(_CODES.get(code.scheme, "ids"), []).append(text)
    told: dict[str, object] = {
        "id": entry.id,
        "media_type": work.kind,
        "title": work.title,
        "original_title": work.original_title,
        "year": work.year,
        "series": work.series,
        "position": work.position,
        "overview": work.overview,
        "language": work.language,
        "runtime": work.runtime_min,
        "audience_rating": work.audience_rating,
        "rating": work.community_rating,
        "edition": edition.name,
        "format": edition.format,
        "publisher": edition.publisher,
        "published_on": edition.published_on,
        "region": edition.region,
        "resolution": edition.resolution,
        "pages": edition.pages,
        "discs": edition.discs,
        "owned": entry.copy is not None,
        "added_on": entry.added_on,
    }
    told |= {name: [one.name for one in work.people if one.role is role] for role, name in ROLES.items()}
    told |= {kind.value: [term.name for term in work.terms if term.kind is kind] for kind in TermKind}
    return told | by_column | _told_of_copy(entry.copy) | _told_of_progress(entry.progress)


def _told_of_copy(copy: Copy | None) -> dict[str, object]:
    if copy is None:
        return {}
    return {
        "location": copy.place,
        "condition": copy.condition,
        "condition_note": copy.condition_note,
        "acquired_on": copy.acquired_on,
        "price": copy.price,
        "currency": copy.currency,
        "from_where": copy.from_where,
        "quantity": copy.quantity,
        "lent_to": copy.lent_to,
        "notes": copy.notes,
        "signed_by": [one.by for one in copy.signatures],
        "signed_role": [one.role for one in copy.signatures],
        "signed_on": [_text(one.on) for one in copy.signatures],
        "signed_at": [one.at for one in copy.signatures],
    }


def _told_of_progress(progress: Progress | None) -> dict[str, object]:
    if progress is None:
        return {}
    return {
        "state": progress.state,
        "times": progress.times,
        "user_rating": progress.rating,
        "wanted": progress.is_wanted,
        "review": progress.review,
        "plays": [f"{_text(play.started_on)}/{_text(play.finished_on)}" for play in progress.plays],
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return joined(value)
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def joined(parts: Iterable[str]) -> str:
    """Several values in one cell."""
    return ";".join(re.sub(r"[\\;|]", r"\\\g<0>", part) for part in parts)


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


# Reading


def _recognises(upload: Upload) -> bool:
    return upload.table is not None and upload.table.has("title")


def _rows(upload: Upload) -> Iterator[Cells | Fault]:
    if upload.table is None:
        return
    bound = Columns(map(_bare, upload.table.names))
    for row in rows(upload.file, upload.table):
        if isinstance(row, Cells):
            row.columns, row.texts = bound, list(map(_bare, row.texts))
        yield row


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def entry(row: Cells) -> Row:
    kind = _kind(row)
    found_codes = tuple(_codes(row, kind))
    if not (title := row.text("title")) and not found_codes:
        return Fault(row.number, Wrong.NO_TITLE)
    people = [Person(name, _OF_ROLE[told]) for told in row.filled(_ROLES) for name in _many(row, told)]
    people += [Person(name, CREATOR[kind]) for name in _many(row, "creator")]
    work = Work(
        kind,
        title,
        row.text("original_title"),
        row.year("year"),
        row.text("overview"),
        row.text("language"),
        row.whole("runtime"),
        row.text("audience_rating"),
        row.rating("rating", int(BEST_RATING)),
        row.text("series"),
        row.text("position"),
        tuple(people),
        tuple(Term(TermKind(told), name) for told in row.filled(_TERMS) for name in _many(row, told)),
    )
    edition = Edition(
        row.text("edition"),
        row.text("format", "owned_formats"),
        row.text("publisher"),
        row.date("published_on"),
        row.text("region"),
        row.text("resolution"),
        row.whole("pages"),
        row.whole("discs"),
    )
    copy, progress = _copy(row), _progress(row)
    id, added = row.text("id"), row.date("added_on")
    rest = row.rest()
    own = tuple((name.removeprefix(OWN), text) for name, text in rest if not name.startswith(OWN_OF_WORK))
    of_work = tuple((name[len(OWN_OF_WORK) :], text) for name, text in rest if name.startswith(OWN_OF_WORK))
    return Entry(row.number, work, edition, found_codes, copy, progress, id, added, own, own_of_work=of_work)


def _kind(row: Cells) -> Kind:
    """The kind that a row names; of one that names none, what else it says tells it."""
    said = next(filter(None, (row.choice(name, _KINDS) for name in _KIND)), None)
    if said or row.filled(_KIND):
        return said or Kind.OTHER
    return _KIND_BY[found[0]] if (found := row.filled(tuple(_KIND_BY))) else Kind.OTHER


def _codes(row: Cells, kind: Kind) -> Iterable[Code]:
    yield from row.codes(kind, "isbn", "ean_upc", "upc", "ean", "barcode", "issn", "asin")
    for told in _many(row, "ids"):
        scheme, _, value = told.partition(":")
        if scheme in set(Scheme) - PRINTED and value:
            yield Code(Scheme(scheme), value)
        else:
            row.leave("ids")


def _copy(row: Cells) -> Copy | None:
    """The copy; whoever does not say that a thing is not owned has it."""
    if row.yes("owned") is False:
        return None
    price, sign = row.money("price")
    signatures = tuple(_signatures(row)) if row.filled(_SIGNED) else ()
    return Copy(
        row.text("location"),
        row.text("condition"),
        row.text("condition_note"),
        row.date("acquired_on"),
        price,
        row.text("currency") or sign,
        row.text("from_where"),
        row.whole("quantity") or 1,
        row.text("lent_to"),
        row.text("notes"),
        signatures,
    )


def _signatures(row: Cells) -> Iterator[Signature]:
    signed = [parted(row.text(name)) for name in _SIGNED]
    most = len(signed[0])
    if any(text and not day(text) for text in signed[2]):
        row.leave("signed_on")
    by, roles, days, places = ([*parts, *[""] * most][:most] for parts in signed)
    for name, role, on, place in zip(by, roles, days, places, strict=True):
        yield Signature(name, role, day(on), place)


def _progress(row: Cells) -> Progress | None:
    progress = Progress(
        row.choice("state", _STATES),
        row.whole("times"),
        row.rating("user_rating", int(BEST_RATING)),
        row.yes("wanted") or False,
        row.text("review"),
        tuple(_plays(row)),
    )
    return None if progress == Progress() else progress


def _plays(row: Cells) -> Iterator[Play]:
    """Times as `2019-01-05/2019-02-01`, of which either day may be missing; one day alone is the last."""
    for told in _many(row, "plays"):
        started, _, finished = told.rpartition("/")
        days = [day(text) for text in (started, finished)]
        if any(text and not found for text, found in zip((started, finished), days, strict=True)):
            row.leave("plays")
        else:
            yield Play(*days)


def _many(row: Cells, name: str) -> list[str]:
    text = row.text(name)
    return [part for part in parted(text) if part] if text else []


def parted(text: str) -> list[str]:
    """The parts of a cell by `;` or `|`, of which those behind a backslash are letters."""
    if "\\" not in text:
        return [part.strip() for part in text.replace("|", ";").split(";")] if text else []
    split = _SEPARATOR.sub("\\1\0", text).split("\0")
    return [_ESCAPED.sub(r"\1", part.strip()) for part in split]


OURS = Format.of_records("ours", _recognises, _rows, entry, count_rows)
