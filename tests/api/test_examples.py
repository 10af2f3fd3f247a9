"""The examples of docs/api.md do what they say."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.keys import create_key, find_key
from history.services import record
from jobs.models import Job, Schedule
from jobs.services import cancel
from library.models import Policy
from notify.models import Channel
from scanner.requests import start_scan
from system.backup import services
from tests.waiting import PATIENCE

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_the_examples_work(web, admin, make_media, plain_instance, tmp_path, monkeypatch, capsys):
    _, key = create_key(admin, "examples", role="admin")
    make_media("Lantern Harbour", ["jpn"], verdict="wrong-dub", year=2020)
    Schedule.objects.create(job="scan", instance=plain_instance, every=21600)
    record("verdict", "Lantern Harbour: dub → wrong-dub.")
    monkeypatch.setenv("API_KEY", key)
    code = "\n".join(BLOCKS).replace("http://taggarr:8484", web)
    code = code.replace("/var/lib/node_exporter", str(tmp_path)).replace("/mnt/elsewhere", str(tmp_path))
    backup = services.make_backup()
    code = code.replace("policies/1", f"policies/{plain_instance.policy_id}")

    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "docs/api.md", "exec"), namespace)  # the document's own code

    printed = capsys.readouterr().out
    assert "Lantern Harbour (2020): " in printed
    assert f"job {Job.objects.get(name='scan').pk} scans Lantern Harbour" in printed
    assert "of 1 media would change" in printed
    assert Policy.objects.get().target_languages == ["eng", "deu"]
    assert 'taggarr_media{verdict="' in (tmp_path / "taggarr.prom").read_text()
    etag, counts = namespace["verdicts"]()
    assert sum(counts.values()) == 1
    assert namespace["verdicts"](etag) == (etag, None)
    assert "Lantern Harbour: dub → wrong-dub." in printed
    assert Schedule.objects.get().cron == "30 4 * * *"
    assert Channel.objects.get().name == "Phone"
    assert (tmp_path / backup.name).read_bytes() == services.path_of(backup.name).read_bytes()
    services.delete_backup(backup.name)


@pytest.mark.django_db(transaction=True)
def test_a_job_is_followed_to_its_end(web, admin, plain_instance, monkeypatch):
    _, key = create_key(admin, "examples", role="admin")
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
    assert (key.name, key.owner, key.role) == ("Homepage", admin, "viewer")


@pytest.mark.django_db
def test_a_key_for_nobody_is_refused(db, capsys):
    with pytest.raises(SystemExit):
        call_command("create_api_key", "Homepage", "--user", "nobody")

    assert "no user called nobody" in capsys.readouterr().err
