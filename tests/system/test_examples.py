"""The examples of docs/examples are whole, and name only what the program knows."""

from __future__ import annotations

import configparser
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.statistics import Summary
from system import programs
from taggarr.front import PROXY_HEADERS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
ALONE = ("single-container.yml", "second-host.yml")
BESIDE = ("beside-arr.yml", "behind-proxy.yml", "traefik.yml", "external-postgres.yml", "first-host.yml")
AFTER = {"traefik.yml": ("behind-proxy.yml",)}
"""What an example stands on, besides docker-compose.yml."""
NGINX = EXAMPLES / "proxy" / "nginx.conf"
CADDY = EXAMPLES / "proxy" / "Caddyfile"
UNITS = sorted((EXAMPLES / "systemd").glob("*.service"))
ROLES = {"all", "workers", *(one.name for one in programs.configured(8484, 5555))}


class Loader(yaml.SafeLoader):
    """YAML as Docker Compose reads it: `!reset` and `!override` replace instead of merging."""


def plain(loader: Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None


Loader.add_multi_constructor("!", plain)


def compose(name: str) -> dict[str, Any]:
    found = yaml.load((EXAMPLES / name).read_text(encoding="utf-8"), Loader)
    assert isinstance(found, dict)
    return found


def options_of(unit: Path) -> configparser.SectionProxy:
    # A unit may name one thing twice, and its %i is no reference of configparser's.
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text(encoding="utf-8"))
    return parser["Service"]


def test_every_example_is_listed_and_tested():
    listed = set(re.findall(r"\]\(([\w./@-]+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    there = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*") if path.is_file()}

    assert there - {"README.md"} == {name for name in listed if not name.startswith("..")}
    assert {path.name for path in EXAMPLES.glob("*.yml")} == {*ALONE, *BESIDE}


@pytest.mark.parametrize("name", [*ALONE, *BESIDE])
def test_an_example_changes_services_that_are_there_and_runs_roles_that_are_there(name):
    found = compose(name)
    stack = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    if name in BESIDE:
        assert set(found["services"]) <= set(stack["services"])
    for service in found["services"].values():
        assert "container_name" not in (service or {})
        for role in (service or {}).get("command", []):
            assert role in ROLES


