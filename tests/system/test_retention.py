"""How long things are kept: where it is stored, and that only what changed is saved."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from jobs.models import Schedule
from system import retention

pytestmark = pytest.mark.django_db

DEFAULTS = {"keep": 7, "keep_days": 90, "items": 7, "jobs": 30, "history": 365, "logs": 30}


def test_without_anything_stored_the_defaults_are_in_force():
    assert retention.current() == DEFAULTS


def test_a_change_is_stored_with_the_schedule_of_its_job_alone():
    changed = retention.change({**DEFAULTS, "history": 100})

    assert changed == ["history"]
    assert retention.current() == {**DEFAULTS, "history": 100}
    assert Schedule.objects.get(job="cleanup").params == {"history": 100}
    assert Schedule.objects.get(job="backup").params == {}
    assert retention.change({"history": 100}) == []


@pytest.mark.parametrize(("wanted", "said"), [({"socks": 1}, "no socks"), ({"history": 0}, "at least 1")])
def test_what_cannot_be_is_refused_and_nothing_is_saved(wanted, said):
    with pytest.raises(ConfigError, match=said):
        retention.change({"keep": 3, **wanted})
    assert retention.current() == DEFAULTS
