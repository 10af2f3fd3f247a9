"""Looks for secrets in the files of the repository: `python script/find_secrets.py`; exit code 1 for one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SHAPES = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}"),
    "an API key of Taggarr": re.compile(
        r"\btgr_(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43}\b"
    ),
    "a stored secret": re.compile(r"\bgAAAAA[A-Za-z0-9_-]{80,}={0,2}"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b"),
    "a key of AWS": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[0-9]{8,}-[A-Za-z0-9-]{20,}"),
    "a webhook of Discord": re.compile(r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}"),
    "a token of a Telegram bot": re.compile(r"\b\d{9,10}:AA[A-Za-z0-9_-]{33}\b"),
    "an API key of Sonarr or Radarr": re.compile(
        r"(?i)api[-_]?key\W{1,4}(?!0123456789abcdef)(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{32}\b"
    ),
}
"""What secrets look like that people leave in files."""


def secrets_in(text: str) -> list[tuple[int, str]]:
    """Return line number and kind of every secret in a text."""
    found = [
        (text.count("\n", 0, match.start()) + 1, kind)
        for kind, shape in SHAPES.items()
        for match in shape.finditer(text)
    ]
    return sorted(found)


def main() -> int:
    """Look at all files that Git knows; print where a secret is, and not the secret."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout
    bad = 0
    for name in filter(None, listed.decode().split("\0")):
        path = Path(name)
        if not path.is_file():
            continue
        for line, kind in secrets_in(path.read_bytes().decode("utf-8", "replace")):
            print(f"{name}:{line}: this looks like {kind}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
