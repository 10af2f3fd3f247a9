"""The first file of an archive: what it holds, who wrote it, and the checksums. No Django."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import ConfigError

FORMAT = 1
PRODUCT = "taggarr"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 10 * 1024 * 1024
PIECE = 1024 * 1024
ALWAYS_UNPACKED = 1024**3
MOST_TIMES_LARGER = 200
"""An archive may unpack to a GiB, or to 200 times its own size; rows of a library come to far less."""

_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile lets out of an archive with a few bytes changed. A bit can also ask for a password
(RuntimeError), a version or a method that it does not know (NotImplementedError), or a place before the
file's begin (ValueError)."""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
"""PostgreSQL keeps 63 bytes of a name, and ours are all in lower case."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_TEXT = 255


class BackupError(ConfigError):
    """An archive cannot be used; the text says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table: the columns in the order of the file, how many rows, and the file's SHA-256."""

    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself.

    `migrations` are the (app, name) of all that were applied, `files` the bytes of those that it takes along,
    by their SHA-256.
    """

    version: str
    created_at: str
    postgresql: str
    migrations: list[tuple[str, str]]
    tables: dict[str, Table]
    files: dict[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: str = "encrypted"
    format: int = FORMAT
    product: str = PRODUCT

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str)


def file_of(table: str) -> str:
    return f"tables/{table}.copy"


def kept_as(digest: str) -> str:
    """Where a file that is taken along stands in an archive."""
    return f"files/{digest}"


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive to read. Raises BackupError where it is none, or damaged."""
    try:
        # An uploaded file has the name of a draft yet, which tells nobody anything.
        name = "The file" if path.name.startswith(".") else path.name
        with _whole("backup.not-complete", name=name):
            archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BackupError("backup.no-file", name=path.name) from None
    except OSError as error:
        raise BackupError("backup.unread", name=path.name, reason=error.strerror or str(error)) from None
    with archive:
        yield archive


