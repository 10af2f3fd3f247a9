"""What the addresses have in common that other programs call: each call brings a token of its own."""

from __future__ import annotations

import base64
import binascii

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from api.resource import Answering

HEADER = "X-Webhook-Token"
TOKEN = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The token; or give it as the password of Basic authentication.",
)


class Called(Answering):
    """Receives what another program tells. `realm` is what a 401 names."""

    authentication_classes = []
    permission_classes = [AllowAny]
    realm: str

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What a 401 names as the way in."""
        return f'Basic realm="{self.realm}"'


def token_of(request: Request) -> str:
    """The token in the header, or else the password of Basic authentication; empty where there is neither."""
    if given := request.headers.get(HEADER):
        return str(given).strip()
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return decoded.partition(":")[2]
