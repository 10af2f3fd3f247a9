"""What can be switched in the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Options
from core.flags import Flag

SHARED_EDITING = Flag(
    "catalogue.shared_editing", False, _("Lets users edit what others added to the collection.")
)

PRICES_FOR_ALL = Flag(
    "catalogue.prices_for_all", False, _("Shows everybody what copies of others in the collection cost.")
)

BRINGS = Options(flags=(SHARED_EDITING, PRICES_FOR_ALL))
