"""The first file of an archive: what it holds, who wrote it, and the checksums. No Django."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from library.errors import ConfigError

FORMAT = 1
PRODUCT = "taggarr"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 10 * 1024 * 1024
PIECE = 1024 * 1024
ALWAYS_UNPACKED = 1024**3
MOST_TIMES_LARGER = 200
"""An archive may unpack to a GiB, or to 200 times its own size; rows of a library come to far less."""


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
    """What an archive says of itself. `migrations` are the (app, name) of all that were applied."""

    version: str
    created_at: str
    postgresql: str
    migrations: list[tuple[str, str]]
    tables: dict[str, Table]
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: str = "encrypted"
    format: int = FORMAT
    product: str = PRODUCT

    def to_json(self) -> str:
        """The manifest as a JSON document."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str)


def file_of(table: str) -> str:
    """The name of a table's file within the archive."""
    return f"tables/{table}.copy"


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive to read. Raises BackupError where it is none, or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"There is no file {path.name}.") from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        # An uploaded file has the name of a draft yet, which tells nobody anything.
        name = "The file" if path.name.startswith(".") else path.name
        raise BackupError(f"{name} is no complete backup: it is damaged or cut off ({error}).") from None
    except OSError as error:
        raise BackupError(f"{path.name} cannot be read: {error.strerror}.") from None


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return what an archive says of itself. Raises BackupError where it is not one of ours."""
    foreign = BackupError("This is no backup of Taggarr: it holds no manifest of ours.")
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise foreign
        found = json.loads(archive.read(info))
    except (KeyError, ValueError, RuntimeError):
        raise foreign from None
    if not isinstance(found, dict) or found.get("product") != PRODUCT:
        raise foreign
    if found.get("format") != FORMAT:
        raise BackupError(
            f"This backup has the format {found.get('format')}, and this Taggarr reads format {FORMAT} only: "
            f"restore it with the Taggarr that wrote it ({found.get('version', 'unknown')})."
        )
    try:
        tables = {name: Table(**table) for name, table in found["tables"].items()}
        migrations = [(str(app), str(name)) for app, name in found["migrations"]]
        return Manifest(**{**found, "tables": tables, "migrations": migrations})
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BackupError("The manifest of this backup is incomplete.") from None


def check_files(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raise BackupError where an archive holds other files than its manifest names, or unpacks to too much.

    Nothing is unpacked for that, and no file of an archive is ever written to disk under its own name.
    """
    found = archive.infolist()
    wanted = {MANIFEST, *map(file_of, manifest.tables)}
    for info in found:
        if info.filename not in wanted:
            raise BackupError(f"This backup holds a file that is none of ours: {info.filename[:100]!r}.")
    if len(found) != len({info.filename for info in found}):
        raise BackupError("This backup holds two files of one name.")
    packed, unpacked = (sum(getattr(info, size) for info in found) for size in ("compress_size", "file_size"))
    if unpacked > max(ALWAYS_UNPACKED, packed * MOST_TIMES_LARGER):
        raise BackupError(
            f"This backup would unpack to {unpacked // 2**20} MiB from {packed // 2**20}: that is no backup."
        )


def check_content(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read all of an archive against its checksums. Raises BackupError for the first that does not fit."""
    for name, table in manifest.tables.items():
        digest = hashlib.sha256()
        for piece in pieces(archive, name):
            digest.update(piece)
        if digest.hexdigest() != table.sha256:
            raise BackupError(f"The table {name} of this backup is not what was written: it is damaged.")


def pieces(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    """Yield the content of a table's file, a MiB at a time. Raises BackupError where it is not there."""
    try:
        with archive.open(file_of(table)) as file:
            yield from _read(file)
    except KeyError:
        raise BackupError(f"The table {table} is missing in this backup.") from None
    except (zipfile.BadZipFile, EOFError) as error:
        raise BackupError(f"The table {table} of this backup is damaged ({error}).") from None


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
