"""Publications: what is to be written is noted first, then it becomes visible, then it is known as ours.

The note is committed before the first file is touched, and what stood there is in the storage by then, as is
what will: so after a crash at any moment the next who opens the folder goes on where it was left. Where that
cannot be, because somebody else has written there, all is brought back. One at a time writes in a folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.models import User
from artwork.events import ArtEvent
from artwork.models import Entity, Publication, PublishedFile, State
from artwork.publishing.folder import PREFIX, SUFFIX, TitleFolder, changed_meanwhile
from artwork.publishing.opening import Opened, Wish, opened_folder, take_over
from artwork.publishing.plan import (
    NFO,
    SPARE,
    File,
    Found,
    Plan,
    PublicationError,
    Write,
    undo_of,
)
from artwork.publishing.shadowing import SHADOWED
from core import sql
from core.errors import ConfigError, StorageError, TaggarrError
from core.fields import stored
from core.words import Phrase
from history.services import record_many
from library import changes
from library.models import What
from storage import keeping, places
from storage.models import Stored

_LEFT = "SELECT 1 FROM artwork_publication WHERE title_id = %s AND state = %s"
_END = """
    UPDATE artwork_publication SET state = %s, ended_at = statement_timestamp(), error = %s WHERE id = %s
    RETURNING ended_at
"""
_MARK = """
    UPDATE artwork_entity AS entity SET published = new.digest, published_at = statement_timestamp()
    FROM unnest(%s::bigint[], %s::text[]) AS new (id, digest)
    WHERE entity.id = ANY (%s::bigint[]) AND entity.id = new.id
"""
_TELL = "UPDATE artwork_entity SET problem = %s WHERE id = %s AND problem <> %s"
_CLEAR = """
    UPDATE artwork_entity SET problem = '' WHERE id = %s AND problem <> '' AND problem NOT LIKE ALL (%s)
