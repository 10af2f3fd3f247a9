"""How well a picture suits its slot: a tier by its language, then points that say what they are made of.

A vote of one does not win: votes count as if eight middling ones stood beside them. Nothing in a score
depends on the other candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

from artwork.names import ArtType
from providers.contract import Picture, Type
from storage.phash import distance

ORIGINAL, NONE = "original", "none"
"""Languages of a rule that are no codes: the title's own, and no text at all."""

PRIOR = 8
"""So many middling votes every picture has."""

LIKED = 0.75
"""What a like is worth, as a vote from 0 to 1."""

SAME_PICTURE = 2
"""So many bits of the perceptual hash may differ from a picture that nobody wants anywhere."""

ALIKE = 9
UNKNOWN_SIZE = 0.5
LANGUAGE_STEP = 0.2

PORTRAIT, WIDE = 2 / 3, 16 / 9
SHAPES: Mapping[ArtType, float] = {
    ArtType.POSTER: PORTRAIT,
    ArtType.KEYART: PORTRAIT,
    ArtType.FANART: WIDE,
    ArtType.LANDSCAPE: WIDE,
    ArtType.THUMB: WIDE,
    ArtType.CLEARART: WIDE,
    ArtType.BANNER: 1000 / 185,
    ArtType.DISCART: 1.0,
}
"""Width by height; logos and characters have any."""

IDEAL: Mapping[ArtType, int] = {
    ArtType.POSTER: 2000 * 3000,
    ArtType.KEYART: 2000 * 3000,
    ArtType.FANART: 3840 * 2160,
    ArtType.LANDSCAPE: 1920 * 1080,
    ArtType.THUMB: 1920 * 1080,
    ArtType.CLEARART: 1000 * 562,
    ArtType.BANNER: 1000 * 185,
    ArtType.CLEARLOGO: 800 * 310,
    ArtType.DISCART: 1000 * 1000,
    ArtType.CHARACTERART: 1000 * 1000,
}
"""Pixels above which more are worth nothing."""

TEXTLESS = frozenset({ArtType.FANART, ArtType.KEYART, ArtType.CHARACTERART, ArtType.THUMB})
TRANSPARENT = frozenset({ArtType.CLEARLOGO, ArtType.CLEARART})
"""The white and the black one of these are the same picture."""


class Why(StrEnum):
    """Why a candidate is not the choice; the figures beside it say by how much."""

    GONE = "gone"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    LOOKS_BLOCKED = "looks-blocked"
    TOO_SMALL = "too-small"
    SHAPE = "shape"
    OPAQUE = "opaque"
    LOCKED = "locked"
    DUPLICATE = "duplicate"
    TIER = "tier"
    SCORE = "score"
    NOT_BETTER_ENOUGH = "not-better-enough"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class Reason:
    why: Why
    figures: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of a score counts for; they need not add up to anything."""

    resolution: float = 0.3
    votes: float = 0.4
    language: float = 0.2
    provider: float = 0.1

    def __post_init__(self) -> None:
        if min(self.all) < 0 or not sum(self.all):
            raise ValueError("weights are not negative, and not all of them zero")

    @property
    def all(self) -> tuple[float, float, float, float]:
        return self.resolution, self.votes, self.language, self.provider


@dataclass(frozen=True, slots=True)
class Rule:
    """How pictures of one type are chosen in one library.

    `least` and `most` say how many; fewer than `least` are told as missing. A shape may be off by
    `tolerance`. Two pictures whose hashes differ in no more than `alike` bits are one.
    """

    art: ArtType
    languages: tuple[str, ...] = ("en", ORIGINAL, NONE)
    providers: tuple[str, ...] = ("tmdb", "tvdb", "fanart")
    least: int = 0
    most: int = 1
    min_width: int = 0
    min_height: int = 0
    weights: Weights = field(default_factory=Weights)
    tolerance: float = 0.10
    alike: int = ALIKE
    tiers: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most or not self.most:
            raise ValueError("a rule wants at least none and at most some")


def usual_rule(art: ArtType, languages: tuple[str, ...] = ("en", ORIGINAL, NONE)) -> Rule:
    """The rule of a library that has none of its own: art without text is wanted where text only disturbs."""
    return Rule(art, (NONE,) if art in TEXTLESS else languages, most=3 if art is ArtType.FANART else 1)


Key = tuple[str, str]
"""Provider and address: what a candidate is known by."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that a title might have. `language` is None for one without text, empty where nobody knows.

    `favour` is what those think of it who voted, from 0 to 1, and `voters` how many they are. `digest`,
    `phash` and `alpha` are known once it was fetched. `rejected` here, and `gone` from its provider.
    """

    provider: str
    address: str
    language: str | None = None
    width: int = 0
    height: int = 0
    favour: float | None = None
    voters: int = 0
    digest: str = ""
    phash: int | None = None
    alpha: bool | None = None
    rejected: bool = False
    gone: bool = False

    @property
    def key(self) -> Key:
        return self.provider, self.address

    @property
    def area(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Blocked:
    """What nobody wants anywhere: by address, and by what the pictures are and look like."""

    keys: frozenset[Key] = frozenset()
    digests: frozenset[str] = frozenset()
    phashes: tuple[int, ...] = ()


NOTHING = Blocked()


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate that would do. The parts are from 0 to 1, before their weights; the score is up to 100."""

    candidate: Candidate
    tier: int
    score: float
    resolution: float
    votes: float
    language: float
    provider: float


