"""What an installation is made of."""

from __future__ import annotations

import pytest

from system.about import about
from system.models import RuntimeSetting

pytestmark = pytest.mark.django_db


def test_every_part_has_a_version(tmp_path, settings):
    settings.TAGGARR_DATA = tmp_path

    found = about()

    assert {"Taggarr", "PostgreSQL", "Valkey", "Celery"} <= {name for name, _ in found.parts}
    assert all(version[0].isdigit() for _, version in found.parts)
    assert found.free
    assert found.disk
    assert found.newer == ""


def test_what_does_not_answer_is_told(tmp_path, settings):
    settings.TAGGARR_DATA = tmp_path / "away"
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    RuntimeSetting.objects.create(name="latest_version", value="999.0.0")

    found = about()

    assert ("Redis", "does not answer") in found.parts
    assert (found.free, found.disk, found.newer) == (None, None, "999.0.0")
