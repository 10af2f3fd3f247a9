"""What the catalogue has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.features import Words

TEXTS = {
    "catalogue.decided": _("This row was decided already: look at the list again."),
    "catalogue.evidence-code-equal": _("same number (%(detail)s)"),
    "catalogue.evidence-creator-differs": _("other creators"),
    "catalogue.evidence-creator-equal": _("same creator"),
    "catalogue.evidence-id-differs": _("other number (%(detail)s)"),
    "catalogue.evidence-id-equal": _("same number (%(detail)s)"),
    "catalogue.evidence-kind-differs": _("another kind of thing"),
    "catalogue.evidence-number-differs": _("another part of the series"),
    "catalogue.evidence-number-equal": _("same part of the series"),
    "catalogue.evidence-number-near": _("the part of the series is known of one only"),
    "catalogue.evidence-source-equal": _("known from this list"),
    "catalogue.evidence-title-differs": _("another title (%(detail)s alike)"),
    "catalogue.evidence-title-equal": _("same title"),
    "catalogue.evidence-title-near": _("similar title (%(detail)s alike)"),
    "catalogue.evidence-year-differs": _("another year"),
    "catalogue.evidence-year-equal": _("same year"),
    "catalogue.evidence-year-near": _("a year apart"),
    "catalogue.field-twice": _("Two columns would be called %(name)s: give one of them another name."),
    "catalogue.import-gone": _("The import is no longer there: upload the file again."),
    "catalogue.import-params": _("This job takes the number of an import, and nothing else."),
    "catalogue.import-runs": _("%(name)s is still being imported: wait until it is done, or cancel that."),
    "catalogue.import-started": _(
        "This import has been started already: upload the file again to repeat it."
    ),
    "catalogue.may-not-change": _("You may not change this: ask whoever added it, or an admin."),
    "catalogue.may-not-add": _("Your account may only look: ask an admin to make you a user."),
    "catalogue.merge-of-libraries": _("Only works of one library can become one: choose another."),
    "catalogue.merge-touched": _(
        "%(work)s was changed since, so the two cannot be as they were: take that back first, or add the "
        "other again."
    ),
    "catalogue.merge-undone": _("This has been undone already: both works are there."),
    "catalogue.merge-with-itself": _("It takes two different works to make one: choose another."),
    "catalogue.no-candidate": _("Nothing here is like this row any more: keep it as new, or skip it."),
    "catalogue.no-column": _("There is no column called %(name)s in the file; there are: %(known)s."),
    "catalogue.no-field": _("No field is called %(name)s; a column may be called: %(known)s."),
    "catalogue.no-file": _("There is no file %(path)s: check the path."),
    "catalogue.no-file-written": _("%(path)s cannot be written (%(reason)s): choose another path."),
    "catalogue.no-import": _("There is no import number %(number)s."),
    "catalogue.no-kind": _("There is no kind %(value)s; there are: %(known)s."),
    "catalogue.no-library": _("This library is not there for you: choose another."),
    "catalogue.no-merge": _("There is no merge number %(number)s."),
    "catalogue.no-mode": _("There is no way to import called %(mode)s; there are: %(known)s."),
    "catalogue.no-pair": _("%(text)s has no = in it: write the column, = and its name, as in Titel=title."),
    "catalogue.no-number": _("Enter a number from %(least)s to %(most)s, or nothing."),
    "catalogue.no-picture": _("This picture is not there any more: look at the page again."),
    "catalogue.no-state": _("There is no state %(value)s; there are: %(known)s."),
    "catalogue.no-such-picture": _("No picture here shows %(value)s; there are: %(known)s."),
    "catalogue.no-such-field": _("Nothing is called %(name)s here; there are: %(known)s."),
    "catalogue.no-title": _("A title is needed: enter one."),
    "catalogue.no-user": _("There is no user called %(name)s."),
    "catalogue.no-work": _("This work is not there: choose another."),
    "catalogue.not-imported": _("%(name)s was not imported, so there is nothing to undo."),
    "catalogue.not-merged": _("There is nothing to take back: nothing became part of this work."),
    "catalogue.row-broken": _("The file is damaged here: export it once more. %(text)s"),
    "catalogue.row-empty": _("The file is empty: export it once more."),
    "catalogue.row-in-trash": _("It is in the trash: restore it there, then import again."),
    "catalogue.row-no-title": _("The row has neither a title nor a number: add one of them."),
    "catalogue.row-too-large": _("The row is too large to be read: shorten it. %(text)s"),
    "catalogue.row-too-many-cells": _("The row has too many columns: check its quotes."),
    "catalogue.row-unknown-format": _(
        "No format is known in which the file is written: export it as CSV with a column called title."
    ),
    "catalogue.row-waits": _("It waits for your decision since an import before."),
    "catalogue.row-wrong-code": _("%(text)s is no ISBN, barcode or other number: correct it."),
    "catalogue.rows-wait": ngettext_lazy(
        "%(number)d row waits for your decision", "%(number)d rows wait for your decision", "number"
    ),
    "catalogue.search-no-field": _("There is no field %(name)s: put it in quotes to search for the text."),
    "catalogue.search-no-number": _(
        "%(text)s is no number: write %(name)s:%(example)s, or a range with two dots."
    ),
    "catalogue.search-no-value": _("%(text)s does not go with %(name)s: write one of %(known)s."),
    "catalogue.too-long": _("This is too long: at most %(most)d characters."),
    "catalogue.too-many-names": _("These are too many names: at most %(most)d."),
    "catalogue.too-many-pictures": _("This has %(most)d pictures already: remove one first."),
    "catalogue.undone-already": _("%(name)s has been undone already."),
}

BRINGS = Words(
    jobs={"catalogue_import": _("import"), "catalogue_undo": _("undo of an import")},
    steps={"rows": _("rows that are imported"), "works": _("works that become what they were")},
    audited={"library": _("collection")},
    texts=TEXTS,
)
