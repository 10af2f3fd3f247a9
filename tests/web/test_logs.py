"""System → Logs."""

from __future__ import annotations

import logging

import pytest

from core import logs
from history.models import AuditEntry
from system.downloads import send_pieces
from tests.streams import sent


@pytest.fixture(autouse=True)
def level_as_before(settings):
    from system import log_level

    yield
    log_level._state.update(looked=0.0, level="")
    logs.configure(settings.LOGGING)


@pytest.fixture
def told(monkeypatch, now):
    """What the programs said lately."""
    kept = [
        (now, {"level": "info", "logger": "jobs.services", "message": "started scan #1"}),
        (now, {"level": "warning", "logger": "scanner.facts.reading", "message": "the disk is away"}),
    ]

    def recent(kind, _count, wanted):
        return [(time, line) for time, line in kept if kind == "log" and wanted(line)]

    monkeypatch.setattr("core.live.recent", recent)


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("", "the disk is away", "unexpected error"),
        ("level=warning", "the disk is away", "started scan"),
        ("q=SCANNER", "the disk is away", "started scan"),
        ("q=nothing+like+it", "No matching lines.", "started scan"),
        ("file=web.log", "unexpected error", "hunter22"),
        ("file=web.log&level=error", "nobody expected this", "started scan"),
        ("file=web.log&q=ended", "scan #1 ended", "started scan"),
        ("file=web.log&level=nonsense", "started scan", "hunter22"),
    ],
)
def test_lines_are_shown_by_level_and_text(query, there, not_there, told, as_admin):
    text = as_admin.get(f"/system/logs?{query}").content.decode()

    assert there in text
    assert not_there not in text


def test_the_live_lines_are_followed_from_the_chosen_level_on(told, as_admin):
    text = as_admin.get("/system/logs?level=warning").content.decode()

    assert 'data-lines="warning"' in text
    assert "data-lines" not in as_admin.get("/system/logs?file=web.log").content.decode()


def test_a_line_is_shown_in_words_with_its_values_folded_away(as_admin, data):
    line = "2026-01-15T03:00:01.000000Z [warning  ] the disk is away     [scanner.facts.reading] "
    (data / "logs" / "worker-io.log").write_text(f"{line}job_name=scan request_id=ab12 token=hunter22\n")
    text = as_admin.get("/system/logs?file=worker-io.log", headers={"Accept-Language": "de"}).content.decode()
    summary, rest = text.partition('<ol class="log"')[2].partition("</ol>")[0].split("</summary>")

    assert "<b>Warnung</b> <span>the disk is away</span>" in summary
    assert 'datetime="2026-01-15T03:00:01+00:00"' in summary
    for name, value in [
        ("Modul", "scanner.facts.reading"),
        ("Art des Auftrags", "Scan"),
        ("Anfrage", "ab12"),
    ]:
        assert f"<dt>{name}</dt><dd>{value}</dd>" in rest
    assert "Worker für Sicherungen und Benachrichtigungen</option>" in text
    assert "hunter22" not in text


def test_a_file_is_downloaded_without_secrets(as_admin):
    answer = as_admin.get("/system/logs/web.log/download")
    text = sent(answer).decode()

    assert answer["Content-Disposition"] == 'attachment; filename="web.log"'
    assert "unexpected error" in text
    assert "password=****" in text
    assert AuditEntry.objects.filter(action="downloaded", target="web.log").count() == 1


def test_who_asks_for_the_headers_of_a_file_has_not_downloaded_it(as_admin):
    answer = as_admin.head("/system/logs/web.log/download")

    assert answer["Content-Disposition"] == 'attachment; filename="web.log"'
    assert not AuditEntry.objects.filter(action="downloaded").exists()


def test_nothing_is_read_for_the_headers_of_a_file():
    answer = send_pieces(iter([b"never read"]), "web.log", "text/plain", kind="log", head=True)

    assert sent(answer) == b""


def test_no_other_file_is_shown_or_sent(as_admin, data):
    (data / "secret_key").write_text("s3cret")

    assert as_admin.get("/system/logs/secret_key/download").status_code == 404
    text = as_admin.get("/system/logs?file=../secret_key", follow=True).content.decode()
    assert "There is no log file called" in text
    assert "s3cret" not in text


def test_the_level_is_changed_while_it_runs(as_admin):
    text = as_admin.post("/system/logs/level", {"level": "debug"}, follow=True).content.decode()

    assert "The log level is now “debugging”" in text
    assert logging.getLogger("jobs").level == logging.DEBUG
    assert as_admin.post("/system/logs/level", {"level": "", "back": "general"})["Location"].endswith(
        "general"
    )
    assert logging.getLogger("jobs").level == logging.INFO
    assert "no log level" in as_admin.post("/system/logs/level", {"level": "x"}, follow=True).content.decode()


def test_in_containers_there_are_no_files(as_admin, data):
    (data / "logs" / "web.log").unlink()

    assert "docker compose logs" in as_admin.get("/system/logs").content.decode()
