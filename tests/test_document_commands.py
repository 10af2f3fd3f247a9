"""Every command in the documents works: ours run here, on a small library; none is left out in silence."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from demo.arr.state import ArrState
from tests.commands import run
from tests.connections.build import make_connection
from tests.document_commands import ROOT, Command, Kind, found
from tests.original.build import series, write_state
from tests.scanner.build import JPN_ENG, add_series, spec
from tests.scanner.conftest import root, sonarr  # noqa: F401

COMMANDS = found()
OURS = list({command.text: command for command in COMMANDS if command.kind is Kind.MANAGE}.values())
# Written with a placeholder for any command, or named without what they need: there is nothing to run.
NAMED_ONLY = {
    "script/manage …",
    "script/manage COMMAND",
    "docker compose exec web taggarr COMMAND",
    "manage.py COMMAND",
    "script/manage",
    "manage.py add_connection",
    "manage.py add_instance",
    "manage.py import_config",
    "manage.py create_api_key",
    "manage.py explain",
    # Tests of players run these: they need one.
    "manage.py explain_match Ferry",
    "manage.py explain_match TITLE",
    "manage.py push NAME --release",
    "manage.py failed_links Plex --cause refused_value --retry",
    "manage.py push Plex",
    "manage.py reconcile_players Plex",
    "manage.py stash_plugin /srv/stash/plugins --address http://taggarr:8484",
    "manage.py explain_match scene:17",
    "manage.py changepassword",
    # tests/system/backup/test_rehearsing.py runs it.
    "manage.py rehearse NAME --to v0.1.0",
    "manage.py rehearse taggarr-20260115-033000.zip --to v0.1.0",
    "manage.py rehearse taggarr-20260115-120000.zip --to v0.1.0",
    "manage.py rehearse --verify rehearsal.json",
    "docker compose",
    "docker run --user",
}
ELSEWHERE = {
    "script/demo": "tests/demo/test_run.py",
    "script/demo --once": "tests/demo/test_run.py",
    "script/up": "tests/system/test_up.py",
    "script/test": "tests/test_document_commands.py",
    "script/test tests/scanner -k nfo": "tests/test_document_commands.py",
    "script/differential": "tests/scanner/probe/test_differential.py",
    "python -m core.options > docs/configuration.md": "tests/core/test_env.py",
    "python -m tests.artwork.tables": "tests/artwork/test_names.py",
    "python -m tests.scanner.truth_table": "tests/scanner/test_verdict.py",
    'curl -N -H "X-Api-Key: $KEY" http://taggarr:8484/api/v1/events?kind=job': "tests/api/test_events.py",
}
"""What starts processes of its own, and the tests that run it."""
BY_HAND = {
    ".venv/bin/ruff check . && .venv/bin/ruff format .": "a step of .ci/run",
    ".venv/bin/mypy .": "a step of .ci/run",
    ".venv/bin/python -m taggarr.translations --update": "rewrites the catalogues of this clone",
    ".venv/bin/python -m tests.query_counts": "rewrites a table of this clone",
    "script/docs": "installs what it needs from a package index: a step of its own in .ci/run",
    "script/lock": "asks for the newest versions of packages",
    "script/docs-commands": "needs Docker",
    "script/screenshots": "takes pictures of a whole demo",
    "script/screenshots --docs": "takes pictures of a whole demo",
    "script/screenshots --style": "renews pictures of this clone",
    "script/audit": "asks a service for known vulnerabilities",
    "script/sbom": "installs what it needs from a package index",
    "script/bench --json result.json": "a measurement of some minutes",
    "script/faults": "strikes a Taggarr of its own for an hour or more",
    "script/faults --media 2000 --tries 10": "the same",
    "python -m bench.probe --files 1000 --gibibytes 2.5": "a measurement of some minutes",
    "python -m bench.millions": "a measurement of some minutes",
    "python -m bench.hosts": "a measurement of some minutes",
    "python -m bench.engine": "a measurement of some minutes",
    "python -m bench.pages": "a measurement of some minutes",
    "python -m bench.pages --phone": "the same",
    "python -m tests.scanner.probe.fuzzing --executions 10_000_000": "takes hours; the tests run fewer",
    "python -m tests.scanner.probe.fuzzing --whole --minutes 60 --folder DIR": "takes an hour",
    "python -m bench.probe --cage": "a measurement",
    "python -m bench.hostile": "a measurement of some minutes",
    "python -m bench.collection --rows 2000": "lives in a Taggarr of its own for some minutes",
    "python -m bench.catalogue --works 20000 --undo 2000": "a measurement of some minutes",
    "python -m bench.memory": "a measurement of some minutes",
    "python -m bench.players": "a measurement of some minutes",
    "script/bench": "a measurement of some minutes",
    "python -m bench.artwork": "a measurement of some minutes",
    "python -m bench.artwork --movies 2000 --series 660 --publish 1000 --kills 200 --rounds 1000": "the same",
    "python -m bench.upgrades": "a measurement of some minutes",
    "python -m bench.players --titles 500 --index 5000": "a measurement of some minutes",
    "script/faults --only player-hooks,player-kill-io --media 200 --tries 2": "the same",
    "python -m bench.household --divide 100 --away 20": "lives in a Taggarr of its own for many minutes",
    "python -m bench.hooks": "a measurement of some minutes",
    "python -m bench.hooks --hooks 2000 --shown 15": "a measurement of some minutes",
    "python -m bench.hooks --hooks 1000 --due 500 --rate 50 --shown 3": "a measurement of some minutes",
    "python -m bench.catalogue": "a measurement of some minutes",
    "script/faults --only import-kill-worker,import-overlapping --media 2000 --tries 2": "the same",
    "script/faults --only art-kill-worker,art-kill-postgres --media 60 --tries 3": "the same",
    "git pull": "changes this clone",
    "git pull && docker compose build --pull && docker compose up -d --wait": "changes this clone",
    "docker compose pull && docker compose up -d --wait --no-build": "needs an image in a registry",
    "apt install python3-venv": "changes this machine",
    "useradd --system --home-dir /var/lib/taggarr taggarr": "changes this machine",
    "chown -R taggarr:taggarr /opt/taggarr": "changes this machine",
    "cp /opt/taggarr/docs/examples/systemd/taggarr.env /etc/taggarr.env": "changes this machine",
    "cp /opt/taggarr/docs/examples/systemd/taggarr.service /etc/systemd/system/": "changes this machine",
    "systemctl daemon-reload": "needs systemd; tests/system/test_examples.py has it check the units",
    "systemctl enable --now taggarr": "needs systemd; tests/system/test_examples.py has it check the units",
}
"""What nothing runs, and why."""
WITH_DOCKER = ROOT / "script" / "docs-commands"
ADDRESSES = ("http://sonarr:8989", "http://192.168.1.10:8989", "http://nas:8989")
WITHOUT_A_PERSON = {
    "scan": ("--inline",),
    "createsuperuser": ("--noinput", "--username", "admin{}", "--email", "bea@example.org"),
}
"""What stands in for a terminal and for a worker."""
EXIT_CODES = {
    "manage.py doctor": 1,
    "manage.py artwork_identify Lantern": 2,
    "manage.py artwork_identify Lantern tmdb:603": 2,
    "manage.py artwork_prepare": 2,
    "manage.py artwork_publish": 2,
    "manage.py artwork_scan": 2,
    "manage.py artwork_verify --deep": 2,
    "manage.py catalogue_export /backup/collection.csv --user USER": 2,
    "manage.py catalogue_import goodreads.csv --user USER": 2,
    "manage.py catalogue_import goodreads.csv --user USER --preview": 2,
    "manage.py catalogue_merge 12 34 --user USER": 2,
    "manage.py catalogue_undo 3": 2,
    "manage.py catalogue_unmerge 5 --user USER": 2,
}
"""The doctor finds that no worker runs here; artwork is switched off until somebody switches it on, and
there are no such files, imports, works and users."""
ORIGINAL = """\
instances:
  tv:
    type: sonarr
    url: {url}
    api_key: {key}
    root_path: /tv
    target_languages: english
