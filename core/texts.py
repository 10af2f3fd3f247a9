"""What core has to say (`core.words`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

TEXTS = {
    "address.characters": _(
        "The address is too long, or has spaces or control characters in it: %(example)s."
    ),
    "address.example": _("write it like http://nas:8989 or https://example.lan/sonarr"),
    "address.incomplete": _("An address begins with http:// or https:// and names a host: %(example)s."),
    "address.invalid": _("This is not a valid address: %(example)s."),
    "address.loopback": _(
        "%(address)s is the machine or container that Taggarr itself runs in: give the other program's "
        "network address, or set TAGGARR_ALLOW_LOOPBACK to on if it runs here too."
    ),
    "address.never": _("Taggarr never connects to %(address)s: give the address of the machine itself."),
    "address.with-password": _("Leave username and password out of the address: the API key is enough."),
    "address.with-query": _("Leave out everything from ? or # on: %(example)s."),
    "answer.address": _("%(url)s is not a valid address."),
    "answer.base": _("%(app)s has a URL base: add %(base)s to the address."),
    "answer.broken": _("the connection to %(url)s broke in the middle of the answer."),
    "answer.certificate": _(
        "the TLS certificate of %(url)s is not accepted: use its full host name, or put the "
        "certificate of its authority into a file named by REQUESTS_CA_BUNDLE."
    ),
    "answer.closed": _("the connection to %(url)s was closed without an answer."),
    "answer.cut-short": _("the answer of %(length)d bytes is not whole JSON: was it cut short on its way?"),
    "answer.dry-run": _("%(name)s: a dry run sends nothing, so %(call)s was not sent."),
    "answer.host": _("the host name %(host)s is not known here: is it spelled right?"),
    "answer.https": _("%(url)s redirects to https: put https:// into the address."),
    "answer.key-refused": _(
        "%(app)s refused the API key (%(answer)d): copy it again from Settings → General."
    ),
    "answer.late": _("%(app)s at %(url)s did not answer within %(seconds)d seconds."),
    "answer.not-api": _("this is not an answer of %(app)s's API: %(what)s. Is this the right address?"),
    "answer.not-json": _("the answer is %(kind)s and not JSON: is this another program?"),
    "answer.nothing": _("nothing answers at %(url)s: is %(app)s running, and is the port right?"),
    "answer.other-base": _("%(app)s has the URL base %(base)s: put it in place of %(given)s in the address."),
    "answer.redirects": _(
        "%(url)s redirects to %(where)s: is it behind a login? Give the address at which %(app)s "
        "itself answers."
    ),
    "answer.status": _("%(app)s answered %(answer)d."),
    "answer.status-said": _("%(app)s answered %(answer)d: %(said)s."),
    "answer.status-said-where": _("%(app)s answered %(answer)d: %(said)s: is %(url)s the right address?"),
    "answer.status-where": _("%(app)s answered %(answer)d: is %(url)s the right address?"),
    "answer.too-large": _("the answer is larger than %(size)d MiB and was not read to its end."),
    "answer.unreachable": _("%(url)s cannot be reached: %(reason)s."),
    "answer.web-page": _(
        "a web page came instead of the API's answer: does the address belong to a page behind a "
        "login, or to another program?"
    ),
    "connection.key-invalid": _(
        "The API key is empty or holds characters that no API key has: copy it again."
    ),
    "hint.known": _("known are %(words)s."),
    "hint.near": _("did you mean %(word)s?"),
    "list.all": _("%(names)s"),
    "list.more": ngettext_lazy("%(names)s and %(number)d more", "%(names)s and %(number)d more", "number"),
    "secret.moved": _(
        "A stored secret belongs to another row: somebody moved it in the database. Enter it again."
    ),
    "secret.sealed": _(
        "A stored secret cannot be decrypted with TAGGARR_ENCRYPTION_KEYS: put the key it was "
        "encrypted with back into the list."
    ),
    "service.later": _("The service has had enough requests for now: try again in %(seconds)d s."),
    "service.local-file": _("This service is reached through a file on this machine: choose another."),
    "service.of": _("%(name)s: %(what)s"),
}
