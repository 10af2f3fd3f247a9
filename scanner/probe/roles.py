"""What a container or a codec says a track is for, in the same words whatever it was."""

from __future__ import annotations

from typing import NamedTuple


class Role(NamedTuple):
    """What roles say of a track; `original` is None where none says anything of that."""

    commentary: bool = False
    descriptive: bool = False
    forced: bool = False
    original: bool | None = None
    hearing_impaired: bool = False

    def joined(self, other: Role) -> Role:
        """What both say together; of the original the first one tells."""
        if other is NO_ROLE:
            return self
        return Role(
            self.commentary or other.commentary,
            self.descriptive or other.descriptive,
            self.forced or other.forced,
            other.original if self.original is None else self.original,
            self.hearing_impaired or other.hearing_impaired,
        )


NO_ROLE = Role()
COMMENTARY = Role(commentary=True)
DESCRIPTION = Role(descriptive=True)
HARD_OF_HEARING = Role(hearing_impaired=True)
DUB = Role(original=False)
FORCED = Role(forced=True)

# Services of (E-)AC-3 that matter (ETSI TS 102 366, table 4.2): visually impaired, hearing impaired,
# commentary.
DOLBY_SERVICES = {2: DESCRIPTION, 3: HARD_OF_HEARING, 5: COMMENTARY}
