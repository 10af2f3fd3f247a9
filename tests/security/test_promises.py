"""docs/security.md names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (.+) \| `(tests/[\w/]+\.py)(?:::(?:\w+::)?(\w+))?` \|$", re.MULTILINE)


def test_every_promise_names_a_test_that_is_there():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text[text.index("| promise | test |") :].partition("\n\n")[0].strip()
    assert len(ROW.findall(table)) == len(table.splitlines()[2:]) > 40

    missing = [
        f"{path}::{name}"
        for _promise, path, name in ROW.findall(text)
        if not (ROOT / path).is_file()
        or (name and f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_the_search_for_secrets_finds_what_people_leave_in_files():
    import importlib.util

    spec = importlib.util.spec_from_file_location("find_secrets", ROOT / "script" / "find_secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    key = "tgr_" + "aB3" * 14 + "x"
    token = "ghp_" + "a1B2" * 9

    assert module.secrets_in(f"one\nkey = {key}\n{token}") == [
        (2, "an API key of Taggarr"),
        (3, "a token of GitHub"),
    ]
    assert module.secrets_in("api_key: 0123456789abcdef0123456789abcdef") == []