def art_of(picture: Picture) -> ArtType:
    """The type of a provider's picture."""
    return ArtType.THUMB if picture.type is Type.STILL else ArtType(picture.type.value)


def candidates_of(provider: str, pictures: Sequence[Picture]) -> list[Candidate]:
    """The pictures of one type that a provider has of a title.

    TheTVDB tells scores of no scale: there a picture's place among these is what they say.
    """
    by_score = sorted({one.likes or 0 for one in pictures})
    found = []
    for one in pictures:
        favour, voters = None, 0
        if provider == "tvdb" and one.likes is not None:
            favour, voters = (by_score.index(one.likes) + 1) / (len(by_score) + 1), PRIOR
        elif one.vote is not None:
            favour, voters = one.vote / 10, one.votes or 0
        elif one.likes is not None:
            favour, voters = LIKED, one.likes
        found.append(
            Candidate(provider, one.address, one.language, one.width, one.height, favour, max(voters, 0))
        )
    return found


def refusal(candidate: Candidate, rule: Rule, blocked: Blocked = NOTHING) -> Reason | None:
    """Return why a candidate will not do at all; what is not known of it yet does not speak against it."""
    return _unwanted(candidate, blocked) or _unfit(candidate, rule)


def _unwanted(one: Candidate, blocked: Blocked) -> Reason | None:
    if one.rejected:
        return Reason(Why.REJECTED)
    if one.key in blocked.keys or one.digest in blocked.digests:
        return Reason(Why.BLOCKED)
    if one.phash is not None and blocked.phashes:
        nearest = min(distance(one.phash, other) for other in blocked.phashes)
        if nearest <= SAME_PICTURE:
            return Reason(Why.LOOKS_BLOCKED, {"bits": nearest})
    return Reason(Why.GONE) if one.gone else None


def _unfit(one: Candidate, rule: Rule) -> Reason | None:
    shape = SHAPES.get(rule.art)
    if one.area and (one.width < rule.min_width or one.height < rule.min_height):
        least = {"least_width": rule.min_width, "least_height": rule.min_height}
        return Reason(Why.TOO_SMALL, {"width": one.width, "height": one.height, **least})
    if one.area and shape and abs(one.width / one.height / shape - 1) > rule.tolerance:
        return Reason(Why.SHAPE, {"shape": round(one.width / one.height, 2), "wanted": round(shape, 2)})
    return Reason(Why.OPAQUE) if rule.art is ArtType.CLEARLOGO and one.alpha is False else None


def score(candidate: Candidate, rule: Rule, original: str = "") -> Scored:
    """Return the score of a candidate; `original` is the language of its title."""
    place = _place(candidate.language, rule.languages, original)
    resolution = sqrt(min(1, candidate.area / IDEAL[rule.art])) if candidate.area else UNKNOWN_SIZE
    favour = 0.5 if candidate.favour is None else min(max(candidate.favour, 0.0), 1.0)
    votes = (PRIOR * 0.5 + candidate.voters * favour) / (PRIOR + candidate.voters)
    language = max(0.0, 1 - LANGUAGE_STEP * place) if place < len(rule.languages) else 0.0
    known = candidate.provider in rule.providers
    provider = 1 - rule.providers.index(candidate.provider) / len(rule.providers) if known else 0.0
    parts = [round(part, 4) for part in (resolution, votes, language, provider)]
    points = sum(weight * part for weight, part in zip(rule.weights.all, parts, strict=True))
    total = round(100 * points / sum(rule.weights.all), 2)
    return Scored(candidate, place if rule.tiers else 0, total, *parts)


def ranked(candidates: Iterable[Candidate], rule: Rule, original: str = "") -> tuple[Scored, ...]:
    """Return candidates in their order, the best first: total, and whatever the order they come in."""
    return tuple(sorted((score(one, rule, original) for one in candidates), key=_order))


def bits_between(one: Candidate, other: Candidate, rule: Rule) -> int | None:
    """Return by how many bits two pictures that count as one differ; None where they are two.

    The hash cannot read: a picture with a title on it and the same without are two.
    """
    if one.key == other.key or (one.digest and one.digest == other.digest):
        return 0
    if one.phash is None or other.phash is None or (one.language is None) != (other.language is None):
        return None
    bits = distance(one.phash, other.phash, inverted=rule.art in TRANSPARENT)
    return bits if bits <= rule.alike else None


def _place(language: str | None, languages: Sequence[str], original: str) -> int:
    """The first place of the list that a language has; behind its end where it has none."""
    for place, wanted in enumerate(languages):
        if wanted == NONE:
            if language is None:
                return place
        elif language and language == (original if wanted == ORIGINAL else wanted):
            return place
    return len(languages)


def _order(one: Scored) -> tuple[object, ...]:
    candidate = one.candidate
    return one.tier, -one.score, -candidate.voters, -candidate.area, candidate.key, repr(candidate)
