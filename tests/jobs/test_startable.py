"""Jobs that are started by their name, for the API and whoever else asks."""

from __future__ import annotations

import pytest

from connections.models import Connection
from core.errors import ConfigError
from jobs.contract import start_by_name, startable
from jobs.handlers import SwitchedOffError
from jobs.models import Job, Trigger
from system.switches import switch

pytestmark = pytest.mark.usefixtures("muted")


def test_apps_bring_what_can_be_started(db: None):
    assert {"scan", "reconcile", "backup"} <= set(startable())


def test_a_second_start_names_the_live_job(connection: Connection):
    first, started = start_by_name("scan", connection=connection, trigger=Trigger.API)
    assert (first.name, first.trigger, started) == ("scan", Trigger.API, True)
    assert start_by_name("scan", connection=connection) == (first, False)


def test_one_that_joins_the_live_job_stands_in_nobodys_way(connection: Connection):
    first, _ = start_by_name("reconcile", connection=connection)
    assert start_by_name("reconcile", connection=connection) == (first, True)


def test_parameters_are_the_job_s_own(connection: Connection):
    job, _ = start_by_name("scan", connection=connection, params={"mode": "rewrite"})
    assert job.params["mode"] == "rewrite"
    with pytest.raises(ConfigError, match="no scan mode 'anew'"):
        start_by_name("scan", connection=connection, params={"mode": "anew"})


def test_a_connection_that_is_missing_or_too_much_starts_nothing(connection: Connection):
    with pytest.raises(ConfigError, match="The job scan needs an instance"):
        start_by_name("scan")
    with pytest.raises(ConfigError, match="The job backup takes no instance"):
        start_by_name("backup", connection=connection)
    with pytest.raises(ConfigError, match="No job called scna can be started"):
        start_by_name("scna")
    assert not Job.objects.exists()


def test_a_job_of_a_feature_that_is_off_does_not_start(connection: Connection):
    switch("scanner", False)
    with pytest.raises(SwitchedOffError):
        start_by_name("scan", connection=connection)
    switch("scanner", None)
