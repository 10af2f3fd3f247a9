"""Every setting that Taggarr reads from the environment, once.

docs/configuration.md is made from this list; `taggarr.settings`, the supervisor and the scripts read from it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from core.data_folder import default_data_folder
from core.env import (
    Setting,
    count_from,
    markdown,
    one_of,
    parse_base_path,
    parse_flag,
    parse_folder,
    parse_folders,
    parse_header,
    parse_host,
    parse_mode,
    parse_networks,
    parse_origins,
    parse_switches,
    parse_text,
    parse_web_address,
    parse_words,
    parse_zone,
)

T = TypeVar("T")


class Kind(NamedTuple, Generic[T]):
    """What a setting holds, in words; how that is read; what it is unless somebody says otherwise."""

    text: str
    parse: Callable[[str], T]
    default: T | Callable[[], T]


@dataclass(frozen=True, slots=True)
class _Group:
    """Settings that stand together in docs/configuration.md."""

    title: str

    def __call__(
        self,
        name: str,
        kind: Kind[T],
        description: str,
        *,
        default: T | Callable[[], T] | None = None,
        shown: str = "",
        secret: bool = False,
    ) -> Setting[T]:
        value = kind.default if default is None else default
        return Setting(name, kind.text, kind.parse, value, self.title, description, shown, secret)


_TEXT = Kind("text", parse_text, "")
_SWITCH = Kind("on or off", parse_flag, False)
_ADDRESS = Kind("address", parse_text, "")
_WEB_ADDRESS = Kind("address", parse_web_address, "")
_HOST = Kind("address", parse_host, "127.0.0.1")
_PORT = Kind("port", count_from(1, 65535), 8484)
_NETWORKS = Kind("IP addresses or networks, separated by commas", parse_networks, list[str])
_ID = Kind("number", count_from(1, 4294967294), 1000)


def default_workers() -> int:
    """One scan process for each processor, at least 2: a scan waits for disks more than it computes."""
    return max(2, os.cpu_count() or 2)


_store = _Group("Data and keys")
DATA = _store(
    "TAGGARR_DATA",
    Kind("folder", parse_folder, default_data_folder),
    "Where Taggarr keeps what is its own: keys, logs, and the embedded servers' data.",
    shown="`~/.local/share/taggarr`; as root `/var/lib/taggarr`; in the image `/config`",
)
SECRET_KEY = _store(
    "TAGGARR_SECRET_KEY",
    _TEXT,
    "Signs sessions and forms. At least 32 characters. Changing it signs everybody out.",
    shown="made at the first start",
    secret=True,
)
ENCRYPTION_KEYS = _store(
    "TAGGARR_ENCRYPTION_KEYS",
    Kind("keys, separated by commas", parse_words, list[str]),
    "Encrypt the stored API keys. The first one encrypts, all of them decrypt. Keep a copy: without them "
    "the stored secrets are lost.",
    shown="made at the first start",
    secret=True,
)
MEDIA_FOLDERS = _store(
    "TAGGARR_MEDIA_FOLDERS",
    Kind("folders, separated by commas", parse_folders, list[Path]),
    "The only folders, besides those of path mappings, in which files are read and NFO files written, "
    "whatever Sonarr and Radarr say and wherever links lead.",
    shown="the folders that Sonarr and Radarr name",
)
ALLOW_LOOPBACK = _store(
    "TAGGARR_ALLOW_LOOPBACK",
    _SWITCH,
    "Connect to 127.0.0.1 too: on where Sonarr or Radarr run on the machine of Taggarr, without containers.",
)

_servers = _Group("PostgreSQL and Redis")
DATABASE_URL = _servers(
    "DATABASE_URL",
    _ADDRESS,
    "PostgreSQL 15 or newer, as `postgresql://user:password@host:5432/name`. Where it is set, no embedded"
    " PostgreSQL is started.",
    shown="the embedded server's",
    secret=True,
)
DATABASE_PASSWORD = _servers(
    "TAGGARR_DATABASE_PASSWORD",
    _TEXT,
    "The database's password, where `DATABASE_URL` holds none.",
    secret=True,
)
REDIS_URL = _servers(
    "REDIS_URL",
    _ADDRESS,
    "Redis or Valkey, as `redis://:password@host:6379/0`. Where it is set, no embedded Valkey is started.",
    shown="the embedded server's",
    secret=True,
)
REDIS_PASSWORD = _servers(
    "TAGGARR_REDIS_PASSWORD", _TEXT, "The password of Redis, where `REDIS_URL` holds none.", secret=True
)

_web = _Group("Web")
BIND = _web(
    "TAGGARR_BIND",
    _HOST,
    "The address the web server listens on. `0.0.0.0` is every network of this machine.",
    shown="`127.0.0.1`; in the image `0.0.0.0`",
)
PORT = _web("TAGGARR_PORT", _PORT, "The port the web server listens on.", default=8484)
ALLOWED_HOSTS = _web(
    "TAGGARR_ALLOWED_HOSTS",
    Kind("names, separated by commas", parse_words, list[str]),
    "The public names under which Taggarr is reached. IP addresses, `localhost`, names without a dot and "
    "names that end in `.local`, `.lan`, `.home.arpa` or `.internal` are always allowed. `.example.org` "
    "allows a domain and all names under it.",
)
TRUSTED_ORIGINS = _web(
    "TAGGARR_TRUSTED_ORIGINS",
    Kind("addresses, separated by commas", parse_words, list[str]),
    "Addresses, such as `https://taggarr.example.org`, whose forms are accepted behind a proxy that "
    "changes the host name.",
)
TRUSTED_PROXIES = _web(
    "TAGGARR_TRUSTED_PROXIES",
    _NETWORKS,
    "Proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` headers are believed. "
    "From everybody else these headers are removed. What one address may take of the web server is "
    "counted for the clients behind them.",
)
BASE_PATH = _web(
    "TAGGARR_BASE_PATH",
    Kind("path", parse_base_path, ""),
    "Where Taggarr lies below the host, such as `/taggarr`, for a proxy that serves several programs "
    "under one name. The proxy may pass it on or strip it.",
)
HSTS_SECONDS = _web(
    "TAGGARR_HSTS_SECONDS",
    Kind("number", count_from(0, 63072000), 2592000),
    "How long browsers shall insist on https for this host name once they came over https. They then do "
    "so for every port of that name; `0` asks for nothing.",
    shown="`2592000` (30 days)",
)
CORS_ORIGINS = _web(
    "TAGGARR_CORS_ORIGINS",
    Kind("origins, separated by commas", parse_origins, list[str]),
    "Web pages of other origins, such as `https://home.example.org`, whose scripts may call the API with "
    "an API key. Never with the session of who is signed in.",
)
PUBLIC_URL = _web(
    "TAGGARR_PUBLIC_URL",
    _WEB_ADDRESS,
    "The address under which people reach Taggarr, such as `https://taggarr.example.org`. Notifications "
    "link there; without it they hold no link.",
)
RELEASES_URL = _web(
    "TAGGARR_RELEASES_URL",
    _WEB_ADDRESS,
    "Where to ask once a day for the newest version: an address that answers a JSON object with "
    "`tag_name`. Without it nothing is asked.",
)
METRICS_TOKEN = _web(
    "TAGGARR_METRICS_TOKEN",
    _TEXT,
    "Who sends it (`Authorization: Bearer …`) may read `/metrics`.",
    secret=True,
)
METRICS_NETWORKS = _web(
    "TAGGARR_METRICS_NETWORKS",
    _NETWORKS,
    "Who may read `/metrics` without a token, such as `10.0.0.0/8`. Without token and networks nobody may.",
)
DEBUG = _web(
    "TAGGARR_DEBUG",
    _SWITCH,
    "Error pages with details, for development. Refused unless the web server listens on loopback only.",
)

_sign_in = _Group("Signing in")
FORWARD_AUTH_HEADER = _sign_in(
    "TAGGARR_FORWARD_AUTH_HEADER",
    Kind("header", parse_header, ""),
    "The header, such as `Remote-User`, in which a proxy of `TAGGARR_TRUSTED_PROXIES` names who is signed"
    " in there. That user is then signed in here, without a password or a second factor.",
)
FORWARD_AUTH_API = _sign_in(
    "TAGGARR_FORWARD_AUTH_API",
    _SWITCH,
    "Believe `TAGGARR_FORWARD_AUTH_HEADER` below `/api/` and `/metrics` too. Only where the proxy asks "
    "for its login there as well, or clears the header: many proxies let these addresses through.",
)
NEW_USERS = _sign_in(
    "TAGGARR_NEW_USERS",
    _SWITCH,
    "Make an account, as a viewer, for whomever the proxy or the OIDC provider names and nobody knows "
    "here. Off: an admin makes the accounts first.",
)
OIDC_URL = _sign_in(
    "TAGGARR_OIDC_URL",
    _WEB_ADDRESS,
    "The issuer of an OpenID Connect provider: its `/.well-known/openid-configuration` lies below. The "
    "provider needs the redirect address `…/account/oidc/sso/login/callback/`.",
)
OIDC_CLIENT_ID = _sign_in("TAGGARR_OIDC_CLIENT_ID", _TEXT, "The client's name at the OIDC provider.")
OIDC_CLIENT_SECRET = _sign_in(
    "TAGGARR_OIDC_CLIENT_SECRET", _TEXT, "The client's secret at the OIDC provider.", secret=True
)
OIDC_NAME = _sign_in(
    "TAGGARR_OIDC_NAME",
    _TEXT,
    "What the button on the login page calls the provider.",
    default="single sign-on",
)
OIDC_ADMIN_GROUP = _sign_in(
    "TAGGARR_OIDC_ADMIN_GROUP",
    _TEXT,
    "Whoever comes from the provider with this word in the claim `groups` is an admin from then on; an admin"
    " who comes without it becomes a viewer. Empty: admins are made here.",
)
MAIL_URL = _sign_in(
    "TAGGARR_MAIL_URL",
    _ADDRESS,
    "The mail server for links that reset a password, as `smtps://user:password@mail.example.org` (or "
    "`starttls://`, `smtp://`). Needs `TAGGARR_PUBLIC_URL`. Without it nobody is offered such a link; "
    "`manage.py changepassword` always works.",
    secret=True,
)
MAIL_FROM = _sign_in(
    "TAGGARR_MAIL_FROM", Kind("mail address", parse_text, "taggarr@localhost"), "The sender of these mails."
)

_work = _Group("Workers")
WORKERS = _work(
    "TAGGARR_WORKERS",
    Kind("number", count_from(1, 64), default_workers),
    "How many processes scan at once. Towards one Sonarr or Radarr this is the limit of concurrent calls.",
    shown="the number of processors, at least 2",
)
TASK_EVENTS = _work(
    "TAGGARR_TASK_EVENTS",
    _SWITCH,
    "Tell Flower about every task. Costs nearly half of the throughput of very small tasks.",
)
FLOWER = _work(
    "TAGGARR_FLOWER",
    _SWITCH,
    "Start Flower, a page that shows the workers and their tasks, with `script/up`. It can change nothing.",
)
FLOWER_BIND = _work(
    "TAGGARR_FLOWER_BIND",
    _HOST,
    "The address Flower listens on.",
    shown="`127.0.0.1`; in the image `0.0.0.0`",
)
FLOWER_PORT = _work("TAGGARR_FLOWER_PORT", _PORT, "The port Flower listens on.", default=5555)

_logs = _Group("Logs and time")
LOG_LEVEL = _logs(
    "TAGGARR_LOG_LEVEL",
    Kind("`debug`, `info`, `warning` or `error`", one_of("debug", "info", "warning", "error"), "info"),
    "How much is logged.",
)
LOG_FORMAT = _logs(
    "TAGGARR_LOG_FORMAT",
    Kind("`console` or `json`", one_of("console", "json"), "console"),
    "Lines for people, or one JSON object a line for a log collector.",
)
AUDIT = _logs(
    "TAGGARR_AUDIT_LOG_MODE",
    Kind(
        "`off`, `failures`, `mutations` or `all`", one_of("off", "failures", "mutations", "all"), "mutations"
    ),
    "What the audit log keeps: nothing; sign-ins that failed and requests that were refused; these and "
    "every change of settings, users and keys; these and every sign-in and sign-out.",
)
TZ = _logs(
    "TZ",
    Kind("time zone", parse_zone, "UTC"),
    "The time zone of schedules and of the times that people are shown. Times are stored in UTC.",
)

_container = _Group("Container image")
PUID = _container(
    "PUID",
    _ID,
    "The user id that Taggarr runs as and that owns the files it writes. Read by the image's entry point.",
)
PGID = _container(
    "PGID",
    _ID,
    "The group id, likewise.",
)
UMASK = _container(
    "UMASK",
    Kind("octal number", parse_mode, 0o022),
    "Which permissions new files do not get, likewise.",
    shown="`022`",
)

_switches = _Group("Switches")
FLAGS = _switches(
    "TAGGARR_FLAGS",
    Kind("name=on or name=off, separated by commas", parse_switches, dict[str, bool]),
    "How switches stand until somebody sets them on the page of switches: `players=off`.",
    shown="as each switch comes",
)

_scripts = _Group("Scripts")
PYTHON = _scripts(
    "TAGGARR_PYTHON",
    Kind("path", parse_text, ""),
    "The Python that `script/up`, `script/demo` and `script/test` make their virtual environment with.",
    shown="the newest of python3.13, python3.12, python3.11, python3",
)
NEW_API_KEY = _scripts(
    "TAGGARR_NEW_API_KEY",
    _TEXT,
    "The API key of the instance that `manage.py add_instance` adds, so that it need not be typed. "
    "Nothing else reads it.",
    secret=True,
)

ALL: tuple[Setting[object], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Setting)
)


if __name__ == "__main__":
    sys.stdout.write(markdown(ALL))
