"""Flower: `python -m taggarr.flower --address HOST --port PORT`. It shows workers and tasks. No Django.

It has no login, so it knows nothing that it does not need: it gets the address of the broker, and neither
that of the database nor a key; it changes nothing, and answers to no foreign host name (DNS rebinding).
"""

from __future__ import annotations

import argparse
import atexit
import signal
import sys
from collections.abc import Sequence
from typing import Any

from celery import Celery
from flower import command
from flower.app import Flower
from tornado.httputil import HTTPServerRequest
from tornado.options import options as flower_options
from tornado.web import RequestHandler

from core import env, logs, masking, options, servers


class UnknownHost(RequestHandler):
    def prepare(self) -> None:
        self.set_status(400)
        self.finish("Flower does not answer to this host name: add it to TAGGARR_ALLOWED_HOSTS.\n")


class KnownHosts(Flower):  # type: ignore[misc]  # it has no types
    """Flower for the host names that the web server answers to."""

    hosts: Sequence[str] = ()

    def find_handler(self, request: HTTPServerRequest, **rest: Any) -> Any:
        host = request.host_name
        if servers.is_local_name(host) or servers.is_named(host, self.hosts):
            return super().find_handler(request, **rest)
        return self.get_handler_delegate(request, UnknownHost)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m taggarr.flower", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5555)
    given = parser.parse_args(arguments)
    with env.refusing():
        logs.configure(logs.logging_settings(options.LOG_LEVEL.read(), options.LOG_FORMAT.read()))
        app = Celery("taggarr", broker=_broker(), fixups=[])
        app.conf.update(
            accept_content=["json"],
            broker_transport_options=servers.BROKER_OPTIONS,
            task_default_queue=servers.DEFAULT_QUEUE,
            timezone=options.TZ.read(),
        )
        hosts = options.ALLOWED_HOSTS.read()
    command.apply_env_options()
    flower_options.address, flower_options.port = given.address, given.port
    flower_options.read_only = True
    # Whether workers tell of their tasks is TAGGARR_TASK_EVENTS' to say.
    flower_options.enable_events = False
    command.extract_settings()
    command.setup_logging()
    flower = KnownHosts(capp=app, options=flower_options, **command.settings)
    flower.hosts = hosts
    atexit.register(flower.stop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    flower.start_http_server()
    try:
        flower.start()
    except (KeyboardInterrupt, SystemExit):
        return


def _broker() -> str:
    url = options.REDIS_URL.read()
    if not url:
        running = servers.running_servers(options.DATA.read())
        url = running["redis_url"] if running else "redis://127.0.0.1:6379/0"
    address = servers.redis_address(url, options.REDIS_PASSWORD.read())
    masking.remember(address)
    return servers.broker_address(address)


if __name__ == "__main__":
    main()
