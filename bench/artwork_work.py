"""What artwork's work costs: publishing, preparing, a day on which nothing changed, pages, and one picture.

Each beside a baseline in the same run. `bench.artwork` runs these over the library that it made.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psutil
import requests

from bench.engine import core_seconds, worker
from bench.stack import percentile, started, wait_until
from demo.providers.process import StandIn
from demo.providers.state import ProviderState
from system import programs

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from artwork.models import Entity
    from connections.models import Connection

IN_TURN = 50
"""Movies that are published, and copied, before it is the other's turn."""

ARTS = ("poster", "fanart", "banner", "landscape", "clearlogo")
PICTURE = 400_000
"""Bytes of each picture that is published, about."""

PUBLISHED, BY_JOB = "Published", "Published by the job"
HARD_DISK = 250
REQUESTS = 30
EPISODES = 46
SLOW = 3600.0


@dataclass(frozen=True)
class Row:
    """A figure, the same of what it is compared with, and whether it is as good as it has to be."""

    name: str
    figure: float
    unit: str
    bare: float
    goal: str
    met: bool
    told: str = ""


def publishing(folder: Path, number: int) -> Iterator[Row]:
    """Publish five pictures and an NFO beside each of some movies; a loop copies as many files as safely.

    Once in this process, in turns with the loop, and once by the job and two processes of a worker.
    """
    from artwork.choosing import publish_title
    from artwork.publishing.journal import By

    sources = [noise(art) for art in range(len(ARTS))]
    titles = _to_publish(PUBLISHED, folder / "ours", sources, number)
    ids = list(titles.values_list("pk", flat=True))
    bare = seconds = 0.0
    written = 0
    # In turns: what else the machine has to do slows down both.
    for at in range(0, number, IN_TURN):
        chunk = ids[at : at + IN_TURN]
        bare += clocked(partial(copy_loop, folder / "bare" / f"{at}", sources, len(chunk)))
        began = time.perf_counter()
        written += sum(publish_title(title, By()) for title in titles.filter(pk__in=chunk))
        seconds += time.perf_counter() - began
    if written != number * (len(ARTS) + 1):
        raise SystemExit(f"{written} files were published")
    name = f"publish {number} movies of {len(ARTS) + 1} files, with fsync"
    yield _published(f"{name}, in one process", seconds, bare)
    yield _published(f"{name}, by the job", _by_job(folder / "by job", sources, number), bare)


def _published(name: str, seconds: float, bare: float) -> Row:
    times = seconds / bare
    return Row(name, seconds, "s", bare, "≤ 2.3 x a copy loop", times <= 2.3, f"x {times:.1f}")


def _to_publish(name: str, folder: Path, sources: list[bytes], number: int) -> QuerySet[Entity]:
    """Movies of a connection of their own, whose pictures are chosen and kept."""
    from artwork.models import ArtSettings, Candidate, Entity
    from connections.models import Connection
    from storage.keeping import keep_picture
    from tests.artwork.build import add_entity

    connection = Connection.objects.create(name=name, kind="radarr", url="http://published.test")
    ArtSettings.objects.create(connection=connection, profile="kodi", nfo="own")
    digests = [keep_picture([one]).digest for one in sources]
    pictures = []
    for one in range(number):
        title = add_entity(connection, folder / f"Published {one:04} (2020)", arr_id=one + 1)
        Entity.objects.filter(pk=title.pk).update(told={"": {"plot": [f"Plot {one}.", "tmdb"]}})
        pictures += [
            Candidate(entity=title, art=art, source="tmdb", address=f"/{art}.jpg", digest=digest, rank=0)
            for art, digest in zip(ARTS, digests, strict=True)
        ]
    Candidate.objects.bulk_create(pictures)
    rows = Entity.objects.filter(connection=connection).select_related("connection", "media__connection")
    return rows.order_by("pk")


def _by_job(folder: Path, sources: list[bytes], number: int) -> float:
    """Seconds of the job that publishes movies, as people run it."""
    from artwork import choosing, jobs
    from connections.models import Connection

    titles = _to_publish(BY_JOB, folder, sources, number)
    choosing.refresh(list(titles))
    with at_work():
        connection = Connection.objects.get(name=BY_JOB)
        job = ended(jobs.start(jobs.PUBLISH, connection=connection)[0])
    if job.summary["files"] != number * (len(ARTS) + 1):
        raise SystemExit(f"the job published {job.summary}")
    return float((job.finished_at - job.started_at).total_seconds())


