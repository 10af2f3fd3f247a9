"""What has to be written so that a folder holds what it should: values in, values out. No Django."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from artwork.names import refused
from core.errors import TaggarrError

NFO = "nfo"
"""What an NFO is called where others are types of pictures."""

SPARE = 64 << 20
"""Bytes that stay free on the disk."""


class PublicationError(TaggarrError):
    """The folder cannot hold what should stand there; trying again will not help before somebody acts."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a title: where in its folder, what it holds by SHA-256, and what it is of which entity.

    Of an NFO `told` is the kept one that holds what we tell alone: others may have written into ours.
    """

    path: str
    digest: str
    entity: int
    art: str
    rank: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path. `inode` and the times tell whether it is still the same file."""

    digest: str
    size: int
    mtime_ns: int
    inode: int = 0


@dataclass(frozen=True, slots=True)
class Write:
    """One file to be put where `before` stands, or to be taken away where `digest` is None.

    `before` is None where nothing stands. `was` and `ours` say whether that was ours, and will be.
    """

    path: str
    digest: str | None
    before: str | None
    entity: int
    art: str
    rank: int = 0
    was: bool = False
    ours: bool = True
    told: str = ""
    told_before: str = ""

    def to_json(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Plan:
    """`writes` in the order in which they become visible; `standing` are files that stand there already."""

    writes: tuple[Write, ...] = ()
    standing: tuple[File, ...] = ()


def make_plan(
    wanted: Sequence[File], found: Mapping[str, Found], ours: Mapping[str, File], gone: Collection[str] = ()
) -> Plan:
    """Return what to write so that the `wanted` files stand in a folder.

    `found` is what stands there, `ours` are our files by their paths, as we left them. Those of `gone` are
    no longer wanted: they are taken away, unless somebody changed them.
    """
    writes, standing = [], []
    for file in wanted:
        there = found.get(file.path)
        if there and there.digest == file.digest:
            standing.append(file)
            continue
        before = there.digest if there else None
        own = ours.get(file.path)
        # An NFO of ours stays ours, whoever has written into it.
        was = before is not None and own is not None and (own.digest == before or own.art == NFO)
        writes.append(
            Write(
                file.path,
                file.digest,
                before,
                file.entity,
                file.art,
                file.rank,
                was,
                told=file.told,
                told_before=own.told if own and was else "",
            )
        )
    paths = {file.path for file in wanted}
    for path in sorted(set(gone) - paths):
        there = found.get(path)
        own = ours.get(path)
        if there and own and there.digest == own.digest:
            writes.append(
                Write(
                    path,
                    None,
                    there.digest,
                    own.entity,
                    own.art,
                    own.rank,
                    was=True,
                    ours=False,
                    told_before=own.told,
                )
            )
    return Plan(in_order(writes), tuple(standing))


def undo_of(writes: Iterable[Write], found: Mapping[str, Found]) -> Plan:
    """Return how to bring back what stood before some writes.

    What somebody else has changed since stays as it is.
    """
    back = []
    for write in writes:
        there = found.get(write.path)
        if (there.digest if there else None) == write.digest:
            back.append(
                Write(
                    write.path,
                    write.before,
                    write.digest,
                    write.entity,
                    write.art,
                    write.rank,
                    was=write.ours,
                    ours=write.was,
                    told=write.told_before,
                    told_before=write.told,
                )
            )
    return Plan(in_order(back))


def in_order(writes: Iterable[Write]) -> tuple[Write, ...]:
    """Pictures first, then what goes, and NFOs last: they are what makes players look."""
    return tuple(sorted(writes, key=lambda write: (write.art == NFO, write.digest is None)))


def check_names(paths: Sequence[str]) -> None:
    """Raise PublicationError for the first path that no folder can hold, or that leads out of it."""
    for one in refused(paths)[:1]:
        raise PublicationError(f"artwork.name-{one.reason}", path=shortened(one.name), other=one.other)


def shortened(path: str) -> str:
    return path if len(path) <= 100 else f"{path[:60]}…{path[-39:]}"
