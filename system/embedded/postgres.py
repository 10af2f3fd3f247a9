"""One PostgreSQL server over TAGGARR_DATA/pg/<major>."""

from __future__ import annotations

import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ConfigError

from .binaries import Account
from .ports import LOOPBACK, HeldPort
from .processes import Server, kill_orphans, stop_leftover

USER = "taggarr"
DATABASE = "taggarr"
SUPERUSER = "postgres"
"""Its password is thrown away: nothing of ours connects as it."""

SERVER_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "log_min_messages": "warning",
    "timezone": "UTC",
    # For disks that have no arm to move, and a library that fits in memory: else whole tables are read for a
    # page of titles. Compiling a statement pays off after seconds, which none of ours takes.
    "random_page_cost": "1.1",
    "jit": "off",
}
PID_FILE = "postmaster.pid"
SYSTEM_LIBRARIES = Path("/usr/lib")
# For data that is thrown away when the tests end.
UNSAFE_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


class Postgres(Server):
    """A PostgreSQL server: `start` makes its data on the first call, `stop` ends it.

    What connects is a role that owns the one database, and can neither run programs nor read files. `fast`
    gives up the safety against a crash of the machine, and lets the role make databases: for tests alone.
    """

    name = "PostgreSQL"
    stop_signal = signal.SIGINT
    """Its fast shutdown: it ends the sessions instead of waiting for them."""

    def __init__(
        self, programs: Path, data: Path, logs: Path, account: Account, password: str, *, fast: bool
    ) -> None:
        super().__init__(logs / "postgres.log", account)
        self.programs = programs
        self.root = data / "pg"
        self.password = password
        self.fast = fast

    def start(self, held: HeldPort) -> None:
        folder = self._cluster()
        stop_leftover(folder / PID_FILE, "postgres", folder, self.stop_signal)
        # A session that computes does not notice for minutes that its server was killed, and while it runs
        # no other server may have its files.
        kill_orphans("postgres", folder)
        self.port = held.release()
        options = {**SERVER_OPTIONS, **(UNSAFE_OPTIONS if self.fast else {}), "port": str(self.port)}
        command: list[str | Path] = [self.programs / "postgres", "-D", folder]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.launch(command)
        self.wait_until(lambda: self._is_ready(folder))

    def _cluster(self) -> Path:
        """The folder of the database, made where there is none. Raises ConfigError for another version's."""
        major = self._major()
        folder = self.root / major
        if (folder / "PG_VERSION").exists():
            return folder
        others = sorted(path.parent.name for path in self.root.glob("*/PG_VERSION"))
        if others:
            raise ConfigError(_move_data(self.root, others[-1], major, self.programs))
        self._make(folder)
        return folder

    def _major(self) -> str:
        answer: subprocess.CompletedProcess[str] = subprocess.run(
            [self.programs / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            **self.account.popen_options(),
        )
        return answer.stdout.split()[2].split(".")[0]

    def _make(self, folder: Path) -> None:
        """initdb, in a folder beside: a start that was broken off half-way is begun anew."""
        draft = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        with (
            tempfile.NamedTemporaryFile("w", dir=self.root, prefix=".password.") as password,
            named_user(self.account) as names,
        ):
            password.write(secrets.token_urlsafe(32))
            password.flush()
            self.account.own(Path(password.name))
            settings = [
                *("-U", SUPERUSER, f"--pwfile={password.name}", "--auth=scram-sha-256", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
                *(["--no-sync"] if self.fast else []),
            ]
            made = self._run([self.programs / "initdb", "-D", draft, *settings], names)
            if made.returncode == 0:
                # Without a network, and so without a password: with -j a command ends at an empty line.
                single: list[str | Path] = [self.programs / "postgres", "--single", "-j", "-D", draft]
                single += ["-c", "exit_on_error=on", "postgres"]
                made = self._run(single, names, told=self._owner())
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise ConfigError(f"Cannot make the database in {folder}: {_last_line(made.stderr)}.")
        draft.rename(folder)

    def _owner(self) -> str:
        rights, password = "LOGIN CREATEDB" if self.fast else "LOGIN", self.password.replace("'", "''")
        return (
            f"CREATE ROLE {USER} {rights} PASSWORD '{password}';\n\n"
            f"CREATE DATABASE {DATABASE} OWNER {USER};\n\n"
        )

    def _run(
        self, command: list[str | Path], names: dict[str, str], told: str = ""
    ) -> subprocess.CompletedProcess[str]:
        options = self.account.popen_options()
        options["env"] |= names
        return subprocess.run(command, check=False, capture_output=True, text=True, input=told, **options)

    def _is_ready(self, folder: Path) -> bool:
        """What pg_ctl looks at: the eighth line of the pid file. A client costs the supervisor 11 MiB."""
        try:
            lines = (folder / PID_FILE).read_text(encoding="utf-8").splitlines()
            return int(lines[0]) == self.pid and lines[7].strip() == "ready"
        except (OSError, ValueError, IndexError):
            return False


@contextmanager
def named_user(account: Account) -> Iterator[dict[str, str]]:
    """Yield the variables under which initdb finds a name for its user id, which it insists on.

    In a container PUID may be any number, without a line in /etc/passwd, which may be read-only: then
    nss_wrapper (https://cwrap.org/nss_wrapper.html) answers in the place of the file. Raises ConfigError
    where that is needed and not installed.
    """
    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        library = next(SYSTEM_LIBRARIES.glob("*/libnss_wrapper.so"), None)
        if library is None:
            raise ConfigError(
                f"The user id {account.uid} has no name here, and PostgreSQL needs one: install "
                "libnss-wrapper, or run Taggarr as a user that /etc/passwd names."
            ) from None
        with tempfile.TemporaryDirectory(prefix="taggarr-names-") as folder:
            users, groups = Path(folder) / "passwd", Path(folder) / "group"
            users.write_text(f"taggarr:x:{account.uid}:{account.gid}:Taggarr:/tmp:/bin/false\n")
            groups.write_text(f"taggarr:x:{account.gid}:\n")
            yield {
                "LD_PRELOAD": str(library),
                "NSS_WRAPPER_PASSWD": str(users),
                "NSS_WRAPPER_GROUP": str(groups),
            }
    else:
        yield {}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].removesuffix(".") if lines else "no reason given"


def _move_data(root: Path, old: str, new: str, programs: Path) -> str:
    """What to do about another major version's files: PostgreSQL reads them with its own programs alone."""
    address = f"the database_url in {root.parent / 'run' / 'servers.json'}"
    return (
        f"The database in {root / old} was made by PostgreSQL {old}, which PostgreSQL {new} cannot read. "
        "Move it over once:\n"
        "  1. Start the Taggarr that made it, and with ADDRESS being " + address + ":\n"
        f"     {programs / 'pg_dump'} --format=custom --file=taggarr.dump ADDRESS\n"
        "  2. Stop it, and put its files aside:\n"
        f"     mv {root / old} {root.parent / f'old-pg-{old}'}\n"
        "  3. Start this Taggarr, and with its ADDRESS:\n"
        f"     {programs / 'pg_restore'} --clean --if-exists --no-owner --dbname=ADDRESS taggarr.dump"
    )
