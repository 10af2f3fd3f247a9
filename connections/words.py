"""What connections have to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

TEXTS = {
    "breaker.opened": _("%(number)d calls in a row failed; the last one: %(error)s"),
    "breaker.still-open": _("It still does not answer: %(error)s"),
    "connection.key-sealed": _("Its API key cannot be decrypted."),
    "connection.kind": _("There is no kind of connection %(kind)s: choose %(known)s."),
    "connection.name-length": _("Give it a name of at most 100 characters."),
    "connection.name-taken": _("The name %(name)s is taken: choose another."),
    "connection.secret-again": _(
        "Enter this again: %(secret)s. A stored secret is never sent to a new address."
    ),
}

BRINGS = Words(texts=TEXTS)
