"""The addresses of kept files."""

from __future__ import annotations

from django.urls import path, register_converter

from storage.models import DIGEST
from storage.serving import private_file, public_file


class Digest:
    """A SHA-256 in hexadecimal."""

    regex = DIGEST

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Digest, "digest")

urlpatterns = [
    path("kept/<digest:digest>", public_file, name="storage-file"),
    path("kept/<digest:digest>/<int:width>/<int:expires>/<str:token>", private_file, name="storage-private"),
]
