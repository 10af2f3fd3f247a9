"""`script/demo`: everything up over a demo library, a scan, what came of it. No Django in this process."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from core import env, options
from core.data_folder import not_writable, prepare_data_folder, write_private
from core.errors import ConfigError
from demo.arr.process import StandIn
from demo.library import LibraryState, build_library, lose_dubs, put_dubs_back
from demo.players import filled
from demo.players.process import StandIn as Player
from demo.players.state import PlayerState
from demo.providers.filled import provider_state
from demo.providers.process import StandIn as Providers
from demo.register import InstanceToMake, ProgramToMake, ToMake
from system.embedded.ports import next_free_port
from system.up import (
    FOLDER,
    Installation,
    Ports,
    choose_ports,
    end_like_ctrl_c,
    installation,
    shown_address,
    tell,
)

USER = "admin"
PASSWORD_FILE = "admin-password"  # noqa: S105 - the name of a file
FIRST_PORTS = {
    "sonarr": 18989,
    "radarr": 17878,
    "plex": 19324,
    "jellyfin": 19096,
    "kodi": 19080,
    "providers": 19443,
}
PROVIDERS = {"tmdb": "TMDB", "tvdb": "TheTVDB"}
"""What one stand-in plays."""

KEYS = {"plex": "token", "jellyfin": "api_key", "kodi": "password"}
"""What each player calls its key."""

FEATURES = ["artwork", "catalogue"]
"""What is switched off elsewhere until somebody wants it."""

PAGES = (("Web", "/"), ("Admin", "/admin/"), ("API", "/api/v1/docs/"))
COULD_NOT_RUN = 2
LIBRARY, OWN = "library", "taggarr"
"""Folders of the demo: of its media, and Taggarr's own."""


def demo_folder() -> Path:
    """TAGGARR_DATA, or a folder beside the one of a person's own installation. Raises ConfigError."""
    usual = options.DATA.read()
    return usual if os.environ.get("TAGGARR_DATA") else usual.with_name("taggarr-demo")


@contextmanager
def demo_installation(
    data: Path, extra: dict[str, str], *, has_account: bool = False
) -> Iterator[Installation]:
    """An installation in `data`, beside the demo library: no media lies in the folder of Taggarr's own."""
    own = data / OWN
    prepare_data_folder(data)
    prepare_data_folder(own)
    settings = {
        "TAGGARR_DATA": str(own),
        "TAGGARR_MEDIA_FOLDERS": str(data / LIBRARY),
        "TAGGARR_ALLOW_LOOPBACK": "on",  # the stand-ins listen there
    }
    with installation(own, {**settings, **extra}, has_account=has_account) as found:
        yield found


def make_library(data: Path) -> LibraryState:
    """Make the demo library, or find the one of an earlier start. Raises ConfigError."""
    try:
        library = build_library(data / LIBRARY)
        if not library.reused:
            put_dubs_back(library)
    except OSError as error:
        raise not_writable(error, data) from None
    titles = sum(len(verdicts) for verdicts in library.verdicts.values())
    made = "as they were" if library.reused else "made now"
    tell(f"Library   {titles} titles, {library.files} video files, {made}")
    return library


@contextmanager
def stand_ins(library: LibraryState) -> Iterator[list[StandIn]]:
    """A stand-in Sonarr and Radarr over the library; they keep their tags for the next start."""
    with (
        StandIn(
            "sonarr", library.sonarr_file, port=next_free_port(FIRST_PORTS["sonarr"]), keep=True
        ) as sonarr,
        StandIn(
            "radarr", library.radarr_file, port=next_free_port(FIRST_PORTS["radarr"]), keep=True
        ) as radarr,
    ):
        yield [sonarr, radarr]


def stand_in_providers(library: LibraryState) -> Providers:
    """A stand-in TMDB and TheTVDB that know the library."""
    return Providers(provider_state(library), port=next_free_port(FIRST_PORTS["providers"]))


@contextmanager
def stand_in_players(library: LibraryState, data: Path) -> Iterator[list[Player]]:
    """A stand-in Plex, Jellyfin and Kodi that hold the library; they keep their labels for the next start."""
    with ExitStack() as stack:
        yield [stack.enter_context(_player(kind, library, data)) for kind in ("plex", "jellyfin", "kodi")]


def _player(kind: Literal["plex", "jellyfin", "kodi"], library: LibraryState, data: Path) -> Player:
    file = data / f"{kind}.json"
    if not (library.reused and file.exists()):
        filled.player_state(kind, library).save(file)
    return Player(kind, file, port=next_free_port(FIRST_PORTS[kind]), keep=True)


def kept_password(data: Path) -> str:
    """The admin's password: made at the first start, kept for the next ones."""
    path = data / PASSWORD_FILE
    if not path.exists():
        write_private(path, secrets.token_urlsafe(12))
    return path.read_text(encoding="utf-8").strip()


