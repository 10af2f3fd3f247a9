"""What an app brings to the storage: which files it uses, who may see them, where they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import User
from core.features import Brings, contribution


@contribution
@dataclass(frozen=True)
class References(Brings):
    """The use of kept files, computed each time it is asked for: nothing is counted, so nothing drifts.

    `used` yield the digests that the app needs; one that fails stops the collection. `visible` say of a file
    that is not for all whether a user may see it. `mend` may keep a damaged file anew, from where it came.
    """

    MODULE = "references"

    used: tuple[Callable[[], Iterable[str]], ...] = ()
    visible: tuple[Callable[[User, str], bool], ...] = ()
    mend: tuple[Callable[[str], object], ...] = ()
