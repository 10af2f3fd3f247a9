"""Schedules: what every installation has, what people change, and what beat makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from connections.models import Connection
from core.errors import ConfigError
from jobs import schedules
from jobs.contract import MESSAGE_LIFE, Default, Jobs
from jobs.models import Job, JobState, Schedule, Trigger
from jobs.scheduler import Scheduler
from jobs.schedules import ensure, run_now, save_schedule, start_due, task_name_of
from tests.commands import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("muted", "scripted")]


@pytest.fixture
def schedule(connection) -> Schedule:
    return save_schedule(Schedule(job="scripted", connection=connection, every=3600))


def bring(monkeypatch, default: Default) -> None:
    """Let this be the one schedule that apps bring."""
    monkeypatch.setattr(schedules, "brought", lambda _: [(None, Jobs(schedules=(default,)))])


@pytest.fixture
def defaults(monkeypatch):
    bring(monkeypatch, Default("scripted", every=600, kinds=("sonarr", "radarr")))


def copy_of(schedule: Schedule) -> PeriodicTask:
    return PeriodicTask.objects.get(name=task_name_of(schedule))


def test_every_instance_gets_its_schedule_once(connection, defaults):
    assert ensure() == 1
    assert ensure() == 0
    made = Schedule.objects.get()
    assert (made.connection, made.every, made.enabled) == (connection, 600, True)
    assert copy_of(made).interval.every == 600


def test_what_a_person_changed_stays(connection, defaults):
    ensure()
    made = Schedule.objects.get()
    made.enabled = False
    save_schedule(made)
    ensure()
    assert not Schedule.objects.get().enabled
    assert not copy_of(made).enabled


def test_a_schedule_of_taggarr_itself_is_made_once(monkeypatch):
    bring(monkeypatch, Default("scripted", cron="0 4 * * *"))
    assert [ensure(), ensure()] == [1, 0]
    assert copy_of(Schedule.objects.get()).crontab.hour == "4"


def test_a_cron_line_counts_in_the_time_zone_of_the_settings(schedule, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    schedule.every, schedule.cron = None, "30 3 * * 1-5"
    save_schedule(schedule)
    cron = copy_of(schedule).crontab
    assert (cron.minute, cron.hour, cron.day_of_week) == ("30", "3", "1-5")
    assert str(cron.timezone) == "Europe/Berlin"
    assert copy_of(schedule).interval is None


def test_a_cron_line_follows_a_time_zone_that_is_changed_later(schedule, settings):
    schedule.every, schedule.cron = None, "30 3 * * *"
    save_schedule(schedule)
    assert schedules.follow_time_zone() == 0
    settings.TIME_ZONE = "Europe/Berlin"
    assert [schedules.follow_time_zone(), schedules.follow_time_zone()] == [1, 0]
    assert str(copy_of(schedule).crontab.timezone) == "Europe/Berlin"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"every": None}, "either an interval"),
        ({"cron": "0 * * * *"}, "either an interval"),
        ({"every": 59}, "60 to"),
        ({"every": None, "cron": "0 3 * *"}, "not a cron line"),
        ({"every": None, "cron": "99 3 * * *"}, "not a cron line"),
        ({"every": None, "cron": "a b c d e"}, "not a cron line"),
        ({"job": "dance"}, "no job called"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(schedule, fields, message):
    for name, value in fields.items():
        setattr(schedule, name, value)
    with pytest.raises(ConfigError, match=message):
        save_schedule(schedule)
    assert Schedule.objects.get().every == 3600


def test_when_its_time_has_come_the_job_starts(schedule):
    job = start_due(schedule.pk)
    assert job is not None
    assert (job.trigger, job.connection, job.name) == (Trigger.SCHEDULED, schedule.connection, "scripted")
    schedule.refresh_from_db()
    assert schedule.last_job == job
    assert schedule.last_started_at is not None


def test_there_are_never_two_of_the_same_at_once(schedule):
    first = start_due(schedule.pk)
    assert start_due(schedule.pk) == first
    assert run_now(schedule) == (first, False)
    Job.objects.update(state=JobState.COMPLETED)
    assert start_due(schedule.pk) != first


def test_what_is_disabled_or_gone_does_not_start(schedule):
    Schedule.objects.update(enabled=False)
    assert start_due(schedule.pk) is None
    Schedule.objects.update(enabled=True)
    Connection.objects.update(enabled=False)
    assert start_due(schedule.pk) is None
    schedule.refresh_from_db()
    with pytest.raises(ConfigError, match="disabled"):
        run_now(Schedule.objects.get())
    schedule.delete()
    assert start_due(schedule.pk or 0) is None
    assert not Job.objects.exists()


def test_a_schedule_whose_job_is_unknown_by_now_starts_nothing(schedule):
    Schedule.objects.update(job="gone")
    assert start_due(schedule.pk) is None


def test_the_copy_of_a_deleted_instance_goes_with_the_clean_up(schedule, connection):
    connection.delete()
    assert not Schedule.objects.exists()
    assert schedules.drop_orphans() == 1
    assert not PeriodicTask.objects.filter(task=schedules.TASK).exists()


@pytest.fixture
def beat(monkeypatch):
    """The scheduler of beat, not yet set up, and what it sends: task and arguments."""
    sent: list[tuple[str, list[int]]] = []
    scheduler = Scheduler(current_app, lazy=True)
    scheduler._finalize.cancel()  # it would write when the tests have ended

    def send(entry, **_):
        sent.append((entry.task, entry.args))
        return _Sent()

    monkeypatch.setattr(scheduler, "apply_async", send)
    return scheduler, sent


@pytest.mark.django_db(transaction=True)
def test_beat_does_not_go_on_without_its_tick_where_the_database_is_away_as_it_starts(beat, monkeypatch):
    scheduler, _ = beat

    def refuse(*_given, **_named):
        raise OperationalError("the database system is shutting down")

    with monkeypatch.context() as patched:
        patched.setattr(Scheduler.Entry, "from_entry", refuse)
        with pytest.raises(OperationalError):
            scheduler.setup_schedule()
    scheduler.setup_schedule()
    assert "tick" in scheduler.schedule


TWELVE_HOURS_AWAY = f"0 {(timezone.now() + timedelta(hours=12)).hour} * * *"


@pytest.mark.django_db(transaction=True)  # beat opens a connection of its own
@pytest.mark.parametrize("when", [{"every": 3600}, {"cron": "0 * * * *"}, {"cron": TWELVE_HOURS_AWAY}])
def test_runs_that_were_missed_are_caught_up_once_and_at_once(schedule, when, beat):
    for name, value in {"every": None, **when}.items():
        setattr(schedule, name, value)
    save_schedule(schedule)
    PeriodicTask.objects.filter(task=schedules.TASK).update(last_run_at=timezone.now() - timedelta(days=3))
    scheduler, sent = beat
    scheduler.setup_schedule()
    for _ in range(5):
        scheduler.tick()
    assert [call for call in sent if call[0] == schedules.TASK] == [(schedules.TASK, [schedule.pk])]


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_was_set_back_delays_no_run_by_a_day(schedule, beat):
    scheduler, _sent = beat
    scheduler.setup_schedule()
    scheduler.tick()
    copy = scheduler.schedule[task_name_of(schedule)]
    copy.last_run_at = timezone.now() + timedelta(days=1)
    scheduler._heap = [event._replace(time=event.time + 24 * 3600) for event in scheduler._heap]
    scheduler.tick()
    now = timezone.now()
    assert abs(copy.last_run_at - now) < timedelta(minutes=1)
    next_runs = {event.entry.name: event.time - now.timestamp() for event in scheduler._heap}
    assert next_runs[task_name_of(schedule)] <= 3600
    assert next_runs["tick"] <= 10
    scheduler.sync()
    assert copy_of(schedule).last_run_at == copy.last_run_at


def sent_by_beat(seconds_ago: float) -> None:
    """As beat leaves it: it has sent its message so long ago."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    PeriodicTask.objects.filter(task=schedules.TASK).update(last_run_at=at)


