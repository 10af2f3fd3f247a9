"""Keeping which pictures providers offer of a title, its seasons and its videos, as candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from artwork.choice.scoring import NONE, art_of, candidates_of
from artwork.fetching import Fetched
from artwork.models import Candidate, ChosenBy, Entity, Source, usual_providers
from artwork.names import SLOTS, ArtType, Kind
from artwork.telling import parts_as_fetched
from core import sql
from providers.contract import Picture

_TOLD = ("thumbnail", "language", "width", "height", "favour", "voters", "gone_at")


@transaction.atomic
def keep_offered(title: Entity, fetched: Fetched) -> int:
    """Make the candidates of each provider that answered those that it offers; return how many are new.

    What it does not list any more stays as long as it was chosen, rejected or kept.
    """
    entities = parts_as_fetched(title)
    rows = (row for row in Candidate.of(entities, lock=True) if row.source in fetched.pictures)
    known = {(row.entity_id, row.art, row.source, row.address): row for row in rows}
    new, changed, there = [], [], set()
    for offered in _offered(entities, fetched):
        key = (offered.entity_id, offered.art, offered.source, offered.address)
        there.add(key)
        row = known.get(key)
        if row is None:
            new.append(offered)
        elif any(getattr(row, name) != getattr(offered, name) for name in _TOLD):
            row.preview = row.preview if row.thumbnail == offered.thumbnail else ""
            for name in _TOLD:
                setattr(row, name, getattr(offered, name))
            changed.append(row)
    gone = [row for key, row in known.items() if key not in there and row.gone_at is None]
    forgotten = [row.pk for row in gone if row.rank is None and not row.digest and not row.rejected]
    for row in gone:
        row.gone_at = timezone.now()
    if forgotten:
        Candidate.objects.filter(pk__in=forgotten).delete()
    sql.update([*changed, *(row for row in gone if row.pk not in set(forgotten))], (*_TOLD, "preview"))
    sql.insert(new)
    return len(new)


def forget(parts: Collection[Entity]) -> None:
    """Forget what providers offer of these, but for what is locked, and what a person chose or rejected."""
    locks = {entity.pk: entity.all_locks for entity in parts}
    rows = Candidate.objects.filter(entity__in=locks, source__in=usual_providers(), rejected=False)
    rows = rows.exclude(chosen_by=ChosenBy.USER)
    gone = [row.pk for row in rows if not locks[row.entity_id].of_slot(ArtType(row.art))]
    Candidate.objects.filter(pk__in=gone).delete()


def forget_refusals(title: Entity) -> None:
    """Have pictures of providers that turned out to be none be tried again, whatever lies there by now."""
    rows = Candidate.objects.filter(Q(entity=title) | Q(entity__title=title)).exclude(source=Source.LOCAL)
    rows.exclude(refused="").update(refused="", digest="")


def _offered(entities: Iterable[Entity], fetched: Fetched) -> Iterator[Candidate]:
    """The candidates of all entities, as providers tell them now."""
    titles: list[Entity] = []
    seasons: dict[int | None, Entity] = {}
    videos: dict[tuple[int | None, int], Entity] = {}
    for entity in entities:
        if entity.kind == Kind.SEASON:
            seasons[entity.season] = entity
        elif entity.kind == Kind.EPISODE:
            videos |= {(entity.season, number): entity for number in entity.episodes}
        else:
            titles.append(entity)
    for provider, pictures in fetched.pictures.items():
        of_slot: dict[tuple[Entity, ArtType], dict[str, Picture]] = defaultdict(dict)
        for one in pictures:
            of: Entity | None = titles[0]
            if one.episode is not None:
                of = videos.get((one.season, one.episode)) if provider == fetched.numbering else None
            elif one.season is not None:
                of = seasons.get(one.season)
            if of is not None and art_of(one) in SLOTS[Kind(of.kind)]:
                of_slot[of, art_of(one)].setdefault(one.address, one)
        for (entity, art), told in of_slot.items():
            yield from _candidates(entity, art, provider, told)


def _candidates(entity: Entity, art: ArtType, provider: str, told: dict[str, Picture]) -> Iterator[Candidate]:
    for one in candidates_of(provider, list(told.values())):
        yield Candidate(
            entity=entity,
            art=art.value,
            source=provider,
            address=one.address,
            thumbnail=told[one.address].thumbnail,
            language=NONE if one.language is None else one.language,
            width=one.width,
            height=one.height,
            favour=one.favour,
            voters=one.voters,
        )
