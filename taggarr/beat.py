"""`python -m taggarr.beat`: the scheduler, without Celery's command line and without our apps."""

from __future__ import annotations

import os


def main() -> None:
    # The package has set the usual ones; nobody has read them yet.
    os.environ["DJANGO_SETTINGS_MODULE"] = "taggarr.beat_settings"

    from taggarr.celery import app

    app.Beat(loglevel="WARNING", quiet=True).run()


if __name__ == "__main__":
    main()
