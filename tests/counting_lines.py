"""Counting covered lines (`--cov`) where it tells something: in the tests of the apps that are counted.

It makes Python a half slower. What an app's own tests do not run counts as not covered, whoever else runs it.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest


def counter(config: pytest.Config) -> Any:
    """What starts and stops the counting; None where nothing is counted."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)


def counted_apps(config: pytest.Config) -> list[str]:
    """The apps whose lines are counted (`tool.coverage.run`)."""
    return list(counter(config).cov.get_option("run:source"))


def import_counted(config: pytest.Config) -> None:
    """Import all modules of these apps: their own lines count, whichever test would need them first."""
    for app in counted_apps(config) if counter(config) else ():
        for found in pkgutil.walk_packages([str(config.rootpath / app)], f"{app}."):
            importlib.import_module(found.name)


def is_counted(item: pytest.Item) -> bool:
    """Whether this is a test of a counted app: it stands in the folder of that name."""
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return folder in counted_apps(item.config)
