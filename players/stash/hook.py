"""The hook of a Stash: its tokens, and what it tells."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from connections.call_counts import count
from connections.models import Connection
from core import hook_tokens, sql
from players.clients.stash import Group
from players.models import StashSettings
from players.stash import noting

HOOKS = "hooks"
"""As what they are counted."""

OVERLAP = timedelta(days=1)
"""So long the token before opens the hook too: whoever has the new one still has to be told."""

_GROUPS = {"Tag": Group.TAG, "Studio": Group.STUDIO, "Performer": Group.PERFORMER, "Group": None}
_ACTS = ("Create", "Update", "Destroy", "Merge")
_GONE = ("Destroy", "Merge")

TYPES = tuple(
    f"{what}.{act}.Post"
    for what, acts in {
        "Scene": _ACTS[:3],
        "Tag": _ACTS[1:],
        "Studio": _ACTS[1:3],
        "Performer": _ACTS[1:3],
        "Group": _ACTS[1:3],
    }.items()
    for act in acts
)
"""What our plugin asks Stash to tell."""


_TOKENS = """
    SELECT hook_token, CASE WHEN token_made_at > now() - %(overlap)s THEN token_before ELSE '' END
    FROM players_stashsettings AS settings JOIN connections_connection AS source
        ON source.id = settings.connection_id
    WHERE source.id = %(source)s AND source.enabled
"""


def make_token(stash: Connection) -> str:
    """Give a Stash a new token and return it: it cannot be had again. The one before opens for a day more."""
    token = hook_tokens.new_token()
    settings = StashSettings.objects.get(connection=stash)
    settings.token_before, settings.hook_token = settings.hook_token, hook_tokens.digest(token)
    settings.token_made_at = timezone.now()
    settings.save(update_fields=["token_before", "hook_token", "token_made_at"])
    return token


def opened_by(source_id: int, token: str) -> bool:
    """Whether a token opens the hook of a source, in a time that depends on neither."""
    found = sql.fetch(_TOKENS, {"source": source_id, "overlap": OVERLAP})
    now, before = found[0] if found else ("", "")
    is_opened = hook_tokens.fits(token, now, before)
    if not is_opened and found:
        count(HOOKS, source_id, "token")
    return is_opened


def hear(source_id: int, type: str, id: str) -> bool:
    """Note what Stash tells: a type of its hooks, and which one. Return whether it concerns us."""
    what, _, act = type.removesuffix(".Post").partition(".")
    if act not in _ACTS:
        return False
    if what == "Scene":
        noting.note_one(source_id, id)
    elif what in _GROUPS and act != "Create":
        # Which scenes had what is gone now, or a collection, no query of Stash tells.
        noting.touch(source_id, None if act in _GONE else _GROUPS[what], id)
    else:
        return False
    return True
