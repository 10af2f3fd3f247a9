"""Which files should stand beside a title: the pictures that were chosen, by the names that players read, and
NFOs of what is told of it where its library has them written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from artwork.metadata import values_of
from artwork.models import ArtSettings, Candidate, ChosenBy, Entity, NfoMode, PublishedFile, Source
from artwork.names import ArtType, Kind, Profile, names_for
from artwork.nfo.writing import whole
from artwork.publishing.folder import TitleFolder
from artwork.publishing.journal import By, publish
from artwork.publishing.nfos import Telling, nfos_of
from artwork.publishing.opening import Opened, Wish
from artwork.publishing.plan import NFO, File, Found, Write, make_plan
from artwork.publishing.shadowing import SHADOWED, shadowed
from core import sql
from core.fields import stored
from core.live import inbox_changed
from core.words import Phrase

Wanted = Mapping[Entity, list[File]]

_CHOSEN = """
    SELECT picture.entity_id, picture.art, picture.rank, picture.digest, stored.kind
    FROM artwork_candidate AS picture LEFT JOIN storage_stored AS stored ON stored.digest = picture.digest
    WHERE picture.entity_id = ANY (%s::bigint[]) AND picture.rank IS NOT NULL AND picture.digest <> ''
    ORDER BY picture.entity_id, picture.art, picture.rank
"""
_LEFT_ALONE = """
    SELECT coalesce(entity.title_id, entity.id), picture.address, picture.digest
    FROM artwork_entity AS entity JOIN artwork_candidate AS picture ON picture.entity_id = entity.id
    WHERE (entity.id = ANY (%s::bigint[]) OR entity.title_id = ANY (%s::bigint[]))
        AND picture.source = %s AND picture.rank IS NULL AND NOT picture.rejected
"""


def publish_title(title: Entity, by: By) -> int:
    """Have the chosen pictures and the NFOs of a title stand beside it; return how many files that wrote or
    took away.

    A picture that somebody put there and that was neither chosen nor rejected stays where it lies, and so
    does all of an episode whose video is away. Raises as `journal.publish`.
    """

    def wish(opened: Opened) -> Wish:
        settings = ArtSettings.of(title.connection)
        of_title = wanted_of([title], settings)
        wanted = {entity: files for entity, files in of_title.items() if _has_video(opened.folder, entity)}
        files = [file for of_entity in wanted.values() for file in of_entity]
        there = {entity.pk for entity in wanted}
        rows = [row for row in opened.files.values() if row.art != NFO and row.entity_id in there]
        gone = {row.path for row in rows} - _left_alone([title])[title.pk].keys()
        mode = NfoMode(settings.nfo)
        tellings = [Telling(entity.pk, entity.place, values_of(entity)) for entity in wanted]
        nfos = nfos_of(opened, tellings, mode, Profile(settings.profile))
        return opened.wish_for(
            [*files, *nfos.files],
            gone | nfos.gone,
            {entity.pk: digest_of(of, _told_of(entity, mode)) for entity, of in wanted.items()},
            seen=nfos.found,
            problem=nfos.problem,
            places=[entity.place for entity in of_title],
        )

    publication = publish(title, wish, by)
    return len(publication.steps) if publication else 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a publication would write, of which entities, and how many files stand there already.

    `planned` are the pictures that should stand there, `others` those that stand beside them, with digests.
    """

    writes: tuple[Write, ...]
    entities: dict[int, Entity]
    standing: int
    planned: Mapping[str, str]
    others: Mapping[str, str]

    @property
    def shadows(self) -> list[Phrase]:
        """Which of the others a player shows in place of ours, each with what to do about it."""
        return shadowed(self.others, self.planned, [entity.place for entity in self.entities.values()])


def foreseen(titles: Collection[Entity]) -> dict[int, Preview]:
    """What publishing each title would write, by what is known of its folder; the disk is not asked."""
    left = _left_alone(titles)
    wanted: dict[int, dict[Entity, list[File]]] = {title.pk: {} for title in titles}
    for entity, files in wanted_of(titles).items():
        wanted[entity.title_id or entity.pk][entity] = files
    ours: dict[int, dict[str, File]] = {title.pk: {} for title in titles}
    for row in PublishedFile.objects.filter(title__in=wanted).exclude(art=NFO):
        ours[row.title_id][row.path] = File(row.path, row.digest, row.entity_id, row.art, row.rank)
    found = {}
    for pk, of_title in wanted.items():
        digests = left[pk] | {path: file.digest for path, file in ours[pk].items()}
        there = {path: Found(digest, 0, 0) for path, digest in digests.items()}
        files = [file for of_entity in of_title.values() for file in of_entity]
        plan = make_plan(files, there, ours[pk], ours[pk].keys() - left[pk].keys())
        planned = {file.path: file.digest for file in files}
        goes = {write.path for write in plan.writes}
        others = {path: digest for path, digest in digests.items() if path not in planned.keys() | goes}
        entities = {entity.pk: entity for entity in of_title}
        found[pk] = Preview(plan.writes, entities, len(plan.standing), planned, others)
    return found


