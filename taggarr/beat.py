"""`python -m taggarr.beat`: the scheduler, without Celery's command line and without our apps."""

from __future__ import annotations


def main() -> None:
    from taggarr import settings
    from taggarr.celery import app

    # It knows no app but the one whose tables hold what is to be rung. Nobody has read the settings yet.
    settings.INSTALLED_APPS = ["django_celery_beat"]
    app.Beat(loglevel="WARNING", quiet=True).run()


if __name__ == "__main__":
    main()
