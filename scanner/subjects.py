"""How jobs, history and notifications show a series or movie."""

from __future__ import annotations

from django.db.models import Case, QuerySet, TextField, Value, When
from django.db.models.functions import Concat
from django.urls import reverse

from core.subjects import SubjectKind, Subjects
from library.models import MEDIA, Media


def _titles() -> QuerySet[Media]:
    """Titles as `str(media)` makes them."""
    dated = Concat("title", Value(" ("), "year", Value(")"), output_field=TextField())
    shown = Case(When(year__gt=0, then=dated), default="title", output_field=TextField())
    return Media.objects.annotate(subject_title=shown)


BRINGS = Subjects({MEDIA: SubjectKind(_titles, lambda pk: reverse("media", args=[pk]))})
