"""Which pictures a slot gets, and why not the others.

Art that changes by itself annoys: a choice stands until another is of a better tier, or better by so many
points, or its own will not do any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from artwork.choice.locking import Lock
from artwork.choice.scoring import (
    NOTHING,
    Blocked,
    Candidate,
    Key,
    Reason,
    Rule,
    Scored,
    Why,
    bits_between,
    ranked,
    refusal,
)

BETTER = 5.0
"""So many points another must be ahead."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen of one type, the first picture first; `missing` are those that the rule still wants.

    `ranking` are all that would do, the best first, and `refused` those that would not. It `falls_back` where
    a season has the picture of its series, for want of its own.
    """

    chosen: tuple[Key, ...]
    ranking: tuple[Scored, ...] = ()
    refused: tuple[tuple[Candidate, Reason], ...] = ()
    rule: Rule | None = None
    lock: Lock | None = None
    falls_back: bool = False

    @property
    def missing(self) -> int:
        return max(0, self.rule.least - len(self.chosen)) if self.rule and not self.falls_back else 0


def select(
    candidates: Iterable[Candidate],
    rule: Rule,
    current: Sequence[Key] = (),
    *,
    original: str = "",
    blocked: Blocked = NOTHING,
    lock: Lock | None = None,
) -> Selection:
    """Choose pictures of one type, given those that are chosen now. What is locked stays.

    A picture that its provider does not list any more stays as well, as long as there is no other.
    """
    distinct = {one.key: one for one in sorted(candidates, key=repr)}
    reasons = {key: refusal(one, rule, blocked) for key, one in distinct.items()}
    ranking = ranked((one for key, one in distinct.items() if reasons[key] is None), rule, original)
    refused = tuple((distinct[key], reason) for key, reason in sorted(reasons.items()) if reason is not None)
    chosen = tuple(current) if lock else _chosen(ranking, rule, current)
    if not lock and len(chosen) < rule.most:
        gone = {one.key for one, reason in refused if reason.why is Why.GONE}
        chosen += tuple(key for key in dict.fromkeys(current) if key in gone)[: rule.most - len(chosen)]
    return Selection(chosen, ranking, refused, rule, lock)


def _chosen(ranking: Sequence[Scored], rule: Rule, current: Sequence[Key]) -> tuple[Key, ...]:
    by_key = {one.candidate.key: one for one in ranking}
    taken: list[Scored] = []
    for place in range(rule.most):
        free = (one for one in ranking if not _is_taken(one, taken, rule))
        best = next(free, None)
        if best is None:
            break
        incumbent = by_key.get(current[place]) if place < len(current) else None
        keeps = (
            incumbent is not None and not _is_taken(incumbent, taken, rule) and not _beats(best, incumbent)
        )
        taken.append(incumbent if incumbent is not None and keeps else best)
    return tuple(one.candidate.key for one in taken)


def _is_taken(one: Scored, taken: Iterable[Scored], rule: Rule) -> bool:
    return any(bits_between(one.candidate, other.candidate, rule) is not None for other in taken)


def _beats(one: Scored, incumbent: Scored) -> bool:
    if one.tier != incumbent.tier:
        return one.tier < incumbent.tier
    return one.score >= incumbent.score + BETTER


def or_of_series(season: Selection, series: Selection) -> Selection:
    """The selection of a season, which has the first picture of its series where it has none of its own."""
    if season.chosen or season.lock or not series.chosen:
        return season
    return replace(season, chosen=series.chosen[:1], falls_back=True)


def why_not(key: Key, selection: Selection) -> Reason | None:
    """Return why a candidate is not chosen, compared with the last one that is; None where it is."""
    if key in selection.chosen:
        return None
    if selection.lock:
        return Reason(Why.LOCKED, {"lock": selection.lock.value})
    if refused := next((reason for one, reason in selection.refused if one.key == key), None):
        return refused
    by_key = {one.candidate.key: one for one in selection.ranking}
    if key not in by_key or selection.rule is None:
        return Reason(Why.GONE)
    return _behind(by_key[key], [by_key[one] for one in selection.chosen if one in by_key], selection.rule)


def _behind(one: Scored, chosen: Sequence[Scored], rule: Rule) -> Reason:
    for other in chosen:
        bits = bits_between(one.candidate, other.candidate, rule)
        if bits is not None:
            return Reason(Why.DUPLICATE, {"address": other.candidate.address, "bits": bits})
    last = chosen[-1]
    if one.tier > last.tier:
        return Reason(Why.TIER, {"tier": one.tier, "chosen": last.tier})
    figures = {"score": one.score, "chosen": last.score}
    if one.score > last.score:
        return Reason(Why.NOT_BETTER_ENOUGH, {**figures, "needed": BETTER})
    return Reason(Why.SCORE if one.score < last.score else Why.TIE, figures)