@contextmanager
def at_work() -> Iterator[None]:
    """Two processes that do what jobs hold, and what rings for them."""
    from jobs.contract import store_periodic
    from jobs.workers import served_queues

    store_periodic()
    with ExitStack() as stack:
        for program in (programs.bulk_worker(2), programs.io_worker(), programs.beat()):
            stack.enter_context(started(program.command))
        wait_until(lambda: {"bulk", "io"} <= (served_queues(["bulk", "io"]) or set()))
        yield


def checking(folder: Path) -> Row:
    """Compare all that was published with what is kept, by its bytes; a loop reads and hashes the same."""
    from artwork.jobs import published
    from artwork.publishing.journal import By
    from artwork.publishing.verifying import verify_all

    titles = list(published().filter(connection__name=PUBLISHED).values_list("pk", flat=True))
    files = [path for path in folder.rglob("*") if path.suffix in (".jpg", ".nfo")]
    megabytes = sum(path.stat().st_size for path in files) / 10**6

    def look() -> None:
        if verify_all(titles, By(), lambda: None, deep=True)["looked"] != len(files):
            raise SystemExit("not all files were looked at")

    def loop() -> None:
        for path in files:
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")

    loop()
    bare, ours = megabytes / clocked(loop), megabytes / clocked(look)
    name = f"compare {len(files)} published files by their bytes"
    goal = f"≥ {HARD_DISK} MB/s, as a hard disk reads"
    return Row(name, ours, "MB/s", bare, goal, ours >= HARD_DISK)


def copy_loop(folder: Path, sources: list[bytes], number: int) -> None:
    """Write the same files, each whole and forced to the disk before it takes its name."""
    for one in range(number):
        place = folder / f"{one:04}"
        place.mkdir(parents=True)
        for at, content in enumerate([*sources, b"<movie/>" * 30]):
            draft = place / f".{at}.tmp"
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(place / f"{at}.jpg")
        descriptor = os.open(place, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def noise(seed: int) -> bytes:
    """A JPEG that cannot be made much smaller."""
    from PIL import Image

    dice = random.Random(seed)
    side = 512
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), dice.randbytes(side * side * 3)).save(file, "JPEG", quality=90)
    return file.getvalue()[:]


@contextmanager
def providers(movies: int, series: int) -> Iterator[StandIn]:
    """Stand-ins for TMDB and TheTVDB that know all titles of `bench.artwork`, connected without a limit."""
    from artwork.models import ArtSettings
    from artwork.names import ArtType
    from connections.models import Connection

    state = ProviderState()
    for one in range(1, movies + 1):
        state.add_movie(one, f"Movie {one - 1:05}", premiered="2000-01-01")
    for one in range(1, series + 1):
        state.add_series(one, f"Series {one - 1:05}", {1: 16, 2: 15, 3: 15})
    with patch("providers.connections.slot_for", lambda *_, **__: None), StandIn(state) as world:
        for kind in ("tmdb", "tvdb"):
            connection = Connection(name=kind, kind=kind, url=world.url)
            connection.keep_secrets({"api_key": world.api_key})
            connection.save()
        # A poster of each: what costs most here is that the stand-in draws it.
        rules = {art.value: {"most": int(art is ArtType.POSTER)} for art in ArtType}
        for connection in Connection.objects.filter(name__in=("Movies", "Series")):
            ArtSettings.objects.create(connection=connection, rules=rules, fall_back=False)
        yield world


def preparing(world: StandIn, name: str, number: int) -> Row:
    """Prepare all titles of a connection, with a poster of each; a bare loop makes the same calls and keeps
    nothing. What a series with its episodes may cost nobody has said.
    """
    from connections.models import Connection

    own = psutil.Process(world.pid)
    world.clear_journal()
    ours = core_of(lambda: run("art_prepare", Connection.objects.get(name=name)), own)
    calls = world.journal("GET")
    session = requests.Session()
    login = session.post(f"{world.url}/v4/login", json={"apikey": world.api_key}, timeout=SLOW).json()
    keys = {"/v4/": login["data"]["token"]}

    def again() -> None:
        for call in calls:
            bearer = {"Authorization": f"Bearer {keys.get(call['path'][:4], world.api_key)}"}
            session.get(f"{world.url}{call['path']}", params=call["query"], headers=bearer, timeout=SLOW)

    bare = core_of(again, own)
    each = 1000 * ours / number
    told = f"{len(calls) / number:.1f} calls a title"
    most = 40 if name == "Movies" else math.inf
    goal = "≤ 40 ms" if name == "Movies" else "none"
    about = f"prepare {number} {name.lower()}, of a core each"
    return Row(about, each, "ms", 1000 * bare / number, goal, each <= most, told)


