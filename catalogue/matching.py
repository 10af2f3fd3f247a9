"""Whether what a row tells of is something the household has already: evidence, scored and shown. No Django.

A form, a scanner, an import and a sync all ask here. A code proves something only as long as the title does
not contradict it; what is in doubt, or fits two alike, waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalogue.codes import PRINTED, Code, Scheme, looked_up_as
from catalogue.folding import fold, fold_name, parsed, similarity
from catalogue.values import Entry, Kind

CONTRADICTED = 0.45
"""Below this two titles are of two things, whatever the code says."""

SAME_SOURCE = 1.0
SAME_ID = 0.99
SAME_CODE = 0.97
TITLE_YEAR_AND_CREATOR = 0.93
TITLE_AND_YEAR = 0.85
TITLE_AND_CREATOR = 0.75
IDENTIFIER_ALONE = 0.70
TITLE_AND_YEAR_NEARLY = 0.65
TITLE_ALONE = 0.60

_WORKS = frozenset({Scheme.IMDB, Scheme.TMDB_MOVIE, Scheme.TMDB_TV, Scheme.TVDB, Scheme.IGDB})
"""Ids of which a work has one: another is another work. Of ids of editions it has as many as editions."""

_ALIKE = (frozenset({Kind.BOOK, Kind.COMIC}), frozenset({Kind.MOVIE, Kind.TV}))
"""Kinds that lists take for each other: graphic novels, series on one disc."""

_REISSUED = frozenset({Kind.BOOK, Kind.COMIC, Kind.AUDIO})
"""Of these lists tell the year of the edition."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """What a list or service calls one row; the `occurrence`-th of equal ones where it has no ids."""

    name: str
    id: str
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of one thing, as far as two can be compared by it."""

    kind: Kind
    titles: tuple[str, ...]
    year: int | None = None
    creators: tuple[str, ...] = ()
    series: str = ""
    position: str = ""
    codes: frozenset[Code] = frozenset()
    sources: frozenset[Source] = frozenset()


class Basis(StrEnum):
    """By what two were found to be one."""

    SOURCE = "matched_by_source"
    IDENTIFIER = "matched_by_identifier"
    TITLE = "fallback_title_match"
    NOTHING = "nothing"


class What(StrEnum):
    SOURCE = "source"
    ID = "id"
    CODE = "code"
    KIND = "kind"
    TITLE = "title"
    NUMBER = "number"
    YEAR = "year"
    CREATOR = "creator"


class How(StrEnum):
    EQUAL = "equal"
    NEAR = "near"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of evidence: `detail` is the value that both have, or how alike two titles are."""

    what: What
    how: How
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    score: float
    basis: Basis
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From `link` on two are one, if the next is `ahead` behind; from `review` on a person is asked."""

    link: float = 0.92
    review: float = 0.60
    ahead: float = 0.05


USUAL = Thresholds()


class State(StrEnum):
    LINK = "link"
    REVIEW = "review"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    description: Description


@dataclass(frozen=True, slots=True)
class Ranked:
    id: str
    match: Match


@dataclass(frozen=True, slots=True)
class Decision:
    """`ranked` are the candidates worth a look, the best first; the first is it where `state` is LINK."""

    state: State
    ranked: tuple[Ranked, ...] = ()


def described(entry: Entry, source: str, occurrence: int = 1) -> Description:
    """What a row tells. A year that stands in the title counts where no other is told."""
    work, line = entry.work, parsed(entry.work.title)
    titles = (line.title, work.original_title)
    return Description(
        work.kind,
        tuple(title for title in titles if title),
        work.year or line.year,
        tuple(person.name for person in work.people),
        work.series or line.series,
        work.position or line.position,
        frozenset(entry.codes),
        frozenset({Source(source, entry.id, occurrence)} if entry.id else ()),
    )


def decide(wanted: Description, candidates: Iterable[Candidate], thresholds: Thresholds = USUAL) -> Decision:
    """Say what becomes of a row: linked, held for a person, or new; in whatever order candidates come."""
    found = (Ranked(one.id, match(wanted, one.description)) for one in candidates)
    ranked = sorted(
        (one for one in found if one.match.score >= thresholds.review),
        key=lambda one: (-one.match.score, one.id),
    )
    if not ranked:
        return Decision(State.NEW)
    best = ranked[0].match
    second = ranked[1].match.score if len(ranked) > 1 else 0.0
    # A row that was imported before is what it was then, whatever is like it.
    alone = second < SAME_SOURCE if best.basis is Basis.SOURCE else best.score - second >= thresholds.ahead
    state = State.LINK if best.score >= thresholds.link and alone else State.REVIEW
    return Decision(state, tuple(ranked))


def match(one: Description, other: Description) -> Match:
    """Score whether two are one, with all that speaks for and against; either may be named first."""
    parts = (
        *_of_identity(one, other),
        *_of_title(one, other),
        *_of_year(one, other),
        *_of_creators(one, other),
    )
    score, basis = max(
        _by_identity(parts), _by_title(parts, {one.kind, other.kind}), key=lambda scored: scored[0]
    )
    return Match(score, basis if score else Basis.NOTHING, parts)


# What is compared


