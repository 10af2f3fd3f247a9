"""Jobs that are started by their name, for the API and whoever else asks."""

from __future__ import annotations

import pytest

from connections.models import Connection
from core.errors import ConfigError
from jobs import startable
from jobs.handlers import SwitchedOffError
from jobs.models import Job, Trigger
from system.switches import switch

pytestmark = pytest.mark.usefixtures("muted")


def test_apps_bring_what_can_be_started(db: None):
    assert {"scan", "reconcile", "backup"} <= set(startable.names())


def test_a_second_start_names_the_live_job(connection: Connection):
    first, started = startable.start("scan", connection=connection, trigger=Trigger.API)
    assert (first.name, first.trigger, started) == ("scan", Trigger.API, True)
    assert startable.start("scan", connection=connection) == (first, False)


def test_one_that_joins_the_live_job_stands_in_nobodys_way(connection: Connection):
    first, _ = startable.start("reconcile", connection=connection)
    assert startable.start("reconcile", connection=connection) == (first, True)


def test_parameters_are_the_job_s_own(connection: Connection):
    job, _ = startable.start("scan", connection=connection, params={"mode": "rewrite"})
    assert job.params["mode"] == "rewrite"
    with pytest.raises(ConfigError, match="no scan mode 'anew'"):
        startable.start("scan", connection=connection, params={"mode": "anew"})


def test_a_connection_that_is_missing_or_too_much_starts_nothing(connection: Connection):
    with pytest.raises(ConfigError, match="A scan needs an instance"):
        startable.start("scan")
    with pytest.raises(ConfigError, match="A backup is of no instance"):
        startable.start("backup", connection=connection)
    with pytest.raises(ConfigError, match="no job called scna"):
        startable.start("scna")
    assert not Job.objects.exists()


def test_a_job_of_a_feature_that_is_off_does_not_start(connection: Connection):
    switch("scanner", False)
    with pytest.raises(SwitchedOffError):
        startable.start("scan", connection=connection)
    switch("scanner", None)
