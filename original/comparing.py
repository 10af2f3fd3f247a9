"""The original's tags beside our verdicts, and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from connections.models import Connection
from library.models import Media
from library.paths import last_part
from original.differences import cause_of, verdict_of
from original.files import Found
from original.importing import name_here
from original.state import Remembered
from scanner.verdict.sentences import media_sentence


@dataclass(frozen=True, slots=True)
class Difference:
    """One title on which the original and we differ: `why` is our reason, `cause` why it saw it otherwise."""

    instance: str
    title: str
    theirs: str
    ours: str
    why: str
    cause: str


@dataclass(slots=True)
class Comparison:
    """How many titles got the same verdict, by verdict; those that did not; those known to one side only."""

    same: Counter[str] = field(default_factory=Counter)
    different: list[Difference] = field(default_factory=list)
    not_here: list[str] = field(default_factory=list)
    only_here: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"same": dict(sorted(self.same.items()))}


def compare(found: Found) -> Comparison:
    """Compare what the original remembers with the verdicts stored here; titles match by their folders."""
    result = Comparison()
    roots = {
        (one.kind, root): (name_here(one), one.labels)
        for one in found.original.instances
        for root in one.roots
    }
    media = _by_folder()
    seen: set[int] = set()
    for entry in (entry for state in found.states for entry in state.entries):
        connection, labels = roots.get((entry.kind, entry.root), ("", ()))
        here = [
            one
            for one in media.get((entry.kind, entry.folder), [])
            if not connection or one.connection.name == connection
        ]
        if not here:
            result.not_here.append(entry.path)
        for one in here:
            seen.add(one.pk)
            _note(result, entry, one, labels or tuple(one.connection.scan_settings.policy.labels.values()))
    result.only_here = sum(1 for group in media.values() for one in group if one.pk not in seen)
    result.different.sort(key=lambda one: (one.instance, one.title))
    return result


def _note(result: Comparison, entry: Remembered, media: Media, labels: tuple[str, ...]) -> None:
    theirs, state = verdict_of(entry, labels) or entry.tag, media.scan_state
    if theirs == state.verdict:
        result.same[state.verdict] += 1
        return
    why = media_sentence(media) or state.scan_error or "Not scanned yet."
    cause = cause_of(entry, theirs, state.verdict, state.verdict_reason) if state.verdict_reason else ""
    result.different.append(Difference(media.connection.name, str(media), theirs, state.verdict, why, cause))


def _by_folder() -> dict[tuple[str, str], list[Media]]:
    found: dict[tuple[str, str], list[Media]] = {}
    connections = {one.pk: one for one in Connection.objects.select_related("scan_settings__policy")}
    for media in _rows():
        media.connection = connections[media.connection_id]
        found.setdefault((media.connection.kind, last_part(media.path)), []).append(media)
    return found


def _rows() -> Iterator[Media]:
    of_state = (f"scan_state__{name}" for name in ("verdict", "verdict_reason", "scan_error"))
    rows = Media.objects.select_related("scan_state")
    rows = rows.only("connection_id", "title", "year", "path", *of_state)
    return rows.order_by("pk").iterator(chunk_size=2000)
