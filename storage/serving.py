"""Kept files to browsers, with headers of our own. Whoever may not see one is told that there is none.

What is public stands at its digest, for ever the same. What is not, a feature shows by a rule of its own
(`References.visible`) or by an address that only works for whom it was made.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from functools import wraps
from typing import IO, Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import LOOK, refusal
from core.errors import ConfigError, StorageError
from core.features import brought
from storage import keeping
from storage.contract import References
from storage.heads import MEDIA_TYPES, OTHER, PictureError
from storage.models import DIGEST, Stored
from storage.pictures import WIDTHS

P = ParamSpec("P")
logger = logging.getLogger(__name__)

LIFE = 24 * 3600
"""Seconds that a private address works at least; at most twice as long, so that browsers find it again."""

SMALL = 1 << 20
"""Bytes that are sent at once: most posters."""

_YEAR = 365 * 24 * 3600
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def address(stored: Stored, *, width: int | None = None) -> str:
    """Where everybody who may see the file finds it."""
    path = reverse("storage-file", args=[stored.digest])
    return f"{path}?w={width}" if width else path


def private_address(stored: Stored, user: User, *, width: int | None = None) -> str:
    """Where `user` alone finds the file, for a day or two, until their password changes."""
    expires = (int(time.time()) // LIFE + 2) * LIFE
    token = _signer(user).sign(f"{stored.digest}:{width or 0}:{expires}").rpartition(":")[2]
    return reverse("storage-private", args=[stored.digest, width or 0, expires, token])


def _for_people(view: Callable[Concatenate[HttpRequest, User, P], HttpResponseBase]) -> Any:
    """Make a view that is given who looks; strangers are sent to sign in, whatever they ask for."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if refusal(LOOK, user) is not None or not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        return view(request, user, *args, **kwargs)

    return answer


@_for_people
def public_file(request: HttpRequest, user: User, digest: str) -> HttpResponseBase:
    width = request.GET.get("w")
    if width is not None and width not in map(str, WIDTHS):
        raise Http404
    return answer(request, user, digest, int(width or 0))


def answer(request: HttpRequest, user: User, digest: str, width: int = 0) -> HttpResponseBase:
    """A kept file, or a thumbnail of it. Raises Http404 where the user may not see it, or there is none."""
    stored = _find(digest)
    if not stored.public and not _is_visible(user, digest):
        raise Http404
    return _send(request, stored, width, _YEAR, shared=stored.public)


@_for_people
def private_file(
    request: HttpRequest, user: User, digest: str, *, width: int, expires: int, token: str
) -> HttpResponseBase:
    left = expires - int(time.time())
    try:
        _signer(user).unsign(f"{digest}:{width}:{expires}:{token}")
    except BadSignature:
        raise Http404 from None
    if left <= 0 or (width and width not in WIDTHS):
        raise Http404
    return _send(request, _find(digest), width, left, shared=False)


def _find(digest: str) -> Stored:
    # PostgreSQL takes no text with a NUL in it.
    stored = Stored.objects.filter(digest=digest).first() if re.fullmatch(DIGEST, digest) else None
    if stored is None:
        raise Http404
    return stored


def _is_visible(user: User, digest: str) -> bool:
    rules = (rule for _, references in brought(References) for rule in references.visible)
    return any(rule(user, digest) for rule in rules)


def _signer(user: User) -> Signer:
    """A signer for one user: another one's signature, or that from before a new password, is wrong here."""
    bound = salted_hmac("storage.private", f"{user.pk}:{user.get_session_auth_hash()}", algorithm="sha256")
    return Signer(key=f"{settings.SECRET_KEY}{bound.hexdigest()}", salt="storage.private", algorithm="sha256")


def _send(
    request: HttpRequest, stored: Stored, width: int, seconds: int, *, shared: bool
) -> HttpResponseBase:
    # `private` for browsers alone: whoever shares a proxy's cache need not be signed in.
    keep = "immutable" if shared else "must-revalidate"
    headers = {
        **_HEADERS,
        "Cache-Control": f"private, max-age={seconds if shared else min(seconds, 3600)}, {keep}",
        "ETag": f'"{stored.digest}-{width}"' if width else f'"{stored.digest}"',
    }
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    try:
        file = keeping.thumbnail(stored, width) if width else keeping.read(stored)
    except PictureError:
        raise Http404 from None
    except (StorageError, ConfigError) as error:
        logger.warning("the kept file %s was not sent: %s", stored, error)
        return HttpResponse(
            "This file cannot be read now: Health says why.",
            status=503,
            headers={**_HEADERS, "Content-Type": "text/plain; charset=utf-8"},
        )
    kind = "webp" if width else stored.kind if stored.is_picture else OTHER
    shown = "attachment" if kind == OTHER else "inline"
    headers["Content-Disposition"] = f'{shown}; filename="{stored.digest[:12]}.{kind}"'
    headers["Content-Type"] = MEDIA_TYPES[kind]
    if request.method == "HEAD":
        file.close()
        return HttpResponse(headers=headers)
    if width or stored.size <= SMALL:
        with file:
            return HttpResponse(file.read(), headers=headers)
    headers["Content-Length"] = str(stored.size)
    return StreamingHttpResponse(_in_threads(file), headers=headers)


async def _in_threads(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Yield a file piece by piece; the web server is not kept waiting while one is read."""
    with file:
        while piece := await asyncio.to_thread(file.read, keeping.PIECE):
            yield piece