def notice_shadows(titles: Collection[Entity]) -> None:
    """Have titles that were published say where a player shows another picture, as far as a scan knows."""
    rows = Entity.objects.filter(pk__in=[title.pk for title in titles], published_at__isnull=False)
    told = [title for title in rows.select_related("connection") if not title.problem or _is_shadowed(title)]
    for pk, preview in foreseen(told).items():
        problem = next(iter(preview.shadows), "")
        Entity.objects.filter(pk=pk).exclude(problem=stored(problem)).update(problem=problem)


def _is_shadowed(title: Entity) -> bool:
    return isinstance(title.problem, Phrase) and title.problem.code == SHADOWED


def _left_alone(titles: Collection[Entity]) -> dict[int, dict[str, str]]:
    """The pictures in the folders of titles that somebody put there, and nobody chose or rejected."""
    found: dict[int, dict[str, str]] = {title.pk: {} for title in titles}
    for title, path, digest in sql.fetch(_LEFT_ALONE, [list(found), list(found), Source.LOCAL]):
        found[title][path] = digest
    return found


def _has_video(folder: TitleFolder, entity: Entity) -> bool:
    return entity.kind != Kind.EPISODE or folder.has_video(entity.stem)


@transaction.atomic
def discard(title: Entity) -> int:
    """Choose again what was published of a title; return of how many entities that changed what is wanted."""
    of_title = Q(entity=title) | Q(entity__title=title)
    profile = Profile(ArtSettings.of(title.connection).profile)

    def is_written_by_us(row: PublishedFile) -> bool:
        extension = row.path.rpartition(".")[2]
        return row.path in names_for(profile, row.entity.place, ArtType(row.art), row.rank, extension)

    rows = PublishedFile.objects.filter(title=title).exclude(art=NFO).select_related("entity")
    # Of several in one place, that under the name which we write is the one that was published.
    published = sorted(rows.order_by("-path"), key=is_written_by_us)
    digests = {(one.entity_id, one.art, one.rank): one.digest for one in published}
    pictures = list(Candidate.objects.select_for_update().filter(of_title).order_by("pk"))
    ranks: dict[int, int] = {}
    for (entity, art, rank), digest in digests.items():
        alike = (one for one in pictures if (one.entity_id, one.art, one.digest) == (entity, art, digest))
        if (one := next(alike, None)) is not None:
            ranks.setdefault(one.pk, rank)
    save_ranks(pictures, ranks)
    return refresh([title])


def save_ranks(rows: Sequence[Candidate], ranks: Mapping[int, int | None]) -> None:
    """Choose these pictures at these ranks, and no others of the rows."""
    # All at once: no two may have one rank even for a moment.
    Candidate.objects.filter(pk__in=[one.pk for one in rows], rank__isnull=False).update(rank=None)
    for one in rows:
        one.rank = ranks.get(one.pk)
        one.chosen_by = "" if one.rank is None else one.chosen_by or ChosenBy.AUTO
    sql.update(rows, ("rank", "chosen_by"))


def wanted_of(titles: Collection[Entity], settings: ArtSettings | None = None) -> Wanted:
    """The files that should stand beside titles, by what they are of; nothing for what has none.

    `settings` are those of the connection of all of them, where the caller has read them.
    """
    rows = Entity.with_parts(titles)
    entities = {row.pk: row for row in rows}
    profiles = {
        pk: Profile((settings or ArtSettings.of(row.connection)).profile)
        for pk, row in _one_each(rows).items()
    }
    found: dict[Entity, list[File]] = {row: [] for row in rows}
    for pk, art, rank, digest, kind in sql.fetch(_CHOSEN, [list(entities)]):
        entity = entities[pk]
        names = names_for(profiles[entity.connection_id], entity.place, ArtType(art), rank, kind or "jpg")
        found[entity] += [File(name, digest, pk, art, rank) for name in names]
    return found


def refresh(titles: Collection[Entity]) -> int:
    """Remember what should stand beside titles now; return of how many entities that changed."""
    changed = []
    wanted = wanted_of(titles)
    modes = {pk: NfoMode(ArtSettings.of(row.connection).nfo) for pk, row in _one_each(wanted).items()}
    for entity, files in wanted.items():
        digest = digest_of(files, _told_of(entity, modes[entity.connection_id]))
        if digest != entity.wanted:
            entity.wanted = digest
            changed.append(entity)
    sql.update(changed, ("wanted",))
    if changed:
        inbox_changed()
    return len(changed)


def _told_of(entity: Entity, mode: NfoMode) -> str:
    """What the NFO of an entity should tell and how it is written; empty where none is."""
    values = values_of(entity) if mode != NfoMode.OFF else ()
    return f"{mode} {whole(values).decode()}" if values else ""


def digest_of(files: Iterable[File], told: str = "") -> str:
    """Of what a set of files, and what an NFO tells, are known again; empty for none."""
    marks = [*sorted((file.path, file.digest) for file in files), *([told] if told else ())]
    return hashlib.sha256(repr(marks).encode("utf-8", "surrogateescape")).hexdigest() if marks else ""


def _one_each(rows: Iterable[Entity]) -> Mapping[int, Entity]:
    return {row.connection_id: row for row in rows}
