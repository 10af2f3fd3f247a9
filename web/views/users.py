"""Settings → Users and API keys."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.keys import create_key, delete_key
from accounts.models import ApiKey, User
from accounts.sessions import keep_signed_in
from accounts.users import add_user, delete_user, edit_user
from web.access import personal_action, personal_page, user_of
from web.forms import ApiKeyForm, UserForm, errors_at
from web.parts import errors_shown


@personal_page
def users(request: HttpRequest) -> HttpResponse:
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            added = add_user(**form.cleaned_data)
            messages.success(request, _("%s can sign in now.") % added.username)
            return redirect("users")
    return render(request, "web/users.html", {"users": User.objects.order_by("username"), "form": form})


@personal_page
def user(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    initial = {name: getattr(found, name) for name in ("username", "role", "email", "is_active")}
    form = UserForm(request.POST or None, initial=initial, known=True)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            edit_user(found, **form.cleaned_data)
            if found.pk == user_of(request).pk:
                keep_signed_in(request, found)
            messages.success(request, _("Saved."))
            return redirect("users")
    return render(request, "web/user.html", {"found": get_object_or_404(User, pk=pk), "form": form})


@personal_action
def user_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    with errors_shown(request):
        delete_user(found)
        messages.success(request, _("%s is deleted.") % found.username)
    return redirect("users")


@personal_page
def api_keys(request: HttpRequest) -> HttpResponse:
    form, made = ApiKeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        owner = user_of(request)
        with errors_at(form):
            _key, made = create_key(owner, **form.asked())
            form = ApiKeyForm()
    keys = ApiKey.objects.select_related("owner")
    return render(
        request, "web/api_keys.html", {"keys": keys, "form": form, "made": made, "now": timezone.now()}
    )


@personal_action
def api_key_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ApiKey, pk=pk)
    delete_key(found)
    messages.success(request, _("%s no longer works.") % found.name)
    return redirect("api_keys")
