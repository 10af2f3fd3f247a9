"""Which titles and parts of them somebody means, for pages, the API and acts on many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from artwork.models import UNIDENTIFIED, UNPUBLISHED, ArtSettings, Candidate, Entity
from artwork.names import SLOTS, SPECIALS, ArtType, Kind
from core.words import Phrase

USUAL: Mapping[Kind, tuple[ArtType, ...]] = {
    Kind.MOVIE: (ArtType.POSTER, ArtType.FANART),
    Kind.SERIES: (ArtType.POSTER, ArtType.FANART),
    Kind.SEASON: (ArtType.POSTER,),
    Kind.EPISODE: (ArtType.THUMB,),
}
"""What every player shows: where one of these is not chosen and wanted, something is missing."""


class Standing(StrEnum):
    """How an entity stands, the most important first."""

    PROBLEM = "problem"
    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    EMPTY = "empty"


STANDINGS = {
    Standing.PROBLEM: _("Problem"),
    Standing.UNPUBLISHED: _("Not published yet"),
    Standing.PUBLISHED: _("Published"),
    Standing.EMPTY: _("No pictures"),
}


def lacks(art: str, number: int = 1) -> Q:
    """The entities for which fewer pictures of a type than this are chosen."""
    return ~Q(pk__in=Candidate.objects.filter(art=art, rank=number - 1).values("entity"))


def _missing() -> Q:
    """What lacks a picture that every player shows, or that the rules want; takes a query."""
    unwanted: dict[str, list[int]] = defaultdict(list)
    found = Q(pk__in=[])
    for settings in ArtSettings.objects.exclude(rules={}):
        for art, rule in settings.rules.items():
            if rule.get("most") == 0:
                unwanted[art].append(settings.pk)
            elif least := rule.get("least"):
                kinds = [kind.value for kind, arts in SLOTS.items() if art in arts]
                found |= Q(connection=settings.pk, kind__in=kinds) & lacks(art, least)
    for kind, types in USUAL.items():
        for art in types:
            found |= Q(kind=kind) & ~Q(connection__in=unwanted[art]) & lacks(art)
    return found


IN_TROUBLE = ~Q(problem="") | Q(missing_since__isnull=False)
LOCKED = ~Q(locks=[])
CONTESTED = Q(problem__contains='"artwork.shadowed"') | Q(problem__contains='"artwork.fought"')
"""Beside which others write pictures that players show in place of ours."""

PUBLISHED = Q(wanted=F("published")) & ~Q(published="")

STATES: Mapping[str, Callable[[], Q]] = {
    "published": lambda: PUBLISHED,
    "unpublished": lambda: UNPUBLISHED,
    "missing": _missing,
    "unidentified": lambda: UNIDENTIFIED,
    "locked": lambda: LOCKED,
    "contested": lambda: CONTESTED,
    "problem": lambda: IN_TROUBLE,
}
"""What entities can be found by; one may be in several."""

STATE_NAMES = {
    "published": _("Published"),
    "unpublished": _("Not published yet"),
    "missing": _("Pictures missing"),
    "unidentified": _("Not identified"),
    "locked": _("Locked"),
    "contested": _("Other pictures in the way"),
    "problem": _("With problems"),
}


def of_title(condition: Q) -> Q:
    """The titles that fit themselves, or of which a season or episode does."""
    parts = Entity.objects.filter(condition, title__isnull=False).order_by().values("title")
    return condition | Q(pk__in=parts)


TITLE_STATES: Mapping[str, Callable[[], Q]] = {
    "published": lambda: of_title(~Q(published="")) & ~of_title(UNPUBLISHED),
    "unpublished": lambda: of_title(UNPUBLISHED),
    "missing": _missing,
    "unidentified": lambda: UNIDENTIFIED,
    "locked": lambda: of_title(LOCKED),
    "contested": lambda: CONTESTED,
    "problem": lambda: IN_TROUBLE,
}
"""The same of titles as a whole: what is missing of their seasons and episodes their own pages say."""


def titles() -> QuerySet[Entity]:
    """The series and movies of the library."""
    return Entity.objects.filter(title=None, media__isnull=False)


def titles_of(rows: QuerySet[Entity]) -> QuerySet[Entity]:
    """The series and movies that are meant by these, or by parts of them."""
    ids = {title or pk for pk, title in rows.order_by().values_list("pk", "title")}
    return titles().filter(pk__in=ids).order_by("pk")


def standing(entity: Entity, unpublished_parts: int = 0) -> Standing:
    """How an entity stands, where so many parts of it are not published yet."""
    if entity.problem or entity.missing_since:
        return Standing.PROBLEM
    if entity.wanted != entity.published or unpublished_parts:
        return Standing.UNPUBLISHED
    return Standing.PUBLISHED if entity.published else Standing.EMPTY


def name_of(entity: Entity) -> Phrase:
    """What an entity is called: a title by its name, a part of one by its numbers."""
    if entity.title_id is None:
        return Phrase(str(entity))
    if entity.kind == Kind.EPISODE:
        numbers = "-".join(f"{one:02}" for one in span(entity.episodes))
        return Phrase("art-part.episode", season=f"{entity.season or 0:02}", episodes=numbers)
    if entity.season == SPECIALS:
        return Phrase("art-part.specials")
    return Phrase("art-part.season", number=entity.season)


def span(numbers: Sequence[int]) -> tuple[int, ...]:
    """The first and the last of some numbers, or the only one."""
    return tuple(dict.fromkeys((min(numbers), max(numbers)))) if numbers else ()


@dataclass(slots=True)
class Pictures:
    """The pictures that were chosen, by entity and type; `of` has those of one slot, the first one first."""

    chosen: dict[tuple[int, str], list[Candidate]] = field(default_factory=dict)

    @classmethod
    def of_entities(cls, ids: Iterable[int]) -> Pictures:
        """Those of these entities; takes a query."""
        found = cls()
        rows = Candidate.objects.filter(entity__in=ids, rank__isnull=False).order_by("rank")
        for one in rows:
            found.chosen.setdefault((one.entity_id, one.art), []).append(one)
        return found

    def of(self, entity: Entity, art: str) -> list[Candidate]:
        return self.chosen.get((entity.pk, art), [])
