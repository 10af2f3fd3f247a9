"""What is told of calls to players and to Stash."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TEXTS = {
    "player.cannot": _("%(app)s has no “%(what)s” here that could be changed."),
    "player.edited-just-now": _(
        "Somebody changed “%(what)s” in %(app)s just now: Taggarr looks at it again."
    ),
    "player.gone": _("%(app)s no longer has this title."),
    "player.key-refused-emby": _(
        "Emby refused the API key (%(answer)d): make a new one under Settings → API Keys."
    ),
    "player.key-refused-jellyfin": _(
        "Jellyfin refused the API key (%(answer)d): make a new one under Dashboard → API Keys."
    ),
    "player.key-refused-kodi": _(
        "Kodi refused the username or password (%(answer)d): see Settings → Services → Control."
    ),
    "player.key-refused-plex": _(
        "Plex refused the token (%(answer)d): sign in to Plex again and copy the new token."
    ),
    "player.key-refused-stash": _(
        "Stash refused the API key (%(answer)d): copy it again from Settings → Security."
    ),
    "player.no-admin": _("%(app)s names no administrator to whom this key would show everything."),
    "player.no-player": _("A connection of the kind %(kind)s is not a player."),
    "player.no-title": _("A title cannot be empty: nothing was written."),
    "player.not-kept": _("%(app)s accepted the change, but “%(what)s” is still as it was."),
    "player.other-answer": _("%(app)s answered with a title that was not asked for: try again later."),
    "player.other-app": _("%(found)s answers at this address, and not %(app)s."),
    "player.short-token": _(
        "A token of Plex has at least %(least)d characters: copy all of the X-Plex-Token."
    ),
    "player.other-item": _("In %(app)s this id now belongs to a title other than “%(title)s”."),
    "player.page-count": _(
        "%(app)s says that there are %(said)d entries, which does not fit the %(number)d that came."
    ),
    "player.page-gone": _("%(app)s changed its list while it was read: try again later."),
    "player.page-twice": _("%(app)s sent part of its list twice: try again later."),
    "player.said": _("%(app)s refused this: %(said)s."),
    "player.too-old": _("%(app)s %(version)s is too old: %(oldest)s or newer is needed."),
}
