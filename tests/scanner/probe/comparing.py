"""The header reader beside MediaInfo, ffprobe and mkvmerge, field by field, and why they differ where they
do.

`REASONS` is the whole list: docs/probe.md says of each who is right. A difference that none of them
explains is a fault of the header reader until somebody shows otherwise."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from core.errors import ProbeError
from scanner.probe.engines import probe
from scanner.probe.tracks import Track

from . import tools

COMPARED = tuple(item.name for item in fields(Track) if item.name not in ("kind", "index"))
MP4 = (".mp4", ".mov", ".m4v")


@dataclass(frozen=True)
class Difference:
    """One field of one track that a tool tells otherwise; "tracks" where it lists others."""

    path: Path
    tool: str
    what: str
    ours: object
    theirs: object
    codec: str = ""

    @property
    def mp4(self):
        return self.path.suffix in MP4

    @property
    def ogg(self):
        return self.path.suffix == ".ogv"

    @property
    def own(self):
        return self.path.name.startswith("own-")


@dataclass(frozen=True)
class Reason:
    """Why tools differ: the name under which docs/probe.md explains it, and which differences it covers."""

    name: str
    covers: Callable[[Difference], bool]


def by_mediainfo(*names):
    return lambda found: found.tool == "mediainfo" and found.what in names


REASONS = (
    Reason(
        "Missing language",
        lambda found: not found.mp4 and (found.what, found.ours, found.theirs) == ("language", None, "eng"),
    ),
    Reason(
        "Undetermined is not missing",
        lambda found: (found.what, found.ours, found.theirs) == ("language", "und", None),
    ),
    Reason(
        "Tags of language and region",
        lambda found: found.tool == "ffprobe" and found.what == "region" and found.theirs is None,
    ),
    Reason(
        "Chinese of QuickTime",
        lambda found: by_mediainfo("region")(found) and found.mp4 and found.theirs in ("tw", "cn"),
    ),
    Reason(
        "Flags that MediaInfo does not show",
        lambda found: (
            by_mediainfo("commentary", "descriptive", "original", "hearing_impaired")(found)
            and not found.theirs
        ),
    ),
    Reason(
        "Disabled tracks of Matroska",
        lambda found: (
            found.tool in ("mediainfo", "ffprobe")
            and not found.mp4
            and (found.what, found.ours) == ("enabled", False)
        ),
    ),
    Reason(
        "Forced by role", lambda found: by_mediainfo("forced")(found) and found.mp4 and found.ours is True
    ),
    Reason(
        "Handler names in tags",
        lambda found: (
            by_mediainfo("title")(found) and not found.mp4 and "A name by hand" in str(found.theirs)
        ),
    ),
    Reason(
        "Titles of MP4",
        lambda found: (
            found.tool in ("ffprobe", "mkvmerge") and found.mp4 and found.what == "title" and not found.theirs
        ),
    ),
    Reason("Order and titles of Ogg", lambda found: found.tool == "mediainfo" and found.ogg),
    Reason(
        "FLAC of Ogg in mkvmerge",
        lambda found: (
            found.tool == "mkvmerge"
            and found.ogg
            and found.codec == "FLAC"
            and found.what in ("language", "region", "title")
            and not found.theirs
        ),
    ),
    Reason(
        "Channels without a frame",
        lambda found: found.mp4 and found.what == "channels" and 0 in (found.ours, found.theirs),
    ),
    Reason(
        "MP4 in mkvmerge",
        lambda found: found.tool == "mkvmerge" and found.mp4 and found.what != "tracks" and not found.theirs,
    ),
    Reason(
        "Tracks that mkvmerge does not list",
        lambda found: found.tool == "mkvmerge" and found.what == "tracks" and (found.mp4 or found.own),
    ),
    Reason(
        "Tracks behind the clusters",
        lambda found: (
            found.what == "tracks" and "tracks_last_unannounced" in found.path.name and not found.theirs
        ),
    ),
)


@dataclass
class Comparison:
    """What came of some files."""

    files: int = 0
    fields: int = 0
    explained: Counter[tuple[str, str]] = field(default_factory=Counter)
    unexplained: list[Difference] = field(default_factory=list)
    not_by_header: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, path):
        """Compare the engines on one file."""
        facts = probe(path).facts
        self.files += 1
        if facts.engine != "header":
            self.not_by_header.append((path, facts.note))
            return
        for tool, tracks in (
            ("mediainfo", mediainfo(path)),
            ("ffprobe", tools.ffprobe(path)),
            ("mkvmerge", tools.mkvmerge(path)),
        ):
            for found in self._differences(path, tool, facts.tracks, tracks):
                self._explain(found)

    def _differences(self, path, tool, ours, theirs):
        kinds, other_kinds = ([track.kind for track in tracks] for tracks in (ours, theirs))
        if kinds != other_kinds:
            yield Difference(path, tool, "tracks", kinds, other_kinds)
            return
        for mine, other in zip(ours, theirs, strict=True):
            for name in COMPARED:
                self.fields += 1
                told, told_there = getattr(mine, name), getattr(other, name)
                if told != told_there:
                    yield Difference(path, tool, name, told, told_there, mine.codec)

    def _explain(self, found):
        for reason in REASONS:
            if reason.covers(found):
                self.explained[reason.name, found.tool] += 1
                return
        self.unexplained.append(found)


def mediainfo(path):
    try:
        return probe(path, engine="mediainfo").facts.tracks
    except ProbeError:
        return ()
