"""The jobs of the catalogue: importing a file, taking that back, finding doubles, making an archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from django.db.models.functions import Now

from catalogue import archiving, duplicates
from catalogue.becoming import lock
from catalogue.entries import digest_of, known_as, stored
from catalogue.formats.contract import Row
from catalogue.imports import arranging, bringing, reading, services, undoing
from catalogue.imports.applying import apply, understood
from catalogue.matching import Basis
from catalogue.models import Import, ImportRow, Outcome
from catalogue.values import Entry
from core import sql
from core.errors import ConfigError
from core.fields import stored as phrase_stored
from core.words import Phrase
from jobs.contract import Default, Jobs
from jobs.handlers import JobHandler, NewItem, OneStep, Plan
from jobs.handlers import Outcome as Done
from jobs.models import OUTCOME, Queue
from jobs.runner import ItemRun

TOGETHER = 500
"""Rows, or works, that are done together."""

ROWS, WORKS = "rows", "works"
_COLUMNS = ("of", "number", "entry", "known_as", "digest", "outcome", "error")


class _OfImport(JobHandler):
    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if params.keys() != {"import"} or not isinstance(params["import"], int):
            raise ConfigError("catalogue.import-params")
        return params

    @staticmethod
    def of(run: ItemRun) -> Import:
        """The import that the job is about. Raises ConfigError where it is gone."""
        found = Import.objects.select_related("library", "made_by").filter(pk=run.job.params["import"])
        if (of := found.first()) is None:
            raise ConfigError("catalogue.import-gone")
        return of


class ImportHandler(_OfImport):
    """Writes down the rows of a file, then has them become works, editions and copies."""

    name = services.IMPORT
    steps = (ROWS,)

    def plan(self, run: ItemRun) -> Plan:
        of = self.of(run)
        # A plan that was cut off begins anew.
        ImportRow.objects.filter(of=of).delete()
        with reading.opened(of) as file:
            of.format = reading.format_of(file, of.mapping)
            of.save(update_fields=["format"])
            arranging.arrange(of, file)
            items = [
                self._write_down(run, rows) for rows in _batched(_rows(of, reading.read(file, of.mapping)))
            ]
        return Plan(items, save=partial(_recognise, of.pk))

    @staticmethod
    def _write_down(run: ItemRun, rows: Sequence[Sequence[Any]]) -> NewItem:
        run.check()
        run.checkpoint(lambda: _save(lambda: sql.insert_values(ImportRow, _COLUMNS, rows)))
        first, last = rows[0][1], rows[-1][1]
        return NewItem(f"{first}", ROWS, params={"first": first, "last": last})

    def work(self, run: ItemRun) -> Done:
        of, numbers = self.of(run), (run.item.params["first"], run.item.params["last"])
        rows = ImportRow.objects.filter(of=of, number__range=numbers, outcome=Outcome.PENDING)
        # Understood before anybody has to wait for it.
        told = understood(rows)
        return Done(save=lambda: _save(lambda: apply(of, told))) if told else Done()

    def finish(self, run: ItemRun) -> Done:
        of = self.of(run)
        counts = services.count(of)
        bringing.fill_boxes(of, run.check)
        summary: dict[str, Any] = {**counts, **bringing.bring(of, run.check)}
        if waiting := counts.get(Outcome.REVIEW):
            summary[OUTCOME] = Phrase("catalogue.rows-wait", number=waiting).stored()
        ended = Import.objects.filter(pk=of.pk)
        return Done(result=summary, save=lambda: ended.update(finished_at=Now()))


class BringHandler(OneStep):
    """Brings what an archive has beside rows that were in doubt, once people decided them.

    Each decision starts one; whichever comes first does it for all that are decided by then.
    """

    name = services.BRING

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if params.keys() != {"import", "row"} or not all(isinstance(one, int) for one in params.values()):
            raise ConfigError("catalogue.import-params")
        return params

    def do(self, run: ItemRun) -> dict[str, Any]:
        found = ImportRow.objects.select_related("of__library", "of__made_by").filter(
            pk=run.job.params["row"], of=run.job.params["import"], of__undone_at=None
        )
        if (row := found.first()) is None:
            return {}
        return dict(bringing.bring_decided(row.of, run.check)) if row.is_due else {}


class UndoHandler(_OfImport):
    """Takes back what an import did, as far as nobody touched it since."""

    name = services.UNDO
    steps = (WORKS,)

    def plan(self, run: ItemRun) -> Plan:
        works = undoing.works_of(self.of(run))
        return Plan([NewItem(str(chunk[0]), WORKS, params={WORKS: chunk}) for chunk in _batched(works)])

    def work(self, run: ItemRun) -> Done:
        of = self.of(run)
        result: dict[str, Any] = {}

        def save() -> None:
            # What can be taken back is known when nobody else writes any more.
            done = undoing.undo(of, run.item.params[WORKS])
            result.update(deleted=done.deleted, restored=done.restored, kept=done.kept)

        return Done(result=result, save=save)

    def finish(self, run: ItemRun) -> Done:
        of = self.of(run)
        sum_: Counter[str] = Counter()
        for result in run.job.items.filter(step=WORKS).values_list("result", flat=True):
            sum_.update(result)
        return Done(result=dict(sum_), save=partial(undoing.finish, of))


def _rows(of: Import, read: Iterator[Row]) -> Iterator[list[Any]]:
    """What is written down of each row."""
    last = 0
    for row in read:
        # A file of several tables counts from one in each.
        last = max(row.number or 0, last + 1)
        if isinstance(row, Entry):
            told = stored(row)
            yield [of.pk, last, told, known_as(row), digest_of(told), Outcome.PENDING, ""]
        else:
            error = phrase_stored(Phrase(f"catalogue.row-{row.wrong}", text=row.detail))
            yield [of.pk, last, {}, "", "", Outcome.FAILED, error]


def _save(write: Callable[[], object]) -> None:
    """Write what is done again where it is lost, with the item that it is of: nobody waits for the disk."""
    sql.fetch(f"SELECT {sql.NO_DISK}", [])
    write()


def _recognise(pk: int) -> None:
    """Number the rows that are called the same, and find those that say what they said when they came before.

    In memory the names of all would be much; and of what came before most lists say the same.
    """
    lock()
    # Each table is read once, whatever PostgreSQL believes of how large it is.
    sql.fetch("SELECT set_config('enable_nestloop', 'off', true)", [])
    of = Import.objects.get(pk=pk)
    sql.change(
        "UPDATE catalogue_importrow r SET occurrence = n.place FROM (SELECT id, row_number() OVER "
        "(PARTITION BY known_as ORDER BY number) AS place FROM catalogue_importrow WHERE of_id = %s "
        "AND known_as <> '') n WHERE r.id = n.id AND n.place > 1",
        [pk],
    )
    sql.change(
        "UPDATE catalogue_importrow r SET outcome = %s, basis = %s, score = 1, work_id = l.work_id, "
        "copy_id = l.copy_id FROM catalogue_sourcelink l WHERE r.of_id = %s AND r.outcome = %s "
        "AND l.library_id = %s AND l.user_id = %s AND l.source = %s AND l.known_as = r.known_as "
        "AND l.occurrence = r.occurrence AND l.digest = r.digest",
        [Outcome.UNCHANGED, Basis.SOURCE, pk, Outcome.PENDING, of.library_id, of.made_by_id, of.format],
    )


def _batched(rows: Any) -> Iterator[list[Any]]:
    some = iter(rows)
    while batch := list(islice(some, TOGETHER)):
        yield batch


class DuplicatesHandler(OneStep):
    """Compares works, and proposes those that may be one."""

    name = duplicates.JOB
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        return {"proposed": duplicates.look(run.check)}


class ArchiveHandler(OneStep):
    """Makes the archive of all that somebody sees, to be downloaded."""

    name = archiving.JOB
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        return archiving.make(run.job.requested_by, run.check)


BRINGS = Jobs(
    handlers=(ImportHandler(), BringHandler(), UndoHandler(), DuplicatesHandler(), ArchiveHandler()),
    schedules=(Default(duplicates.JOB, cron="15 5 * * *"),),
)
