"""Every setting that Taggarr reads from the environment, once.

docs/configuration.md is made from this list; `taggarr.settings`, the supervisor and the scripts read from it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

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

PORTS = count_from(1, 65535)


def _switch(name: str, *, group: str, description: str) -> Setting[bool]:
    return Setting(name, "on or off", parse_flag, default=False, group=group, description=description)


def _text(
    name: str,
    *,
    group: str,
    description: str,
    default: str = "",
    default_text: str = "",
    secret: bool = False,
) -> Setting[str]:
    return Setting(name, "text", parse_text, default, group, description, default_text, secret)


def default_workers() -> int:
    """One scan process for each processor, at least 2: a scan waits for disks more than it computes."""
    return max(2, os.cpu_count() or 2)


_STORE = "Data and keys"
DATA = Setting(
    name="TAGGARR_DATA",
    kind="folder",
    parse=parse_folder,
    default=default_data_folder,
    default_text="`~/.local/share/taggarr`; as root `/var/lib/taggarr`; in the image `/config`",
    group=_STORE,
    description="Where Taggarr keeps what is its own: keys, logs, and the embedded servers' data.",
)
SECRET_KEY = _text(
    "TAGGARR_SECRET_KEY",
    default_text="made at the first start",
    group=_STORE,
    secret=True,
    description="Signs sessions and forms. At least 32 characters. Changing it signs everybody out.",
)
ENCRYPTION_KEYS = Setting(
    name="TAGGARR_ENCRYPTION_KEYS",
    kind="keys, separated by commas",
    parse=parse_words,
    default=list[str],
    default_text="made at the first start",
    group=_STORE,
    secret=True,
    description="Encrypt the stored API keys. The first one encrypts, all of them decrypt. "
    "Keep a copy: without them the stored secrets are lost.",
)

MEDIA_FOLDERS = Setting(
    name="TAGGARR_MEDIA_FOLDERS",
    kind="folders, separated by commas",
    parse=parse_folders,
    default=list[Path],
    default_text="the folders that Sonarr and Radarr name",
    group=_STORE,
    description="The only folders, beside those of path mappings, in which files are read and NFO files "
    "written, whatever Sonarr and Radarr say and wherever links lead.",
)
ALLOW_LOOPBACK = _switch(
    "TAGGARR_ALLOW_LOOPBACK",
    group=_STORE,
    description="Connect to 127.0.0.1 too: on where Sonarr or Radarr run on the machine of Taggarr, without "
    "containers.",
)

_SERVERS = "PostgreSQL and Redis"
DATABASE_URL = Setting(
    name="DATABASE_URL",
    kind="address",
    parse=parse_text,
    default="",
    default_text="the embedded server's",
    group=_SERVERS,
    secret=True,
    description="PostgreSQL 15 or newer, as `postgresql://user:password@host:5432/name`. "
    "Where it is set, no embedded PostgreSQL is started.",
)
DATABASE_PASSWORD = _text(
    "TAGGARR_DATABASE_PASSWORD",
    group=_SERVERS,
    secret=True,
    description="The database's password, where `DATABASE_URL` holds none.",
)
REDIS_URL = Setting(
    name="REDIS_URL",
    kind="address",
    parse=parse_text,
    default="",
    default_text="the embedded server's",
    group=_SERVERS,
    secret=True,
    description="Redis or Valkey, as `redis://:password@host:6379/0`. Where it is set, no embedded Valkey "
    "is started.",
)
REDIS_PASSWORD = _text(
    "TAGGARR_REDIS_PASSWORD",
    group=_SERVERS,
    secret=True,
    description="The password of Redis, where `REDIS_URL` holds none.",
)

_WEB = "Web"
BIND = Setting(
    name="TAGGARR_BIND",
    kind="address",
    parse=parse_host,
    default="127.0.0.1",
    default_text="`127.0.0.1`; in the image `0.0.0.0`",
    group=_WEB,
    description="The address the web server listens on. `0.0.0.0` is every network of this machine.",
)
PORT = Setting(
    name="TAGGARR_PORT",
    kind="port",
    parse=PORTS,
    default=8484,
    group=_WEB,
    description="The port the web server listens on.",
)
ALLOWED_HOSTS = Setting(
    name="TAGGARR_ALLOWED_HOSTS",
    kind="names, separated by commas",
    parse=parse_words,
    default=list[str],
    group=_WEB,
    description="The public names under which Taggarr is reached. IP addresses, `localhost`, names without "
    "a dot and names that end in `.local`, `.lan`, `.home.arpa` or `.internal` are always allowed. "
    "`.example.org` allows a domain and all names under it.",
)
TRUSTED_ORIGINS = Setting(
    name="TAGGARR_TRUSTED_ORIGINS",
    kind="addresses, separated by commas",
    parse=parse_words,
    default=list[str],
    group=_WEB,
    description="Addresses, such as `https://taggarr.example.org`, whose forms are accepted behind a proxy "
    "that changes the host name.",
)
TRUSTED_PROXIES = Setting(
    name="TAGGARR_TRUSTED_PROXIES",
    kind="IP addresses or networks, separated by commas",
    parse=parse_networks,
    default=list[str],
    group=_WEB,
    description="Proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` headers are "
    "believed. From everybody else these headers are removed. What one address may take of the web server is "
    "counted for the clients behind them.",
)
BASE_PATH = Setting(
    name="TAGGARR_BASE_PATH",
    kind="path",
    parse=parse_base_path,
    default="",
    group=_WEB,
    description="Where Taggarr lies below the host, such as `/taggarr`, for a proxy that serves several "
    "programs under one name. The proxy may pass it on or strip it.",
)
HSTS_SECONDS = Setting(
    name="TAGGARR_HSTS_SECONDS",
    kind="number",
    parse=count_from(0, 63072000),
    default=2592000,
    default_text="`2592000` (30 days)",
    group=_WEB,
    description="How long browsers shall insist on https for this host name once they came over https. They "
    "then do so for every port of that name; `0` asks for nothing.",
)
CORS_ORIGINS = Setting(
    name="TAGGARR_CORS_ORIGINS",
    kind="origins, separated by commas",
    parse=parse_origins,
    default=list[str],
    group=_WEB,
    description="Web pages of other origins, such as `https://home.example.org`, whose scripts may call the "
    "API with an API key. Never with the session of who is signed in.",
)
PUBLIC_URL = Setting(
    name="TAGGARR_PUBLIC_URL",
    kind="address",
    parse=parse_web_address,
    default="",
    group=_WEB,
    description="The address under which people reach Taggarr, such as `https://taggarr.example.org`. "
    "Notifications link there; without it they hold no link.",
)
RELEASES_URL = Setting(
    name="TAGGARR_RELEASES_URL",
    kind="address",
    parse=parse_web_address,
    default="",
    group=_WEB,
    description="Where to ask once a day for the newest version: an address that answers a JSON object with "
    "`tag_name`. Without it nothing is asked.",
)
METRICS_TOKEN = _text(
    "TAGGARR_METRICS_TOKEN",
    group=_WEB,
    secret=True,
    description="Who sends it (`Authorization: Bearer …`) may read `/metrics`.",
)
METRICS_NETWORKS = Setting(
    name="TAGGARR_METRICS_NETWORKS",
    kind="IP addresses or networks, separated by commas",
    parse=parse_networks,
    default=list[str],
    group=_WEB,
    description="Who may read `/metrics` without a token, such as `10.0.0.0/8`. Without token and networks "
    "nobody may.",
)
DEBUG = _switch(
    "TAGGARR_DEBUG",
    group=_WEB,
    description="Error pages with details, for development. Refused unless the web server listens on "
    "loopback only.",
)

_SIGN_IN = "Signing in"
FORWARD_AUTH_HEADER = Setting(
    name="TAGGARR_FORWARD_AUTH_HEADER",
    kind="header",
    parse=parse_header,
    default="",
    group=_SIGN_IN,
    description="The header, such as `Remote-User`, in which a proxy of `TAGGARR_TRUSTED_PROXIES` names who "
    "is signed in there. That user is then signed in here, without a password or a second factor.",
)
FORWARD_AUTH_API = _switch(
    "TAGGARR_FORWARD_AUTH_API",
    group=_SIGN_IN,
    description="Believe `TAGGARR_FORWARD_AUTH_HEADER` below `/api/` and `/metrics` too. Only where the "
    "proxy asks for its login there as well, or clears the header: many proxies let these addresses through.",
)
NEW_USERS = _switch(
    "TAGGARR_NEW_USERS",
    group=_SIGN_IN,
    description="Make an account, as a viewer, for whomever the proxy or the OIDC provider names and nobody "
    "knows here. Off: an admin makes the accounts first.",
)
OIDC_URL = Setting(
    name="TAGGARR_OIDC_URL",
    kind="address",
    parse=parse_web_address,
    default="",
    group=_SIGN_IN,
    description="The issuer of an OpenID Connect provider: its `/.well-known/openid-configuration` lies "
    "below. The provider needs the redirect address `…/account/oidc/sso/login/callback/`.",
)
OIDC_CLIENT_ID = _text(
    "TAGGARR_OIDC_CLIENT_ID", group=_SIGN_IN, description="The client's name at the OIDC provider."
)
OIDC_CLIENT_SECRET = _text(
    "TAGGARR_OIDC_CLIENT_SECRET",
    group=_SIGN_IN,
    secret=True,
    description="The client's secret at the OIDC provider.",
)
OIDC_NAME = _text(
    "TAGGARR_OIDC_NAME",
    default="single sign-on",
    group=_SIGN_IN,
    description="What the button on the login page calls the provider.",
)
OIDC_ADMIN_GROUP = _text(
    "TAGGARR_OIDC_ADMIN_GROUP",
    group=_SIGN_IN,
    description="Whoever comes from the provider with this word in the claim `groups` is an admin, and all "
    "others are viewers, at each login. Empty: roles are given here.",
)
MAIL_URL = Setting(
    name="TAGGARR_MAIL_URL",
    kind="address",
    parse=parse_text,
    default="",
    group=_SIGN_IN,
    secret=True,
    description="The mail server for links that reset a password, as "
    "`smtps://user:password@mail.example.org` (or `starttls://`, `smtp://`). Needs "
    "`TAGGARR_PUBLIC_URL`. Without it nobody is offered such a link; "
    "`manage.py changepassword` always works.",
)
MAIL_FROM = Setting(
    name="TAGGARR_MAIL_FROM",
    kind="mail address",
    parse=parse_text,
    default="taggarr@localhost",
    group=_SIGN_IN,
    description="The sender of these mails.",
)

_WORK = "Workers"
WORKERS = Setting(
    name="TAGGARR_WORKERS",
    kind="number",
    parse=count_from(1, 64),
    default=default_workers,
    default_text="the number of processors, at least 2",
    group=_WORK,
    description="How many processes scan at once. Towards one Sonarr or Radarr this is the limit of "
    "concurrent calls.",
)
TASK_EVENTS = _switch(
    "TAGGARR_TASK_EVENTS",
    group=_WORK,
    description="Tell Flower about every task. Costs nearly half of the throughput of very small tasks.",
)
FLOWER = _switch(
    "TAGGARR_FLOWER",
    group=_WORK,
    description="Start Flower, a page that shows the workers and their tasks, with `script/up`. It can "
    "change nothing.",
)
FLOWER_BIND = Setting(
    name="TAGGARR_FLOWER_BIND",
    kind="address",
    parse=parse_host,
    default="127.0.0.1",
    default_text="`127.0.0.1`; in the image `0.0.0.0`",
    group=_WORK,
    description="The address Flower listens on.",
)
FLOWER_PORT = Setting(
    name="TAGGARR_FLOWER_PORT",
    kind="port",
    parse=PORTS,
    default=5555,
    group=_WORK,
    description="The port Flower listens on.",
)

_LOGS = "Logs and time"
LOG_LEVEL = Setting(
    name="TAGGARR_LOG_LEVEL",
    kind="`debug`, `info`, `warning` or `error`",
    parse=one_of("debug", "info", "warning", "error"),
    default="info",
    group=_LOGS,
    description="How much is logged.",
)
LOG_FORMAT = Setting(
    name="TAGGARR_LOG_FORMAT",
    kind="`console` or `json`",
    parse=one_of("console", "json"),
    default="console",
    group=_LOGS,
    description="Lines for people, or one JSON object a line for a log collector.",
)
AUDIT = Setting(
    name="TAGGARR_AUDIT_LOG_MODE",
    kind="`off`, `failures`, `mutations` or `all`",
    parse=one_of("off", "failures", "mutations", "all"),
    default="mutations",
    group=_LOGS,
    description="What the audit log keeps: nothing; sign-ins that failed and requests that were refused; "
    "these and every change of settings, users and keys; these and every sign-in and sign-out.",
)
TZ = Setting(
    name="TZ",
    kind="time zone",
    parse=parse_zone,
    default="UTC",
    group=_LOGS,
    description="The time zone of schedules and of the times that people are shown. Times are stored in UTC.",
)

_CONTAINER = "Container image"
PUID = Setting(
    name="PUID",
    kind="number",
    parse=count_from(1, 4294967294),
    default=1000,
    group=_CONTAINER,
    description="The user id that Taggarr runs as and that owns the files it writes. Read by the image's "
    "entry point.",
)
PGID = Setting(
    name="PGID",
    kind="number",
    parse=count_from(1, 4294967294),
    default=1000,
    group=_CONTAINER,
    description="The group id, likewise.",
)
UMASK = Setting(
    name="UMASK",
    kind="octal number",
    parse=parse_mode,
    default=0o022,
    default_text="`022`",
    group=_CONTAINER,
    description="Which permissions new files do not get, likewise.",
)

FLAGS = Setting(
    name="TAGGARR_FLAGS",
    kind="name=on or name=off, separated by commas",
    parse=parse_switches,
    default=dict[str, bool],
    default_text="as each switch comes",
    group="Switches",
    description="How switches stand until somebody sets them on the page of switches: `players=off`.",
)

_SCRIPTS = "Scripts"
PYTHON = Setting(
    name="TAGGARR_PYTHON",
    kind="path",
    parse=parse_text,
    default="",
    default_text="the newest of python3.13, python3.12, python3.11, python3",
    group=_SCRIPTS,
    description="The Python that `script/up`, `script/demo` and `script/test` make their virtual "
    "environment with.",
)
NEW_API_KEY = _text(
    "TAGGARR_NEW_API_KEY",
    group=_SCRIPTS,
    secret=True,
    description="The API key of the instance that `manage.py add_instance` adds, so that it need not be "
    "typed. Nothing else reads it.",
)

ALL: tuple[Setting[object], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Setting)
)


if __name__ == "__main__":
    sys.stdout.write(markdown(ALL))
