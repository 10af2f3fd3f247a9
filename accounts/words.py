"""What the accounts have to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.features import Words

TEXTS = {
    "first-admin.exists": _("There is already an account: sign in with it."),
    "first-admin.token": _("That is not the token: you find it in the log of the first start."),
    "key.expired": _("This date has passed: choose a later one."),
    "key.network": _("%(text)s is not a network: write it like 192.168.1.0/24, or give a single address."),
    "key.settings-scope": _(
        "%(owner)s is not an admin, so the key may not reach settings: leave that scope out."
    ),
    "key.viewer-scope": _("%(owner)s is a viewer, so the key may only read: choose no other scope."),
    "password-reset.not-sent": _("Password reset mails are not going out: %(error)s"),
    "second-factor.sealed": _(
        "A second factor cannot be decrypted with TAGGARR_ENCRYPTION_KEYS: put the key it was "
        "encrypted with back into the list, or remove the factor with manage.py remove_second_factor."
    ),
    "sessions.ended": ngettext_lazy(
        "%(number)d session of %(user)s", "%(number)d sessions of %(user)s", "number"
    ),
    "user.name-taken": _("There is already a user called %(name)s: choose another name."),
    "user.only-admin": _("%(name)s is the only admin: make someone else an admin first."),
}

BRINGS = Words(
    texts=TEXTS,
    audited={
        "user": _("user"),
        "API key": _("API key"),
        "session": _("session"),
        "second factor": _("second factor"),
    },
)
