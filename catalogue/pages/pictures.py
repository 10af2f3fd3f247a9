"""The pictures of a work and of its copies: looked at, uploaded, put in front, removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalogue import pictures, scope
from catalogue.models import OF_COPY, OF_WORK, Copy, Picture, Work
from core.numbers import number_in
from web.access import member_action, member_page, user_of
from web.forms import errors_at
from web.parts import done, errors_shown


class PictureForm(forms.Form):
    """A picture, and what it shows: of the work, or of one of the copies that the visitor may change."""

    shows = forms.ChoiceField(label=gettext_lazy("What it shows"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(self, *args: Any, work: Work, user: User) -> None:
        super().__init__(*args)
        rows = scope.changeable_copies(user).filter(edition__work=work).order_by("pk")
        self._things: dict[str, tuple[Work | Copy, str]] = {}
        choices: list[tuple[Any, Any]] = []
        if scope.may_change(user, work):
            choices += [(one.value, one.label) for one in OF_WORK]
            self._things |= {one.value: (work, one.value) for one in OF_WORK}
        for copy in rows:
            named = {f"{copy.pk}-{one.value}": one for one in OF_COPY}
            choices.append((copy.number, [(key, one.label) for key, one in named.items()]))
            self._things |= {key: (copy, one.value) for key, one in named.items()}
        self.fields["shows"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField

    @property
    def is_of_any_use(self) -> bool:
        return bool(self._things)

    def add(self, user: User) -> Picture:
        """Take in what was chosen. Raises as `pictures.add`."""
        thing, shows = self._things[self.cleaned_data["shows"]]
        file: UploadedFile[Any] = self.cleaned_data["file"]
        return pictures.add(file.chunks(), user, thing, shows, announced=file.size)


@member_page
def work_pictures(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the pictures of a work, and a form for the next one."""
    return _shown(request, _work(request, pk))


@member_action
def collection_picture_upload(request: HttpRequest) -> HttpResponse:
    """Take in a picture of the `work` that was posted; what is wrong with it stands at the form."""
    user, work = user_of(request), _work(request, number_in(request.POST.get("work", "")) or 0)
    form = PictureForm(request.POST, request.FILES, work=work, user=user)
    if form.is_valid():
        with errors_at(form):
            added = form.add(user)
            done(request, _("The picture is there."), undo=reverse("picture_remove", args=[added.pk]))
            return redirect("work_pictures", work.pk)
    return _shown(request, work, form)


@member_action
def picture_first(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a picture before the others."""
    picture = _picture(request, pk)
    with errors_shown(request):
        pictures.put_first(picture, user_of(request))
        done(request, _("It is shown first now."))
    return redirect("work_pictures", picture.work_id)


@member_action
def picture_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a picture into the trash."""
    picture = _picture(request, pk)
    with errors_shown(request):
        pictures.remove(picture, user_of(request))
        done(request, _("The picture is in the trash."), undo=reverse("picture_restore", args=[pk]))
    return redirect("work_pictures", picture.work_id)


@member_action
def picture_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a picture out of the trash."""
    works = scope.works(user_of(request))
    picture = get_object_or_404(Picture.objects.filter(deleted_at__isnull=False, work__in=works), pk=pk)
    with errors_shown(request):
        pictures.restore(picture, user_of(request))
        done(request, _("The picture is back."))
    return redirect("work_pictures", picture.work_id)


def _shown(request: HttpRequest, work: Work, form: PictureForm | None = None) -> HttpResponse:
    user = user_of(request)
    form = form or PictureForm(work=work, user=user)
    if not form.is_of_any_use:
        raise Http404
    copies = set(scope.changeable_copies(user).filter(edition__work=work).values_list("pk", flat=True))
    may = scope.may_change(user, work)
    rows = scope.pictures(user, [work.pk]).select_related("copy").order_by("place", "pk")
    context = {
        "work": work,
        "form": form,
        "pictures": [(one, one.copy_id in copies if one.copy_id else may) for one in rows],
        "most": pictures.MOST,
    }
    return render(request, "catalogue/pictures.html", context)


def _work(request: HttpRequest, pk: int) -> Work:
    return get_object_or_404(scope.works(user_of(request)), pk=pk)


def _picture(request: HttpRequest, pk: int) -> Picture:
    return get_object_or_404(scope.pictures(user_of(request)), pk=pk)
