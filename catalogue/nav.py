"""Where the pages of the collection are found."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalogue.pages import duplicates, home, titles
from catalogue.pages.collection_rows import COLUMNS, USUAL
from catalogue.pages.review import INBOX
from web.contract import Beginning, Card, ListPage, MenuEntry, Nav, Tab

BRINGS = Nav(
    menu=(MenuEntry("collection", _("Collection"), "collection", 12, ("collection",)),),
    wanted=(Tab("volumes", "wanted_volumes", _("Volumes"), 30, admin=False),),
    cards=(Card("catalogue/card.html", 20, "right", home.collection_card),),
    search=home.find,
    title_lines=titles.lines_of,
    inbox=(*INBOX, duplicates.INBOX),
    settings=(Tab("collection", "collection_settings", _("Collection"), 25),),
    lists=(ListPage("collection", COLUMNS, USUAL, place=10),),
    beginnings=(Beginning("collection_imports", _("Import a list of what you own, from another program.")),),
)
