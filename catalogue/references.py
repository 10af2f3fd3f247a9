"""Which kept files the catalogue uses: pictures, archives, and lists not imported to their end yet."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from catalogue import archiving, scope
from catalogue.models import Import, Picture
from storage.contract import References


def _uploaded() -> Iterator[str]:
    return Import.objects.filter(finished_at=None, undone_at=None).values_list("digest", flat=True).iterator()


def _pictures() -> Iterator[str]:
    return Picture.objects.values_list("digest", flat=True).iterator()


def _is_visible(user: User, digest: str) -> bool:
    if any(rows.filter(digest=digest).exists() for rows in (scope.pictures(user), scope.imports(user))):
        return True
    return digest in archiving.digests(user)


BRINGS = References(used=(_uploaded, _pictures, archiving.digests), visible=(_is_visible,))
