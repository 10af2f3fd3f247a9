"""`python -m system.workers`: all workers of one container, as forks of one process. No Django.

Nothing is kept on disk: a killed container leaves no process behind, and Docker keeps what they print.
"""

from __future__ import annotations

import contextlib
import os
import sys

from core import env, options
from system import programs
from system.supervisor import Supervisor
from system.up import FOLDER, end_like_ctrl_c


def main() -> None:
    end_like_ctrl_c()
    with env.refusing():
        env.check_names(options.ALL)
        supervisor = Supervisor(
            programs.workers(options.WORKERS.read()),
            data=None,
            folder=FOLDER,
            environment=os.environ,
            echo=sys.stdout,
            prefixed=options.LOG_FORMAT.read() != "json",
            nurseries=programs.nurseries()[1:],
        )
    with contextlib.suppress(KeyboardInterrupt), supervisor:
        supervisor.wait()


if __name__ == "__main__":
    main()
