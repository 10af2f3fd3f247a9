"""A store of its own for each test, and what the features are said to use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps


@pytest.fixture(autouse=True)
def _store_of_its_own(data: Path) -> None:
    pass


@pytest.fixture
def root(data: Path) -> Path:
    """The folder of the local store."""
    return data / "storage"


@pytest.fixture
def uses(monkeypatch) -> Callable[..., None]:
    """Say what a feature brings."""
    from storage.contract import References

    app = apps.get_app_config("scanner")
    brought = dict(vars(app).get("_brought", {}))

    def say(**what) -> None:
        monkeypatch.setitem(vars(app)["_brought"], References.MODULE, References(**what))

    monkeypatch.setitem(vars(app), "_brought", brought)
    return say