@contextmanager
def _whole(code: str, **parts: Any) -> Iterator[None]:
    """Raise BackupError that says this for whatever zipfile makes of damage."""
    try:
        yield
    except _DAMAGE as error:
        raise BackupError(code, error=error, **parts) from None


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return what an archive says of itself. Raises BackupError where it is not one of ours."""
    foreign = BackupError("backup.not-ours")
    if MANIFEST not in archive.namelist():
        raise foreign
    text = b"".join(_read(archive, MANIFEST, LARGEST_MANIFEST))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise foreign from None
    if not isinstance(found, dict) or found.get("product") != PRODUCT:
        raise foreign
    return _manifest_of(found)


def _manifest_of(found: dict[str, Any]) -> Manifest:
    """Return a manifest whose every value is of its type. Raises BackupError where one is not."""
    if not _is_count(found.get("format")):
        raise _wrong("format")
    if found["format"] != FORMAT:
        raise BackupError(
            "backup.format", format=found["format"], ours=FORMAT, version=_text(found, "version")
        )
    if extra := sorted(set(found) - set(Manifest.__dataclass_fields__)):
        raise _wrong(extra[0])
    try:
        datetime.fromisoformat(_text(found, "created_at"))
    except ValueError:
        raise _wrong("created_at") from None
    if not isinstance(found.get("settings", {}), dict):
        raise _wrong("settings")
    return Manifest(
        version=_text(found, "version"),
        created_at=found["created_at"],
        postgresql=_text(found, "postgresql"),
        migrations=_migrations_of(found.get("migrations")),
        tables=_tables_of(found.get("tables")),
        files=_files_of(found.get("files", {})),
        settings=found.get("settings", {}),
        secrets=_text(found, "secrets"),
    )


def _migrations_of(found: Any) -> list[tuple[str, str]]:
    if not isinstance(found, list):
        raise _wrong("migrations")
    for one in found:
        if not (isinstance(one, list) and len(one) == 2 and all(map(_is_text, one))):
            raise _wrong("migrations")
    return [(app, name) for app, name in found]


def _tables_of(found: Any) -> dict[str, Table]:
    if not isinstance(found, dict) or not found:
        raise _wrong("tables")
    for name, table in found.items():
        if not (_is_name(name) and isinstance(table, dict) and set(table) == {"columns", "rows", "sha256"}):
            raise _wrong("tables")
        columns = table["columns"]
        if not (isinstance(columns, list) and columns and all(map(_is_name, columns))):
            raise _wrong("columns")
        if len(columns) != len(set(columns)):
            raise _wrong("columns")
        if not _is_count(table["rows"]):
            raise _wrong("rows")
        if not (isinstance(table["sha256"], str) and _SHA256.fullmatch(table["sha256"])):
            raise _wrong("sha256")
    return {name: Table(**table) for name, table in found.items()}


def _files_of(found: Any) -> dict[str, int]:
    if not isinstance(found, dict):
        raise _wrong("files")
    for digest, size in found.items():
        if not (_SHA256.fullmatch(digest) and _is_count(size)):
            raise _wrong("files")
    return found


def _wrong(key: str) -> BackupError:
    return BackupError("backup.manifest", key=ascii(key[:LONGEST_TEXT]))


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    if not _is_text(value):
        raise _wrong(key)
    return str(value)


def _is_text(value: Any) -> bool:
    """Whether it is a text that a line of the log or a row of the database can hold."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable()


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def check_files(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raise BackupError where an archive holds other files than its manifest names, or unpacks to too much.

    Nothing is unpacked for that, and no file of an archive is ever written to disk under its own name.
    """
    found = archive.infolist()
    wanted = {MANIFEST, *map(file_of, manifest.tables), *map(kept_as, manifest.files)}
    for info in found:
        if info.filename not in wanted:
            raise BackupError("backup.strange-file", name=repr(info.filename[:100]))
    if len(found) != len({info.filename for info in found}):
        raise BackupError("backup.same-name")
    packed, unpacked = (sum(getattr(info, size) for info in found) for size in ("compress_size", "file_size"))
    if unpacked > max(ALWAYS_UNPACKED, packed * MOST_TIMES_LARGER):
        raise BackupError("backup.bomb", packed=packed // 2**20, unpacked=unpacked // 2**20)


def check_content(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read all of an archive against its checksums. Raises BackupError for the first that does not fit."""
    for name, table in manifest.tables.items():
        digest = hashlib.sha256()
        for piece in pieces(archive, name):
            digest.update(piece)
        if digest.hexdigest() != table.sha256:
            raise BackupError("backup.table-damaged", table=name)
    for name in manifest.files:
        digest = hashlib.sha256()
        for piece in pieces_of_file(archive, manifest, name):
            digest.update(piece)
        if digest.hexdigest() != name:
            raise BackupError("backup.file-damaged", name=kept_as(name), error="")


def pieces_of_file(archive: zipfile.ZipFile, manifest: Manifest, digest: str) -> Iterator[bytes]:
    """Yield a file that is taken along. Raises BackupError."""
    if kept_as(digest) not in archive.NameToInfo:
        raise BackupError("backup.file-missing", name=kept_as(digest))
    yield from _read(archive, kept_as(digest), manifest.files[digest])


def pieces(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    if file_of(table) not in archive.NameToInfo:
        raise BackupError("backup.table-missing", table=table)
    yield from _read(archive, file_of(table))


def _read(archive: zipfile.ZipFile, name: str, most: int | None = None) -> Iterator[bytes]:
    """Yield what a file holds, never unpacking more than a piece at once. Raises BackupError."""
    size = 0
    try:
        with _whole("backup.file-damaged", name=name), archive.open(name) as file:
            # Methods other than our own would bring errors, and a hunger for memory, of their own.
            if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotImplementedError("its packing is not ours")
            while piece := file.read(PIECE):
                size += len(piece)
                if most is not None and size > most:
                    raise BackupError("backup.file-too-large", name=name)
                yield piece
    except OSError as error:
        raise BackupError("backup.file-unread", name=name, reason=error.strerror or error) from None
