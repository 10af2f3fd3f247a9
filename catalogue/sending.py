"""Exports as answers: written to a nameless file first, then sent piece by piece."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import IO, Protocol, TextIO

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from accounts.models import User
from catalogue import archiving, exporting, insurance
from storage import keeping
from system.downloads import send_pieces

CSV, ZIP = "text/csv; charset=utf-8", "application/zip"
_ARCHIVE = "collection.zip"


class Send(Protocol):
    def __call__(self, user: User, *, head: bool) -> StreamingHttpResponse: ...


def _send(
    user: User, *, head: bool, write: Callable[[User, IO[bytes]], object], name: str, kind: str
) -> StreamingHttpResponse:
    file = tempfile.TemporaryFile(dir=settings.TAGGARR_DATA)  # noqa: SIM115  (it is closed when it is sent)
    if not head:
        write(user, file)
        file.seek(0)
    answer = _answer(file, timezone.localdate(), name, kind, head=head)
    if not head:
        answer["Content-Length"] = str(file.seek(0, io.SEEK_END))
        file.seek(0)
    return answer


def _answer(file: IO[bytes], day: date, name: str, kind: str, *, head: bool) -> StreamingHttpResponse:
    return send_pieces(_pieces(file), f"{day:%Y-%m-%d}-{name}", kind, kind="collection", head=head)


def _archive(user: User, *, head: bool) -> StreamingHttpResponse:
    """The archive; a large one as it was last made. Raises ConfigError where nobody had it made yet."""
    if not archiving.is_large(user):
        return _send(user, head=head, write=exporting.write_archive, name=_ARCHIVE, kind=ZIP)
    job, stored = archiving.made(user)
    answer = _answer(
        io.BytesIO() if head else keeping.read(stored),
        timezone.localdate(job.finished_at),
        _ARCHIVE,
        ZIP,
        head=head,
    )
    answer["Content-Length"] = str(stored.size)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from keeping.pieces_of(file)


def _table(write: Callable[[User, TextIO], int]) -> Callable[[User, IO[bytes]], object]:
    def to_bytes(user: User, to: IO[bytes]) -> None:
        # By the mark in front spreadsheets know that it is UTF-8.
        text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="")
        write(user, text)
        text.detach()

    return to_bytes


TEMPLATE = "collection.csv"
"""What an empty table is called."""


def table(write: Callable[[TextIO], object], name: str) -> HttpResponse:
    """A small table as an answer."""
    to = io.StringIO(newline="")
    write(to)
    # By the mark in front spreadsheets know that it is UTF-8.
    return HttpResponse(
        "\ufeff" + to.getvalue(),
        content_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


FORMS: Mapping[str, Send] = {
    "table": partial(_send, write=_table(exporting.write), name="collection.csv", kind=CSV),
    "archive": _archive,
    "tellico": partial(_send, write=exporting.write_for_tellico, name="tellico.zip", kind=ZIP),
    "insurance": partial(_send, write=_table(insurance.write_table), name="insurance.csv", kind=CSV),
}
"""What is exported as which file."""
