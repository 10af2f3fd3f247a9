"""Brings the lists of the made-up household into the collection, and prints what came of them.

A program of its own (`python -m demo.collection USER`), because it needs Django, and its connections must be
closed before the demo stops the database. What was imported at an earlier start is only told again.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from core import env
from core.loading import load
from demo.lists import lists
from system.up import tell

if TYPE_CHECKING:
    from accounts.models import User
    from catalogue.models import Import

SHOWN = 40
"""Characters of the name of a list, and of a title."""


def main() -> None:
    load()
    quiet()
    with env.refusing():
        show(sys.argv[1])


def quiet() -> None:
    """Keep the log's lines of information off the terminal: what is told is enough."""
    logging.getLogger("jobs").setLevel(logging.WARNING)


def show(name: str) -> None:
    """Import what is not there yet as somebody's, and print what became of the rows."""
    from accounts.models import User
    from catalogue.imports import reviewing
    from catalogue.imports.result import evidence
    from catalogue.pages.import_rows import outcomes, told_of_stored
    from catalogue.pages.names import PROGRAMS

    user = User.objects.get(username=name)
    tell("\nWhat five lists brought into the collection")
    for file, content in lists().items():
        of = _imported(user, file, content)
        became = ", ".join(f"{number} {str(label).lower()}" for _, label, number in outcomes(of.counts))
        tell(f"  {file:<{SHOWN}}{PROGRAMS[of.format]!s:<{SHOWN}}{became}")
    draw_covers(user)
    tell("\nIn doubt")
    for row in reviewing.waiting(user).prefetch_related("candidates__work"):
        told = told_of_stored(row)
        best = row.candidates.all()[0]
        why = ", ".join(evidence(best.parts))
        tell(f"  {told.title:<{SHOWN}}{best.work!s:<{SHOWN}}{round(100 * best.score)} %: {why}")


def draw_covers(user: User) -> None:
    """Draw covers for the works of the first page of the wall, and for what came last."""
    from catalogue import pictures, scope
    from catalogue.pages.collection_rows import PAGE
    from catalogue.pages.home import NEWEST
    from demo.arr.posters import poster

    works = scope.works(user).exclude(title="")
    shown = dict.fromkeys([*works.order_by("sort_title", "pk")[:PAGE], *works.order_by("-pk")[:NEWEST]])
    for work in shown:
        if not work.pictures.exists():
            pictures.add([poster(work.title, work.year or 0)], user, work, "cover")


def _imported(user: User, file: str, content: bytes) -> Import:
    """The import of a list, that of an earlier start where there is one."""
    from catalogue.imports import services
    from jobs.services import run_inline

    of = services.upload([content], user, name=file)
    if known := services.before(of):
        of.delete()
        return known
    run_inline(services.start(of))
    of.refresh_from_db()
    return of


if __name__ == "__main__":
    main()
