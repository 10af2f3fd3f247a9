"""Pictures of providers, fetched into the storage: from their own hosts alone, and kept as they came."""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import urlsplit

from connections.models import Connection
from connections.rate import BUSY
from core.errors import ApiPermanentError, ApiTransientError, Later
from core.outbound.transport import Auth, Transport
from providers.base import BUSY_STATUS
from providers.connections import class_of
from storage import keeping
from storage.heads import LARGEST
from storage.models import Stored

TIMEOUT, TRIES = 30.0, 2


def fetch_picture(
    connection: Connection,
    address: str,
    *,
    digest: str = "",
    public: bool = True,
    timeout: float = TIMEOUT,
    tries: int = TRIES,
) -> Stored:
    """Fetch a picture that a provider named, and keep it; with `digest`, only where it still is that one.

    Raises PictureError for what is no picture we keep, ApiPermanentError where the address is not the
    provider's, leads elsewhere, is empty, or has another picture by now, Later where its host is asked too
    often, ApiTransientError where it does not come, StorageError where it cannot be kept. Call it outside
    transactions.
    """
    client = class_of(connection.kind)
    root = client.picture_root(connection.url)
    if not address.startswith(f"{root}/") or not address.isprintable():
        host = urlsplit(root).netloc
        raise ApiPermanentError("provider.other-host", app=client.app, host=host)
    # The host of pictures is another machine, which asks for no key: its failures are not the API's.
    pictures = Transport(client.app, root, Auth({}, ()), name=connection.name, timeout=timeout, tries=tries)
    with ExitStack() as drafts:
        try:
            draft = pictures.request(
                "GET",
                address.removeprefix(root),
                raw=True,
                largest=LARGEST,
                final=BUSY_STATUS,
                read=lambda pieces: drafts.enter_context(keeping.drafted(pieces)),
            )
        except ApiTransientError as error:
            if error.status in BUSY_STATUS:
                raise Later(BUSY if error.retry_after is None else error.retry_after) from None
            raise
        if digest and draft.digest != digest:
            raise ApiPermanentError("provider.other-picture", app=client.app)
        return keeping.keep_draft(draft, look=True, public=public)
