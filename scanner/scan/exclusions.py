"""Which media are neither scanned nor tagged, by the rules of their policy or by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from django.db.models import Q, QuerySet

from core import sql
from library import changes
from library.models import Media, What, excluded, included
from scanner.loading import with_policies
from scanner.models import Policy, ScanState

CHUNK = 500


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
    """Bring `excluded_by` of these titles up to date; return how many changed."""
    found = query.select_related("scan_state").order_by("pk")
    return apply_to(with_policies(found.iterator(chunk_size=CHUNK)))


def apply_to(titles: Iterable[Media]) -> int:
    """Bring `excluded_by` of titles up to date whose policies are loaded; return how many changed.

    A title that becomes excluded loses our labels where its policy asks for that; one that comes back is
    scanned.
    """
    changed = []
    for media in titles:
        rule = _rule_against(media)[:200]
        if rule != media.excluded_by:
            media.excluded_by = rule
            changed.append(media)
    sql.update(changed, ["excluded_by"])
    _follow([media.pk for media in changed])
    return len(changed)


def set_excluded(media_ids: Collection[int], *, to: bool) -> None:
    Media.objects.filter(pk__in=media_ids).update(excluded=to)
    _follow(media_ids)


def _follow(media_ids: Collection[int]) -> None:
    """Set what follows from being excluded, or no longer: labels go where asked, what is in is read."""
    states = ScanState.objects.filter(media__in=media_ids)
    asked = Q(policy_override__untag_excluded=True) | Q(
        policy_override=None, media__connection__scan_settings__policy__untag_excluded=True
    )
    if media_ids:
        states.filter(excluded("media__"), asked).update(untag=True, dirty=True)
        states.filter(included("media__")).update(untag=False, scanned_fingerprint="")
        changes.record(changes.of(media, What.LABELS) for media in Media.objects.filter(pk__in=media_ids))


def _rule_against(media: Media) -> str:
    policy = media.scan_state.policy
    return rule_against(policy, tags=media.tags, genres=media.genres, path=media.path)


def _folded(texts: Collection[str]) -> set[str]:
    return {text.casefold() for text in texts}
