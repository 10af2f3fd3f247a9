"""Where the import is found."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from web.contract import Beginning, Nav, Tab

BRINGS = Nav(
    settings=(Tab("import", "import", _("Import"), 70),),
    beginnings=(Beginning("import", _("Coming from the original Taggarr? Import its settings and tags.")),),
)
