"""Small versions of pictures that were not fetched yet, kept here: a browser never asks a provider.

Each is fetched once, when somebody looks at it, and stays for the grace of the storage.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from artwork.models import Candidate
from connections.models import Connection
from core.errors import ConfigError, Later
from providers.pictures import fetch_picture
from storage.models import Stored

AT_ONCE = 4
"""So many are fetched at once by a process: who gets no turn comes back."""

TURN = 1.0
TIMEOUT = 8.0
_turns = BoundedSemaphore(AT_ONCE)


def preview_of(candidate: Candidate) -> str:
    """The digest of a small version of a picture, or of the picture where that is kept.

    Raises Later where others are being fetched, ConfigError where there is no way to it, and as
    `fetch_picture`. Call it outside transactions.
    """
    names = [name for name in (candidate.digest, candidate.preview) if name]
    kept = set(Stored.objects.filter(digest__in=names, width__isnull=False).values_list("digest", flat=True))
    if (found := next((name for name in names if name in kept), None)) is not None:
        return found
    of = Connection.objects.filter(kind=candidate.source, enabled=True).order_by("-pk").first()
    if of is None:
        raise ConfigError("artwork.not-kept")
    if not _turns.acquire(blocking=False):
        raise Later(TURN)
    try:
        stored = fetch_picture(of, candidate.thumbnail or candidate.address, timeout=TIMEOUT, tries=1)
    finally:
        _turns.release()
    Candidate.objects.filter(pk=candidate.pk).update(preview=stored.digest)
    return stored.digest
