"""What the catalogue has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.features import Words

TEXTS = {
    "catalogue.box-in-itself": _("A box cannot be in itself: choose another work."),
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
    "catalogue.field-choices": _("Enter what can be chosen: from 2 to %(most)d, one in each line."),
    "catalogue.field-no-date": _("%(name)s is a day: write it as 2026-01-15."),
    "catalogue.field-no-link": _("%(name)s is a link: it begins with https:// or http://."),
    "catalogue.field-no-name": _("A field needs a name: enter one."),
    "catalogue.field-no-number": _("%(name)s is a number: write digits alone."),
    "catalogue.field-no-type": _("No field holds %(value)s: choose from %(known)s."),
    "catalogue.field-not-of": _("%(name)s is one of these: %(known)s."),
    "catalogue.field-there": _("There is a field called %(name)s already: choose another name."),
    "catalogue.field-twice": _("Two columns would be called %(name)s: give one of them another name."),
    "catalogue.import-failed": _("%(name)s was not imported to its end"),
    "catalogue.import-gone": _("The import is no longer there: upload the file again."),
    "catalogue.import-params": _("This job takes the number of an import, and nothing else."),
    "catalogue.import-runs": _("%(name)s is still being imported: wait until it is done, or cancel that."),
    "catalogue.import-started": _(
        "This import has been started already: upload the file again to repeat it."
    ),
    "catalogue.library-no-name": _("A library needs a name: enter one."),
    "catalogue.library-not-empty": _("Something is in %(name)s, or was imported into it: it cannot go."),
    "catalogue.library-there": _("There is a library called %(name)s already: choose another name."),
    "catalogue.library-usual": _("%(name)s is the usual library: make another one that first."),
    "catalogue.may-not-change": _("You may not change this: ask whoever added it, or an admin."),
    "catalogue.may-not-add": _("Your account may only look: ask an admin to make you a user."),
    "catalogue.merge-of-libraries": _("Only works of the same library can become one: choose another."),
    "catalogue.merge-touched": _(
        "%(work)s has been changed since, so the two cannot be as they were: take that back first, or add "
        "the other one again."
    ),
    "catalogue.merge-undone": _("This has been undone already: both works are there."),
    "catalogue.merge-with-itself": _("It takes two different works to make one: choose another."),
    "catalogue.no-candidate": _("Nothing here is like this row any more: keep it as new, or skip it."),
    "catalogue.no-column": _("There is no column called %(name)s in the file: choose from %(known)s."),
    "catalogue.no-duplicate": _("These two are not asked about any more: look at the list again."),
    "catalogue.no-field": _("No field is called %(name)s; a column may be called: %(known)s."),
    "catalogue.no-file": _("There is no file %(path)s: check the path."),
    "catalogue.no-file-written": _("%(path)s cannot be written (%(reason)s): choose another path."),
    "catalogue.no-import": _("There is no import number %(number)s."),
    "catalogue.no-kind": _("There is no kind %(value)s: choose from %(known)s."),
    "catalogue.no-library": _("You have no access to this library: choose another."),
    "catalogue.no-merge": _("There is no merge number %(number)s."),
    "catalogue.no-mode": _("There is no way to import called %(mode)s: choose from %(known)s."),
    "catalogue.no-pair": _("%(text)s has no = in it: write the column, = and its name, as in Titel=title."),
    "catalogue.no-number": _("Enter a number from %(least)s to %(most)s, or nothing."),
    "catalogue.no-picture": _("This picture is not there any more: look at the page again."),
    "catalogue.no-state": _("There is no state %(value)s: choose from %(known)s."),
    "catalogue.no-such-picture": _("No picture here shows %(value)s: choose from %(known)s."),
    "catalogue.no-such-field": _("Nothing is called %(name)s here: choose from %(known)s."),
    "catalogue.no-title": _("A title is needed: enter one."),
    "catalogue.no-user": _("There is no user called %(name)s."),
    "catalogue.no-visibility": _("Nobody is called %(value)s: choose from %(known)s."),
    "catalogue.no-work": _("This work is not there: choose another."),
    "catalogue.not-imported": _("%(name)s was not imported, so there is nothing to undo."),
    "catalogue.not-merged": _("There is nothing to take back: nothing became part of this work."),
    "catalogue.number-there": _("%(library)s has something with the number %(number)s already: look there."),
    "catalogue.place-in-itself": _("%(name)s cannot be inside itself: choose another place."),
    "catalogue.place-no-name": _("A place needs a name: enter one."),
    "catalogue.place-not-empty": _(
        "Something stands at %(name)s, or another place is inside: move it first."
    ),
    "catalogue.place-there": _("There is a place called %(name)s already: move everything there instead."),
    "catalogue.place-too-deep": _("Places stand at most %(most)d deep in each other: choose another one."),
    "catalogue.row-broken": _("The file is damaged here: export it once more. %(text)s"),
    "catalogue.row-empty": _("The file is empty: export it once more."),
    "catalogue.archive-nobody": _("Whoever asked for the archive is no longer here."),
    "catalogue.archive-large": _(
        "The archive is too large to be made while you wait: have it made first, and download it then."
    ),
    "catalogue.archive-of-admins": _("It is larger than %(mib)d MiB: only an admin can import it."),
    "catalogue.archive-too-large": _(
        "It is larger than %(gib)d GiB: the command catalogue_import takes it back, no upload does."
    ),
    "catalogue.archive-too-many": _(
        "No import takes more than %(most)d pictures: keep it as a copy, and move by a backup."
    ),
    "catalogue.row-in-trash": _("It is in the trash: restore it there, then import again."),
    "catalogue.row-no-library": _(
        "It is of the library %(name)s, which only its members see and which is not here for you: "
        "have an admin make it, then import again."
    ),
    "catalogue.row-no-title": _("The row has neither a title nor a number: add one of them."),
    "catalogue.row-too-large": _("The row is too large to be read: shorten it. %(text)s"),
    "catalogue.row-too-many-cells": _("The row has too many columns: check its quotes."),
    "catalogue.row-unknown-format": _(
        "No format is known in which the file is written: export it as CSV with a column called title."
    ),
    "catalogue.row-waits": _("It has been waiting for your decision since an earlier import."),
    "catalogue.row-wrong-code": _("%(text)s is not an ISBN, a barcode or another number: correct it."),
    "catalogue.rows-wait": ngettext_lazy(
        "%(number)d row waits for your decision", "%(number)d rows wait for your decision", "number"
    ),
    "catalogue.rows-wait-long": ngettext_lazy(
        "%(number)d row of a list waits for your decision for more than a week",
        "%(number)d rows of lists wait for your decision for more than a week",
        "number",
    ),
    "catalogue.season-there": _("There is a season %(number)d already: choose another number."),
    "catalogue.search-no-field": _("There is no field %(name)s: put it in quotes to search for the text."),
    "catalogue.search-no-number": _(
        "%(text)s is not a number: write %(name)s:%(example)s, or a range with two dots."
    ),
    "catalogue.search-no-value": _("%(text)s does not go with %(name)s: write one of %(known)s."),
    "catalogue.too-long": _("This is too long: at most %(most)d characters."),
    "catalogue.too-many-names": _("These are too many names: at most %(most)d."),
    "catalogue.too-many-pictures": _("This has %(most)d pictures already: remove one first."),
    "catalogue.undone-already": _("%(name)s has been undone already."),
}

BRINGS = Words(
    jobs={
        "catalogue_archive": _("archive of the collection"),
        "catalogue_bring": _("pictures and box of a row that was decided"),
        "catalogue_import": _("import"),
        "catalogue_undo": _("undo of an import"),
        "catalogue_duplicates": _("look for works that are here twice"),
    },
    steps={"rows": _("rows that are imported"), "works": _("works that become what they were")},
    audited={"library": _("library"), "collection": _("collection")},
    texts=TEXTS,
)