def limited(world: StandIn, number: int) -> Row:
    """Prepare movies by workers at the rates of TMDB and fanart.tv, beside the time in which so many calls
    may come at all.
    """
    from artwork import jobs
    from artwork.models import Candidate, Entity
    from connections.kinds import kind_of
    from connections.models import Connection
    from providers.models import Answer

    fanart = Connection(name="fanart", kind="fanart", url=world.url)
    fanart.keep_secrets({"api_key": world.api_key})
    fanart.save()
    titles = Entity.objects.filter(kind="movie", media__connection__name="Movies").order_by("pk")[:number]
    pks = [title.pk for title in titles]
    Candidate.objects.filter(entity__in=pks).delete()
    Answer.objects.all().delete()
    Entity.objects.filter(pk__in=pks).update(prepared_at=None)
    with at_work():
        world.clear_journal()
        job = ended(jobs.start(jobs.PREPARE)[0])
    paths = [call["path"] for call in world.journal("GET")]
    least = 0.0
    for kind, start in (("tmdb", "/3/"), ("fanart", "/v3.2/")):
        rate = kind_of(kind).rate
        calls = sum(path.startswith(start) for path in paths)
        if rate is not None:
            least = max(least, (calls - rate.burst) / rate.per_second)
    seconds = (job.finished_at - job.started_at).total_seconds()
    fanart.delete()
    name = f"prepare {number} movies at the rates of TMDB and fanart.tv"
    return Row(name, seconds, "s", least, "≤ 1.05 x what they allow", seconds <= 1.05 * least)


def core_of(work: Any, other: psutil.Process) -> float:
    """Seconds of a core, without those of another process below ours."""

    def now() -> float:
        times = other.cpu_times()
        return core_seconds() - times.user - times.system

    before = now()
    work()
    return now() - before


def refreshing(world: StandIn) -> Iterator[Row]:
    """A day later, on which nothing changed at the providers: their lists are asked, and no title."""
    from django.utils import timezone

    from artwork.models import Entity
    from connections.models import Connection
    from providers.connections import PROVIDERS
    from providers.jobs import start_changes
    from providers.models import Answer

    Answer.objects.update(fetched_at=timezone.now() - timedelta(days=2))
    bare = clocked(lambda: list(Answer.objects.values_list("pk", "stale_at")))
    world.clear_journal()

    def day() -> None:
        from jobs import services

        for connection in Connection.objects.filter(kind__in=PROVIDERS):
            services.run_inline(start_changes(connection=connection, params={})[0])
        run("art_prepare")

    seconds = clocked(day)
    calls = len(world.journal())
    items = Entity.objects.exclude(kind="season").count()
    name = f"a day without changes, {items} items"
    yield Row(f"{name}, provider calls", calls, "", len(PROVIDERS), "≤ 100", calls <= 100)
    yield Row(name, seconds, "s", bare, "≤ 10 s", seconds <= 10)


def run(name: str, connection: Connection | None = None) -> None:
    """Run a job of a connection, or of all, here."""
    from artwork import jobs
    from jobs import services
    from jobs.models import JobState

    job = services.run_inline(jobs.start(name, connection=connection)[0])
    if job.state != JobState.COMPLETED:
        raise SystemExit(f"{name} ended as {job.state}")


# Pictures


def hashing() -> Row:
    """The SHA-256 and the perceptual hash of a large poster, beside the hash of all its pixels."""
    from PIL import Image

    from storage.phash import SIDE, phash
    from storage.pictures import look
    from tests.storage.make import drawn, opened

    picture = io.BytesIO()
    drawn(1, (2000, 3000)).save(picture, "JPEG", quality=85)
    data = picture.getvalue()

    def whole() -> None:
        with Image.open(io.BytesIO(data)) as image:
            phash(image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS).tobytes())

    def ours() -> None:
        hashlib.sha256(data).digest()
        with opened(data) as file:
            look(file)

    ours()
    figure, bare = (1000 * percentile([clocked(one) for _ in range(REQUESTS)], 0.5) for one in (ours, whole))
    name = "pHash and SHA-256 of 2000 x 3000, in the cage"
    return Row(name, figure, "ms", bare, "≤ 8 ms", figure <= 8)


