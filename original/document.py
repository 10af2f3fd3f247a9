"""From the original's settings to a document of ours. No Django."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.portable import Entry
from original.settings import INTERVAL, Original, OriginalInstance

POLICY = "From the original"
"""The name of the policy that is made; further ones, for instances with other wishes, add the instance."""


def sections_of(
    original: Original,
    *,
    names: Mapping[str, str] | None = None,
    mappings: Mapping[str, list[tuple[str, str]]] | None = None,
) -> dict[str, list[Entry]]:
    """Return the policies, instances and schedules that amount to the original's settings.

    `names` says what an instance is called here where that differs; `mappings` are the (remote, local)
    folders of each, by the original's name. Lines are those of the original's file.
    """
    policies: dict[tuple[object, ...], Entry] = {}
    instances, schedules = [], []
    for one in original.instances:
        policy = policies.setdefault(one.wishes, _policy(one, first=not policies))
        name = (names or {}).get(one.name, one.name)
        instances.append(_instance(one, name, str(policy["name"]), (mappings or {}).get(one.name, [])))
        if original.interval is not None or not original.enabled:
            schedules.append(_schedule(one, name, original))
    return {"policies": list(policies.values()), "connections": instances, "schedules": schedules}


def path_mappings(paths: Iterable[str], folders: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """Return (folder of the app, folder here) where titles lie under another root here than in the app.

    `paths` are the folders of the titles as the app names them; `folders` maps each root here to the names in
    it. Titles are matched by the name of their folder, as the original did; the root that holds most of them
    wins.
    """
    found: dict[str, Counter[str]] = {}
    for path in paths:
        parent, name = _split(path)
        for root, inside in folders.items():
            if name in inside:
                found.setdefault(parent, Counter())[root] += 1
    best = {parent: counts.most_common(1)[0][0] for parent, counts in found.items()}
    return sorted((parent, root) for parent, root in best.items() if parent != root)


def _split(path: str) -> tuple[str, str]:
    """The parent and the name of a folder of the app, whose slashes may be those of Windows."""
    slash = "\\" if "\\" in path and "/" not in path else "/"
    parent, _, name = path.rstrip(slash).rpartition(slash)
    return parent, name


def _policy(one: OriginalInstance, *, first: bool) -> Entry:
    dub, semi, wrong = one.labels
    values = {
        "name": POLICY if first else f"{POLICY}: {one.name}",
        "target_languages": list(one.languages),
        "label_dub": dub,
        "label_semi_dub": semi,
        "label_wrong_dub": wrong,
        "genres": [one.genre] if one.genre else [],
        "quick": one.quick,
        "dry_run": one.dry_run,
        # The original always wrote its tag into the NFO too.
        "write_nfo": True,
        "dub_genre": one.dub_genre,
    }
    places = {
        "target_languages": "target_languages",
        "label_dub": "tags",
        "label_semi_dub": "tags",
        "label_wrong_dub": "tags",
        "genres": "target_genre",
        "quick": "quick_mode",
        "dry_run": "dry_run",
        "dub_genre": "add_tag_to_genre",
    }
    return _entry(values, one, places)


def _instance(one: OriginalInstance, name: str, policy: str, mappings: list[tuple[str, str]]) -> Entry:
    values: dict[str, Any] = {
        "name": name,
        "kind": one.kind,
        "url": one.url,
        "api_key": one.api_key,
        "policy": policy,
    }
    if mappings:
        pairs = ({"remote": remote, "local": local} for remote, local in mappings)
        values["path_mappings"] = [_entry(pair, one, {}) for pair in pairs]
    return _entry(values, one, {"kind": "type", "url": "url", "api_key": "api_key"})


def _schedule(one: OriginalInstance, name: str, original: Original) -> Entry:
    values = {
        "job": "scan",
        "instance": name,
        "every": original.interval or INTERVAL,
        "enabled": original.enabled,
    }
    return _entry(values, one, {"every": "run_interval_seconds", "enabled": "start_running"})


def _entry(values: Mapping[str, Any], one: OriginalInstance, places: Mapping[str, str]) -> Entry:
    lines = {key: one.lines[place] for key, place in places.items() if place in one.lines}
    return Entry(values, line=one.line, lines=lines)
