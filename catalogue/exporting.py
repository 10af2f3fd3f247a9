"""The collection as entries, a row for each copy: what `formats` of ours and Tellico's read again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import IO, Any, TextIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from accounts.models import User
from catalogue import boxes, places, portable, scope, values
from catalogue.codes import Code, Scheme
from catalogue.entries import stored
from catalogue.formats import archived, ours, tellico_writing
from catalogue.models import (
    Copy,
    Edition,
    Identifier,
    Library,
    Picture,
    Progress,
    Season,
    SetMember,
    Visibility,
    Work,
)
from core import sql
from core.errors import StorageError
from storage import keeping
from storage.models import Stored

TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A row: its entry, and of what it is told. Of a thing that nobody has, there is no copy."""

    entry: values.Entry
    work: Work
    edition: Edition | None = None
    copy: Copy | None = None


def write(user: User, to: TextIO) -> int:
    """Write all that a user sees as our table, and return the number of rows."""
    return ours.write((told.entry for told in told_of(user)), to, _own_columns(user))


def write_for_tellico(user: User, to: IO[bytes]) -> int:
    """Write all that a user sees as collections of Tellico in a ZIP, and return the number of entries."""
    return tellico_writing.write((told.entry for told in told_of(user)), to, settings.TAGGARR_DATA)


