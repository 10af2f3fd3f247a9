"""Where the pages of artwork are found."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from artwork.pages.inbox import INBOX
from artwork.pages.title_rows import COLUMN, COLUMNS, USUAL_COLUMNS
from web.contract import ListPage, Nav, Sample, Tab, TitleTab

BRINGS = Nav(
    library=(Tab("artwork", "artwork", _("Artwork"), 10, admin=False, prefixes=("artwork",)),),
    wanted=(Tab("pictures", "wanted_pictures", _("Pictures"), 10, admin=False),),
    lists=(ListPage("artwork", COLUMNS, USUAL_COLUMNS, place=20),),
    title_columns=(COLUMN,),
    title_tabs=(TitleTab("artwork", "media_artwork", _("Artwork"), 30),),
    inbox=INBOX,
    samples=(Sample("artwork/style.html", 30),),
)
