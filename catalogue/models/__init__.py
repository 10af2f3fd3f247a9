"""What is kept of a collection: works, their editions and copies, how people stand to them, and imports."""

from .care import Change, Duplicate, Merge
from .imports import Candidate, Footprint, Import, ImportRow, Mode, Outcome, SourceLink
from .pictures import OF_COPY, OF_WORK, Picture, Shows
from .shelves import Copy, Edition, Identifier, Location, OwnField, SetMember
from .works import Contribution, Library, Person, Play, Progress, Season, Term, Visibility, Work, WorkTerm

__all__ = [
    "OF_COPY",
    "OF_WORK",
    "Candidate",
    "Change",
    "Contribution",
    "Copy",
    "Duplicate",
    "Edition",
    "Footprint",
    "Identifier",
    "Import",
    "ImportRow",
    "Library",
    "Location",
    "Merge",
    "Mode",
    "Outcome",
    "OwnField",
    "Person",
    "Picture",
    "Play",
    "Progress",
    "Season",
    "SetMember",
    "Shows",
    "SourceLink",
    "Term",
    "Visibility",
    "Work",
    "WorkTerm",
]
