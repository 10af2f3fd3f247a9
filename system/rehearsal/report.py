"""The report of a rehearsal, signed with Ed25519, and verified. docs/backup.md says what is in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core import keys
from core.data_folder import write_private
from core.errors import ConfigError, StorageError

PRODUCT = "taggarr-rehearsal"
PURPOSE = b"taggarr rehearsal report"


def own_key(file: Path | None = None) -> Ed25519PrivateKey:
    """Return the key that signs: that of a PEM file, else the installation's own. Raises ConfigError."""
    key = _key_in(file) if file else _derived()
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError("rehearsal.key", name=file)
    return key


def write(path: Path, report: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Write a report, signed, and return it. Raises StorageError."""
    document = {**report, "public_key": _shown(key.public_key())}
    document["signature"] = base64.b64encode(key.sign(_signed_part(document))).decode()
    try:
        write_private(path, json.dumps(document, indent=1) + "\n")
    except OSError as error:
        raise StorageError("rehearsal.unwritten", path=path, reason=error.strerror) from None
    return document


def verified(path: Path, key_file: Path | None = None) -> dict[str, Any]:
    """Return a report as it was signed. Raises ConfigError where it was changed, or signed with another key.

    Anybody can sign with a key of their own and put it within. So the key must be that of the file, which
    may hold its public part alone, or else this installation's.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        is_ours = document["product"] == PRODUCT
        signature = base64.b64decode(document["signature"], validate=True)
        given = Ed25519PublicKey.from_public_bytes(base64.b64decode(document["public_key"], validate=True))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        is_ours = False
    if not is_ours:
        raise ConfigError("rehearsal.no-report", name=path.name)
    try:
        given.verify(signature, _signed_part(document))
    except InvalidSignature:
        raise ConfigError("rehearsal.changed", name=path.name) from None
    key = _key_in(key_file) if key_file else _derived()
    if _shown(key.public_key() if isinstance(key, Ed25519PrivateKey) else key) != _shown(given):
        raise ConfigError("rehearsal.other-key", name=path.name, key=_shown(given))
    return dict(document)


def check_keys() -> None:
    """Raise ConfigError where this installation has no keys yet; Django would not say it in a sentence."""
    if not (keys.secret_key(settings.TAGGARR_DATA) and settings.ENCRYPTION_KEYS):
        raise ConfigError("rehearsal.no-keys", folder=settings.TAGGARR_DATA)


def _derived() -> Ed25519PrivateKey:
    check_keys()
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=PURPOSE)
    return Ed25519PrivateKey.from_private_bytes(derive.derive(settings.SECRET_KEY.encode()))


def _key_in(file: Path) -> Ed25519PrivateKey | Ed25519PublicKey:
    try:
        text = file.read_bytes()
        is_public = b"PUBLIC KEY" in text
        key = (
            serialization.load_pem_public_key(text)
            if is_public
            else serialization.load_pem_private_key(text, None)
        )
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise ConfigError("rehearsal.key", name=file)
    return key


def _shown(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()


def _signed_part(document: dict[str, Any]) -> bytes:
    """Return all but the signature: keys in order, no spaces, ASCII alone."""
    part = {name: value for name, value in document.items() if name != "signature"}
    return json.dumps(part, sort_keys=True, separators=(",", ":")).encode()
