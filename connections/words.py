"""What connections have to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

TEXTS = {
    "breaker.opened": _("%(number)d calls in a row failed; the last one: %(error)s"),
    "breaker.still-open": _("It still does not answer: %(error)s"),
    "connection.disabled": _("%(name)s is disabled: enable it first."),
    "connection.key-sealed": _("Its stored secret cannot be decrypted."),
    "connection.kind": _("There is no kind of connection “%(kind)s”: choose %(known)s."),
    "connection.kind-off": _("The feature that brings %(kind)s is switched off: switch it on."),
    "connection.name-length": _("Give it a name of at most 100 characters."),
    "connection.name-taken": _("The name %(name)s is taken: choose another."),
    "connection.no-field": _("%(kind)s has no field %(field)s; its fields are: %(has)s."),
    "connection.none-yet": _("there is none yet."),
    "connection.secret-again": _(
        "Enter this again: %(secret)s. A stored secret is never sent to a new address."
    ),
    "connection.unknown": _("There is no connection called %(name)s: %(hint)s"),
    "field.choice": _("%(field)s cannot be “%(value)s”: %(hint)s"),
    "field.implied": _(
        "%(field)s is set by %(other)s: give %(other)s the value %(value)s to set it yourself."
    ),
    "field.line": _("%(field)s takes one line of at most %(most)d characters."),
    "field.mappings": _("%(field)s is a list of mappings with %(left)s and %(right)s."),
    "field.missing": _("%(field)s is missing: fill it in."),
    "field.number": _("%(field)s takes a whole number from %(least)d to %(most)d."),
    "field.row": _("There is no %(field)s %(value)s: %(hint)s"),
    "field.switch": _("%(field)s takes true or false."),
    "field.text": _("%(field)s takes text."),
}

BRINGS = Words(texts=TEXTS, audited={"connection": _("connection")})
