#!/usr/bin/env python3
"""Whether the running API keeps what its OpenAPI document promises: schemathesis over all of it.

    python -m bench.contract [--examples 30] [--seed 1] [--path /players]
    python -m bench.contract --address http://127.0.0.1:8484 --key KEY

Starts the demo (as `script/demo`) with a data folder of its own, or asks the Taggarr at the address with an
admin's key, which it leaves in disorder. Every operation but the endless stream of events, all checks,
stateful; or those alone whose path fits `--path`, a regular expression. Deleting keys is left out too: the
key that asks must live.

One check asks less of some operations: that whatever fits the document is accepted (positive data acceptance)
holds for what is read, deleted and started, and not for what has a body. Names are unique, an id has to be
there, a language one of thousands, an application has to answer: a schema cannot say so, and 422 is right.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from bench.engine import ROOT
from demo.run import OWN, USER
from system.embedded.ports import next_free_port

LEFT_OUT = ("events", "api_keys_destroy")
KNOW_MORE = (
    "media_list",
    "channels_test_create",
    "instances_test_create",
    "webhook",
    "players_hold_create",
    "players_release_create",
    "players_links_give_back_create",
    "artwork_entities_identify_undo_create",
    "artwork_entities_list",
    "artwork_entities_retrieve",
    "collection_duplicates_ask_again_create",
    "collection_imports_undo_create",
    "collection_imports_undo_preview_retrieve",
    "collection_libraries_destroy",
    "collection_libraries_make_usual_create",
    "collection_places_destroy",
    "collection_works_list",
    "collection_works_unmerge_create",
)
"""They too: a language in a filter must be one, a field or a cursor one that there is, what is tested must
answer, what is undone must be there, and what is deleted must be empty or of no use.
"""

PLAYERS = "/api/v1/players"
IN_PERSON = "No key opens this"
"""So the document says of what needs a person: 403 is right."""

ASKING = {"Accept": "application/json"}
READY = "Ctrl-C stops everything."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--examples", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--path", default="")
    parser.add_argument("--address", default="")
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    if options.address:
        sys.exit(run(options.address, options.key, options))
    with demo() as (address, key):
        sys.exit(run(address, key, options))


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """A demo of its own: its address, and an admin's key."""
    data = Path(tempfile.mkdtemp(prefix="taggarr-contract-"))
    data.chmod(0o711)  # as root, the database's own user must get in
    environment = {**os.environ, "TAGGARR_DATA": str(data), "TAGGARR_PORT": str(next_free_port(28484))}
    command = [sys.executable, "-m", "demo.run"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        address = _address(process.stdout or ())
        command = [
            sys.executable,
            "manage.py",
            "create_api_key",
            "contract",
            "--user",
            USER,
            "--scope",
            "write",
            "--scope",
            "settings",
        ]
        inside = {**environment, "TAGGARR_DATA": str(data / OWN)}
        key = subprocess.check_output(command, cwd=ROOT, env=inside, text=True).strip()
        yield address, key
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def _address(lines: Iterable[str]) -> str:
    """Where the demo is, as soon as it says that all of it is up. Raises SystemExit where it does not."""
    address = ""
    for line in lines:
        if line.startswith("API "):
            address = line.split()[1].removesuffix("/api/v1/docs/")
        if line.startswith(READY) and address:
            return address
    raise SystemExit("the demo did not start")


def run(address: str, key: str, options: argparse.Namespace) -> int:
    document = f"{address}/api/v1/schema/"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        found = requests.get(document, headers=ASKING, timeout=60).json()
        config.write_text(settings(found, prepare(address, key)), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", document]
        command += ["--header", f"X-Api-Key: {key}", "--no-color"]
        command += ["--max-examples", str(options.examples), "--seed", str(options.seed)]
        command += ["--request-timeout", "60", "--generation-database", "none"]
        command += ["--include-path-regex", options.path] if options.path else []
        for operation in LEFT_OUT:
            command += ["--exclude-operation-id", operation]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "bench.contract_hooks"}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def settings(document: dict[str, Any], known: dict[str, dict[str, Any]]) -> str:
    """The configuration of schemathesis: which operations need not accept all data, which ids there are."""
    found = []
    for path, methods in document["paths"].items():
        for operation in methods.values():
            name = operation["operationId"]
            given = [
                f"{json.dumps(key)} = {json.dumps(value)}"
                for what, ids in known.items()
                if name == what or f"{path}/".startswith(f"{what}/")
                for key, value in ids.items()
            ]
            lines = [f"parameters = {{ {', '.join(given)} }}"] if given else []
            knows_more = "requestBody" in operation or name in KNOW_MORE
            if knows_more or IN_PERSON in operation.get("description", ""):
                lines.append("checks.positive_data_acceptance.enabled = false")
            if lines:
                found += ["[[operations]]", f'include-operation-id = "{name}"', *lines]
    return "\n".join(found) + "\n"


def prepare(address: str, key: str) -> dict[str, dict[str, Any]]:
    """Make a webhook token; return what is known of the parameters of some operations, by their
    names, and by paths for all that begin so.
    """
    headers = {"X-Api-Key": key}

    def first(path: str) -> dict[str, int]:
        answer = requests.get(f"{address}/api/v1/{path}", headers=headers, timeout=60)
        answer.raise_for_status()
        return {"path.id": answer.json()["results"][0]["id"]}

    def post(path: str) -> Any:
        answer = requests.post(f"{address}/api/v1/{path}", headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json()

    token = post("connections/1/webhook-token")["token"]
    player = first("players")
    return {
        f"{PLAYERS}/{{id}}": player,
        f"{PLAYERS}/{{player_id}}/links/{{id}}": {
            "path.player_id": player["path.id"],
            **first(f"players/{player['path.id']}/links"),
        },
        "jobs_retry_create": {"path.id": 1},
        "jobs_items_retry_create": {"path.job_id": 1},
        "webhook": {"path.instance": 1, "header.X-Webhook-Token": token},
    }


if __name__ == "__main__":
    main()
