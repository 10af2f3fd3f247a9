"""Collections that real files were imported into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from accounts.models import User
    from catalogue.models import Import

Importing = Callable[..., "Import"]


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from core import flags

    real = flags.is_on
    monkeypatch.setattr(flags, "is_on", lambda key: key == "catalogue" or real(key))


@pytest.fixture
def ute(db: None) -> User:
    from tests.catalogue.build import add_user

    return add_user("ute")


@pytest.fixture
def importing(ute: User, data: Path, switched_on: None) -> Importing:
    """Imports a text as a file, and returns the import when it is done."""
    from catalogue.imports import services
    from jobs.models import JobState
    from jobs.services import run_inline

    def do(content: str, user: User = ute, **settings: Any) -> Import:
        of = services.upload([content.encode()], user, name="list.csv")
        services.configure(of, **settings)
        assert run_inline(services.start(of)).state == JobState.COMPLETED
        of.refresh_from_db()
        return of

    return do
