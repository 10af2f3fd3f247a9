"""What the page of a title shows of its pictures, and of those of its seasons and episodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from artwork import by_hand
from artwork.choice.locking import Lock, Locks
from artwork.choice.scoring import SHAPES, TRANSPARENT
from artwork.choice.values import PERSON
from artwork.choosing import Preview
from artwork.finding import Pictures, Standing, name_of, standing
from artwork.metadata import told_of
from artwork.models import Adopt, ArtSettings, Candidate, ChosenBy, Entity, Publication, Source, State
from artwork.names import SLOTS, ArtType, Kind
from artwork.publishing.plan import Write
from core.features import Text
from core.words import Phrase

CHOSEN_BY = {
    ChosenBy.ADOPTED: _("It was in the folder."),
    ChosenBy.USER: _("Chosen by hand."),
    ChosenBy.AUTO: _("Chosen by Taggarr."),
}
SOURCES: Mapping[Source, Text] = {
    Source.LOCAL: _("In the folder"),
    Source.UPLOAD: _("Uploaded"),
    Source.TMDB: "TMDB",
    Source.TVDB: "TheTVDB",
    Source.FANART: "fanart.tv",
}
ENDS = {
    State.PLANNED: _("being written"),
    State.DONE: _("done"),
    State.ROLLED_BACK: _("brought back what stood there"),
    State.FAILED: _("failed"),
}
LOCKS = {
    Lock.WHOLE: _("locked with the whole title"),
    Lock.SLOT: _("locked"),
    Lock.LIBRARY: _("locked by its library"),
}
TELLERS: Mapping[str, Text] = {
    **{source.value: name for source, name in SOURCES.items()},
    PERSON: _("Entered by hand"),
}
FIELDS = {
    "title": _("Title"),
    "original_title": _("Original title"),
    "sort_title": _("Sorted as"),
    "tagline": _("Tagline"),
    "plot": _("Plot"),
    "certification": _("Age rating"),
    "genres": _("Genres"),
    "studios": _("Studios"),
    "countries": _("Countries"),
    "directors": _("Directors"),
    "credits": _("Writers"),
}

SEE_THROUGH = TRANSPARENT | {ArtType.DISCART, ArtType.CHARACTERART}

SIZES = {
    "tall": (500, 750),
    "still": (500, 281),
    "strip": (500, 93),
    "square": (500, 500),
    "logo": (500, 194),
}


@dataclass(frozen=True, slots=True)
class Match:
    """A title of a provider that one of ours may be."""

    kind: str
    id: str
    name: str
    plot: str

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Match:
        year = f" ({kept['year']})" if kept.get("year") else ""
        return cls(kept["provider"], kept["id"], f"{kept['title']}{year}", kept.get("plot", ""))

    @property
    def provider(self) -> Text:
        return TELLERS.get(self.kind, self.kind)


def shape_of(art: str) -> str:
    """The class of a box that a picture of this type fits in."""
    ratio = SHAPES.get(ArtType(art))
    if ratio is None:
        return "logo"
    if ratio < 1:
        return "tall"
    return "square" if ratio == 1 else "strip" if ratio > 2 else "still"


def box_of(art: str) -> str:
    """The classes of a box for pictures of this type: under those that one can see through lies a ground."""
    return f"{shape_of(art)} see-through" if ArtType(art) in SEE_THROUGH else shape_of(art)


@dataclass(frozen=True, slots=True)
class Slot:
    """One type of picture of an entity: what is chosen, and from how many it was."""

    art: str
    pictures: Sequence[Candidate]
    candidates: int
    lock: Lock | None

    @property
    def name(self) -> Phrase:
        return Phrase(f"art.{self.art}")

    @property
    def picture(self) -> Candidate | None:
        return self.pictures[0] if self.pictures else None

    @property
    def box(self) -> str:
        return box_of(self.art)

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of the shape, so that a browser keeps the place before the picture is there."""
        return SIZES[shape_of(self.art)]

    @property
    def why(self) -> Any:
        """How its picture came to be the one."""
        return CHOSEN_BY.get(self.picture.chosen_by, "") if self.picture else ""  # type: ignore[call-overload]

    @property
    def source(self) -> Any:
        return SOURCES[Source(self.picture.source)] if self.picture else ""

    @property
    def held(self) -> Any:
        """What holds it, in words; empty where nothing does."""
        return LOCKS.get(self.lock, "") if self.lock else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A season or an episode, with the one picture by which it is shown."""

    entity: Entity
    picture: Candidate | None

    @property
    def name(self) -> Phrase:
        return name_of(self.entity)

    @property
    def digest(self) -> str:
        return self.picture.digest if self.picture else ""

    @property
    def standing(self) -> Standing:
        return standing(self.entity)

    @property
    def is_locked(self) -> bool:
        return bool(self.entity.locks)


@dataclass(frozen=True, slots=True)
class Field:
    """What is told of an entity under one name, as a form shows it."""

    name: str
    title: Any
    value: str
    source: Any
    lines: int


def fields_of(entity: Entity) -> list[Field]:
    """All that can be entered; of a video with several episodes what is told of the first."""
    told = told_of(entity, by_hand.episode_of(entity))
    found = []
    for name in by_hand.fields_of(entity):
        one = told.get(name)
        value = "" if one is None else one.value if isinstance(one.value, str) else "\n".join(one.value)
        source = TELLERS.get(one.source, "") if one else ""
        lines = 5 if name == "plot" else 3 if name in by_hand.LISTS else 1
        found.append(Field(name, FIELDS[name], value, source, lines))
    return found


@dataclass(slots=True)
class Season:
    part: Part | None
    episodes: list[Part] = field(default_factory=list)


def slots_of(entity: Entity, pictures: Pictures, settings: ArtSettings) -> list[Slot]:
    """All pictures that an entity may have; takes a query."""
    rows = Candidate.objects.filter(entity=entity).order_by().values_list("art").annotate(Count("pk"))
    numbers = dict(rows)
    locks = Locks(entity.locks, adopted=settings.adopt == Adopt.LOCK)
    found = []
    for art in SLOTS[Kind(entity.kind)]:
        chosen = pictures.of(entity, art)
        is_adopted = any(one.chosen_by == ChosenBy.ADOPTED for one in chosen)
        lock = locks.of_slot(art, is_adopted=is_adopted)
        found.append(Slot(str(art), chosen, numbers.get(art, 0), lock))
    return found


def seasons_of(parts: Iterable[Entity], pictures: Pictures) -> list[Season]:
    """The seasons of a series with their episodes, in their order, the specials last."""
    found: dict[int | None, Season] = {}
    for entity in parts:
        art = SLOTS[Kind(entity.kind)][0]
        part = Part(entity, next(iter(pictures.of(entity, art)), None))
        season = found.setdefault(entity.season, Season(None))
        if entity.kind == Kind.SEASON:
            season.part = part
        else:
            season.episodes.append(part)
    for season in found.values():
        season.episodes.sort(key=lambda one: (one.entity.episodes, one.entity.stem))
    return [found[number] for number in sorted(found, key=lambda number: (not number, number or 0))]


@dataclass(frozen=True, slots=True)
class Planned:
    """One file that a publication would write."""

    write: Write
    of: Phrase

    @property
    def name(self) -> Phrase:
        return Phrase(f"art.{self.write.art}")

    @property
    def what(self) -> Any:
        if self.write.digest is None:
            return _("is taken away")
        if self.write.before is None:
            return _("is new")
        return _("takes the place of ours") if self.write.was else _("takes the place of what stands there")


def planned(preview: Preview) -> list[Planned]:
    return [Planned(write, name_of(preview.entities[write.entity])) for write in preview.writes]


@dataclass(frozen=True, slots=True)
class Published:
    """A publication, and in words how it ended."""

    row: Publication

    @property
    def state(self) -> Any:
        return ENDS[State(self.row.state)]
