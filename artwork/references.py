"""Which kept files artwork uses: what may be chosen, what stands in folders, and what undoing needs."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from accounts.models import User
from artwork.mending import mend
from artwork.models import Candidate, Publication, PublishedFile, Source
from storage.contract import References


def _chosen() -> Iterator[str]:
    """What was chosen, stood beside a title, or a person uploaded: no provider brings that again."""
    ours = Q(rank__isnull=False) | Q(source__in=(Source.LOCAL, Source.UPLOAD))
    rows = Candidate.objects.filter(ours).exclude(digest="")
    return rows.values_list("digest", flat=True).iterator()


def _published() -> Iterator[str]:
    for digests in PublishedFile.objects.values_list("digest", "told").iterator():
        yield from filter(None, digests)


def _to_undo() -> Iterator[str]:
    """What publications wrote, and what stood there before, for as long as they are remembered."""
    for steps in Publication.objects.values_list("steps", flat=True).iterator():
        for step in steps:
            kept = ("digest", "before", "told", "told_before")
            yield from filter(None, (step[name] for name in kept))


def _is_visible(user: User, digest: str) -> bool:  # noqa: ARG001
    """Everybody who may look at titles sees their pictures."""
    return Candidate.objects.filter(digest=digest).exists()


BRINGS = References(used=(_chosen, _published, _to_undo), visible=(_is_visible,), mend=(mend,))