"""


def test_no_command_is_left_out_in_silence():
    """A new command in a document is run by one of these, or stands here with the reason why not."""
    script = WITH_DOCKER.read_text(encoding="utf-8")
    known = {*NAMED_ONLY, *ELSEWHERE, *BY_HAND}
    left = [
        command
        for command in COMMANDS
        if command.kind is not Kind.MANAGE
        and command.text not in known
        and f"    {command.text}\n" not in script
    ]

    assert left == []


def test_no_command_is_listed_that_no_document_has():
    named = {command.text for command in COMMANDS}

    assert {*NAMED_ONLY, *ELSEWHERE, *BY_HAND} - named == set()
    assert all((ROOT / path).exists() for path in ELSEWHERE.values())


class Installation:
    """A small Taggarr with one scanned instance, TV, and all that the documents assume to be there."""

    def __init__(self, app: Any, data: Path) -> None:
        from accounts.models import User
        from jobs.models import Job
        from scanner.models import Policy

        self.app = app
        self.data = data
        self.number = 0
        self.original = data / "original"
        self.policy = Policy.objects.create(name="English", target_languages=["eng"])
        given = {"url": app.url, "api_key": app.api_key, "policy": self.policy}
        self.tv = make_connection(name="TV", kind="sonarr", **given)
        User.objects.create_user("ann", password="four words long enough", role="admin")
        self.run("scan", "--inline")
        self.run("backup")
        self.run("export_config", str(data / "taggarr.yaml"))
        self.job = Job.objects.latest("pk").pk
        (data / "logs").mkdir(exist_ok=True)
        (data / "logs" / "worker-bulk.log").write_text("2026-01-15T12:00:00Z a line\n", encoding="utf-8")
        self.original.mkdir()
        write_state(self.original, Clockwork=series("semi-dub"))
        (self.original / "taggarr.yaml").write_text(
            ORIGINAL.format(url=app.url, key=app.api_key), encoding="utf-8"
        )

    def run(self, *arguments: str) -> None:
        """Run a command that has to succeed."""
        ended = run(*arguments)
        assert ended.code == 0, (arguments, ended)

    def prepare(self, name: str) -> None:
        """What a command acts on, where a scan that went well leaves nothing to act on."""
        from jobs.models import Job, JobState
        from scanner.models import ManagedLabel, ScanSettings
        from scanner.policies import save_policy

        if name == "release":
            ScanSettings.objects.filter(pk=self.tv.pk).update(
                held_since=timezone.now(), held_reason="Too much."
            )
        elif name == "adopt_tags":
            ManagedLabel.objects.update_or_create(connection=self.tv, label="dub", defaults={"found": True})
        elif name == "policy":
            for tag in ("4k", "kids"):
                self.policy.exclude_tags = [tag]
                save_policy(self.policy)
        elif name == "cancel_job":
            Job.objects.filter(pk=self.job).update(state=JobState.RUNNING)

    def words(self, command: Command) -> list[str]:
        """The arguments of a command, with what is there in place of what the documents assume."""
        name, *rest = command.arguments
        known = {
            **dict.fromkeys(ADDRESSES, self.app.url),
            **dict.fromkeys(("/config", "/path/of/taggarr"), str(self.original)),
            "/media/movies": str(self.data.parent / "media"),
            "LABEL": "dub",
            "MEDIA": "clockwork",
            "TITLE": "clockwork",
            "USER": "ann",
            "12": str(self.job),
            "taggarr.yaml": str(self.data / "taggarr.yaml"),
            "NAME": {"release": "TV", "adopt_tags": "TV", "restore": self.backup()}.get(name, "ann"),
        }
        rest = [self.backup() if word.endswith(".zip") else known.get(word, word) for word in rest]
        self.number += 1
        if name.startswith("add_"):
            # TV is there already.
            rest[0] = f"{rest[0]} {self.number}"
        return [name, *rest, *(word.format(self.number) for word in WITHOUT_A_PERSON.get(name, ()))]

    def backup(self) -> str:
        """The name of the oldest backup."""
        return min(path.name for path in (self.data / "backups").glob("taggarr-*.zip"))


@pytest.fixture
def taggarr(transactional_db, sonarr, root, tmp_path, settings, monkeypatch):  # noqa: F811
    from scanner.management.commands import adopt_tags, policy, release

    settings.TAGGARR_DATA = tmp_path / "data"  # media lie beside it, never in it
    settings.TAGGARR_DATA.mkdir()
    settings.NEW_API_KEY = sonarr.api_key
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "four words long enough")
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": "four other words, long enough")
    for module in (adopt_tags, policy, release):
        monkeypatch.setattr(module, "why_not_served", lambda _queue: "")
    state = ArrState("sonarr")
    add_series(state, root, "Clockwork Sparrows", {1: [spec(*JPN_ENG), spec("jpn")]})
    sonarr.load(state)
    return Installation(sonarr, settings.TAGGARR_DATA)


@pytest.mark.parametrize("document", sorted({command.document for command in OURS}))
def test_our_commands_in_a_document_work(taggarr, document):
    ended = {}
    for command in OURS:
        if command.document == document and command.text not in NAMED_ONLY:
            taggarr.prepare(command.arguments[0])
            ended[command.text] = run(*taggarr.words(command))

    wrong = {text: one for text, one in ended.items() if one.code != EXIT_CODES.get(text, 0)}
    assert wrong == {}