def _of_identity(one: Description, other: Description) -> Iterable[Part]:
    for source in sorted(one.sources & other.sources):
        yield Part(What.SOURCE, How.EQUAL, f"{source.name} {source.id}")
    # A number of bookland is known as a GTIN too: it is shown once.
    for code in {code.value: code for code in sorted(_known_as(one) & _known_as(other))}.values():
        yield Part(What.CODE if code.scheme in PRINTED else What.ID, How.EQUAL, f"{code.scheme} {code.value}")
    for scheme in sorted(_WORKS):
        ours, theirs = ({code for code in side.codes if code.scheme is scheme} for side in (one, other))
        if ours and theirs and not ours & theirs:
            yield Part(What.ID, How.DIFFERS, scheme)
    fits = one.kind is other.kind or Kind.OTHER in (one.kind, other.kind)
    if not fits and not any({one.kind, other.kind} <= alike for alike in _ALIKE):
        yield Part(What.KIND, How.DIFFERS)


def _of_title(one: Description, other: Description) -> Iterable[Part]:
    alike = [similarity(ours, theirs) for ours in one.titles for theirs in other.titles]
    if alike:
        best = max(alike)
        how = How.EQUAL if best == 1 else How.DIFFERS if best < CONTRADICTED else How.NEAR
        yield Part(What.TITLE, how, f"{best:.2f}")
    numbers = [_issue(side) for side in (one, other)]
    if any(numbers):
        how = How.NEAR if not all(numbers) else How.EQUAL if numbers[0] == numbers[1] else How.DIFFERS
        yield Part(What.NUMBER, how, max(numbers) if how is not How.DIFFERS else "")


def _of_year(one: Description, other: Description) -> Iterable[Part]:
    if one.year and other.year:
        apart = abs(one.year - other.year)
        how = How.DIFFERS if apart > 1 else How.NEAR if apart else How.EQUAL
        yield Part(What.YEAR, how, "" if apart else str(one.year))


def _of_creators(one: Description, other: Description) -> Iterable[Part]:
    ours, theirs = ({fold_name(name) for name in side.creators if name} for side in (one, other))
    if ours and theirs:
        yield Part(What.CREATOR, How.EQUAL if ours & theirs else How.DIFFERS, min(ours & theirs, default=""))


def _known_as(one: Description) -> set[Code]:
    """An ISSN is of all issues of a periodical: it says nothing of one."""
    return {known for code in one.codes if code.scheme is not Scheme.ISSN for known in looked_up_as(code)}


def _issue(one: Description) -> str:
    """The number that is part of what a thing is, as that of a comic; a novel has a title of its own."""
    is_series = not one.series or fold(one.series) in {fold(title) for title in one.titles}
    number = one.position.strip().casefold() if is_series else ""
    whole, _, part = number.partition(".")
    return f"{whole.lstrip('0') or '0'}{f'.{part}' if part.strip('0') else ''}" if number else ""


# What it is worth


def _by_identity(parts: tuple[Part, ...]) -> tuple[float, Basis]:
    found = {(part.what, part.how) for part in parts}
    wrong = {(What.KIND, How.DIFFERS), (What.NUMBER, How.DIFFERS), (What.ID, How.DIFFERS)} & found
    if (What.SOURCE, How.EQUAL) in found:
        return SAME_SOURCE, Basis.SOURCE
    # Titles in two languages are not alike, and their id is still the same.
    if (What.ID, How.EQUAL) in found:
        return IDENTIFIER_ALONE if wrong else SAME_ID, Basis.IDENTIFIER
    if (What.CODE, How.EQUAL) in found:
        doubted = wrong or (What.TITLE, How.DIFFERS) in found
        return IDENTIFIER_ALONE if doubted else SAME_CODE, Basis.IDENTIFIER
    return 0.0, Basis.NOTHING


def _by_title(parts: tuple[Part, ...], kinds: set[Kind]) -> tuple[float, Basis]:
    """The worth of an equal title. Only of ids a difference may be a mistake: then a person looks."""
    how = {part.what: part.how for part in parts}
    if how.get(What.TITLE) is not How.EQUAL or How.DIFFERS in (how.get(What.KIND), how.get(What.NUMBER)):
        return 0.0, Basis.NOTHING
    year, creator = how.get(What.YEAR), how.get(What.CREATOR)
    score = _TITLES.get((year, creator), 0.0)
    if year is How.DIFFERS and creator is How.EQUAL and kinds <= _REISSUED:
        score = TITLE_ALONE
    if how.get(What.NUMBER) is How.NEAR:
        score = min(score, TITLE_AND_CREATOR)
    if any(part.what is What.ID and part.how is How.DIFFERS for part in parts):
        score = min(score, TITLE_ALONE)
    return score, Basis.TITLE


_TITLES: dict[tuple[How | None, How | None], float] = {
    (How.EQUAL, How.EQUAL): TITLE_YEAR_AND_CREATOR,
    (How.EQUAL, None): TITLE_AND_YEAR,
    (How.EQUAL, How.DIFFERS): TITLE_ALONE,
    (How.NEAR, How.EQUAL): TITLE_AND_CREATOR,
    (How.NEAR, None): TITLE_AND_YEAR_NEARLY,
    (None, How.EQUAL): TITLE_AND_CREATOR,
    (None, None): TITLE_ALONE,
}
"""What an equal title is worth by how its year and its creator stand; None where one side tells nothing."""
