"""Files in a bucket of anything that speaks S3: AWS, MinIO, Garage, Ceph, Backblaze, …

Addresses name the bucket in their path, which all of them understand. A bucket keeps an object whole or not
at all, and checks what it was sent against the signed SHA-256.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from os import getpid
from typing import IO, Literal
from urllib.parse import urlsplit

import requests
from defusedxml import DefusedXmlException, ElementTree
from urllib3.exceptions import LocationParseError

from core import outbound
from core.errors import ConfigError, StorageError
from core.outbound.addresses import refuse_literal
from storage.backends.sigv4 import EMPTY, Signer, encoded
from storage.heads import LARGEST

MARK = ".taggarr-storage"
_CONNECT, _READ, _WHOLE = 10.0, 30.0, 120.0
_LARGEST_TEXT = 8 * 2**20
_SLOWEST = 2**20
"""Bytes a second at which a file may come, beside the time that all may take."""

_KEPT_IN_MEMORY = 2**20
_TELLING = {
    403: "s3.key-refused",
    404: "s3.no-bucket",
    301: "s3.other-region",
    307: "s3.other-region",
    400: "s3.not-understood",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    url: str
    bucket: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    prefix: str = ""


class S3:
    def __init__(self, bucket: Bucket) -> None:
        parts = urlsplit(bucket.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise ConfigError("s3.address")
        if not bucket.bucket or not bucket.key_id or not bucket.secret:
            raise ConfigError("s3.incomplete")
        refuse_literal(parts.hostname)
        self._bucket = bucket
        self._base = f"{bucket.url.rstrip('/')}/{encoded(bucket.bucket)}"
        self._prefix = f"{bucket.prefix.strip('/')}/" if bucket.prefix.strip("/") else ""
        self._signer = Signer(bucket.key_id, bucket.secret, bucket.region)

    def is_there(self) -> bool:
        return self.size(MARK) is not None

    def prepare(self) -> None:
        self.put(MARK, io.BytesIO(), 0, EMPTY)

    def put(self, name: str, file: IO[bytes], size: int, digest: str) -> None:
        """Send it; the service keeps it only where it has this SHA-256."""
        file.seek(0)
        # A body of no bytes would be sent in chunks.
        body = file if size else b""
        with self._send("PUT", self._address(name), digest, body=body, size=size):
            pass

    def size(self, name: str) -> int | None:
        with self._send("HEAD", self._address(name)) as response:
            if response.status_code == requests.codes.not_found:
                return None
            return int(response.headers.get("Content-Length", "0"))

    def open(self, name: str) -> IO[bytes] | None:
        """The object, fetched whole: whoever reads it may be slow."""
        with self._send("GET", self._address(name)) as response:
            if response.status_code == requests.codes.not_found:
                return None
            spooled = tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY)  # noqa: SIM115  (the caller closes it)
            # Lists and archives are larger than any picture: as large as they were put here.
            most = max(LARGEST, int(response.headers.get("Content-Length", "0")))
            try:
                for piece in outbound.read_pieces(response, most=most, seconds=_WHOLE + most / _SLOWEST):
                    spooled.write(piece)
            except requests.RequestException as error:
                spooled.close()
                raise _unanswered(error) from None
            spooled.seek(0)
            return spooled

    def delete(self, name: str) -> None:
        with self._send("DELETE", self._address(name)):
            pass

    def names(self) -> Iterator[tuple[str, datetime]]:
        """All objects, a thousand at a time (ListObjectsV2)."""
        query = {"list-type": "2", "prefix": self._prefix}
        while True:
            pairs = "&".join(f"{name}={encoded(value)}" for name, value in sorted(query.items()))
            with self._send("GET", f"{self._base}?{pairs}") as response:
                if response.status_code == requests.codes.not_found:
                    raise ConfigError(_TELLING[404])
                try:
                    text = outbound.read_whole(response, most=_LARGEST_TEXT, seconds=_WHOLE)
                except requests.RequestException as error:
                    raise _unanswered(error) from None
            found, after = _listed(text)
            for key, written in found:
                name = key.removeprefix(self._prefix)
                if key.startswith(self._prefix) and name != MARK:
                    yield name, written
            if not after:
                return
            query["continuation-token"] = after

    def _address(self, name: str) -> str:
        return f"{self._base}/{encoded(self._prefix + name, '/')}"

    def _send(
        self,
        method: Literal["GET", "HEAD", "PUT", "DELETE"],
        url: str,
        payload: str = EMPTY,
        *,
        body: IO[bytes] | bytes | None = None,
        size: int | None = None,
    ) -> requests.Response:
        extra: Mapping[str, str] = {} if size is None else {"Content-Length": str(size)}
        signed = self._signer.headers(method, url, payload, datetime.now(UTC))
        # What is kept may be packed; it is wanted as it is.
        headers = {**signed, **extra, "Accept-Encoding": "identity"}
        try:
            response = _session(getpid()).request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=(_CONNECT, _READ),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, LocationParseError, UnicodeError) as error:
            if isinstance(error, ConfigError):
                raise ConfigError("s3.unusable", reason=error) from None
            raise _unanswered(error) from None
        status = response.status_code
        if status < 300 or (status == requests.codes.not_found and method in ("GET", "HEAD")):
            return response
        with response:
            if status in _TELLING:
                raise ConfigError(_TELLING[status])
            raise StorageError("s3.failing", answer=status)


def _unanswered(error: Exception) -> StorageError:
    return StorageError("s3.silent", error=type(error).__name__)


def _listed(text: bytes) -> tuple[list[tuple[str, datetime]], str]:
    """The keys of one page of a listing with their times, and the token of the next page."""
    try:
        root = ElementTree.fromstring(text, forbid_dtd=True)
        space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
        found = [
            (
                one.findtext(f"{space}Key", ""),
                datetime.fromisoformat(one.findtext(f"{space}LastModified", "")),
            )
            for one in root.iter(f"{space}Contents")
        ]
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise StorageError("s3.strange") from error
    more = root.findtext(f"{space}IsTruncated", "") == "true"
    return found, root.findtext(f"{space}NextContinuationToken", "") if more else ""


@lru_cache(maxsize=2)
def _session(_pid: int) -> requests.Session:
    """The pooled connections of this process; they hold no secret."""
    return outbound.session()
