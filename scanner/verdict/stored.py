"""Many media as the database has them, with no more of their files than deciding takes.

Made for a whole library at once: what is the same in thousands of files is read, and decided, once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any

from core import sql
from library.models import Media, Season
from library.paths import last_part
from scanner.facts.reading import has_facts
from scanner.languages.codes import Language
from scanner.loading import with_policies
from scanner.models import Policy
from scanner.probe.tracks import Facts, Track
from scanner.verdict.file import FileVerdict, decide_file
from scanner.verdict.rollup import Rules
from scanner.verdict.rules import rules_of

_FILES = """
    SELECT id, media_id, season_id, path, episodes, counted, problem, probed_at IS NOT NULL,
           verdict, reason, tracks, engine, partial, note
    FROM library_file WHERE media_id = ANY (%s)
"""


@dataclass(slots=True)
class StoredFile:
    """One file. `probed_at` only says whether it ever was; `facts` is None where it has none."""

    reason: dict[str, Any]
    facts: Facts | None
    pk: int
    media_id: int
    season_id: int | None
    path: str
    episodes: list[int]
    counted: bool
    problem: str
    probed_at: bool
    verdict: str

    def __str__(self) -> str:
        return last_part(self.path)


@dataclass(slots=True)
class StoredMedia:
    """One title with its files by path and its seasons."""

    media: Media
    files: list[StoredFile]
    seasons: list[Season]


@dataclass(slots=True)
class Decider:
    """Decides files; the same facts under the same rules and original language once.

    The keys are objects' ids: what they belong to is kept with them, so that no id is given again.
    """

    _rules: dict[int, tuple[Policy, Rules]] = field(default_factory=dict)
    _decided: dict[tuple[int, int, Language | None], tuple[Facts | None, FileVerdict]] = field(
        default_factory=dict
    )
    _reasons: dict[int, dict[str, Any]] = field(default_factory=dict)

    def rules(self, policy: Policy) -> Rules:
        """The rules that a policy states."""
        if id(policy) not in self._rules:
            self._rules[id(policy)] = (policy, rules_of(policy))
        return self._rules[id(policy)][1]

    def decide(self, facts: Facts | None, policy: Policy, original: Language | None) -> FileVerdict:
        """The verdict on a file with these facts."""
        key = (id(facts), id(policy), original)
        if key not in self._decided:
            self._decided[key] = (facts, decide_file(facts, self.rules(policy), original))
        return self._decided[key][1]

    def reason(self, decision: FileVerdict) -> dict[str, Any]:
        """A decision of `decide` as it is stored with a file; not to be changed."""
        if id(decision) not in self._reasons:
            self._reasons[id(decision)] = decision.to_json()
        return self._reasons[id(decision)]


def load(media_ids: Sequence[int], *, lock: bool = False) -> Iterator[StoredMedia]:
    """Yield these media by id, with their instances and policies; media of one policy share its object.

    `lock` holds their rows until the transaction ends.
    """
    query = Media.objects.filter(pk__in=media_ids).order_by("pk")
    # The rows first: a policy that is saved meanwhile is committed by the time that they are ours.
    rows = list(query.select_for_update(no_key=True) if lock else query)
    found = list(with_policies(rows))
    files, seasons = _files_of(media_ids), _seasons_of(media_ids)
    for media in found:
        yield StoredMedia(media, files.get(media.pk, []), seasons.get(media.pk, []))


def _files_of(media_ids: Sequence[int]) -> dict[int, list[StoredFile]]:
    files: dict[int, list[StoredFile]] = {}
    for *columns, reason, tracks, engine, partial, note in sql.fetch(_FILES, [list(media_ids)]):
        facts = _facts(tracks, engine, partial, note) if has_facts(*columns[6:8]) else None
        file = StoredFile(_parsed(reason), facts, *columns)
        files.setdefault(file.media_id, []).append(file)
    for found in files.values():
        # As `library.loading.load_files` has them, whatever the database's collation.
        found.sort(key=attrgetter("path"))
    return files


@lru_cache(maxsize=4096)
def _facts(tracks: str, engine: str, partial: bool, note: str) -> Facts:
    found = tuple(Track.from_json(track) for track in json.loads(tracks))
    return Facts(tracks=found, engine=engine, partial=partial, note=note)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _seasons_of(media_ids: Sequence[int]) -> dict[int, list[Season]]:
    seasons: dict[int, list[Season]] = {}
    for season in Season.objects.filter(media__in=media_ids).order_by("media_id", "number"):
        seasons.setdefault(season.media_id, []).append(season)
    return seasons
