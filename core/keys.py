"""The two keys of an installation: made once, kept in the data folder, or given as settings. No Django."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from core import env, options
from core.data_folder import not_writable, prepare_data_folder
from core.errors import ConfigError, why_unreadable

SECRET_KEY_FILE = "secret_key"  # noqa: S105 - the name of a file
ENCRYPTION_KEYS_FILE = "encryption_keys"
SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 5


def make_missing_keys(data: Path) -> list[Path]:
    """Make the key files that are neither there nor given as settings, mode 0600; return those made.

    Raises ConfigError where the folder cannot be written.
    """
    made = []
    prepare_data_folder(data)
    try:
        if not options.SECRET_KEY.read() and _keep(data / SECRET_KEY_FILE, secrets.token_urlsafe(48)):
            made.append(data / SECRET_KEY_FILE)
        key = Fernet.generate_key().decode()
        if not options.ENCRYPTION_KEYS.read() and _keep(data / ENCRYPTION_KEYS_FILE, key):
            made.append(data / ENCRYPTION_KEYS_FILE)
    except OSError as error:
        raise not_writable(error, data) from None
    return made


def secret_key(data: Path) -> str:
    """The key that signs sessions: TAGGARR_SECRET_KEY, else that of the data folder, else "".

    Raises ConfigError for a key that is short or plainly a placeholder.
    """
    key = options.SECRET_KEY.read() or _kept(data / SECRET_KEY_FILE)
    if key and (len(key) < SHORTEST_SECRET or len(set(key)) < FEWEST_CHARACTERS or "insecure" in key.lower()):
        raise ConfigError(
            f"TAGGARR_SECRET_KEY is a placeholder or too short: give at least {SHORTEST_SECRET} random "
            "characters, "
            "or remove it and Taggarr makes one."
        )
    return key


def encryption_keys(data: Path) -> list[str]:
    """The keys of the stored secrets: TAGGARR_ENCRYPTION_KEYS, else those of the data folder, else none.

    Raises ConfigError for one that is no key or plainly a placeholder.
    """
    keys = options.ENCRYPTION_KEYS.read() or env.parse_words(_kept(data / ENCRYPTION_KEYS_FILE))
    for number, key in enumerate(keys, 1):
        if not _is_fernet_key(key):
            raise ConfigError(
                f"TAGGARR_ENCRYPTION_KEYS: key {number} is not 32 random bytes in URL-safe base64. Remove "
                "the setting "
                "and Taggarr makes one, or make one with: openssl rand -base64 32 | tr '+/' '-_'"
            )
    return keys


def _is_fernet_key(key: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(key)
    except (ValueError, binascii.Error):
        return False
    return len(raw) == 32 and len(set(raw)) >= FEWEST_CHARACTERS


def _kept(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = why_unreadable(error)
        raise ConfigError(
            f"Cannot read the key file {path}: {reason}. Start Taggarr as the user who owns it."
        ) from None


def _keep(path: Path, text: str) -> bool:
    """Write a key file that nobody ever sees half-written; False where there is one already.

    Several containers may start at once: the link succeeds for one of them, and all read the same key
    afterwards.
    """
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
