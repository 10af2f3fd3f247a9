"""What a job does: the contract between the engine and the apps that hand work to it.

An app writes a `JobHandler` and brings it (`jobs.contract`); for a job of one step, a `OneStep`. The engine
calls `plan` once, `work` for each item the plan named, and `finish` when no item is left. Any of them may run
twice (a worker died, a lease ran out): what they write belongs into the `save` of what they return, which is
committed together with the item's end or not at all.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Q

from core.errors import ConfigError
from core.features import App
from core.subjects import Subject

from .models import ItemState, Queue

if TYPE_CHECKING:
    from .runner import ItemRun

PLAN = "plan"
FINISH = "finish"
LONGEST_RETRY_AFTER = 24 * 3600.0


class SwitchedOffError(ConfigError):
    """The feature that the job belongs to is switched off."""


class Cancelled(Exception):  # noqa: N818  (it ends an item, it is no error)
    """The job is no longer live: stop, and save nothing more."""


class ClaimLost(Exception):  # noqa: N818  (it ends a run, it is no error)
    """The item belongs to another worker by now (its lease ran out): stop, and save nothing more."""


class Stopping(Exception):  # noqa: N818  (it ends a run, it is no error)
    """This worker was told to stop: another goes on with the item, at no cost of an attempt."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how soon an item is tried again after a transient error; `base` and `cap` in seconds."""

    attempts: int = 5
    base: float = 5.0
    cap: float = 300.0

    def delay(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds to wait after the `attempt`-th attempt (from 1): exponential, with full jitter.

        A longer `retry_after`, which the server asked for, wins; one above a day is cut to a day.
        """
        ceiling = min(self.cap, self.base * 2.0 ** min(attempt - 1, 30))
        wait = random.uniform(0, ceiling)  # noqa: S311  (spreads load, guards nothing)
        return max(wait, min(retry_after or 0.0, LONGEST_RETRY_AFTER))


@dataclass(frozen=True)
class NewItem:
    """An item to be made: `key` is unique in its job, `queue` the job's unless named, `due_in` in seconds."""

    key: str
    step: str
    subject: Subject | None = None
    params: dict[str, Any] = field(default_factory=dict)
    queue: Queue | None = None
    due_in: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What `plan` found to do. `save` runs in the transaction that inserts the items and ends the plan.

    `summary` becomes the job's summary, until `finish` merges its own over it.
    """

    items: Sequence[NewItem] = ()
    summary: dict[str, Any] = field(default_factory=dict)
    save: Callable[[], object] | None = None


@dataclass(frozen=True)
class Outcome:
    """How an item ended: done or skipped. `save` runs in the one transaction that ends the item.

    That transaction is rolled back where the claim was lost, so what `save` writes is counted once. `save`
    should lock what it changes (the Media row); it does no slow work.
    """

    state: ItemState = ItemState.DONE
    result: dict[str, Any] = field(default_factory=dict)
    save: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        if self.state not in (ItemState.DONE, ItemState.SKIPPED):
            raise ValueError(f"an item ends as done or skipped, not {self.state}: raise an error to fail it")


class JobHandler(ABC):
    """The work of one kind of job.

    `name` is the job's name; `steps` are the names of its own steps (`plan` and `finish` come by themselves);
    a unit of work longer than a few seconds calls `run.check()` between its parts. Errors say what happens
    next: `ApiTransientError`, `StorageError` and trouble with the database are tried again as `retry` says;
    every other error fails the item at once.
    """

    name: ClassVar[str]
    steps: ClassVar[tuple[str, ...]] = ()
    queue: ClassVar[Queue] = Queue.BULK
    retry: ClassVar[RetryPolicy] = RetryPolicy()

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a new job, completed; raise ConfigError where one is wrong."""
        return params

    @abstractmethod
    def plan(self, run: ItemRun) -> Plan:
        """Find out what there is to do."""

    @abstractmethod
    def work(self, run: ItemRun) -> Outcome:
        """Do one item. `run.item.step` says which step it is."""

    def finish(self, run: ItemRun) -> Outcome:  # noqa: ARG002
        """Close the job when no item is left. The result is merged over the summary of the plan.

        It runs again after failed items were retried, so it must be safe to repeat.
        """
        return Outcome()

    def told_elsewhere(self) -> Q | None:
        """Which failed items health need not name, because another check does; None where there are none."""
        return None


class OneStep(JobHandler):
    """A job that does one thing: in its plan, so that the job fails where that does, and may be retried."""

    @abstractmethod
    def do(self, run: ItemRun) -> dict[str, Any]:
        """Do it, and return the summary of the job."""

    def plan(self, run: ItemRun) -> Plan:
        return Plan(summary=self.do(run))

    def work(self, run: ItemRun) -> Outcome:
        raise NotImplementedError


_handlers: dict[str, JobHandler] = {}
_apps: dict[str, App] = {}


def add(handler: JobHandler, app: App | None = None) -> None:
    """Make a handler known; `jobs.tasks.register` does, and makes its Celery tasks.

    Raises ValueError where the name is taken or a step has a reserved name.
    """
    if handler.name in _handlers:
        raise ValueError(f"there is a handler for {handler.name} jobs already")
    if {PLAN, FINISH} & set(handler.steps):
        raise ValueError(f"{handler.name}: the steps {PLAN} and {FINISH} are the engine's own")
    _handlers[handler.name] = handler
    if app is not None:
        _apps[handler.name] = app


def get(name: str) -> JobHandler:
    """The handler of jobs called `name`; raises ConfigError where there is none."""
    try:
        return _handlers[name]
    except KeyError:
        known = ", ".join(sorted(_handlers)) or "none"
        raise ConfigError("job.unknown", name=name, known=known) from None


def every() -> list[JobHandler]:
    return list(_handlers.values())


def may_start(name: str) -> None:
    """Raise ConfigError where the jobs called `name` belong to a feature that is switched off."""
    app = _apps.get(name)
    if app is not None and not app.is_on:
        raise SwitchedOffError("feature.off", feature=app.title)


def task_name(job_name: str, step: str) -> str:
    """The name of the Celery task that runs a step; Flower shows it."""
    return f"{job_name}.{step}"