def write_archive(user: User, to: IO[bytes], going_on: Callable[[], object] = lambda: None) -> Counter[str]:
    """Write all that a user sees, with its pictures, as a ZIP; return how many `rows` and `pictures`.

    A picture that cannot be read is left out, and counted as `lost`. `going_on` is called now and then.
    """
    counts: Counter[str] = Counter()
    shown: dict[int, list[Picture]] = defaultdict(list)
    for picture in scope.pictures(user).order_by("place", "pk"):
        shown[picture.work_id].append(picture)
    recording = _Recording(user)
    with ZipFile(to, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(archived.HOUSE, json.dumps(_house(user), ensure_ascii=False))
        kept = {row.digest: row for row in _kept(shown)}
        with archive.open(archived.RECORDS, "w", force_zip64=True) as file:
            for some in _together(told_of(user)):
                going_on()
                recording.look_at(some)
                for told in some:
                    file.write(b",\n" if counts["rows"] else b"[\n")
                    here = _pictures_of(told, shown, kept)
                    file.write(json.dumps(recording.record(told, here), ensure_ascii=False).encode())
                    counts["rows"] += 1
            file.write(b"\n]\n" if counts["rows"] else b"[]\n")
        for row in kept.values():
            going_on()
            counts["pictures" if _copied(archive, row) else "lost"] += 1
        archive.writestr(archived.ABOUT, json.dumps({"rows": counts["rows"], "pictures": counts["pictures"]}))
    return counts


def _kept(shown: Mapping[int, Sequence[Picture]]) -> Iterator[Stored]:
    digests = iter({picture.digest for some in shown.values() for picture in some})
    while some := list(islice(digests, TOGETHER)):
        yield from Stored.objects.filter(digest__in=some)


def _copied(archive: ZipFile, row: Stored) -> bool:
    try:
        with keeping.read(row) as file:
            # What is compressed already is stored as it is.
            info = ZipInfo(_member(row))
            info.compress_type = ZIP_STORED
            with archive.open(info, "w", force_zip64=True) as to:
                for piece in keeping.pieces_of(file):
                    to.write(piece)
    except StorageError:
        return False
    return True


def _member(row: Stored) -> str:
    return f"{archived.PICTURES}{row.digest}.{row.kind}"


def _pictures_of(
    told: Told, shown: dict[int, list[Picture]], kept: Mapping[str, Stored]
) -> list[dict[str, str]]:
    """The pictures that a row brings: those of its copy, and with the first row of a work those of that."""
    copy = told.copy.pk if told.copy else None
    mine = [one for one in shown[told.work.pk] if one.copy_id in (None, copy)]
    shown[told.work.pk] = [one for one in shown[told.work.pk] if one not in mine]
    return [
        {"shows": one.shows, "of": "copy" if one.copy_id else "work", "file": _member(kept[one.digest])}
        for one in mine
        if one.digest in kept
    ]


def _together(told: Iterator[Told]) -> Iterator[list[Told]]:
    while some := list(islice(told, TOGETHER)):
        yield some


def _house(user: User) -> dict[str, Any]:
    """What works are arranged by: all places, and for an admin what only admins arrange."""
    told: dict[str, Any] = {"places": [path.split(places.STEP) for path in sorted(places.paths().values())]}
    if user.is_admin:
        told |= {one.name: one.export() for one in portable.BRINGS.sections if one.name != "places"}
    return told


class _Recording:
    """Makes records of rows: what comes back, and what only their reader knows to use."""

    def __init__(self, user: User) -> None:
        self.user = user
        # By what the works of this house are known in another one.
        first = Library.objects.order_by("created_at", "pk").first()
        self.house = f"{first.created_at:%Y%m%d%H%M%S%f}" if first else ""

    def look_at(self, some: Iterable[Told]) -> None:
        """Read what these rows have in their boxes, and how one stands to their seasons."""
        some = list(some)
        works = {told.work.pk for told in some}
        self.inside: dict[int, list[SetMember]] = defaultdict(list)
        sets = [told.edition.pk for told in some if told.edition and told.edition.is_set]
        for member in boxes.members(self.user, sets) if sets else ():
            self.inside[member.box_id].append(member)
        stands = scope.progress(self.user).filter(work__in=works, season__isnull=False)
        self.stands = {row.season_id: row for row in stands.prefetch_related("plays")}

    def record(self, told: Told, pictures: list[dict[str, str]]) -> dict[str, Any]:
        work, edition = self._called(told.work.pk), told.edition
        entry = stored(
            replace(
                told.entry,
                id=f"{work}:{edition.pk if edition else ''}",
                own_of_work=(),
                kept=self._kept(told),
            )
        )
        del entry["number"]
        record: dict[str, Any] = {"entry": entry, "pictures": pictures, "library": told.work.library.name}
        return record | ({"copy": {"number": told.copy.number}} if told.copy else {})

    def _kept(self, told: Told) -> values.Kept:
        work, edition, library = told.work, told.edition, told.work.library
        return values.Kept(
            self._called(work.pk),
            "" if library.is_default else library.name,
            library.visibility == Visibility.MEMBERS,
            tuple(work.own.items()),
            tuple(map(self._season, work.seasons.all())),
            edition is not None and edition.is_set,
            tuple(map(self._inside, self.inside[edition.pk])) if edition else (),
            tuple(work.locks),
            tuple(edition.locks) if edition else (),
            tuple(told.copy.locks) if told.copy else (),
        )

    def _called(self, work: int) -> str:
        return f"{self.house}:{work}"

    def _season(self, season: Season) -> values.Season:
        stands = _progress(self.stands.get(season.pk))
        return values.Season(season.number, season.name, season.expected, season.available, stands)

    def _inside(self, member: SetMember) -> values.Inside:
        return values.Inside(self._called(member.work_id) if member.work_id else "", member.note)


def _own_columns(user: User) -> list[str]:
    """The columns of our table for the own fields that works and copies have which a user sees."""
    columns: list[str] = []
    for before, rows in ((ours.OWN_OF_WORK, scope.works(user)), (ours.OWN, scope.copies(user))):
        told, parameters = rows.order_by().values("own").query.sql_with_params()
        columns += sorted(
            before + name
            for (name,) in sql.fetch(
                f"SELECT DISTINCT jsonb_object_keys(own) FROM ({told}) t",  # noqa: S608
                list(parameters),
            )
        )
    return columns


def told_of(user: User) -> Iterator[Told]:
    """All that a user sees, with how they stand to it themselves."""
    named = places.paths()
    works = scope.works(user).order_by("pk").values_list("pk", flat=True).iterator()
    number = 0
    while some := list(islice(works, TOGETHER)):
        for fields, *rows in _entries(user, scope.works(user).filter(pk__in=some), named):
            number += 1
            yield Told(values.Entry(number, **fields), *rows)


def _entries(user: User, works: QuerySet[Work], named: Mapping[int, str]) -> Iterator[tuple[Any, ...]]:
    copies = scope.copies(user).filter(edition__work__in=works).order_by("pk")
    copies = copies.select_related("owner")
    by_edition: dict[int, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_edition[copy.edition_id].append(copy)
    progress = scope.progress(user).filter(work__in=works, season=None).prefetch_related("plays")
    by_work = {row.work_id: row for row in progress}
    # An edition of which all copies are hidden is hidden too.
    seen = scope.open_editions(user).order_by("pk").prefetch_related("identifiers")
    editions = Prefetch("editions", seen, to_attr="told_editions")
    listed = works.select_related("library").prefetch_related(
        editions, "identifiers", "contributions__person", "terms__term", "seasons"
    )
    for work in listed.order_by("pk"):
        about = {
            "work": _work(work),
            "progress": _progress(by_work.get(work.pk)),
            "added_on": work.added_on,
            "own_of_work": tuple(work.own.items()),
        }
        numbers = _codes(work.identifiers.all())
        editions_of: Sequence[Edition] = work.told_editions
        if not editions_of:
            yield {**about, "codes": numbers}, work
        for edition in editions_of:
            rest = {
                **about,
                "edition": _edition(edition),
                "codes": (*numbers, *_codes(edition.identifiers.all())),
            }
            for copy in by_edition[edition.pk]:
                told = {"copy": _copy(user, copy, named), "own": tuple(copy.own.items())}
                yield {**rest, **told}, work, edition, copy
            if not by_edition[edition.pk]:
                yield rest, work, edition


def _work(work: Work) -> values.Work:
    return values.Work(
        values.Kind(work.kind),
        work.title,
        work.original_title,
        work.year,
        work.overview,
        work.language,
        work.runtime_min,
        work.audience_rating,
        _short(work.community_rating),
        work.series,
        work.position,
        tuple(values.Person(row.person.name, values.Role(row.role)) for row in work.contributions.all()),
        tuple(values.Term(values.TermKind(row.term.kind), row.term.name) for row in work.terms.all()),
    )


def _edition(edition: Edition) -> values.Edition:
    return values.Edition(
        edition.name,
        edition.format,
        edition.publisher,
        edition.published_on,
        edition.region,
        edition.resolution,
        edition.pages,
        edition.discs,
    )


def _codes(numbers: Iterable[Identifier]) -> tuple[Code, ...]:
    rows = sorted(numbers, key=lambda row: row.pk)
    return tuple(Code(Scheme(row.scheme), row.value) for row in rows)


def _copy(user: User, copy: Copy, named: Mapping[int, str]) -> values.Copy:
    is_priced = scope.may_see_price(user, copy)
    signed = (
        values.Signature(
            one["by"], one["role"], date.fromisoformat(one["on"]) if one["on"] else None, one["at"]
        )
        for one in copy.signatures
    )
    return values.Copy(
        named.get(copy.location_id or 0, ""),
        copy.condition,
        copy.condition_note,
        copy.acquired_on,
        _short(copy.price) if is_priced else None,
        copy.currency if is_priced else "",
        copy.from_where,
        copy.quantity,
        copy.lent_to,
        copy.notes,
        tuple(signed),
        str(copy.owner or ""),
        copy.is_private,
    )


def _progress(row: Progress | None) -> values.Progress | None:
    if row is None:
        return None
    return values.Progress(
        values.State(row.state) if row.state else None,
        row.times,
        _short(row.rating),
        row.is_wanted,
        row.review,
        tuple(values.Play(play.started_on, play.finished_on) for play in row.plays.order_by("pk")),
    )


def _short(number: Any) -> Any:
    """A number without the zeros that its column adds."""
    return None if number is None else number.normalize() + 0
