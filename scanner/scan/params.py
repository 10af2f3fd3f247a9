"""What a scan can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from core.errors import ConfigError

MODES = ("update", "rewrite", "remove")


@dataclass(frozen=True, slots=True)
class ScanParams:
    """The parameters of a scan job.

    `update` reads what is new or changed, `rewrite` everything, `remove` takes all our labels away and
    forgets the verdicts. `quick` reads the first file of each season only; `dry_run` sends and writes
    nothing; `deep` looks at every file's size and time; `media_id` names the one title of a small scan.
    """

    mode: str = "update"
    quick: bool = False
    dry_run: bool = False
    deep: bool = False
    media_id: int | None = None

    @classmethod
    def of(cls, params: dict[str, Any]) -> ScanParams:
        """Return the parameters of a job; raises `ConfigError` where one is wrong."""
        known = {field.name: field for field in fields(cls)}
        for name, value in params.items():
            if name not in known:
                raise ConfigError(f"A scan has no parameter {name!r}; it has {', '.join(known)}.")
            if name in ("quick", "dry_run", "deep") and not isinstance(value, bool):
                raise ConfigError(f"The parameter {name!r} of a scan is true or false.")
        scan = cls(**params)
        if scan.mode not in MODES:
            raise ConfigError(f"There is no scan mode {scan.mode!r}; choose {', '.join(MODES)}.")
        if scan.media_id is not None and not isinstance(scan.media_id, int):
            raise ConfigError("The parameter 'media_id' of a scan is the number of a media.")
        return scan
