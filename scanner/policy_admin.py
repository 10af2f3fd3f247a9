"""Policies in the admin: a change that changes verdicts is shown before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.admin import actor_of
from scanner.languages.names import named
from scanner.models import Policy

from .forms import POLICY_FIELDSETS, LanguagePolicyForm
from .policies import PolicyPreview, delete_policy, preview_policy, save_policy

CONFIRMED = "_confirmed"
"""The field of a form whose preview was shown."""


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = LanguagePolicyForm
    list_display = ("name", "languages", "label_dub", "label_semi_dub", "label_wrong_dub", "used_by")
    search_fields = ("name",)
    fieldsets = POLICY_FIELDSETS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return super().get_queryset(request).prefetch_related("scan_settings__connection")

    @admin.display(description="Used by")
    def used_by(self, policy: Policy) -> str:
        return ", ".join(sorted(settings.connection.name for settings in policy.scan_settings.all()))

    @admin.display(description="Target languages")
    def languages(self, policy: Policy) -> str:
        return ", ".join(map(named, policy.target_languages))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form; and before a change is saved that changes verdicts or tags, what it would do."""
        if request.method == "POST" and object_id is not None and CONFIRMED not in request.POST:
            preview = self._preview(request, object_id)
            if preview is not None and (preview.changed or preview.labels):
                return self._ask(request, object_id, preview)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _preview(self, request: HttpRequest, object_id: str) -> PolicyPreview | None:
        """What the posted form would do; None where it cannot be saved as it is."""
        policy = self.get_object(request, object_id)
        if policy is None or not self.has_change_permission(request, policy):
            return None
        form = self.get_form(request, policy, change=True)(request.POST, instance=policy)
        return preview_policy(form.save(commit=False)) if form.is_valid() else None

    def _ask(self, request: HttpRequest, object_id: str, preview: PolicyPreview) -> HttpResponse:
        posted = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
        context = {
            **self.admin_site.each_context(request),
            "title": "Save this policy?",
            "opts": self.opts,
            "policy": self.get_object(request, object_id),
            "preview": preview,
            "changes": sorted(preview.changes.items(), key=lambda change: -change[1]),
            "posted": [(name, value) for name, value in posted if name != "csrfmiddlewaretoken"],
            "confirmed": CONFIRMED,
        }
        return TemplateResponse(request, "admin/scanner/policy/confirm.html", context)

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:  # noqa: ARG002
        if job := save_policy(obj, user=actor_of(request)):
            self.message_user(request, f"{obj}: {job} decides its series and movies anew.")

    def delete_model(self, request: HttpRequest, obj: Policy) -> None:
        delete_policy(obj, user=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        for policy in list(queryset):
            self.delete_model(request, policy)
