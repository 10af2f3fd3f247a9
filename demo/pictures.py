"""Has pictures of the demo's titles chosen, publishes those of the movies, and prints which, and why.

A program of its own (`python -m demo.pictures`), for the reasons that `demo.collection` has. The series are
left for a person to publish.
"""

from __future__ import annotations

from core import env
from core.loading import load
from demo.collection import quiet
from system.up import tell

WIDE = 28
MOVIES = "Demo Radarr"


def main() -> None:
    load()
    quiet()
    with env.refusing():
        choose()
        show()


def choose() -> None:
    from artwork.jobs import PREPARE, PUBLISH, SCAN, run_here

    run_here(SCAN, None)
    run_here(PREPARE, None)
    run_here(PUBLISH, MOVIES)


def show() -> None:
    """Print the poster of each title: what it is, of how many, and what its score is made of."""
    from django.db.models import Count, Q

    from artwork.models import Candidate
    from artwork.preparing import score_words
    from providers.connections import class_of

    posters = Candidate.objects.filter(art="poster", entity__title=None)
    offered = dict(posters.values_list("entity").annotate(Count("pk")))
    published = Count("entity__publications", filter=Q(entity__publications__undoes=None))
    tell("\nWhich posters were chosen, and why")
    for one in (
        posters.filter(rank=0).annotate(published=published).select_related("entity").order_by("entity__name")
    ):
        what = f"{one.language}, {class_of(one.source).app}, 1 of {offered[one.entity_id]}"
        why = score_words(one.score or 0, one.parts) if one.parts else ""
        tell(f"  {one.entity.name:<{WIDE}}{what:<{WIDE}}{'published' if one.published else '':<11}{why}")


if __name__ == "__main__":
    main()
