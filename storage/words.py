"""What the storage has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words
from storage.models import PlaceKind

TEXTS = {
    "picture.bomb": _("This picture holds more pixels than it declares: it is made to do harm."),
    "picture.damaged": _(
        "This picture is cut short or damaged: it does not decode. Choose another copy of it."
    ),
    "picture.gone": _("This picture is no longer stored: choose another."),
    "picture.kind": _("Taggarr does not know this kind of picture: choose a JPEG, PNG, WebP, GIF or AVIF."),
    "picture.moves": _("This picture is animated: choose a still one."),
    "picture.no-size": _("This picture is cut short or damaged: choose another copy of it."),
    "picture.stalled": _("A picture cannot be decoded now: the decoder %(what)s."),
    "picture.svg": _("This is an SVG, which can hold a program: choose a JPEG, PNG or WebP."),
    "picture.text": _("This is a web page or a text, not a picture."),
    "picture.too-large": _(
        "This picture has %(width)s by %(height)s pixels: make it smaller, at most %(side)s on a side "
        "and %(pixels)s million in all."
    ),
    "picture.unreadable": _("This picture cannot be read: its decoder %(what)s. Choose another."),
    "picture.unready": _("Pictures cannot be decoded now: the decoder runs apart, and %(what)s."),
    "s3.address": _("The S3 storage's address must look like https://s3.example.org."),
    "s3.key-refused": _(
        "The S3 storage refuses the key: check its ID, its secret, its rights, and the clock of this machine."
    ),
    "s3.failing": _("The S3 storage does not work now: it answered %(answer)d. Taggarr tries again."),
    "s3.incomplete": _("The S3 storage needs a bucket, a key ID and its secret."),
    "s3.no-bucket": _("The S3 storage has no such bucket: check the bucket's name."),
    "s3.not-understood": _("The S3 storage does not understand the request: check the region."),
    "s3.other-region": _("The S3 storage's bucket is in another region: enter that region."),
    "s3.silent": _("The S3 storage does not answer (%(error)s): check that it is running."),
    "s3.strange": _("The S3 storage does not answer as S3 does."),
    "s3.unusable": _("The S3 storage cannot be used: %(reason)s"),
    "storage.away": _("The storage is not where it was: check whether its disk is mounted."),
    "storage.damaged": _("Stored files are damaged or gone: %(files)s."),
    "storage.failing": _(
        "The storage in %(folder)s cannot be used: %(reason)s. Check its disk, and whether it is full."
    ),
    "storage.file-gone": _(
        "The file %(file)s is gone from the storage; Taggarr fetches it again where it can."
    ),
    "storage.full": _("The disk of the data folder is full: delete something there."),
    "storage.full-path": _("Enter the storage folder's full path: it begins with /."),
    "storage.moved": _("The storage is not where it was."),
    "storage.not-copied": _("The files stored now are not there: copy them over first."),
    "storage.not-writable": _(
        "The storage in %(folder)s cannot be used: %(reason)s. Make it writable for Taggarr."
    ),
    "storage.unwritten": _("A file cannot be written into the data folder: %(reason)s."),
    "thumbnail.none": _("There is no such thumbnail."),
    "upload.cut-short": _("This upload was cut short: try again."),
    "upload.empty": _("This file is empty: choose another."),
    "upload.negative": _("This upload announces a negative size."),
    "upload.quota": _("Your uploads may take %(size)s MiB, and this one does not fit: delete some first."),
    "upload.too-large": _("This file is larger than %(size)s MiB: choose a smaller one."),
    "upload.too-much": _("More bytes came than this upload announced: try again."),
    "upload.total-quota": _(
        "All uploads together may take %(size)s MiB, and this one does not fit: ask an admin."
    ),
}


def _place(kind: str) -> str:
    return str(PlaceKind(kind).label)


BRINGS = Words(
    texts={**TEXTS, "storage.place": _place},
    audited={"place": _("place for files")},
    jobs={"storage_collect": _("clean-up of unused files"), "storage_check": _("check of kept files")},
)