def memory(world: StandIn, number: int) -> Row:
    """The most that a worker holds while it prepares titles, with pictures of 64 megapixels among those."""
    from artwork import jobs
    from artwork.models import Candidate, Entity
    from bench.catalogue import peak
    from connections.models import Connection

    Connection.objects.filter(kind="tvdb").update(enabled=False)
    titles = Entity.objects.filter(kind="movie", media__connection__name="Movies").order_by("pk")[:number]
    pks = [title.pk for title in titles]
    # Those that it has are gone, and what comes first in their place is a bomb.
    for address in Candidate.objects.filter(entity__in=pks, rank=0).values_list("address", flat=True):
        world.change("spoil", file=address.rpartition("/")[2], how="bomb")
    Candidate.objects.filter(entity__in=pks).delete()
    Entity.objects.filter(pk__in=pks).update(prepared_at=None)
    with worker(1), peak() as idle:
        time.sleep(1)
    with worker(1), peak() as seen:
        ended(jobs.start(jobs.PREPARE)[0])
    refused = Candidate.objects.filter(entity__in=pks).exclude(refused="").count()
    name, told = "memory of a worker that prepares", f"{refused} pictures of 64 megapixels refused"
    return Row(name, seen[0], "MiB", idle[0], "≤ 200 MB", seen[0] * 1.048576 <= 200, told)


def ended(job: Any) -> Any:
    """A job that workers do, when it is over."""
    end = time.monotonic() + SLOW
    while job.is_live:
        if time.monotonic() > end:
            raise SystemExit("the worker does not prepare")
        time.sleep(0.1)
        job.refresh_from_db()
    return job


def clocked(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Many at once

STORM = 10.0
"""Seconds for which all ask."""

ASKING = 16
ALLOWED = 20
"""Calls a second that the stand-in allows: half of those that we would make."""


def storm() -> Row:
    """Sixteen processes ask a provider that allows half of our own rate, and says 429 to all that is more.

    A refusal holds all of them: only what is on its way already is refused too.
    """
    from connections.models import Connection

    state = ProviderState()
    for one in range(1, 2001):
        state.add_movie(one, f"Movie {one:05}", premiered="2000-01-01")
    with StandIn(state) as world:
        world.change("limit", provider="tmdb", per_second=ALLOWED)
        connection = Connection(name="Storm", kind="tmdb", url=world.url)
        connection.keep_secrets({"api_key": world.api_key})
        connection.save()
        began = time.monotonic()
        asked_by = [_asking(connection.pk, range(number, 2000, ASKING)) for number in range(1, ASKING + 1)]
        for pid in asked_by:
            if os.waitpid(pid, 0)[1]:
                raise SystemExit("a process broke off")
        seconds = time.monotonic() - began
        calls, refused = len(world.journal("GET")), world.change("report")["refused"]
        connection.delete()
    most = ALLOWED * (seconds + 1)
    # Each refusal holds all for a second.
    met = calls - refused <= most and refused <= ASKING * seconds
    told = f"{calls - refused} answered of {most:.0f} that were allowed"
    name = f"{ASKING} processes at a provider that refuses, refusals"
    return Row(name, refused, "", calls, "≤ 16 a second, none answered beyond the limit", met, told)


def _asking(connection: int, ids: range) -> int:
    """A process that asks for titles as long as it may; whoever is put off asks again when it is told to."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _ask(connection, ids)
        status = 0
    finally:
        os._exit(status)


def _ask(pk: int, ids: range) -> None:
    from connections.models import Connection
    from core.errors import Later
    from providers.connections import provider_for
    from providers.contract import Kind

    provider = provider_for(Connection.objects.get(pk=pk))
    end, left = time.monotonic() + STORM, iter(ids)
    id = next(left)
    while time.monotonic() < end:
        try:
            provider.details(Kind.MOVIE, str(id), ["en"])
            id = next(left)
        except Later as later:
            time.sleep(min(later.seconds, max(0.0, end - time.monotonic())))
