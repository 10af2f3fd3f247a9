"""How Taggarr reads its settings from the environment.

A setting is declared once, as a `Setting` in `core.options`: its name, its type, its default and what it
is for. From that one declaration come the value, the refusal of a malformed one, and docs/configuration.md
(`python -m core.options > docs/configuration.md`).

Nothing here imports Django: the supervisor and the embedded servers read the same settings without it.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from core.errors import ConfigError, why_unreadable

PREFIX = "TAGGARR_"
FILE_SUFFIX = "_FILE"
EXIT_REFUSED = 2
PAGE_HEAD = """\
# Configuration

Taggarr reads its settings from environment variables when it starts. An unknown `TAGGARR_` variable or a
value that is not allowed stops the start, with the name of the setting and what is allowed.

A setting marked *secret* may also be given as a file: `NAME_FILE` is the path of a file that holds the value.
Everything else (instances, policies, schedules) is kept in the database and changed in the program.

This page is made from the program: `python -m core.options > docs/configuration.md`.\
"""

PLAIN = frozenset(
    {
        "HOME",
        "LANG",
        "LC_ALL",
        "LD_LIBRARY_PATH",
        "PATH",
        "PYTHONUNBUFFERED",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
    }
)
"""What every program may see of the environment: there is no secret in it."""

T = TypeVar("T")


def only(names: Iterable[str], environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a program that sees these settings, as value or file, and what is in `PLAIN`."""
    wanted = {*PLAIN, *names, *(name + FILE_SUFFIX for name in names)}
    return {name: value for name, value in (environ or os.environ).items() if name in wanted}


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting: where its value comes from, and what a person is told about it.

    `parse` turns the text into the value and raises ValueError with what is allowed. `default` is the value
    where the variable is unset or empty; a callable is asked at each reading, and `default_text` tells
    people what it would answer. `secret` settings may also be given as NAME_FILE, the path of a file that
    holds the value.
    """

    name: str
    kind: str
    parse: Callable[[str], T]
    default: T | Callable[[], T]
    group: str
    description: str
    default_text: str = ""
    secret: bool = False

    def read(self, environ: Mapping[str, str] | None = None) -> T:
        """The value, from `environ` or else from the process's own environment.

        Raises ConfigError, which names the setting and what is allowed, where the value is malformed.
        """
        text = self._text(os.environ if environ is None else environ)
        if not text:
            return self.default() if callable(self.default) else self.default
        try:
            return self.parse(text)
        except ValueError as error:
            shown = "the value given" if self.secret else repr(text)
            raise ConfigError(f"{self.name}: {shown} is not valid: {error}.") from None

    def _text(self, environ: Mapping[str, str]) -> str:
        text = environ.get(self.name, "").strip()
        path = environ.get(self.name + FILE_SUFFIX, "").strip() if self.secret else ""
        if not path:
            return text
        if text:
            raise ConfigError(f"{self.name} and {self.name}{FILE_SUFFIX} are both set: remove one of them.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            told = f"{self.name}{FILE_SUFFIX}: cannot read {path}: {why_unreadable(error)}."
            raise ConfigError(told) from None


def parse_text(text: str) -> str:
    return text


def parse_flag(text: str) -> bool:
    """True for yes, on, true, 1; false for no, off, false, 0. Raises ValueError for anything else."""
    lowered = text.lower()
    if lowered in ("1", "true", "yes", "on"):
        return True
    if lowered in ("0", "false", "no", "off"):
        return False
    raise ValueError("allowed are on and off")


def parse_words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


def parse_switches(text: str) -> dict[str, bool]:
    pairs = [word.partition("=") for word in parse_words(text)]
    if not all(name and mark for name, mark, _ in pairs):
        raise ValueError("allowed are switches such as players=off")
    return {name.strip(): parse_flag(value.strip()) for name, _, value in pairs}


def parse_networks(text: str) -> list[str]:
    words = parse_words(text)
    for word in words:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise ValueError("allowed are IP addresses and networks such as 10.0.0.0/8") from None
    return words


def _shaped(pattern: str, allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"allowed is {allowed}")
        return text.rstrip("/")

    return parse


parse_web_address = _shaped(r"https?://[^\s/?#]+\S*", "an address that begins with http:// or https://")
parse_base_path = _shaped(r"(/[A-Za-z0-9._~-]+)*/*", "a path such as /taggarr")
parse_header = _shaped(r"[A-Za-z][A-Za-z0-9-]*", "the name of a header, such as Remote-User")


def parse_origins(text: str) -> list[str]:
    words = parse_words(text.lower())
    for word in words:
        if not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", word):
            raise ValueError("allowed are origins such as https://home.example.org, and not *")
    return words


def parse_folders(text: str) -> list[Path]:
    return [parse_folder(word) for word in parse_words(text)]


def parse_folder(text: str) -> Path:
    """An absolute path; `~` is the home folder. Raises ValueError for a relative one."""
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("allowed is an absolute path")
    return path


def parse_zone(text: str) -> str:
    """A name of the time zone database. Raises ValueError for a name it does not hold."""
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name an OSError
        raise ValueError("allowed is a name such as Europe/Berlin or UTC") from None
    return text


def parse_mode(text: str) -> int:
    """The bits of a umask, written in octal. Raises ValueError for anything else."""
    try:
        value = int(text, 8)
    except ValueError:
        value = -1
    if not 0 <= value <= 0o777:
        raise ValueError("allowed is an octal number such as 022")
    return value


def parse_host(text: str) -> str:
    """An IP address to listen on, or localhost. Raises ValueError for a name."""
    if text != "localhost":
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError(
                "allowed is an IP address of this machine, 0.0.0.0 for all, or localhost"
            ) from None
    return text


def count_from(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"allowed is a whole number from {low} to {high}")
        return int(text)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"allowed are {', '.join(choices)}")
        return text.lower()

    return parse


def check_names(settings: Iterable[Setting[object]], environ: Mapping[str, str] | None = None) -> None:
    """Raise ConfigError for a TAGGARR_ variable that is no setting, naming the nearest one."""
    known: set[str] = set()
    for setting in settings:
        known.add(setting.name)
        if setting.secret:
            known.add(setting.name + FILE_SUFFIX)
    for name in os.environ if environ is None else environ:
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"did you mean {near[0]}?" if near else "see docs/configuration.md for those there are."
            raise ConfigError(f"{name} is not a setting of Taggarr: {hint}")


@contextmanager
def refusing() -> Iterator[None]:
    """End the process with exit code 2 and one line on standard error at a ConfigError inside."""
    try:
        yield
    except ConfigError as error:
        sys.stderr.write(f"taggarr: {error}\n")
        raise SystemExit(EXIT_REFUSED) from None


def markdown(settings: Iterable[Setting[object]]) -> str:
    """docs/configuration.md: a table of the settings for each of their groups."""
    lines = [PAGE_HEAD]
    group = ""
    for setting in settings:
        if setting.group != group:
            group = setting.group
            lines += [
                "",
                f"## {group}",
                "",
                "| setting | value | default | what it is for |",
                "|---|---|---|---|",
            ]
        lines.append(_row(setting))
    return "\n".join(lines) + "\n"


def _row(setting: Setting[object]) -> str:
    default = setting.default_text or _shown(setting.default)
    kind = f"{setting.kind}, *secret*" if setting.secret else setting.kind
    return f"| `{setting.name}` | {kind} | {default} | {setting.description} |"


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "`on`" if default else "`off`"
    if callable(default):
        # A list that is empty, or what `default_text` puts into words.
        return ""
    return f"`{default}`" if default not in ("", [], None) else ""
