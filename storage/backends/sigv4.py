"""The signature of AWS, version 4, in the Authorization header: what every S3 asks for. No Django.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests to one service in one region."""

    key_id: str
    secret: str
    region: str
    service: str = "s3"

    def headers(
        self, method: str, url: str, payload: str, at: datetime, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The headers to send: Authorization, what it covers, and `extra`.

        `payload` is the SHA-256 of the body in hexadecimal, `at` the time in UTC. `url` must be encoded as it
        is sent.
        """
        parts = urlsplit(url)
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        signed = {
            **{name.lower(): " ".join(value.split()) for name, value in (extra or {}).items()},
            "host": parts.netloc,
            "x-amz-content-sha256": payload,
            "x-amz-date": stamp,
        }
        names = ";".join(sorted(signed))
        request = "\n".join(
            (
                method,
                parts.path or "/",
                _query(parts.query),
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                payload,
            )
        )
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.new(self._key(stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
        given = f"Credential={self.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**signed, "authorization": f"{_ALGORITHM} {given}"}

    def _key(self, day: str) -> bytes:
        key = f"AWS4{self.secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def encoded(text: str, safe: str = "") -> str:
    """Text as it stands in an address that is signed: all but letters, digits and `-_.~` in percent signs."""
    return quote(text, safe=f"-_.~{safe}")


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(f"{name}={value}" for name, value in sorted((encoded(n), encoded(v)) for n, v in pairs))
