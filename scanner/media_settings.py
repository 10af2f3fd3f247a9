"""What a person decides of one title: that it is left out, its original language, a policy of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from core.words import Phrase
from history.models import EventKind
from history.services import record
from library.models import Media
from scanner.languages.codes import require
from scanner.loading import locked
from scanner.models import ScanState
from scanner.scan.deciding import redecide
from scanner.scan.exclusions import apply_rules, set_excluded
from scanner.scan.starting import start_media_scan, start_reconcile

if TYPE_CHECKING:
    from accounts.models import User

OF_MEDIA = ("excluded", "original_language_override")
OF_STATE = ("needs_attention", "policy_override")
SETTABLE = (*OF_MEDIA, *OF_STATE)


def clean_original_language(text: str) -> str:
    """Return a person's original language (a name or code) as a canonical code; empty text stays empty.

    Raises `ConfigError` where it is no language.
    """
    return str(require(text)) if text.strip() else ""


def change(media: Media, *, user: User | None = None, **given: Any) -> Media:
    """Decide something of a title and return it as it is then; `given` are some of `SETTABLE`.

    Its verdict is decided anew at once; tags follow in the background, and a title that is taken back in is
    scanned. Raises `ConfigError` for an original language that is none.
    """
    if unknown := given.keys() - set(SETTABLE):
        raise TypeError(f"a person does not set {', '.join(sorted(unknown))} of a title")
    if "original_language_override" in given:
        given["original_language_override"] = clean_original_language(given["original_language_override"])
    was_out = media.is_excluded
    with transaction.atomic():
        media = _loaded(media.pk, lock=True)
        changed = {name: value for name, value in given.items() if getattr(_row(media, name), name) != value}
        if not changed:
            return media
        _save(media, changed)
        record(EventKind.BY_HAND, _told(media.title, changed), subject=media, actor=user)
    media = _loaded(media.pk)
    if media.connection.enabled:
        if was_out and not media.is_excluded:
            start_media_scan(media, user=user)
        elif media.scan_state.dirty:
            start_reconcile(media.connection, media_ids=[media.pk], user=user)
    return media


def _loaded(pk: int, *, lock: bool = False) -> Media:
    found = Media.objects.select_related("connection__scan_settings__policy", "scan_state__policy_override")
    return (locked(found) if lock else found).get(pk=pk)


def _row(media: Media, name: str) -> Media | ScanState:
    return media if name in OF_MEDIA else media.scan_state


def _save(media: Media, changed: dict[str, Any]) -> None:
    """Save what changed, and decide anew whether the media is left out and what its verdict is."""
    for name, value in changed.items():
        setattr(_row(media, name), name, value)
    if of_media := changed.keys() & set(OF_MEDIA):
        media.save(update_fields=[*of_media, "updated_at"])
    if of_state := changed.keys() & set(OF_STATE):
        media.scan_state.save(update_fields=of_state)
    if set(changed) == {"needs_attention"}:
        return
    if "excluded" in changed:
        set_excluded([media.pk], to=media.excluded)
    apply_rules(Media.objects.filter(pk=media.pk))
    redecide(Media.objects.filter(pk=media.pk))


def _told(title: str, changed: dict[str, Any]) -> Phrase:
    parts = []
    if "excluded" in changed:
        parts.append(Phrase("hand.excluded") if changed["excluded"] else Phrase("hand.included"))
    if "needs_attention" in changed:
        listed = changed["needs_attention"]
        parts.append(Phrase("hand.listed") if listed else Phrase("hand.seen-to"))
    if "original_language_override" in changed:
        parts.append(_original(changed["original_language_override"]))
    if "policy_override" in changed:
        policy = changed["policy_override"]
        parts.append(Phrase("hand.policy", name=policy) if policy else Phrase("hand.own-policy"))
    return Phrase("hand.title", title=title, changes=parts)


def _original(code: str) -> Phrase:
    if not code:
        return Phrase("hand.original-of-app")
    return Phrase("hand.original", language=Phrase("language.name", code=code))
