"""The sessions of a user: who is signed in from where, and ending that."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.models import User
from history import audit


def note_session(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:  # noqa: ARG001
    """Remember from where somebody signed in. A receiver of Django's signal, so every way in counts."""
    if request is not None and hasattr(request, "user") and "REMOTE_ADDR" in request.META:
        UserSession.objects.create_from_request(request)


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """After a change of password: end every session of the user but this one."""
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


def sessions_of(user: User) -> list[UserSession]:
    """Return the sessions that stand, the newest first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda one: one.created_at, reverse=True)


def delete_ended() -> int:
    """Delete what stands of sessions that have expired, or ended without a word; return how many."""
    standing = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    deleted: int = UserSession.objects.exclude(session_key__in=standing).delete()[0]
    return deleted


def end_sessions(user: User, *, keep: str | None, only: int | None = None) -> int:
    """End the session `only` of a user, or all of them; never that with the key `keep`. Return how many."""
    chosen = UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep or "")
    if only is not None:
        chosen = chosen.filter(pk=only)
    ended: list[UserSession] = list(chosen)
    for session in ended:
        session.end()
    if ended:
        audit.note("ended sessions", kind="session", target=f"{len(ended)} of {user}")
    return len(ended)
