"""Exports as answers: written to a nameless file first, then sent piece by piece."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, Protocol, TextIO

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone

from accounts.models import User
from catalogue import exporting, insurance
from storage import keeping
from system.downloads import send_pieces

CSV, ZIP = "text/csv; charset=utf-8", "application/zip"


class Send(Protocol):
    def __call__(self, user: User, *, head: bool) -> StreamingHttpResponse: ...


def _send(
    user: User, *, head: bool, write: Callable[[User, IO[bytes]], object], name: str, kind: str
) -> StreamingHttpResponse:
    file = tempfile.TemporaryFile(dir=settings.TAGGARR_DATA)  # noqa: SIM115  (it is closed when it is sent)
    if not head:
        write(user, file)
        file.seek(0)
    named = f"{timezone.localdate():%Y-%m-%d}-{name}"
    answer = send_pieces(_pieces(file), named, kind, kind="collection", head=head)
    if not head:
        answer["Content-Length"] = str(file.seek(0, io.SEEK_END))
        file.seek(0)
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


FORMS: Mapping[str, Send] = {
    "table": partial(_send, write=_table(exporting.write), name="collection.csv", kind=CSV),
    "archive": partial(_send, write=exporting.write_archive, name="collection.zip", kind=ZIP),
    "tellico": partial(_send, write=exporting.write_for_tellico, name="tellico.zip", kind=ZIP),
    "insurance": partial(_send, write=_table(insurance.write_table), name="insurance.csv", kind=CSV),
}
"""What is exported as which file."""