@pytest.mark.parametrize("name", [*ALONE, *BESIDE])
def test_docker_compose_accepts_the_example(name):
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Docker Compose is not installed here: only the YAML was checked.")
    stack = [] if name in ALONE else [ROOT / "docker-compose.yml"]
    files = [*stack, *(EXAMPLES / one for one in (*AFTER.get(name, ()), name))]
    named = [word for path in files for word in ("-f", str(path))]

    ended = subprocess.run(
        ["docker", "compose", "--profile", "*", *named, "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("path", [NGINX, CADDY], ids=lambda path: path.name)
def test_a_proxy_goes_to_the_name_that_the_stack_has_on_its_network(path):
    web = compose("behind-proxy.yml")["services"]["web"]
    (alias,) = web["networks"]["proxy"]["aliases"]

    text = path.read_text(encoding="utf-8")

    assert f"{alias}:8484" in text
    assert web["environment"]["TAGGARR_BASE_PATH"] in text


def test_nginx_tells_all_that_is_believed_and_passes_no_invented_address_on():
    told = dict(re.findall(r"proxy_set_header (\S+) (\S+);", NGINX.read_text(encoding="utf-8")))

    assert told["X-Forwarded-For"] == "$remote_addr"
    assert {"Host", "X-Forwarded-Host", "X-Forwarded-Proto"} <= set(told)
    assert {name.lower().encode() for name in told if name.startswith("X-")} <= PROXY_HEADERS


def test_nginx_accepts_the_example(tmp_path):
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed here: only what the file names was checked.")
    whole = tmp_path / "nginx.conf"
    # It makes its folders even for a check: they are named, so that it needs no rights.
    folders = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    server = f"server {{ listen 127.0.0.1:8443; include {NGINX}; }}"
    whole.write_text(f"events {{}} http {{ access_log off; {folders} {server} }}")
    options = f"pid {tmp_path}/pid; error_log stderr;"

    ended = subprocess.run(
        ["nginx", "-t", "-c", str(whole), "-g", options], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr


def test_caddy_accepts_the_example(tmp_path):
    if shutil.which("caddy") is None:
        pytest.skip("Caddy is not installed here: only what the file names was checked.")

    ended = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", str(CADDY)],
        env={**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_files_of_the_repository_as_a_user_of_its_own(unit):
    service = options_of(unit)

    named = re.findall(r"/opt/taggarr/(\S+)", " ".join(service.get(key, "") for key in service))
    assert service["User"] == "taggarr"
    assert named
    assert all((ROOT / one).exists() for one in named if not one.startswith(".venv/"))
    # The workers have 20 seconds, and what stops before them 10.
    assert int(service["TimeoutStopSec"]) >= 45
    # The first start installs or migrates: systemd's own limit is 90 seconds.
    assert int(service["TimeoutStartSec"]) >= 300
    assert service["KillMode"] == "mixed"


def test_the_unit_of_one_program_prepares_for_that_program():
    service = options_of(EXAMPLES / "systemd" / "taggarr@.service")

    assert service["ExecStartPre"].endswith("manage.py startup %i")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_unit(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here: only the names in the unit were checked.")
    text = unit.read_text(encoding="utf-8").replace("/opt/taggarr/.venv/bin/python", sys.executable)
    copy = tmp_path / unit.name.replace("@", "@web")
    copy.write_text(text.replace("/opt/taggarr", str(ROOT)), encoding="utf-8")

    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
        check=False,
    )

    about = [line for line in ended.stderr.splitlines() if unit.name.split("@")[0] in line]
    assert ended.returncode == 0, ended.stderr
    assert about == []


def test_the_widget_shows_fields_of_the_summary():
    (group,) = yaml.safe_load((EXAMPLES / "neighbours" / "homepage.yaml").read_text(encoding="utf-8"))
    widget = group["Media"][0]["Taggarr"]["widget"]

    shown = {mapping["field"] for mapping in widget["mappings"]}
    assert widget["url"].endswith("/api/v1/summary")
    assert shown <= {field.name for field in dataclasses.fields(Summary)}
    assert "?" not in widget["url"]


def test_the_overlays_go_by_our_labels():
    found = yaml.safe_load((EXAMPLES / "neighbours" / "kometa-series.yml").read_text(encoding="utf-8"))

    assert {one["sonarr_taglist"] for one in found["overlays"].values()} == {"dub", "semi-dub", "wrong-dub"}


def test_the_container_of_unraid_is_that_of_the_single_container():
    template = ET.parse(EXAMPLES / "unraid" / "taggarr.xml").getroot()  # our own file
    alone = compose("single-container.yml")["services"]["taggarr"]
    given = {one.get("Target"): one for one in template.iter("Config")}
    extra = dict(
        option.removeprefix("--").split("=") for option in template.findtext("ExtraParams", "").split()[1:]
    )

    assert {name for name, one in given.items() if one.get("Type") == "Variable"} <= set(alone["environment"])
    assert [given[path].get("Mode") for path in ("/config", "/media", "8484")] == ["rw", "ro", "tcp"]
    assert extra == {
        "stop-timeout": alone["stop_grace_period"].removesuffix("s"),
        "shm-size": alone["shm_size"].removesuffix("b"),
        "memory": alone["mem_limit"],
        "pids-limit": str(alone["pids_limit"]),
        "security-opt": alone["security_opt"][0].removesuffix(":true"),
    }


def test_the_pod_runs_as_nobody_in_particular_and_writes_to_its_volumes_alone():
    text = (EXAMPLES / "kubernetes" / "taggarr.yml").read_text(encoding="utf-8")
    service, pods = yaml.safe_load_all(text)
    pod = pods["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    claims = [one["metadata"] for one in pods["spec"]["volumeClaimTemplates"]]

    assert service["spec"]["selector"].items() <= pods["spec"]["template"]["metadata"]["labels"].items()
    assert pods["spec"]["replicas"] == 1
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {one["name"] for one in container["volumeMounts"]} == {
        one["name"] for one in (*pod["volumes"], *claims)
    }
    assert {probe["httpGet"]["port"] for name, probe in container.items() if name.endswith("Probe")} == {8484}
