"""The files around the program name only what the program knows."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import yaml
from django.apps import apps as django_apps

from core import env, options
from core.data_folder import prepare_data_folder
from system import programs
from system.embedded.binaries import find_programs, server_account
from system.embedded.ports import LOOPBACK, HeldPort
from system.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
FOLDERS = (ROOT / "script", ROOT / "docker")
SCRIPTS = [
    *(path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.is_file()),
    ROOT / ".ci/run",
]
PAGES = [ROOT / "Dockerfile", ROOT / "docker-compose.yml", *SCRIPTS, *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted(path for path in (ROOT / "docs" / "examples").rglob("*") if path.is_file())
SHELL = [path for path in SCRIPTS if path.suffix == ".sh" or path.read_bytes().startswith(b"#!/bin/sh")]

OURS = "${IMAGE:-taggarr:latest}"


def known_names():
    names = {one.name for one in options.ALL}
    return names | {one.name + env.FILE_SUFFIX for one in options.ALL if one.secret}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_named_is_a_setting(path):
    named = set(re.findall(r"\bTAGGARR_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))

    assert named <= known_names()


def test_every_role_of_the_compose_stack_is_one_of_the_program():
    roles = set(re.findall(r"command: \[([a-z-]+)\]", COMPOSE))
    asked = set(re.findall(r"entrypoint, alive, ([a-z-]+)\]", COMPOSE))

    assert roles == {"web", "workers", "worker-bulk", "beat", "flower"}
    assert asked == roles
    assert roles - {"workers"} <= {one.name for one in programs.configured(8484, 5555)}


def test_only_the_web_port_is_open_to_the_network():
    published = re.findall(r'ports: \["([^"]+)"\]', COMPOSE)

    assert published == ["${TAGGARR_PORT:-8484}:8484", "127.0.0.1:${TAGGARR_FLOWER_PORT:-5555}:5555"]


def test_the_compose_stack_holds_no_secret_and_no_container_name():
    assert "container_name" not in COMPOSE
    assert not re.search(r"PASSWORD: ", COMPOSE)


def test_every_program_runs_without_what_it_does_not_need():
    for name, service in yaml.safe_load(COMPOSE)["services"].items():
        if name == "postgres":  # its image starts as root, and becomes another user itself
            continue
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        if name == "secrets":
            assert service["network_mode"] == "none"
        elif service["image"] == OURS:
            assert all(volume.endswith(":ro") for volume in service["volumes"] if ":/media" in volume), name
            assert any(":/media" in volume for volume in service["volumes"]) == (name != "flower")


@pytest.mark.parametrize(
    "path",
    [ROOT / "docker-compose.yml", *sorted((ROOT / "docs/examples").glob("*.yml"))],
    ids=lambda path: path.name,
)
def test_every_container_of_ours_has_a_limit_of_memory_and_of_processes(path):
    # Those that change another compose file name no image; Sonarr and Radarr are not ours to limit.
    for name, service in yaml.load(path.read_text(encoding="utf-8"), _Lenient)["services"].items():
        if service and "image" in service and not service["image"].startswith("lscr.io"):
            assert {"mem_limit", "pids_limit"} <= service.keys(), name


class _Lenient(yaml.SafeLoader):
    """Takes the tags that Docker Compose knows, such as `!reset`, for what they are put before."""


_Lenient.add_multi_constructor("!", lambda loader, _suffix, node: None)


def test_the_servers_are_pinned_to_a_version_and_ask_for_a_password():
    services = yaml.safe_load(COMPOSE)["services"]
    assert all(re.search(r":\d+", services[name]["image"]) for name in ("postgres", "valkey"))
    assert "urandom" in services["postgres"]["command"][-1]
    assert "--requirepass" in services["valkey"]["command"][-1]


def test_flower_is_given_no_secret_but_the_brokers():
    given = set(yaml.safe_load(COMPOSE)["services"]["flower"]["environment"])

    assert {name for name in given if "PASSWORD" in name or "URL" in name} == {
        "REDIS_URL",
        "TAGGARR_REDIS_PASSWORD_FILE",
    }


def test_the_database_of_the_stack_is_owned_by_a_role_without_rights(monkeypatch, open_folder):
    """The script that PostgreSQL's image runs in a new database, run in one."""
    whole = yaml.safe_load(COMPOSE)
    (config,) = whole["services"]["postgres"]["configs"]
    assert config["target"].startswith("/docker-entrypoint-initdb.d/")
    password = open_folder / "password"
    password.write_text("told to Taggarr\n")
    script = whole["configs"][config["source"]]["content"].replace("$$", "$")
    script = script.replace("/run/taggarr/database_password", str(password))
    monkeypatch.setattr(Postgres, "_owner", lambda _: "ALTER ROLE postgres PASSWORD 'known';\n\n")
    account = server_account()
    found = find_programs(open_folder, account).postgres
    prepare_data_folder(open_folder)
    (open_folder / "pg").mkdir(mode=0o711)
    server = Postgres(found, open_folder, open_folder / "logs", account, "", fast=True)
    with HeldPort() as held:
        server.start(held)
    try:
        place = {"PGHOST": LOOPBACK, "PGPORT": str(server.port), "PGPASSWORD": "known"}
        environment = {**os.environ, **place, "PATH": f"{found}:{os.environ['PATH']}"}
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=environment, check=True)
        with psycopg.connect(
            host=LOOPBACK, port=server.port, user="taggarr", password="told to Taggarr", dbname="taggarr"
        ) as connection:
            rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication"
            asked = connection.execute(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user")
            assert asked.fetchone() == (False,)
            connection.execute("CREATE TABLE made (one int)")
    finally:
        server.stop()


@pytest.fixture
def open_folder():
    """A folder that the database's own user may enter, as pytest's own temporary folders are not."""
    with tempfile.TemporaryDirectory(prefix="taggarr-stack-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.parametrize(
    "path",
    [ROOT / "docker-compose.yml", *sorted((ROOT / "docs/examples").glob("*.yml"))],
    ids=lambda path: path.name,
)
def test_init_may_pass_a_stop_on_to_the_user_of_puid(path):
    """It stays root; without the capability its signal is refused, and the container dies at once."""
    for added in re.findall(r"cap_add: \[(.*)\]", path.read_text(encoding="utf-8")):
        assert "KILL" in added.split(", ")


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_shell_scripts_parse_and_can_be_run(path):
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
    assert path.suffix == ".sh" or path.stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["web"], {"PUID": "me"}, "PUID and PGID are numbers"),
        (["web"], {"PUID": "0"}, "PUID is 0: Taggarr does not run as root"),
        (["worker"], {"PUID": ""}, "there is no role worker"),
        (["beat"], {"UMASK": "rw"}, "is not an octal number"),
    ],
)
def test_the_entry_point_refuses_in_one_line(arguments, environment, told, tmp_path):
    # `id` answers as for an ordinary user where the role itself is asked for.
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "id").write_text(f"#!/bin/sh\necho {0 if environment.get('PUID') else 1000}\n")
    (folder / "id").chmod(0o755)

    ended = subprocess.run(
        [ROOT / "docker" / "entrypoint", *arguments],
        env={"PATH": f"{folder}:/usr/bin:/bin", "TAGGARR_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert told in ended.stderr


@pytest.mark.parametrize("role", ["web", "worker-bulk", "beat"])
def test_the_entry_point_says_which_program_it_prepares_for(role, tmp_path):
    for name, script in (("id", "echo 1000"), ("python3", 'echo "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    ended = subprocess.run(
        [ROOT / "docker" / "entrypoint", role],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "TAGGARR_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == f"manage.py startup {role}\n-m system.programs {role}\n"


def test_a_health_check_runs_as_the_user_of_the_program_and_hands_nothing_over(tmp_path):
    scripts = {"id": "echo 0", "setpriv": 'echo "$@"', "stat": "echo 0:0", "chown": "echo chown"}
    for name, script in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    ended = subprocess.run(
        [ROOT / "docker" / "entrypoint", "alive", "web"],
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "TAGGARR_DATA": str(tmp_path),
            "PUID": "1234",
            "PGID": "1235",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.startswith("--reuid=1234 --regid=1235 --clear-groups --no-new-privs ")
    assert ended.stdout.endswith("/docker/entrypoint alive web\n")


def test_the_passwords_of_the_stack_are_made_once(tmp_path):
    service = yaml.safe_load(COMPOSE)["services"]["secrets"]
    script = service["command"][0].replace("$$", "$").replace("/run/taggarr", str(tmp_path))
    subprocess.run([*service["entrypoint"], script], check=True)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    subprocess.run([*service["entrypoint"], script], check=True)

    assert sorted(made) == ["database_password", "redis_password"]
    assert made == {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert all(re.fullmatch(r"[\w-]{32}", text.strip()) for text in made.values())
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o444}


def test_an_update_of_taggarr_leaves_the_servers_of_the_stack_alone():
    services = yaml.safe_load(COMPOSE)["services"]
    waits_for = {
        name: set(services[name].get("depends_on", {})) for name in ("postgres", "valkey", "secrets")
    }

    assert waits_for == {"postgres": {"secrets"}, "valkey": {"secrets"}, "secrets": set()}
    assert not any(services[name]["image"] == OURS for name in waits_for)
    assert [name for name, service in services.items() if "build" in service] == ["web"]


def test_no_container_of_the_stack_leaves_an_anonymous_volume():
    """Our image, and those of the servers, declare folders that become volumes where nothing is mounted."""
    declared = {OURS: "/config", "valkey/valkey": "/data", "postgres": "/var/lib/postgresql/data"}
    for name, service in yaml.safe_load(COMPOSE)["services"].items():
        mounted = [volume.split(":")[1] for volume in service["volumes"]] + service.get("tmpfs", [])
        image = service["image"]
        assert declared[image if image == OURS else image.split(":")[0]] in mounted, name


def test_a_release_builds_every_image_for_both_kinds_of_machine():
    workflow = yaml.safe_load((ROOT / ".github/workflows/images.yml").read_text())
    images = workflow["jobs"]["images"]
    build = next(step["with"] for step in images["steps"] if step.get("id") == "build")
    stages = re.findall(r"^FROM base AS (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert images["needs"] == "tests"
    assert {one["target"] for one in images["strategy"]["matrix"]["include"]} == set(stages)
    assert build["platforms"] == "linux/amd64,linux/arm64"


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_what_a_workflow_takes_from_others_is_named_by_its_commit(path):
    used = re.findall(r"uses: (\S+)  # (\S+)", path.read_text())

    assert len(used) == path.read_text().count("uses: ")
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action, _ in used)
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def in_the_build_context(path: str) -> bool:
    """Whether Docker sends a file of the clone: the last pattern that fits it or a folder above decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = re.escape(line.lstrip("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*\*", ".*")
        if (
            line
            and not line.startswith("#")
            and re.fullmatch(pattern.replace(r"\*", "[^/]*") + "(/.*)?", path)
        ):
            sent = line.startswith("!")
    return sent


def test_the_image_holds_every_app_whole():
    apps = {Path(config.path) for config in django_apps.get_app_configs()}
    files = [
        path
        for app in (*apps, *(ROOT / name for name in ("static", "templates", "locale")))
        for path in app.rglob("*")
        if app.parent == ROOT
    ]
    names = [
        str(path.relative_to(ROOT))
        for path in files
        if path.is_file() and path.suffix not in (".pyc", ".part")
    ]

    assert len(names) > 500
    assert [name for name in names if not in_the_build_context(name)] == []


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "data/encryption_keys",
        "secrets/database_password",
        "database_password",
        ".venv/lib/python3.13/site.py",
        "tests/conftest.py",
        "demo/run.py",
    ],
)
def test_what_else_lies_in_a_clone_stays_out_of_the_image(path):
    assert not in_the_build_context(path)
