"""Where the pages of the scanner are found, and its cards on the home page."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from scanner.models import ScanSettings
from scanner.pages import home
from scanner.pages.answers import INBOX
from scanner.pages.finding import find
from scanner.pages.instances import PANELS, connection_lines
from scanner.pages.library_rows import COLUMNS, USUAL
from scanner.scan.report import report_of, result_of
from web.contract import Card, JobReport, ListPage, Nav, Sample, Tab, TitleTab

BRINGS = Nav(
    library=(Tab("titles", "library", _("Titles"), 0, admin=False, prefixes=("library",)),),
    wanted=(Tab("languages", "wanted", _("Languages"), 0, admin=False),),
    settings=(Tab("policies", "policies", _("Policies"), 20),),
    title_tabs=(
        TitleTab("languages", "media", _("Languages"), 10),
        TitleTab("history", "media_history", _("History"), 90),
    ),
    cards=(
        Card("scanner/card_tiles.html", 0, "wide", home.tiles_card, name="tiles", live="media", wait=5),
        Card("scanner/card_verdicts.html", 10, "left", home.verdicts_card),
        Card("scanner/card_week.html", 20, "left", home.week_card),
        Card("scanner/card_acting.html", 10, "right", home.acting_card),
        Card("scanner/card_languages.html", 30, "right", home.languages_card),
    ),
    search=find,
    samples=(Sample("scanner/style.html", 10),),
    # The page of a job lists by itself what failed.
    reports={"scan": JobReport("scanner/report.html", partial(report_of, with_failed=False))},
    results=dict.fromkeys(("scan", "reconcile", "decide"), result_of),
    first_step=lambda: "" if ScanSettings.objects.exists() else "setup_instance",
    panels=PANELS,
    connection_lines=connection_lines,
    inbox=INBOX,
    lists=(ListPage("library", COLUMNS, USUAL, of_titles=True),),
)