def register(
    found: Installation,
    apps: list[StandIn],
    library: LibraryState,
    password: str,
    *,
    players: Sequence[Player] = (),
    providers: Providers | None = None,
) -> None:
    """Make account, policy and connections, and wait for a worker. Raises SystemExit where it fails."""
    instances = [
        InstanceToMake(name=f"Demo {app.kind.capitalize()}", kind=app.kind, url=app.url, api_key=app.api_key)
        for app in apps
    ]
    programs: list[ProgramToMake] = [
        {"name": _named(one), "kind": one.kind, "url": one.url, "key": {KEYS[one.kind]: one.api_key}}
        for one in players
    ]
    if providers:
        key = {"api_key": providers.api_key}
        programs += [
            {"name": f"Demo {name}", "kind": kind, "url": providers.url, "key": key}
            for kind, name in PROVIDERS.items()
        ]
    wanted = ToMake(
        user=USER,
        password=password,
        targets=list(library.targets),
        instances=instances,
        programs=programs,
        features=FEATURES,
    )
    run_module(found, "demo.register", given=json.dumps(wanted))


def run_module(found: Installation, *module: str, given: str = "") -> None:
    """Run a module of the demo that needs Django. Raises SystemExit where it fails."""
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=FOLDER, env=found.environment, input=given, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def scan(found: Installation, apps: list[StandIn]) -> int:
    """Scan all, and once more where Sonarr then replaces files; print what came of it and what the first scan
    asked of the stand-ins; return the last scan's exit code.
    """
    for app in apps:
        app.clear_journal()
    tell("")
    code = found.manage("scan")
    asked = [f"  {app.kind.capitalize():<8}{request_counts(app.journal())}" for app in apps]
    titles = lose_dubs(apps[0]) if code < COULD_NOT_RUN else []
    if titles:
        tell(f"\nSonarr replaces the files of {', '.join(titles)} by a release without the dub.")
        code = found.manage("scan")
    if code < COULD_NOT_RUN:
        tell("")
        found.manage("verdicts")
    tell("\nWhat the scan asked of them")
    tell("\n".join(asked))
    return code


def send_to(found: Installation, players: list[Player]) -> None:
    for one in players:
        found.manage("push", _named(one))


def show_players(found: Installation, players: list[Player]) -> None:
    """Send what is due, and print which labels stand in each player, title by title."""
    tell("")
    send_to(found, players)
    for one in players:
        tell(f"\nWhat {_named(one)} shows now")
        for title, labels in labels_in(one.state()):
            tell(f"  {title:<40}{', '.join(labels)}")


def show_features(found: Installation) -> None:
    """Have pictures chosen and lists imported, and print what came of that."""
    run_module(found, "demo.pictures")
    run_module(found, "demo.collection", USER)


def labels_in(state: PlayerState) -> list[tuple[str, list[str]]]:
    """The movies and shows that carry labels, by title."""
    shown = (item for item in state.items.values() if item.kind in ("movie", "show"))
    return sorted((item.title, labels) for item in shown if (labels := item.lists.get("label")))


def _named(player: Player) -> str:
    return f"Demo {player.kind.capitalize()}"


def request_counts(journal: list[dict[str, object]]) -> str:
    """How many requests of each method a journal holds: "42 GET, 2 PUT: 44 requests"."""
    counts = Counter(str(entry["method"]) for entry in journal)
    listed = ", ".join(f"{count} {method}" for method, count in sorted(counts.items()))
    return f"{listed or 'nothing'}: {len(journal)} requests"


def print_addresses(ports: Ports, password: str, data: Path) -> None:
    """Where to look; only pages that are there."""
    base = shown_address(options.BIND.read(), ports.web)
    tell("")
    for name, path in PAGES:
        if answers(base + path):
            tell(f"{name:<10}{base}{path}")
    if ports.flower is not None:
        tell(f"{'Flower':<10}{shown_address(options.FLOWER_BIND.read(), ports.flower)}")
    tell(f"{'Sign in':<10}user {USER}, password {password}")
    tell(f"{'Data':<10}{data}   (delete it to start anew)")


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30):  # noqa: S310 - our own web server
            return True
    except (urllib.error.URLError, OSError):
        return False


def run(*, once: bool) -> int:
    """Start all, scan, and stay until Ctrl-C unless `once`; return the exit code. Raises ConfigError."""
    data = demo_folder()
    # Flower is to show every task here.
    with demo_installation(data, {"TAGGARR_TASK_EVENTS": "on"}, has_account=True) as found:
        library = make_library(data)
        ports = choose_ports(flower=True)
        password = kept_password(data)
        with (
            stand_ins(library) as apps,
            stand_in_players(library, data) as players,
            stand_in_providers(library) as providers,
            found.supervisor(ports, echo=False) as supervisor,
        ):
            register(found, apps, library, password, players=players, providers=providers)
            code = scan(found, apps)
            if code < COULD_NOT_RUN:
                show_players(found, players)
                show_features(found)
            if once:
                return code if code >= COULD_NOT_RUN else 0
            print_addresses(ports, password, data)
            tell("\nCtrl-C stops everything.")
            supervisor.wait()
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; the exit code is 0, or 2 where it could not run."""
    parser = argparse.ArgumentParser(
        prog="script/demo", description="Shows Taggarr at work on a demo library."
    )
    parser.add_argument("--once", action="store_true", help="print what came of everything, and end")
    once = parser.parse_args(arguments).once
    end_like_ctrl_c()
    with env.refusing():
        env.check_names(options.ALL)
        try:
            return run(once=once)
        except KeyboardInterrupt:
            tell("\nStopped.")
        except RuntimeError as error:  # a stand-in that did not start
            raise ConfigError(str(error)) from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
