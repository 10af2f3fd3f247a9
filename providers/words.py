"""What is told of providers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

TEXTS = {
    "provider.address": _("%(app)s has one address, %(address)s: enter that."),
    "provider.is-none": _("A connection of the kind %(kind)s is not a provider."),
    "provider.missing": _("%(app)s has no such title."),
    "provider.no-params": _("A %(job)s job has no parameters."),
    "provider.other-host": _("This picture does not lie at %(host)s, where those of %(app)s do."),
    "provider.other-picture": _("%(app)s has another picture at this address by now."),
    "provider.pictures-alone": _("%(app)s has pictures alone: ask another provider for details."),
    "provider.refused-fanart": _(
        "fanart.tv refused the API key (%(answer)d): copy it again from fanart.tv/get-an-api-key."
    ),
    "provider.refused-tmdb": _(
        "TMDB refused the API key (%(answer)d): copy it again from your account, Settings → API."
    ),
    "provider.refused-tvdb": _(
        "TheTVDB refused the API key or PIN (%(answer)d): copy both again from your account."
    ),
    "provider.too-many-pages": _(
        "%(app)s lists more than %(number)d pages of changes, and was read no further: try again later."
    ),
    "provider.unchanged": _("%(app)s answered “not modified”, which was not asked: try again later."),
}

BRINGS = Words(texts=TEXTS, jobs={"provider_changes": _("list of changes of a provider")})
