"""Other people's programs to compare with, in a virtual environment of their own that PEERS_VENV names.

`imagehash`, `botocore` and `moto[server]`: too large for the tests' own requirements.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

BIN = Path(os.environ.get("PEERS_VENV") or sys.prefix) / "bin"


def has(name: str) -> bool:
    """Whether a Python package or a program is there."""
    packages = BIN.parent.glob(f"lib/python*/site-packages/{name}/__init__.py")
    return (BIN / name).exists() or any(packages)


def needs(name: str) -> pytest.MarkDecorator:
    """Skip a test, and say so, where a peer is missing."""
    reason = f"{name} is in no virtual environment that PEERS_VENV names: not compared"
    return pytest.mark.skipif(not has(name), reason=reason)
