"""What the providers ask all to show who use what they know."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Attribution, Credits

BRINGS = Credits(
    (
        # https://www.themoviedb.org/documentation/api/terms-of-use asks for these very words.
        Attribution(
            "TMDB",
            "https://www.themoviedb.org",
            _("This product uses the TMDB API but is not endorsed or certified by TMDB."),
        ),
        # https://thetvdb.com/api-information
        Attribution(
            "TheTVDB",
            "https://thetvdb.com",
            _("Metadata provided by TheTVDB. Please consider adding missing information or subscribing."),
        ),
        Attribution("fanart.tv", "https://fanart.tv", _("Pictures provided by fanart.tv.")),
    )
)