def test_a_message_of_beat_that_got_lost_is_made_up_for_once(schedule):
    Schedule.objects.update(heard_at=timezone.now() - timedelta(hours=1))
    sent_by_beat(MESSAGE_LIFE + 10)
    assert schedules.catch_up() == 1
    job = Job.objects.get()
    assert (job.trigger, job.connection) == (Trigger.SCHEDULED, schedule.connection)
    Job.objects.update(state=JobState.COMPLETED)
    assert schedules.catch_up() == 0
    assert Job.objects.count() == 1


@pytest.mark.parametrize("seconds_ago", [1, MESSAGE_LIFE + 10])
def test_a_message_that_arrived_or_is_on_its_way_is_not_lost(schedule, seconds_ago):
    heard = timezone.now() - timedelta(seconds=seconds_ago - 1)
    Schedule.objects.update(heard_at=heard if seconds_ago > 1 else heard - timedelta(hours=1))
    sent_by_beat(seconds_ago)
    assert schedules.catch_up() == 0


def test_what_was_due_while_it_still_ran_is_not_made_up_for(schedule):
    first = start_due(schedule.pk)
    assert start_due(schedule.pk) == first
    Job.objects.update(state=JobState.COMPLETED)
    sent_by_beat(MESSAGE_LIFE + 10)
    assert schedules.catch_up() == 0


