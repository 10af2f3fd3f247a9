"""Rows of a small library: two instances, media of every verdict, a player, a failed item, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

if TYPE_CHECKING:
    from artwork.models import Entity
    from catalogue.models import Copy, ImportRow, Picture, Work
    from connections.models import Connection
    from jobs.models import Job, JobItem, Schedule
    from library.models import File, Media
    from notify.models import Channel
    from scanner.models import Policy

TRACK = {
    "kind": "audio",
    "index": 0,
    "language": "jpn",
    "region": None,
    "title": "",
    "default": True,
    "forced": False,
    "commentary": False,
    "descriptive": False,
    "original": None,
    "codec": "AAC",
    "channels": 2,
}


@dataclass
class Rows:
    """What was made."""

    policy: Policy
    sonarr: Connection
    radarr: Connection
    series: list[Media]
    movies: list[Media]
    job: Job
    failed_item: JobItem
    schedule: Schedule
    channel: Channel
    player: Connection
    artwork: Entity
    art_candidate: int
    art_publication: int
    art_never: int
    work: Work
    copy: Copy
    picture: Picture
    doubt: ImportRow
    double: int
    own_field: int
    season: int
    backup: str = "taggarr-20260115-030000.zip"

    @property
    def file(self) -> File:
        """A file of the first series."""
        found = self.series[0].files.order_by("path").first()
        assert found is not None
        return found


def make_rows() -> Rows:
    from scanner.models import Policy
    from tests.connections.build import make_connection
    from tests.players.rows import make_player

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    sonarr, radarr = (
        make_connection(
            name=kind.capitalize(), kind=kind, url=f"http://{kind}.lan:80", api_key="k" * 32, policy=policy
        )
        for kind in ("sonarr", "radarr")
    )
    verdicts = ("dub", "semi-dub", "wrong-dub", "original", "unknown")
    series = [make_media(sonarr, number, verdict, seasons=2) for number, verdict in enumerate(verdicts, 1)]
    movies = [make_media(radarr, number, verdict) for number, verdict in enumerate(verdicts, 11)]
    job, failed_item = make_job(sonarr, series[0])
    channel = make_channel()
    player = make_player(radarr, movies)
    schedule = make_schedule(sonarr)
    art = make_artwork(series[0], movies[0])
    work, copy, picture, doubt = make_collection()
    made = (policy, sonarr, radarr, series, movies, job, failed_item, schedule, channel, player)
    return Rows(*made, *art, work, copy, picture, doubt, *make_arranged(copy))


def make_media(
    connection: Connection, number: int, verdict: str, *, seasons: int = 0, **fields: Any
) -> Media:
    from history.services import record
    from tests.library.build import add_title

    given = {
        "title": f"Title {number}",
        "sort_title": f"title {number:05}",
        "title_slug": f"title-{number}",
        "tmdb_id": number,
        "year": 2000 + number,
        "path": f"/media/{number}",
        "original_language": "Japanese",
        "genres": ["Drama"],
        "verdict": verdict,
        "verdict_reason": {"code": "all-left-out", "unknown_total": 0, "left_out": {"specials": number}},
        "verdict_at": timezone.now(),
        "scanned_at": timezone.now(),
        "arr_file_count": 1,
        **fields,
    }
    media = add_title(connection=connection, arr_id=number, **given)
    for season in [None] if not seasons else range(1, seasons + 1):
        make_files(media, season, verdict, count=3 if season else 1)
    record("verdict", f"{media.title}: {verdict}", subject=media, before="unknown", after=verdict)
    return media


def make_files(media: Media, season: int | None, verdict: str, *, count: int) -> None:
    from library.models import File
    from tests.library.build import add_files, add_season

    row = (
        add_season(media=media, number=season, verdict=verdict, counts={verdict: count})
        if season is not None
        else None
    )
    files = [
        File(
            media=media,
            season=row,
            arr_file_id=1000 * media.pk + 100 * (season or 0) + number,
            path=f"{media.path}/S{season or 0:02}E{number:02}.mkv",
            episodes=[number] if season else [],
            episode_ids=[number] if season else [],
            size=10**9,
        )
        for number in range(1, count + 1)
    ]
    add_files(
        files,
        tracks=[TRACK],
        languages=["jpn"],
        engine="header",
        problem="" if verdict != "unknown" else "unreadable",
        error="" if verdict != "unknown" else "No engine understands it.",
        probed_at=timezone.now(),
        verdict=verdict,
        reason={"reason": "no-dub", "languages": ["jpn"], "missing": ["eng"]},
    )


def make_artwork(*titles: Media) -> tuple[Entity, int, int, int]:
    """Titles with pictures that are not taken in yet; the first is a series with a season and an episode.

    Returns that, and the ids of a picture and of a publication of it, and of a picture that is never taken.
    """
    from artwork.models import ArtSettings, Candidate, Entity, Publication, Rejected
    from system import switches

    switches.switch("artwork", True)
    held = {"held_since": timezone.now(), "held_reason": "Held.", "publish": True}
    ArtSettings.objects.create(connection=titles[0].connection, **held)
    found, pictures = [], []
    for media in titles:
        kind = "series" if media.is_series else "movie"
        about = {"connection": media.connection, "name": media.title}
        title = Entity.objects.create(kind=kind, media=media, wanted="a", **about)
        found.append(title)
        picture = {"art": "poster", "source": "local", "address": "poster.jpg", "rank": 0}
        pictures.append(Candidate.objects.create(entity=title, **picture).pk)
        if media.is_series:
            Entity.objects.create(kind="season", title=title, season=1, **about)
            Entity.objects.create(kind="episode", title=title, season=1, episodes=[1], stem="S01E01", **about)
    step = {"path": "poster.jpg", "digest": "0" * 64, "before": None, "entity": found[0].pk, "art": "poster"}
    publication = Publication.objects.create(title=found[0], state="done", steps=[step])
    never = Rejected.objects.create(source="tmdb", address="https://image.tmdb.org/never.jpg")
    return found[0], pictures[0], publication.pk, never.pk


def make_collection() -> tuple[Work, Copy, Picture, ImportRow]:
    """A book with a copy and a cover, and a row of a list that may be the same book."""
    from catalogue import values
    from catalogue.entries import stored
    from catalogue.models import Candidate, Import, ImportRow, Library, Location, Picture
    from system import switches
    from tests.catalogue.build import add_copy, add_work

    switches.switch("catalogue", True)
    work = add_work("Dune", kind="book", year=1965, sort_title="dune")
    copy = add_copy(work, location=Location.objects.create(name="Attic"))
    picture = Picture.objects.create(work=work, shows="cover", digest="0" * 64, width=2, height=3)
    when = timezone.now()
    of = Import.objects.create(
        library=Library.usual(),
        name="books.csv",
        digest="0" * 64,
        format="goodreads",
        counts={"review": 1},
        started_at=when,
        finished_at=when,
    )
    told = stored(values.Entry(1, values.Work(values.Kind.BOOK, "Dune")))
    parts = [["title", "equal", "1.00"]]
    row = ImportRow.objects.create(of=of, number=1, entry=told, outcome="review", score=0.6, reasons=parts)
    Candidate.objects.create(row=row, work=work, score=0.6, parts=parts)
    return work, copy, picture, row


def make_arranged(copy: Copy) -> tuple[int, int, int]:
    """A work in the box of this copy that may be the same, a field and a season; returns their ids."""
    from catalogue.models import Duplicate, OwnField, Season, SetMember
    from tests.catalogue.build import add_work

    again = add_work("Dune", kind="book", year=1966, sort_title="dune")
    SetMember.objects.create(box=copy.edition, position=1, work=again)
    pair = Duplicate.objects.create(
        one=copy.edition.work, other=again, score=0.65, parts=[["title", "equal", "1.00"]]
    )
    season = Season.objects.create(work=copy.edition.work, number=1, expected=10, available=8)
    return pair.pk, OwnField.objects.create(kind="book", name="Shelf mark").pk, season.pk


def make_schedule(connection: Connection) -> Schedule:
    from jobs.models import Schedule
    from jobs.schedules import save_schedule

    return save_schedule(Schedule(job="scan", connection=connection, every=3600))


def make_channel() -> Channel:
    """A channel with a message that it did not deliver."""
    from jobs.models import ItemState, JobState
    from notify.models import Channel
    from notify.services import tell

    channel = Channel.objects.create(
        name="Phone", kind="ntfy", address="ntfys://tk_verysecret@ntfy.example.org/mine", topics=["dub_lost"]
    )
    message = tell("dub_lost", "Sonarr: dub lost in Title 2", "It was upgraded.")
    assert message is not None
    assert message.delivery is not None
    message.delivery.items.update(
        state=ItemState.FAILED, error="ntfy answers 403.", finished_at=timezone.now()
    )
    message.delivery.state, message.delivery.finished_at = JobState.COMPLETED, timezone.now()
    message.delivery.save()
    return channel


def make_job(connection: Connection, media: Media) -> tuple[Job, JobItem]:
    from jobs.models import ItemState, Job, JobItem, JobState

    ended = timezone.now()
    job = Job.objects.create(
        name="scan", connection=connection, state=JobState.COMPLETED, started_at=ended, finished_at=ended
    )
    item = JobItem.objects.create(
        job=job,
        step="media",
        key=f"media:{media.pk}",
        subject_kind="media",
        subject_id=media.pk,
        state=ItemState.FAILED,
        error="The disk is away.",
        finished_at=ended,
    )
    return job, item
