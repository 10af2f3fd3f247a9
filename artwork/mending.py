"""Damaged kept files are kept anew: as they stand beside a title, else from the provider they came from."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from artwork.models import Candidate, Entity, PublishedFile, Source, usual_providers
from artwork.publishing.opening import looking
from artwork.publishing.plan import PublicationError
from connections.models import Connection
from core.errors import StorageError, TaggarrError
from providers.pictures import fetch_picture
from storage import keeping


def mend(digest: str) -> None:
    """Keep a file anew where anybody has it; what has other bytes by now is not taken for it.

    Raises what kept the last one from coming. Call it outside transactions.
    """
    failure: TaggarrError | None = None
    for title, path in _beside_titles(digest):
        try:
            with looking(title) as folder:
                there = folder.look(path)
                if there is None or there.digest != digest:
                    continue
                with folder.reading(path) as file:
                    keeping.keep_file(keeping.pieces_of(file))
                return
        except (PublicationError, StorageError) as error:
            failure = error
    for connection, address in _at_providers(digest):
        try:
            fetch_picture(connection, address, digest=digest)
        except TaggarrError as error:
            failure = error
        else:
            return
    if failure is not None:
        raise failure


def _beside_titles(digest: str) -> Iterator[tuple[Entity, str]]:
    """The titles beside which it should stand, and where."""
    files = PublishedFile.objects.filter(digest=digest).select_related("title__media__connection")
    for file in files:
        yield file.title, file.path
    pictures = Candidate.objects.filter(source=Source.LOCAL, digest=digest)
    for one in pictures.select_related("entity__media__connection", "entity__title__media__connection"):
        yield one.entity.root, one.address


def _at_providers(digest: str) -> Iterator[tuple[Connection, str]]:
    """The connections that have it, and the address of it there."""
    rows = Candidate.objects.filter(Q(digest=digest) | Q(preview=digest), source__in=usual_providers())
    known = {one.kind: one for one in Connection.objects.filter(enabled=True).order_by("pk")}
    for one in rows:
        if one.source in known:
            is_whole = one.digest == digest or not one.thumbnail
            yield known[one.source], one.address if is_whole else one.thumbnail
