"""What a probe read from one file. Facts never depend on anyone's wishes, and this module on no framework."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

TrackKind = Literal["audio", "text"]

MOST_TRACKS = 256
"""No honest file has more audio and subtitle tracks: no engine reads on."""


@dataclass(frozen=True, slots=True)
class Track:
    """One audio or subtitle track.

    `language` is an ISO 639-3 or 639-5 code, one of the special codes `und`, `mis`, `mul`, `zxx`, `qaa`,
    `qad`, a code that is no known language as the file has it, or None where it names none; `region` is a
    lower-case ISO 3166 or UN M.49 region. `index` counts from 0 within its kind. The flags are the
    container's; words in `title` are judged by the verdict. `original` is None where the file does not
    say. `descriptive` describes the picture to who cannot see it, `hearing_impaired` is made for who
    cannot hear well; a track that is not `enabled` is one that a player does not choose by itself.
    """

    kind: TrackKind
    index: int
    language: str | None = None
    region: str | None = None
    title: str = ""
    default: bool = False
    forced: bool = False
    commentary: bool = False
    descriptive: bool = False
    original: bool | None = None
    codec: str = ""
    channels: int = 0
    hearing_impaired: bool = False
    enabled: bool = True

    def to_json(self) -> dict[str, Any]:
        """The track as it is stored in `FileScanState.tracks`."""
        return {name: getattr(self, name) for name in _TRACK_FIELDS}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Track:
        """The track that `to_json` stored; fields that it did not know yet have their defaults."""
        return cls(**data)


# `asdict` copies what it finds, which is six times as slow; here are plain values alone.
_TRACK_FIELDS = tuple(one.name for one in fields(Track))


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one probe learned. `engine` is `header`, `mediainfo` or `arr`.

    `partial` is true where the source may hide tracks (an *arr that lists fewer languages than it counts
    audio streams): the rule about the first unlabelled track does not apply to it. `note` says in a few words
    why a slower engine was used, where one was.
    """

    tracks: tuple[Track, ...] = ()
    engine: str = ""
    partial: bool = False
    note: str = ""

    @property
    def audio(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.kind == "audio")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells that a file changed: its size in bytes, when it was written to and when anything of it was
    changed (its name, rights or links too) in nanoseconds, and the number of its inode, 0 where it has none.
    """

    size: int
    mtime_ns: int
    ctime_ns: int = 0
    inode: int = 0

    def differs(self, known: Fingerprint) -> bool:
        """Whether a file that was `known` like that is to be read again. An inode of 0 is none to compare."""
        return (self.size, self.mtime_ns, self.ctime_ns) != (known.size, known.mtime_ns, known.ctime_ns) or (
            self.inode != known.inode and 0 not in (self.inode, known.inode)
        )


@dataclass(frozen=True, slots=True)
class ProbedFile:
    fingerprint: Fingerprint
    facts: Facts = field(default_factory=Facts)
