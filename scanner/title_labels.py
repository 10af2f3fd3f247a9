"""Which labels titles and seasons should carry, for features that put them elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from library.contract import Labelling, TitleLabels
from library.models import Media
from scanner.labels.desired import Standing, desired
from scanner.labels.managed import desired_of
from scanner.loading import with_policies


def _labels(media_ids: Collection[int]) -> Mapping[int, TitleLabels]:
    """A policy that asks for dry runs has nothing written anywhere."""
    titles = Media.objects.filter(pk__in=media_ids).select_related("scan_state")
    seasons = titles.prefetch_related("seasons__scan_state")
    return {media.pk: _labels_of(media) for media in with_policies(seasons)}


def _labels_of(media: Media) -> TitleLabels:
    state = media.scan_state
    if state.policy.dry_run:
        return TitleLabels()
    if media.is_excluded:
        return _of_excluded(media)
    known = desired_of(media).known
    seasons = {
        season.number: desired(Standing(season.scan_state.verdict), state.policy.labels).verdict
        for season in media.seasons.all()
    }
    return TitleLabels(
        None if known is None else tuple(sorted(known)),
        {number: None if labels is None else tuple(sorted(labels)) for number, labels in seasons.items()},
    )


def _of_excluded(media: Media) -> TitleLabels:
    """None of ours where the policy takes them off what is excluded; else they stay as they are."""
    if not media.scan_state.policy.untag_excluded:
        return TitleLabels()
    return TitleLabels((), {season.number: () for season in media.seasons.all()})


BRINGS = Labelling(of=_labels)
