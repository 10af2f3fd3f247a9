"""Files that are sent piece by piece, whatever their size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from history import audit

PIECE = 1024 * 1024


def send_file(path: Path, content_type: str, *, kind: str, head: bool) -> StreamingHttpResponse:
    """Return an answer that makes the browser keep a file under its own name.

    Who took it stands in the audit log; `kind` says there what it is.
    """
    answer = send_pieces(_pieces(path), path.name, content_type, kind=kind, head=head)
    answer["Content-Length"] = str(path.stat().st_size)
    return answer


def send_pieces(
    pieces: Iterator[bytes], name: str, content_type: str, *, kind: str, head: bool
) -> StreamingHttpResponse:
    """Return an answer that makes the browser keep what these pieces amount to, and note who took it.

    `head`: the headers alone are asked for (HEAD). Nothing is read then, and nothing was taken.
    """
    if head:
        pieces = iter(())
    else:
        audit.note("downloaded", kind=kind, target=name)
    answer = StreamingHttpResponse(_in_threads(pieces), content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces one after the other; the web server is not kept waiting while one is read."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