"""
_STAGED_TOGETHER = 64
"""So many files are open at once, to be forced to the disk together."""

NOTICES = ("artwork.nfo-kept", SHADOWED)
"""What a publication tells though it was carried out, and a file that is put back does not answer."""


@dataclass(frozen=True, slots=True)
class By:
    """Who publishes, and why."""

    user: User | None = None
    job_id: int | None = None
    undoes: Publication | None = None
    restores: bool = False

    @property
    def event(self) -> ArtEvent:
        if self.undoes is not None:
            return ArtEvent.UNDONE
        return ArtEvent.RESTORED if self.restores else ArtEvent.PUBLISHED


@dataclass(frozen=True, slots=True)
class Noted:
    """A publication that was noted just now; to carry it out nobody needs to look again at what it was made
    by, nor for the bytes that are `kept`.
    """

    publication: Publication
    asked: Wish
    kept: Mapping[str, Stored]


def publish(title: Entity, wish: Callable[[Opened], Wish], by: By) -> Publication | None:
    """Write what is wished for, all of it or nothing; None where it stood there already.

    `wish` is asked when the folder is open. What an earlier attempt left is finished first. Raises
    PublicationError and StorageError, which the title then tells, ConfigError where a picture is not kept.
    """
    try:
        noted = _note(title, wish, by)
        if noted is not None:
            carry_out(noted.publication, noted)
    except (PublicationError, StorageError) as error:
        Entity.objects.filter(pk=title.pk).update(problem=error.phrase)
        raise
    return noted.publication if noted else None


def undo(publication: Publication, by: By) -> Publication:
    """Bring back what stood before a publication, but for what somebody has changed since.

    Raises ConfigError where nothing can be brought back, and as `publish`.
    """
    if publication.state != State.DONE:
        raise ConfigError("artwork.not-done")

    def wish(opened: Opened) -> Wish:
        found = opened.look(write.path for write in publication.writes)
        return Wish(undo_of(publication.writes, found), found, dict.fromkeys(publication.wanted, ""))

    undone = publish(publication.title, wish, By(by.user, by.job_id, undoes=publication))
    if undone is None:
        raise ConfigError("artwork.nothing-to-undo")
    return undone


def carry_out(publication: Publication, noted: Noted | None = None) -> None:
    """Write what a publication noted just now, or a while ago: what a crash left of it is finished. One that
    has ended stays so.

    Raises StorageError where it has to wait, and what kept it from being written where all was brought back.
    """
    try:
        with opened_folder(publication.title, publication) as opened:
            failure = _finish(publication, opened, noted) if opened.is_planned else None
    except PublicationError as error:
        # There is no folder any more that it could be finished in.
        _end(publication, State.FAILED, error)
        raise
    if failure:
        raise failure


def notices() -> Q:
    """The titles that were written, with something to tell all the same."""
    return Q(*(Q(problem__contains=json.dumps(code)) for code in NOTICES), _connector=Q.OR)


def _note(title: Entity, wish: Callable[[Opened], Wish], by: By) -> Noted | None:
    """Make the journal of what is wished for; nothing is written yet, and what stands there is kept."""
    if sql.fetch(_LEFT, [title.pk, State.PLANNED]):
        for left in title.publications.filter(state=State.PLANNED):
            _end_what_is_left(left)
    with opened_folder(title) as opened:
        if not opened.folder.has_video(title.stem if not title.own_folder else ""):
            raise PublicationError("artwork.no-video", title=str(title))
        asked = wish(opened)
        plan = asked.plan
        if not plan.writes:
            take_over(opened, plan.standing)
            _mark(asked.wanted)
            _tell(title.pk, asked.problem)
            return None
        kept = _check(opened.folder, plan)
        _keep(opened.folder, plan.writes)
        take_over(opened, plan.standing)
        return Noted(_planned(title, asked, by), asked, kept)


def _planned(title: Entity, asked: Wish, by: By) -> Publication:
    values: dict[str, Any] = {
        "steps": [write.to_json() for write in asked.plan.writes],
        "wanted": {str(pk): digest for pk, digest in asked.wanted.items()},
        "restores": by.restores,
        "job_id": by.job_id,
    }
    of = {"title": title, "undoes": by.undoes, "user": by.user}
    keys = {name: row.pk if row else None for name, row in of.items()}
    columns = {**values, **keys}
    [(pk, started_at)] = sql.insert_values(
        Publication, list(columns), [list(columns.values())], returning=("started_at",)
    )
    publication = Publication(pk=pk, started_at=started_at, **values, **of)
    publication._state.adding = False
    return publication


def _end_what_is_left(publication: Publication) -> None:
    """Finish it, forward or back. Raises as `carry_out` where neither can be now."""
    try:
        carry_out(publication)
    except (PublicationError, StorageError):
        publication.refresh_from_db(fields=["state"])
        if publication.state == State.PLANNED:
            raise


def _check(folder: TitleFolder, plan: Plan) -> dict[str, Stored]:
    """The kept bytes of what is to be written. Raises where they are not kept any more, or do not fit."""
    held = keeping.use(write.digest for write in plan.writes if write.digest)
    folder.check_space(SPARE + sum(held[write.digest].size for write in plan.writes if write.digest))
    return held


def _keep(folder: TitleFolder, writes: Iterable[Write]) -> None:
    """Keep what is about to go, as far as it is not kept already."""
    going = {write.before: write.path for write in writes if write.before}
    if not going:
        return
    kept = Stored.objects.filter(digest__in=going, damaged_at=None).values_list("digest", flat=True)
    keeping.use(known := set(kept))
    for digest in going.keys() - known:
        with folder.reading(going[digest]) as file:
            stored = keeping.keep_file(keeping.pieces_of(file))
        if stored.digest != digest:
            raise changed_meanwhile(going[digest])


def _finish(
    publication: Publication, opened: Opened, noted: Noted | None
) -> PublicationError | StorageError | None:
    """Go forward, else back; return what kept it from going forward. Raises where neither can be."""
    try:
        _forward(publication, opened, noted)
    except (PublicationError, StorageError) as error:
        _back(publication, opened.folder)
        _end(publication, State.ROLLED_BACK, error)
        return error
    _done(publication, opened, noted.asked.problem if noted else None)
    return None


def _forward(publication: Publication, opened: Opened, noted: Noted | None) -> None:
    folder, writes = opened.folder, publication.writes
    found = noted.asked.found if noted else opened.look(write.path for write in writes)
    left = [(number, write) for number, write in enumerate(writes) if _digest(found, write) != write.digest]
    for _, write in left:
        if _digest(found, write) != write.before:
            raise changed_meanwhile(write.path)
    staged = [
        (_draft(publication, number), write.path, write.digest) for number, write in left if write.digest
    ]
    _stage(folder, staged, noted.kept if noted else None)
    for number, write in left:
        meant = found.get(write.path)
        if write.digest is None:
            folder.remove(write.path, meant)
        else:
            folder.switch(_draft(publication, number), write.path, meant)
    # Of those that stood there already, drafts may be left of an attempt before.
    folder.clear(_drafts(publication), [write.path for write in writes])
    folder.settle()


def _back(publication: Publication, folder: TitleFolder) -> None:
    """Bring back what stood there, where ours took its place."""
    for number, write in reversed(list(enumerate(publication.writes))):
        # Where a link or anything else stands now there is no place of ours to bring back.
        with suppress(PublicationError):
            folder.clear(_drafts(publication), [write.path])
            _bring_back(folder, write, _draft(publication, number))
    folder.settle()


def _bring_back(folder: TitleFolder, write: Write, draft: str) -> None:
    there = folder.look(write.path)
    if (there.digest if there else None) != write.digest:
        return
    if write.before is None:
        folder.remove(write.path, there)
    else:
        _stage(folder, [(draft, write.path, write.before)])
        folder.switch(draft, write.path, there)


def _stage(
    folder: TitleFolder, staged: Sequence[tuple[str, str, str]], kept: Mapping[str, Stored] | None = None
) -> None:
    """Write kept files beside where they belong, as drafts, and force them to the disk."""
    if kept is None:
        kept = keeping.find(digest for _, _, digest in staged)
    store = places.backend()
    for start in range(0, len(staged), _STAGED_TOGETHER):
        for draft, path, digest in staged[start : start + _STAGED_TOGETHER]:
            if digest not in kept:
                raise StorageError("artwork.damaged", path=path)
            with keeping.read(kept[digest], store) as source:
                folder.stage(draft, path, source, digest)
        folder.force()


def _draft(publication: Publication, number: int) -> str:
    return f"{_drafts(publication)}{number}{SUFFIX}"


def _drafts(publication: Publication) -> str:
    return f"{PREFIX}{publication.pk}-"


def _digest(found: Mapping[str, Found], write: Write) -> str | None:
    there = found.get(write.path)
    return there.digest if there else None


# What is known afterwards


def _done(publication: Publication, opened: Opened, problem: str | None) -> None:
    """Write down what is ours now, and tell who follows; in the transaction that ends the publication."""
    writes = publication.writes
    by = By(publication.user, publication.job_id, publication.undoes, publication.restores)
    ours = [
        File(one.path, one.digest, one.entity, one.art, one.rank, one.told)
        for one in writes
        if one.digest and one.ours
    ]
    # What is put back in place of what another program made of it is counted: see `verifying`.
    rounds = {one.path: int(one.before is not None) for one in writes} if publication.restores else None
    take_over(opened, ours, rounds)
    gone = [write.path for write in writes if not (write.digest and write.ours)]
    if gone:
        PublishedFile.objects.filter(title=opened.title, path__in=gone).delete()
    media = opened.title.media
    assert media is not None  # noqa: S101  (its folder is open)
    told = {What.NFO if write.art == NFO else What.PICTURES for write in writes}
    number = len(writes)
    text = Phrase(f"artwork.{by.event.removeprefix('art_')}", title=str(opened.title), number=number)
    about = {"subject": media, "actor": by.user, "job_id": by.job_id}
    with sql.together():
        _mark({int(pk): wanted for pk, wanted in publication.wanted.items()})
        changes.record(changes.of(media, what) for what in sorted(told))
        record_many([{"kind": by.event, "text": text, **about}])
        _tell(opened.title.pk, problem)
        _end(publication, State.DONE)


def _mark(wanted: Mapping[int, str]) -> None:
    """Remember what these entities have now."""
    if wanted:
        sql.change(_MARK, [list(wanted), list(wanted.values()), list(wanted)])


def _tell(title: int, problem: str | None) -> None:
    """Say of a title what there is to tell though all was written; None leaves what it told before, but for
    what kept it from being written.
    """
    if problem is None:
        sql.change(_CLEAR, [title, [f"%{json.dumps(code)}%" for code in NOTICES]])
    else:
        sql.change(_TELL, [told := stored(problem), title, told])


def _end(publication: Publication, state: State, error: TaggarrError | None = None) -> None:
    publication.state, publication.error = state, error.phrase if error else ""
    rows = sql.fetch(_END, [state, stored(publication.error), publication.pk])
    publication.ended_at = rows[0][0] if rows else None
