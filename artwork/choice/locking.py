"""What automation may not change: asked here by whatever merges, chooses, adopts or applies a rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from artwork.names import ArtType

WHOLE = "*"
_SLOT = "art:"


class Lock(StrEnum):
    """What holds a value."""

    WHOLE = "whole"
    FIELD = "field"
    SLOT = "slot"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of one title: names of fields, of slots as `slot_name` has them, or `WHOLE`.

    With `adopted` a library locks all pictures that stood there before us.
    """

    names: Collection[str] = ()
    adopted: bool = False

    def of_field(self, name: str) -> Lock | None:
        if WHOLE in self.names:
            return Lock.WHOLE
        return Lock.FIELD if name in self.names else None

    def of_slot(self, art: ArtType, *, is_adopted: bool = False) -> Lock | None:
        """What holds the pictures of a type; `is_adopted` where one of them stood there before us."""
        if WHOLE in self.names:
            return Lock.WHOLE
        if slot_name(art) in self.names:
            return Lock.SLOT
        return Lock.LIBRARY if self.adopted and is_adopted else None


def slot_name(art: ArtType) -> str:
    return f"{_SLOT}{art}"
