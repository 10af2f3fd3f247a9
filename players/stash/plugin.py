"""Writing our plugin for Stash, with the address and a new token of one Stash."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from connections.models import Connection
from core.errors import ConfigError
from players.stash import hook

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(/[!-~]*)?")
PROGRAM = Path(__file__).with_name("taggarr_plugin.py")
_DESCRIPTION = f"""\
name: Taggarr
description: Tells Taggarr what changed, so that the players show it seconds later.
version: "1"
exec:
  - python
  - "{{pluginDir}}/taggarr.py"
interface: raw
hooks:
  - name: Tell Taggarr
    description: Tells it which scene, tag, studio, performer or group changed, and nothing else.
    triggeredBy:
{"".join(f"      - {one}{chr(10)}" for one in hook.TYPES)}"""


def write_plugin(stash: Connection, folder: Path, address: str) -> list[Path]:
    """Write the plugin into a folder `taggarr` of this folder; return the files. Raises ConfigError.

    `address` is Taggarr's as Stash sees it. The plugin made before keeps working for a day.
    """
    if not _ADDRESS.fullmatch(address.strip()):
        raise ConfigError("stash.address")
    url = f"{address.strip().rstrip('/')}/api/v1/players/hook/{stash.pk}"
    place = folder / "taggarr"
    program, description, settings = (place / f"taggarr.{end}" for end in ("py", "yml", "json"))
    try:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROGRAM, program)
        description.write_text(_DESCRIPTION, encoding="utf-8")
        settings.touch()
        settings.write_text(json.dumps({"url": url, "token": hook.make_token(stash)}), encoding="utf-8")
    except OSError as error:
        raise ConfigError("stash.no-folder", path=place, reason=error.strerror) from None
    return [program, description, settings]