def test_a_disabled_schedule_has_lost_nothing(schedule):
    Schedule.objects.update(heard_at=timezone.now() - timedelta(hours=1))
    sent_by_beat(MESSAGE_LIFE + 10)
    schedule.refresh_from_db()
    schedule.enabled = False
    save_schedule(schedule)
    assert schedules.catch_up() == 0


class _Sent:
    id = "x"


def test_the_command_lists_changes_and_runs(schedule, connection):
    assert "every hour" in run("schedule", "list").out
    ran = run("schedule", "set", "scripted", "--cron", "15 2 * * *")
    assert (ran.code, ran.out) == (0, f"scripted: {connection}, every day at 02:15\n")
    ran = run("schedule", "set", "scripted", "--instance", "sonarr", "--disable", "--json")
    assert ran.json["enabled"] is False
    assert run("schedule", "run", "scripted").out.startswith("Started scripted #")
    assert "runs already" in run("schedule", "run", "scripted").out
    found = {row["job"]: row for row in run("schedule", "--json").json}
    assert found["scripted"]["last_started_at"] is not None


def test_the_command_tells_what_is_wrong(schedule):
    assert run("schedule", "set", "dance").code == 2
    ran = run("schedule", "set", "scripted", "--every", "5")
    assert (ran.code, ran.err) == (2, "An interval is 60 to 31622400 seconds long.\n")


def test_when_a_job_starts_next_is_told(schedule, connection):
    nightly = save_schedule(Schedule(job="scripted", cron="15 3 * * *"))
    PeriodicTask.objects.filter(name=task_name_of(schedule)).update(
        last_run_at=timezone.now() - timedelta(minutes=50)
    )

    found = schedules.next_starts([schedule, nightly])

    assert abs(found[schedule.pk] - timezone.now() - timedelta(minutes=10)) < timedelta(seconds=30)
    assert timezone.now() < found[nightly.pk] <= timezone.now() + timedelta(days=1)
    assert (found[nightly.pk].hour, found[nightly.pk].minute) == (3, 15)


def test_a_disabled_schedule_never_starts(schedule):
    schedule.enabled = False
    save_schedule(schedule)

    assert schedules.next_starts([schedule]) == {}


@pytest.mark.django_db
def test_what_apps_repeat_is_written_down_for_beat_which_knows_no_app():
    from jobs.contract import store_periodic

    store_periodic()
    store_periodic()

    health = PeriodicTask.objects.get(name="system.watch_health")
    assert (health.task, health.queue) == ("system.watch_health", "interactive")
    assert {"tick", "scanner.look_at_roots"} <= set(PeriodicTask.objects.values_list("name", flat=True))
