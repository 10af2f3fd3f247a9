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
from library.models import File, Media, Season
from library.paths import last_part
from scanner.languages.codes import Language
from scanner.loading import locked, with_policies
from scanner.models import Policy
from scanner.models.state import has_facts
from scanner.probe.tracks import Facts, Track
from scanner.verdict.file import FileVerdict, decide_file
from scanner.verdict.rollup import Rules
from scanner.verdict.rules import rules_of

_FILES = """
    SELECT id, media_id, season_id, path, episodes, counted, problem, probed_at IS NOT NULL,
           verdict, reason, tracks, engine, partial, note
    FROM library_file JOIN scanner_filescanstate ON file_id = id WHERE media_id = ANY (%s)
"""


@dataclass(slots=True)
class DecidedFile:
    """One file as deciding takes it, and its verdict as that leaves it.

    `pk` is None where it is not stored yet; `facts` is None where it has none, `probed` says whether it ever
    was.
    """

    reason: dict[str, Any]
    facts: Facts | None
    pk: int | None
    media_id: int
    season_id: int | None
    path: str
    episodes: list[int]
    counted: bool
    problem: str
    probed: bool
    verdict: str

    @classmethod
    def of(cls, file: File) -> DecidedFile:
        state = file.scan_state
        return cls(
            reason=state.reason,
            facts=state.facts,
            pk=file.pk,
            media_id=file.media_id,
            season_id=file.season_id,
            path=file.path,
            episodes=file.episodes,
            counted=state.counted,
            problem=state.problem,
            probed=state.probed_at is not None,
            verdict=state.verdict,
        )

    def __str__(self) -> str:
        return last_part(self.path)


@dataclass(slots=True)
class StoredMedia:
    """One title with its files by path and its seasons."""

    media: Media
    files: list[DecidedFile]
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
        if id(policy) not in self._rules:
            self._rules[id(policy)] = (policy, rules_of(policy))
        return self._rules[id(policy)][1]

    def decide(self, facts: Facts | None, policy: Policy, original: Language | None) -> FileVerdict:
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
    query = Media.objects.filter(pk__in=media_ids).select_related("scan_state").order_by("pk")
    # The rows first: a policy that is saved meanwhile is committed by the time that they are ours.
    found = list(with_policies(list(locked(query) if lock else query)))
    files, seasons = _files_of(media_ids), _seasons_of(media_ids)
    for media in found:
        yield StoredMedia(media, files.get(media.pk, []), seasons.get(media.pk, []))


def _files_of(media_ids: Sequence[int]) -> dict[int, list[DecidedFile]]:
    files: dict[int, list[DecidedFile]] = {}
    for *columns, reason, tracks, engine, partial, note in sql.fetch(_FILES, [list(media_ids)]):
        facts = _facts(tracks, engine, partial, note) if has_facts(*columns[6:8]) else None
        file = DecidedFile(_parsed(reason), facts, *columns)
        files.setdefault(file.media_id, []).append(file)
    for found in files.values():
        # As `library.files.load_files` has them, whatever the database's collation.
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
    found = Season.objects.select_related("scan_state").filter(media__in=media_ids)
    for season in found.order_by("media_id", "number"):
        seasons.setdefault(season.media_id, []).append(season)
    return seasons
