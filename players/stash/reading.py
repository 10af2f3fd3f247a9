"""Reading scenes when they are sent, those of a hundred links in one call. Nothing waits for a Stash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from connections.models import Breaker, Connection
from core import sql
from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError, ConfigError, Later
from players import links, pictures
from players.clients.contract import POSTER
from players.clients.stash import Scene, StashClient
from players.connections import stash_client_for
from players.links import Claim, End
from players.models import Cause, Link, LinkState, StashSettings, Subject
from players.rules.scenes import Filters, Lack, cover_of, fields_of, lack_of, title_of
from players.sources import State
from players.stash.noting import PREFIX

AWAY = 60.0
"""Seconds until scenes of a Stash that does not answer, or is switched off, are taken up again."""

FRESH = timedelta(minutes=1)
"""So long what was read serves: for what the rate of the player put off, and for other players."""


@dataclass(slots=True)
class Read:
    """The links that can be sent now, and how those ended that need not be sent."""

    ready: list[Link] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    def sort(self, link: Link) -> None:
        """Leave alone a scene that is not finished, or that never was sent and need not be; send all else."""
        lacks = State.from_json(link.subject.state).lacks
        if lacks is Lack.UNFINISHED or (lacks is not None and not link.marks):
            self.ends.append(_kept(link, LinkState.EXCLUDED))
        else:
            self.ready.append(link)

    def without(self, some: Iterable[Link]) -> list[Link]:
        """The links that are not among those."""
        there = {link.pk for link in (*self.ready, *(end.link for end in self.ends))}
        return [link for link in some if link.pk not in there]


def read_scenes(claim: Claim, keep_alive: Callable[[], object], enough: int) -> Read:
    """Read what the scenes among these links should show. Those that cannot be read now are given back, as
    all are that were not read yet, where `enough` were.
    """
    found = Read()
    by_source: dict[int, list[Link]] = {}
    known = {link.subject.source_id for link in claim.links}
    sources = StashSettings.objects.select_related("connection").in_bulk(known)
    for link in claim.links:
        if link.subject.source_id not in sources:
            found.ready.append(link)
        elif _is_fresh(link.subject):
            found.sort(link)
        else:
            by_source.setdefault(link.subject.source_id, []).append(link)
    if len(found.ready) >= enough:
        claim.free(some=found.without(claim.links))
        return found
    for pk, some in by_source.items():
        if _is_away(source := sources[pk].connection):
            claim.free(AWAY, some)
            continue
        keep_alive()
        try:
            client = stash_client_for(source)
            _read(sources[pk], client, some, found, Covers(client, pictures.are_wanted(source), keep_alive))
        except Later as error:
            claim.free(error.seconds, found.without(some))
        except (ApiTransientError, ApiAuthError, ConfigError):
            # Its own breaker, and its health, tell of it: it is no fault of the scenes or of the player.
            claim.free(AWAY, found.without(some))
    return found


def _is_fresh(subject: Subject) -> bool:
    """Whether it was read a moment ago, and nothing newer was told of it since."""
    recent = subject.read_at is not None and timezone.now() - subject.read_at < FRESH
    return recent and subject.read_of == subject.wanted


def _is_away(stash: Connection) -> bool:
    return not stash.enabled or stash.breaker != Breaker.CLOSED


@dataclass(slots=True)
class Covers:
    """Reads the pictures of scenes, where any player is to show them. After a failure it reads no more."""

    client: StashClient
    are_wanted: bool
    keep_alive: Callable[[], object]
    failed: bool = False

    def of(self, scene: Scene, before: State) -> tuple[str, str]:
        """The digest of a scene's picture, empty where there is none, and what it was read of.

        One that cannot be read now is as it was before, and read of nothing: it is read again.
        """
        cover, known = cover_of(scene), str(before.fields.get(POSTER, ""))
        if not self.are_wanted:
            return "", ""
        if cover == before.cover:
            return known, cover
        if self.failed:
            return known, ""
        self.keep_alive()
        try:
            return pictures.digest_of(self.client.cover(scene.id)), cover
        except ApiAuthError:
            raise
        except ApiPermanentError:
            return "", cover
        except ApiTransientError:
            self.failed = True
            return known, ""


def _read(
    settings: StashSettings, client: StashClient, some: Sequence[Link], found: Read, covers: Covers
) -> None:
    """Read these scenes, where they are refused as a whole their halves, until the culprit stands alone."""
    began = timezone.now()
    try:
        scenes = client.scenes([_id_of(link.subject) for link in some])
    except ApiAuthError:
        raise
    except ApiPermanentError as error:
        if len(some) == 1:
            found.ends.append(_kept(some[0], LinkState.FAILED, cause=Cause.BAD_SOURCE, error=error.phrase))
            return
        half = len(some) // 2
        _read(settings, client, some[:half], found, covers)
        _read(settings, client, some[half:], found, covers)
    else:
        subjects = [link.subject for link in some]
        _take_over(settings, {subject: scenes.get(_id_of(subject)) for subject in subjects}, began, covers)
        for link in some:
            found.sort(link)


def _take_over(
    settings: StashSettings, read: Mapping[Subject, Scene | None], began: datetime, covers: Covers
) -> None:
    """Write down what was read; what is gone since is due in every player."""
    filters = Filters(tuple(settings.only_folders), tuple(settings.only_tags), tuple(settings.without_tags))
    gone: list[int] = []
    for subject, scene in read.items():
        before = State.from_json(subject.state)
        if scene is None:
            state = replace(before, lacks=None)
        else:
            lacks = lack_of(scene, filters, organized_only=settings.organized_only)
            poster, cover = ("", "") if lacks else covers.of(scene, before)
            state = State(title_of(scene), fields=fields_of(scene, poster), lacks=lacks, cover=cover)
            subject.title = state.title.title
            subject.source_at = max(filter(None, (subject.source_at, scene.changed)), default=None)
        was_gone, subject.gone = subject.gone, scene is None or state.lacks is Lack.FILTERED
        subject.state, subject.read_of, subject.read_at = state.to_json(), subject.wanted, began
        if subject.gone and not was_gone:
            gone.append(subject.pk)
    sql.update(list(read), ("title", "state", "gone", "source_at", "read_of", "read_at"))
    if gone:
        links.make_due(gone)


def _kept(link: Link, state: LinkState, **given: Any) -> End:
    """An end that leaves what is known of the player's items as it is."""
    return End(link, state, item_ids=link.item_ids, grade=link.grade, marks=links.marks_of(link), **given)


def _id_of(subject: Subject) -> str:
    return subject.key.removeprefix(PREFIX)
