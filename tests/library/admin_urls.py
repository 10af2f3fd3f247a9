"""An admin site of its own for the bases that another app registers with its actions."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from library.admin import FileAdmin, InstanceAdminBase, MediaAdminBase, PolicyAdminBase
from library.models import File, Instance, Media, Policy

site = admin.AdminSite(name="admin")
site.register(Instance, InstanceAdminBase)
site.register(Media, MediaAdminBase)
site.register(Policy, PolicyAdminBase)
site.register(File, FileAdmin)

urlpatterns = [path("admin/", site.urls)]
