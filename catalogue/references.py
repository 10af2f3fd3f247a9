"""Which kept files the catalogue uses: those of imports that were not read to their end yet."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from catalogue import scope
from catalogue.models import Import
from storage.contract import References


def _uploaded() -> Iterator[str]:
    return Import.objects.filter(finished_at=None, undone_at=None).values_list("digest", flat=True).iterator()


def _is_visible(user: User, digest: str) -> bool:
    return scope.imports(user).filter(digest=digest).exists()


BRINGS = References(used=(_uploaded,), visible=(_is_visible,))
