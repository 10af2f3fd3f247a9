"""What must hold when a scan that something happened to has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bench.faults.house import House
from bench.faults.library import FOREIGN, LABELS

SERVERS = ("postgres", "valkey-server")
SHOWN = 3
"""Of what is wrong in many places, so many are named."""


def left_over() -> int:
    """How many media could not be scanned, or their tags or NFO not be written: the next scan tries again."""
    from jobs.models import ItemState, JobItem
    from library.models import Media

    failed = JobItem.objects.filter(state=ItemState.FAILED)
    return (
        failed.count()
        + Media.objects.filter(scan_state__dirty=True).exclude(scan_state__reconcile_error="").count()
    )


def redone_items() -> int:
    """How many items took more than one attempt."""
    from jobs.models import JobItem

    return JobItem.objects.filter(attempts__gt=1).count()


def wrong(house: House) -> list[str]:
    """Everything that is not as it should be, each in one sentence; empty where all is well."""
    parts = (_items, _verdicts, _tags, _nfos, _leftovers, _requests, _orphans)
    return [sentence for part in parts for sentence in part(house)]


def _items(_house: House) -> Iterator[str]:
    from jobs.models import LIVE_ITEM, LIVE_JOB, Job, JobItem, JobState

    if live := JobItem.objects.filter(state__in=LIVE_ITEM).count():
        yield f"{live} items have not ended"
    if live := Job.objects.filter(state__in=LIVE_JOB).count():
        yield f"{live} jobs have not ended"
    for job in Job.objects.filter(state=JobState.FAILED):
        yield f"{job} failed: {job.error}"


def _verdicts(house: House) -> Iterator[str]:
    from history.models import Event
    from library.models import Media

    yield from _differences(
        "verdict", house.library.verdicts(), dict(Media.objects.values_list("title", "scan_state__verdict"))
    )
    if dirty := Media.objects.filter(scan_state__dirty=True).count():
        yield f"{dirty} series still wait for their tags"
    titles = dict(Media.objects.values_list("pk", "title"))
    told = Event.objects.filter(kind="verdict").values_list("subject_id", flat=True)
    found = Counter(titles[pk] for pk in told if pk in titles)
    twice = [title for title, count in found.items() if count != 1]
    if twice:
        yield f"history tells the verdict of {len(twice)} series more than once: {_some(twice)}"
    if missing := set(house.library.verdicts()) - set(found):
        yield f"history tells no verdict of {len(missing)} series: {_some(missing)}"


def _tags(house: House) -> Iterator[str]:
    state = house.sonarr.state()
    found = {media.title: state.labels_of(media.id) for media in state.media.values()}
    yield from _differences("tags", house.library.tags(), found)
    if robbed := [title for title, labels in found.items() if FOREIGN not in labels]:
        yield f"{len(robbed)} series lost a tag that is not ours: {_some(robbed)}"


def _nfos(house: House) -> Iterator[str]:
    found = {path: path.read_bytes() for path in house.library.nfos}
    yield from _differences("NFO", {path: house.library.nfo(path) for path in found}, found)


def _leftovers(house: House) -> Iterator[str]:
    known = {".mkv", ".nfo"}
    strange = [path for path in house.library.root.rglob("*") if path.is_file() and path.suffix not in known]
    if strange:
        yield f"{len(strange)} files were left behind in the library: {_some(path.name for path in strange)}"


def _requests(house: House) -> Iterator[str]:
    """Whatever changed something in Sonarr made a label of ours, or put one on series or took it off."""
    ours = {tag.id for tag in house.sonarr.state().tags.values() if tag.label in LABELS}
    for entry in house.sonarr.journal():
        body = entry["body"]
        match entry["method"], entry["path"]:
            case "GET", _:
                continue
            case "POST", "/api/v3/tag" if body["label"] in LABELS:
                continue
            case "PUT", "/api/v3/series/editor" if set(body["tags"]) <= ours:
                continue
            case "POST", "/api/v3/command" if body["name"] == "RescanSeries":
                continue
        yield f"Sonarr was sent {entry['method']} {entry['path']}: {body}"


def _orphans(house: House) -> Iterator[str]:
    """Processes of programs that were killed. Servers that were started again have our environment too."""
    import psutil

    ours = {child.pid for one in house.supervisors for child in one.children} | {house.sonarr.pid, None}
    groups = set()
    for process in psutil.process_iter(["pid", "name", "environ"]):
        if process.info["name"] in SERVERS:
            continue
        environment = process.info["environ"] or {}
        if environment.get("TAGGARR_DATA") == str(house.data) and "PYTHONUNBUFFERED" in environment:
            groups.add(_leader(process))
    if strange := groups - ours:
        yield f"{len(strange)} programs that were killed left processes behind"


def _leader(process: Any) -> int | None:
    import os

    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


def _differences(what: str, wanted: dict[Any, Any], found: dict[Any, Any]) -> Iterator[str]:
    different = [key for key in wanted if found.get(key) != wanted[key]]
    if different:
        first = different[0]
        yield (
            f"{what}: {len(different)} of {len(wanted)} are not as they should be: {first} has "
            f"{found.get(first)!r}, not {wanted[first]!r}"
        )


def _some(names: Any) -> str:
    listed = sorted(map(str, names))
    return ", ".join(listed[:SHOWN]) + (" …" if len(listed) > SHOWN else "")
