"""Counting covered lines (`--cov`), which makes Python a half slower: not where others count the same."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

UNCOUNTED = frozenset({"accounts", "browser", "demo", "taggarr"})
"""Folders of tests that run nothing of the counted apps which those apps' own tests do not run as well."""


def counter(config: pytest.Config) -> Any:
    """What starts and stops the counting; None where nothing is counted."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)


def import_counted(config: pytest.Config) -> None:
    """Import all modules that are counted: their own lines count, whichever test would need them first."""
    if counting := counter(config):
        for app in counting.cov.get_option("run:source"):
            for found in pkgutil.walk_packages([str(config.rootpath / app)], f"{app}."):
                importlib.import_module(found.name)


def is_counted(item: pytest.Item) -> bool:
    """Whether lines are counted in this test."""
    return item.path.relative_to(item.config.rootpath / "tests").parts[0] not in UNCOUNTED
