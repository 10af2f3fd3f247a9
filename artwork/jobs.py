"""The jobs of artwork: what lies beside titles, taking that in, publishing, and whether it still stands."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from artwork import brake, by_hand, choosing, due, rechecks, reviewing, second_writers
from artwork.adopting import adopt
from artwork.choosing import publish_title
from artwork.discovery import discover, mark_missing
from artwork.foreseeing import SETTINGS, Foreseen, foresee
from artwork.models import ArtSettings, Candidate, Entity, PublishedFile, Source
from artwork.preparing import prepare
from artwork.publishing.journal import By
from artwork.publishing.plan import PublicationError
from artwork.publishing.verifying import verify_all
from artwork.rechecks import TITLES, VERIFY
from artwork.undoing import FinishHandler, UndoHandler, finish_left
from connections.models import Connection
from connections.services import connection_named
from core.errors import ConfigError, Later, StorageError
from core.live import inbox_changed
from core.words import Phrase
from jobs import services
from jobs.contract import Default, Jobs, Periodic, Startable
from jobs.handlers import JobHandler, NewItem, OneStep, Outcome, Plan
from jobs.models import OUTCOME, Job, Queue, Trigger
from jobs.runner import ItemRun
from library.models import Media

logger = logging.getLogger(__name__)

SCAN, ADOPT, PREPARE, PUBLISH = "art_scan", "art_adopt", "art_prepare", "art_publish"
SETTLE, NEW, FETCH, FORESEE = "art_settle", "art_new", "art_fetch", "art_foresee"
SCANNED_TOGETHER = 200
TOGETHER = 100
"""Titles of one item: most of them have all that they should."""

COUNTED = ("looked", "changed", "pictures")
MOST_MISSING, FEW = 0.1, 5
"""Of all titles, or this many: where more folders are gone than that, a disk may be missing."""

WAITS, WAITS_AT_MOST = 3.0, timedelta(minutes=10)
"""Seconds until a new title is looked for again, and how long at most."""


class VerifyHandler(JobHandler):
    """Looks whether what was published still stands: in all titles, those that an item names, or are due."""

    name = VERIFY
    steps = (TITLES,)

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        is_known = params == {rechecks.DUE: True} or not params.keys() - {"deep"}
        if not is_known or not isinstance(params.get("deep", False), bool):
            raise ConfigError("artwork.verify-params")
        return params

    def plan(self, run: ItemRun) -> Plan:
        rows = published(run.job.connection).order_by("pk").values_list("pk", flat=True)
        return Plan(
            [NewItem(str(chunk[0]), TITLES, params={TITLES: chunk}) for chunk in batched(rows, TOGETHER)]
        )

    def work(self, run: ItemRun) -> Outcome:
        by, deep = By(job_id=run.job.pk), bool(run.job.params.get("deep"))
        if run.job.params.get(rechecks.DUE):
            return Outcome(result=dict(self._look(run, by)))
        return Outcome(result=dict(verify_all(run.item.params[TITLES], by, run.check, deep=deep)))

    def _look(self, run: ItemRun, by: By) -> Counter[str]:
        """At what is due; what cannot be looked at now is tried again by an item of its own."""
        done: Counter[str] = Counter()
        away: list[Entity] = []
        for titles in rechecks.taken(again=run.attempt > 1):
            done.update(verify_all(titles, by, run.check, away=away))
        if away:
            rechecks.start(away, Trigger.WEBHOOK)
        return done

    def finish(self, run: ItemRun) -> Outcome:
        return Outcome(result=summed(run))


class ScanHandler(JobHandler):
    """Looks what lies beside the titles of a connection, or of all."""

    name = SCAN
    steps = (TITLES,)

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if params.keys() - {"release"} or not isinstance(params.get("release", False), bool):
            raise ConfigError("artwork.scan-params")
        return params

    def plan(self, run: ItemRun) -> Plan:
        rows = Media.objects.filter(connection__enabled=True).order_by("connection", "pk")
        if run.job.connection is not None:
            rows = rows.filter(connection=run.job.connection)
        items = []
        for connection, of_one in groupby(rows.values_list("connection_id", "pk"), key=itemgetter(0)):
            for chunk in batched([pk for _, pk in of_one], SCANNED_TOGETHER):
                items.append(
                    NewItem(f"{connection}:{chunk[0]}", TITLES, params={"of": connection, TITLES: chunk})
                )
        return Plan(items)

    def work(self, run: ItemRun) -> Outcome:
        connection = Connection.objects.filter(pk=run.item.params["of"]).first()
        if connection is None:
            return Outcome()
        return Outcome(result=asdict(discover(connection, run.item.params[TITLES])))

    def finish(self, run: ItemRun) -> Outcome:
        """Remember which folders are gone, unless those are so many that a disk may be missing.

        The apps are asked whether they write the same files.
        """
        ids = {params["of"] for params in run.job.items.filter(step=TITLES).values_list("params", flat=True)}
        for connection in Connection.objects.filter(pk__in=ids):
            second_writers.look(connection)
        results = list(run.job.items.filter(step=TITLES).values_list("result", flat=True))
        missing = [pk for result in results for pk in result.get("missing", ())]
        total = {
            name: sum(result.get(name, 0) for result in results) for name in ("looked", "changed", "pictures")
        }
        summary: dict[str, Any] = {**total, "missing": len(missing)}
        if len(missing) > max(MOST_MISSING * total["looked"], FEW) and not run.job.params.get("release"):
            held = Phrase("artwork.scan-held", number=len(missing), total=total["looked"])
            summary |= {"held": len(missing), OUTCOME: held.stored()}
            missing = []

        def save() -> None:
            mark_missing(missing)
            services.start(ADOPT, trigger=Trigger(run.job.trigger), dedupe_key=ADOPT)

        return Outcome(result=summary, save=save)


class AdoptHandler(JobHandler):
    """Takes in the pictures that a scan found."""

    name = ADOPT
    steps = (TITLES,)

    def plan(self, run: ItemRun) -> Plan:  # noqa: ARG002
        rows = Candidate.objects.filter(source=Source.LOCAL, digest="", refused="")
        titles = sorted({title or pk for pk, title in rows.values_list("entity", "entity__title")})
        return Plan(
            [NewItem(str(chunk[0]), TITLES, params={TITLES: chunk}) for chunk in batched(titles, TOGETHER)]
        )

    def work(self, run: ItemRun) -> Outcome:
        done: Counter[str] = Counter()
        for title in titles_of(run):
            run.check()
            try:
                done.update(asdict(adopt(title)))
            except (PublicationError, StorageError) as error:
                logger.warning("%s: %s", title, error)
                done["failed"] += 1
        return Outcome(result=dict(done))

    def finish(self, run: ItemRun) -> Outcome:
        def save() -> None:
            if due.asked_of().exists():
                start(PREPARE, trigger=Trigger.SCHEDULED)

        return Outcome(result=summed(run), save=save)


class PrepareHandler(JobHandler):
    """Asks providers about titles that were not asked about yet, or of which they know something new."""

    name = PREPARE
    steps = (TITLES,)

    def plan(self, run: ItemRun) -> Plan:
        by_itself = run.job.trigger == Trigger.SCHEDULED
        titles = due.titles(run.job.connection, by_itself=by_itself)
        return Plan([of_title(title) for title in titles])

    def work(self, run: ItemRun) -> Outcome:
        done: Counter[str] = Counter()
        for title in titles_of(run):
            run.check()
            done.update(asdict(prepare(title, interactive=run.job.queue == Queue.INTERACTIVE)))
        return Outcome(result=dict(done))

    def finish(self, run: ItemRun) -> Outcome:
        """Publish the artwork of connections that need nobody for it."""
        of = Connection.objects.filter(artwork__publish=True)
        if run.job.connection is not None:
            of = of.filter(pk=run.job.connection.pk)
        held = {connection: brake.too_much(connection) for connection in of}
        summary: dict[str, Any] = summed(run)
        if reason := next(filter(None, held.values()), None):
            summary[OUTCOME] = reason.stored()
        if new := [one.pk for one, reason in held.items() if reason and not ArtSettings.of(one).held_since]:
            summary["held"] = new

        def save() -> None:
            inbox_changed()
            for connection, reason in held.items():
                if reason is not None:
                    brake.hold(connection, reason)
                else:
                    brake.let_go(connection, for_good=False)
                    start(PUBLISH, connection=connection, trigger=Trigger(run.job.trigger))

        return Outcome(result=summary, save=save)


class SettleHandler(JobHandler):
    """Finds out what should stand beside the titles of a connection, after its settings changed."""

    name = SETTLE
    steps = (TITLES,)

    def plan(self, run: ItemRun) -> Plan:
        rows = Entity.objects.filter(connection=run.job.connection, title=None).order_by("pk")
        chunks = batched(rows.values_list("pk", flat=True), TOGETHER)
        return Plan([NewItem(str(chunk[0]), TITLES, params={TITLES: chunk}) for chunk in chunks])

    def work(self, run: ItemRun) -> Outcome:
        return Outcome(result={"changed": choosing.refresh(list(titles_of(run)))})

    def finish(self, run: ItemRun) -> Outcome:
        """Go on with the new choice, where that needs nobody."""
        of = run.job.connection

        def save() -> None:
            if of is not None and ArtSettings.of(of).prepare and due.asked_of().exists():
                start(PREPARE, connection=of, trigger=Trigger.SCHEDULED)

        return Outcome(result=summed(run), save=save)


class NewHandler(OneStep):
    """Prepares and publishes a title that its app has just imported for the first time."""

    name = NEW

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if params.keys() != {"arr_id"} or type(params["arr_id"]) is not int:
            raise ConfigError("artwork.new-params")
        return params

    def do(self, run: ItemRun) -> dict[str, Any]:
        """Waits for the library, which learns of the title by a job of its own."""
        media = Media.objects.filter(connection=run.job.connection, arr_id=run.job.params["arr_id"]).first()
        if media is None or not media.files.exists():
            if timezone.now() - run.job.created_at > WAITS_AT_MOST:
                return {"titles": 0}
            raise Later(WAITS)
        discover(media.connection, [media.pk])
        title = Entity.objects.select_related("connection", "media__connection").filter(media=media).first()
        if title is None or title.publications.exists():
            return {"titles": 0}
        adopt(title)
        if due.asked_of().exists():
            prepare(title, interactive=True)
        return {"titles": 1, "files": publish_title(title, By(job_id=run.job.pk))}


class PublishHandler(JobHandler):
    """Publishes titles beside which something else stands than should: all, or those that are named."""

    name = PUBLISH
    steps = (TITLES,)

    def plan(self, run: ItemRun) -> Plan:
        titles = Entity.objects.filter(pk__in=brake.unpublished(run.job.connection)).order_by("pk")
        return Plan([of_title(title) for title in titles])

    def work(self, run: ItemRun) -> Outcome:
        files = [publish_title(title, By(run.job.requested_by, run.job.pk)) for title in titles_of(run)]
        return Outcome(result={"titles": len(files), "files": sum(files)})

    def finish(self, run: ItemRun) -> Outcome:
        """Ask again about what could not be published."""

        def save() -> None:
            asked = run.job.items.filter(step=TITLES).values_list("params", flat=True)
            reviewing.ask_again([pk for params in asked for pk in params[TITLES]])

        return Outcome(result=summed(run), save=save)


class FetchHandler(OneStep):
    """Fetches a picture that a person wants, and chooses it."""

    name = FETCH

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if params.keys() != {"candidate", "rank"} or any(type(one) is not int for one in params.values()):
            raise ConfigError("artwork.fetch-params")
        return params

    def do(self, run: ItemRun) -> dict[str, Any]:
        rows = Candidate.objects.select_related("entity")
        candidate = rows.filter(pk=run.job.params["candidate"]).first()
        if candidate is None:
            raise ConfigError("artwork.not-kept")
        if not candidate.digest:
            by_hand.fetch(candidate)
        by_hand.choose(candidate, run.job.requested_by, run.job.params["rank"])
        return {"pictures": 1}


class ForeseeHandler(JobHandler):
    """Says which pictures would be others by other settings of a connection; nothing is changed."""

    name = FORESEE
    steps = (TITLES,)

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        asked = params.get("settings")
        if params.keys() != {"settings"} or not isinstance(asked, dict) or asked.keys() - {*SETTINGS}:
            raise ConfigError("artwork.foresee-params")
        return params

    def plan(self, run: ItemRun) -> Plan:
        rows = Entity.objects.filter(connection=run.job.connection, title=None, media__isnull=False)
        titles = rows.order_by("pk").values_list("pk", flat=True)
        return Plan(
            [NewItem(str(chunk[0]), TITLES, params={TITLES: chunk}) for chunk in batched(titles, TOGETHER)]
        )

    def work(self, run: ItemRun) -> Outcome:
        of = run.job.connection
        if of is None:
            return Outcome()
        return Outcome(result=foresee(of, titles_of(run), run.job.params["settings"], run.check).stored())

    def finish(self, run: ItemRun) -> Outcome:
        total = Foreseen()
        for result in run.job.items.filter(step=TITLES).order_by("pk").values_list("result", flat=True):
            total.add(Foreseen.of(result))
        return Outcome(result=total.stored())


def titles_of(run: ItemRun) -> QuerySet[Entity]:
    """The titles that an item names, as far as they are still there."""
    rows = Entity.objects.filter(pk__in=run.item.params[TITLES])
    return rows.select_related("connection", "media__connection").order_by("pk")


def summed(run: ItemRun) -> dict[str, int]:
    """What the items of a job did, added up."""
    total: Counter[str] = Counter()
    for result in run.job.items.filter(step=TITLES).values_list("result", flat=True):
        total.update(result)
    return dict(total)


def batched(titles: Iterable[int], number: int) -> Iterator[list[int]]:
    left = iter(titles)
    while chunk := list(islice(left, number)):
        yield chunk


def of_title(title: Entity) -> NewItem:
    return NewItem(str(title.pk), TITLES, title.subject, {TITLES: [title.pk]})


def prepare_now(titles: Iterable[Entity], **asked: Any) -> Job:
    """Prepare some titles, which somebody waits for, whether or not they are due."""
    items = [of_title(title) for title in titles]
    return services.start(PREPARE, items=items, queue=Queue.INTERACTIVE, **asked)[0]


def welcome(connection: Connection, arr_id: int) -> Job:
    """Prepare and publish a title that is new, as soon as the library knows it."""
    return services.start(
        NEW,
        connection=connection,
        params={"arr_id": arr_id},
        trigger=Trigger.WEBHOOK,
        queue=Queue.INTERACTIVE,
        dedupe_key=f"{NEW}:{connection.pk}:{arr_id}",
    )[0]


def publish_now(titles: Iterable[Entity], **asked: Any) -> Job:
    """Publish some titles, which somebody waits for, whatever stands there."""
    items = [of_title(title) for title in titles]
    return services.start(PUBLISH, items=items, queue=Queue.INTERACTIVE, **asked)[0]


def run_here(name: str, connection: str | None, **params: bool) -> Job:
    """Run a job of a connection, or of all, and return it as it ended; only what is true is asked for.

    Raises ConfigError where there is no such connection, or the feature is off.
    """
    of = connection_named(connection) if connection else None
    asked = {key: value for key, value in params.items() if value}
    return services.run_inline(start(name, connection=of, params=asked)[0])


def titles_called(name: str) -> list[Entity]:
    """The titles that hold this in their name. Raises ConfigError where there are none."""
    titles = list(Entity.objects.filter(title=None, media__isnull=False, name__icontains=name).order_by("pk"))
    if not titles:
        raise ConfigError("artwork.none-called", name=name)
    return titles


def title_called(name: str) -> Entity:
    """The one title that holds this in its name. Raises ConfigError where there is none, or several."""
    title, *others = titles_called(name)
    if others:
        raise ConfigError("artwork.several-called", name=name, number=1 + len(others))
    return title


def published(connection: Connection | None = None) -> QuerySet[Entity]:
    """The titles of the library that have files of ours, of a connection or all."""
    of_title = PublishedFile.objects.filter(title=OuterRef("pk"))
    rows = Entity.objects.filter(Exists(of_title), title=None, media__isnull=False)
    return rows.filter(connection=connection) if connection else rows


def start(name: str, *, connection: Connection | None = None, **asked: Any) -> tuple[Job, bool]:
    """Start a job of a connection, or of all; or return the one that is under way, and False."""
    key = f"{name}:{connection.pk if connection else 'all'}"
    return services.start(name, connection=connection, dedupe_key=key, **asked)


BRINGS = Jobs(
    handlers=(
        ScanHandler(),
        AdoptHandler(),
        PrepareHandler(),
        SettleHandler(),
        NewHandler(),
        FetchHandler(),
        ForeseeHandler(),
        PublishHandler(),
        VerifyHandler(),
        UndoHandler(),
        FinishHandler(),
    ),
    startable=tuple(Startable(name, partial(start, name)) for name in (SCAN, PREPARE, PUBLISH, VERIFY)),
    schedules=(Default(SCAN, cron="0 2 * * *"), Default(VERIFY, cron="30 4 * * *")),
    periodic=(
        Periodic("look_again", rechecks.EVERY, rechecks.start_due, life=10),
        Periodic("finish_left", 60.0, finish_left),
    ),
)
