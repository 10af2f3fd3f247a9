"""`python -m taggarr.worker --queues bulk --name worker-bulk`: a worker, without Celery's command line.

That one brings an interactive shell and all of Flower into every process, for nothing that a worker does.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m taggarr.worker", description=__doc__)
    parser.add_argument("--queues", required=True, help="such as bulk,interactive")
    parser.add_argument("--name", required=True, help="of the worker; the host's is added")
    parser.add_argument("--concurrency", type=int, default=1, help="worker processes, or threads")
    parser.add_argument(
        "--pool", choices=("prefork", "threads"), default="prefork", help="what runs the tasks"
    )
    options = parser.parse_args(arguments)
    gc.disable()  # while almost all that is made stays
    from celery.utils.nodenames import default_nodename, host_format

    from taggarr.celery import app

    worker = app.Worker(
        hostname=host_format(default_nodename(f"{options.name}@%h")),
        queues=options.queues,
        concurrency=options.concurrency,
        pool=options.pool,
        loglevel="WARNING",
        quiet=True,
        # Workers know each other through the database alone.
        without_gossip=True,
        without_mingle=True,
    )
    gc.enable()
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
