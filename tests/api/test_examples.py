"""The examples of docs/api.md do what they say."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.keys import create_key, find_key
from history.services import record
from jobs.models import Job, Schedule
from jobs.services import cancel
from scanner.models import Policy
from scanner.scan.starting import start_scan
from tests.api.conftest import SCOPES
from tests.waiting import PATIENCE

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_the_examples_work(web, admin, make_media, plain_instance, tmp_path, monkeypatch, capsys):
    _, key = create_key(admin, "examples", scopes=SCOPES, expires_at=None)
    make_media("Lantern Harbour", ["jpn"], verdict="wrong-dub", year=2020)
    Schedule.objects.create(job="scan", connection=plain_instance, every=21600)
    record("verdict", "Lantern Harbour: dub → wrong-dub.")
    monkeypatch.setenv("API_KEY", key)
    code = "\n".join(BLOCKS).replace("http://taggarr:8484", web)
    code = code.replace("/var/lib/node_exporter", str(tmp_path))
    code = code.replace("policies/1", f"policies/{plain_instance.scan_settings.policy_id}")

    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "docs/api.md", "exec"), namespace)  # the document's own code

    printed = capsys.readouterr().out
    assert "Lantern Harbour (2020): " in printed
    assert f"job {Job.objects.get(name='scan').pk} scans Lantern Harbour" in printed
    assert "of 1 titles would change" in printed
    assert Policy.objects.get().target_languages == ["eng", "deu"]
    assert 'taggarr_media{verdict="' in (tmp_path / "taggarr.prom").read_text()
    etag, counts = namespace["verdicts"]()
    assert sum(counts.values()) == 1
    assert namespace["verdicts"](etag) == (etag, None)
    assert "Lantern Harbour: dub → wrong-dub." in printed
    assert Schedule.objects.get().cron == "30 4 * * *"


@pytest.mark.django_db(transaction=True)
def test_a_job_is_followed_to_its_end(web, admin, plain_instance, monkeypatch):
    _, key = create_key(admin, "examples", scopes=SCOPES, expires_at=None)
    monkeypatch.setenv("API_KEY", key)
    code = "\n".join([BLOCKS[0], BLOCKS[-1]]).replace("http://taggarr:8484", web)
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "docs/api.md", "exec"), namespace)  # the document's own code
    job, _ = start_scan(plain_instance)

    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(namespace["follow"], job.pk)
        # It watches by now, or asks before it does: either way it hears of the end.
        cancel(job)

        assert told.result(timeout=PATIENCE) == "cancelled"


def test_the_examples_are_typed(tmp_path):
    from mypy import api

    path = tmp_path / "example.py"
    path.write_text("\n".join(BLOCKS), encoding="utf-8")

    told, _, status = api.run(
        [
            "--strict",
            "--config-file=",
            f"--python-executable={sys.executable}",
            f"--cache-dir={tmp_path}",
            str(path),
        ]
    )

    assert status == 0, told


@pytest.mark.django_db
def test_a_key_is_made_from_the_command_line(admin, capsys):
    call_command("create_api_key", "Homepage", "--user", "Ada")

    key = find_key(capsys.readouterr().out.strip())
    assert key is not None
    assert (key.name, key.owner, key.scopes) == ("Homepage", admin, ["read"])


@pytest.mark.django_db
def test_a_key_for_nobody_is_refused(db, capsys):
    with pytest.raises(SystemExit):
        call_command("create_api_key", "Homepage", "--user", "nobody")

    assert "no user called nobody" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_key_of_the_command_line_has_a_year_unless_somebody_says_otherwise(admin, capsys):
    call_command("create_api_key", "a", "--user", "ada", "--scope", "settings", "--network", "10.0.0.0/8")
    call_command("create_api_key", "b", "--user", "ada", "--never-expires")
    first, second = (find_key(text) for text in capsys.readouterr().out.split())

    assert first
    assert second
    assert (first.scopes, first.networks) == (["read", "settings"], ["10.0.0.0/8"])
    assert first.expires_at is not None
    assert timedelta(days=364) < first.expires_at - timezone.now() <= timedelta(days=365)
    assert (second.scopes, second.expires_at) == (["read"], None)
