"""Which media are neither scanned nor tagged, by the rules of their policy or by hand."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase

from django.db.models import QuerySet

from core import sql
from library.models import Media
from scanner.loading import with_policies
from scanner.models import Policy

CHUNK = 500

FOLLOWING = ("untag", "dirty", "scanned_fingerprint")
"""The fields of a title's state that follow from its being excluded, or no longer."""


def rule_against(policy: Policy, *, tags: Collection[str], genres: Collection[str], path: str) -> str:
    """Return in a few words the first rule of the policy that excludes such a title; empty where none does.

    Genres and tags are compared without regard to case; a path pattern is a shell pattern for the whole path,
    as the app names it.
    """
    own_tags, own_genres = _folded(tags), _folded(genres)
    for tag in policy.exclude_tags:
        if tag.casefold() in own_tags:
            return f"the tag {tag}"
    for genre in policy.exclude_genres:
        if genre.casefold() in own_genres:
            return f"the genre {genre}"
    for pattern in policy.exclude_paths:
        if fnmatchcase(path, pattern):
            return f"the path pattern {pattern}"
    if policy.genres and not own_genres & _folded(policy.genres):
        return f"none of the genres {', '.join(policy.genres)}"
    return ""


def apply_rules(query: QuerySet[Media]) -> int:
    """Bring `excluded_by` of these titles up to date; return how many changed.

    A title that becomes excluded loses our labels where its policy asks for that; one that comes back is
    scanned.
    """
    changed = []
    found = query.select_related("scan_state").order_by("pk")
    for media in with_policies(found.iterator(chunk_size=CHUNK)):
        rule = _rule_against(media)[:200]
        if rule != media.excluded_by:
            media.excluded_by = rule
            _follow(media)
            changed.append(media)
    sql.update(changed, ["excluded_by"])
    sql.update([media.scan_state for media in changed], FOLLOWING)
    return len(changed)


def set_excluded(media: Media, *, excluded: bool) -> None:
    media.excluded = excluded
    _follow(media)
    media.save(update_fields=["excluded"])
    media.scan_state.save(update_fields=FOLLOWING)


def _follow(media: Media) -> None:
    """Set what follows from a title being excluded, or no longer."""
    state = media.scan_state
    if not media.is_excluded:
        state.untag = False
        state.scanned_fingerprint = ""
    elif state.policy.untag_excluded:
        state.untag = state.dirty = True


def _rule_against(media: Media) -> str:
    policy = media.scan_state.policy
    return rule_against(policy, tags=media.tags, genres=media.genres, path=media.path)


def _folded(texts: Collection[str]) -> set[str]:
    return {text.casefold() for text in texts}
