"""A stand-in S3: one bucket in memory, that checks signatures and can fail on demand.

`python -m demo.s3 PORT BUCKET KEY_ID SECRET` listens on loopback. `POST /-/faults` with a JSON list of status
codes (0: the connection is cut, 1: it is cut in the middle of the answer) has the next requests answered so.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from storage.backends.sigv4 import Signer

SKEW = 15 * 60
PAGE = 1000
CUT_SHORT = 1


@dataclass
class Bucket:
    """What is kept, and whose key opens it."""

    name: str
    key_id: str
    secret: str
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers the five requests that we send."""

    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def do_GET(self) -> None:
        """An object, or a page of the list of all."""
        if (key := self._key()) is None:
            return
        if not key:
            self._list()
        elif key in self.bucket.objects:
            self._answer(200, self.bucket.objects[key][0])
        else:
            self._refuse(404, "NoSuchKey")

    do_HEAD = do_GET  # noqa: N815

    def do_PUT(self) -> None:
        """Keep an object that has the SHA-256 it was signed with."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not (key := self._key()):
            return
        if hashlib.sha256(body).hexdigest() != self.headers["x-amz-content-sha256"]:
            self._refuse(400, "XAmzContentSHA256Mismatch")
            return
        self.bucket.objects[key] = body, datetime.now(UTC)
        self._answer(200)

    def do_DELETE(self) -> None:
        if key := self._key():
            self.bucket.objects.pop(key, None)
            self._answer(204)

    def do_POST(self) -> None:
        self.bucket.faults = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(200)

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def _key(self) -> str | None:
        """The name of the object, empty for the bucket; None where the request was answered already."""
        fault = self.bucket.faults.pop(0) if self.bucket.faults else 200
        if fault == 0:
            self.close_connection = True
            self.connection.close()
            return None
        if fault == CUT_SHORT:
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            return None
        bucket, _, key = unquote(urlsplit(self.path).path).removeprefix("/").partition("/")
        if fault != 200:
            self._refuse(fault, "Asked")
        elif bucket != self.bucket.name:
            self._refuse(404, "NoSuchBucket")
        elif not self._is_signed():
            self._refuse(403, "SignatureDoesNotMatch")
        else:
            return key
        return None

    def _is_signed(self) -> bool:
        given = self.headers.get("Authorization", "")
        try:
            at = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            region = given.split("/")[2]
        except (TypeError, ValueError, IndexError):
            return False
        signer = Signer(self.bucket.key_id, self.bucket.secret, region)
        url = f"http://{self.headers['Host']}{self.path}"
        wanted = signer.headers(self.command, url, self.headers["x-amz-content-sha256"], at)["authorization"]
        fresh = abs((datetime.now(UTC) - at).total_seconds()) < SKEW
        return fresh and hmac.compare_digest(wanted, given)

    def _list(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        after, prefix = query.get("continuation-token", ""), query.get("prefix", "")
        keys = sorted(key for key in self.bucket.objects if key.startswith(prefix) and key > after)
        shown = keys[:PAGE]
        more = len(keys) > PAGE
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>"
            f"{self.bucket.objects[key][1].strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified></Contents>"
            for key in shown
        )
        token = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        self._answer(
            200,
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{rows}{token}</ListBucketResult>".encode(),
        )

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def main() -> None:
    port, name, key_id, secret = sys.argv[1:]
    handler = type("Handler", (Handler,), {"bucket": Bucket(name, key_id, secret)})
    ThreadingHTTPServer(("127.0.0.1", int(port)), handler).serve_forever()


if __name__ == "__main__":
    main()
