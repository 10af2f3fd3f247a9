"""Pictures of people's own, from their disk or an address in the web: each is chosen and locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.db import transaction

from accounts.models import User
from artwork import by_hand
from artwork.finding import name_of
from artwork.models import Candidate, Entity, Source
from core.errors import FieldError
from core.outbound.addresses import LONGEST_URL, refuse_literal
from core.outbound.transport import Auth, Transport
from core.words import Phrase
from storage import keeping, uploads
from storage.models import Stored

MOST = 15 << 20
"""Bytes of a picture."""

TIMEOUT = 15.0
"""Seconds: a person waits for it."""


def upload(
    entity: Entity, art: str, pieces: Iterable[bytes], user: User, *, announced: int | None = None
) -> Candidate:
    """Take in a picture, have it be the one of its type, and lock that.

    `announced` are the bytes that the request says it has. Raises FieldError, PictureError, QuotaError and
    StorageError.
    """
    by_hand.check_slot(entity, art)
    return _choose(entity, art, uploads.take(pieces, user, announced=announced, most=MOST), user)


def upload_from(entity: Entity, art: str, address: str, user: User) -> Candidate:
    """Take in the picture at an address, as `upload`; no redirect is followed. Raises ApiError too."""
    by_hand.check_slot(entity, art)
    root, path = _split(address.strip())
    web = Transport(urlsplit(root).netloc, root, Auth({}, ()), timeout=TIMEOUT, tries=1)

    def take(pieces: Iterator[bytes]) -> Stored:
        return uploads.take(pieces, user, announced=None, most=MOST)

    return _choose(entity, art, web.request("GET", path, raw=True, largest=MOST, read=take), user)


def _split(address: str) -> tuple[str, str]:
    """The host of an address with its scheme, and what follows. Raises FieldError where it is none."""
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole or len(address) > LONGEST_URL or not address.isprintable() or " " in address:
        raise FieldError("address", "artwork.address")
    if parts.username is not None or parts.password is not None:
        raise FieldError("address", "address.with-password")
    refuse_literal(parts.hostname or "")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}", f"{parts.path or '/'}{query}"


@transaction.atomic
def _choose(entity: Entity, art: str, stored: Stored, user: User) -> Candidate:
    keeping.use([stored.digest])
    about = {"digest": stored.digest, "width": stored.width or 0, "height": stored.height or 0}
    known = {"entity": entity, "art": art, "source": Source.UPLOAD, "address": stored.digest}
    candidate, is_new = Candidate.objects.get_or_create(**known, defaults=about)
    if is_new:
        told = Phrase("artwork.uploaded", art=Phrase(f"art.{art}"), of=name_of(entity))
        by_hand.note(told, entity.root, user)
    by_hand.choose(candidate, user)
    return candidate
