"""The addresses of the scanner's pages."""

from __future__ import annotations

from django.urls import path

from scanner.pages import attention, home, instances, library, policies, setup, title, wanted

urlpatterns = [
    path("home/tiles", home.home_tiles, name="home_tiles"),
    path("setup/instance", setup.setup_instance, name="setup_instance"),
    path("setup/instance/<int:pk>/dry-run", setup.setup_dry_run, name="setup_dry_run"),
    path("setup/result/<int:pk>", setup.setup_result, name="setup_result"),
    path("library", library.library, name="library"),
    path("library/change", library.change_many, name="library_change"),
    path("media/<int:pk>/attention", attention.attention_set, name="media_attention"),
    path("wanted", wanted.wanted, name="wanted"),
    path("wanted/attention", attention.attention, name="attention"),
    path("wanted/<slug:slug>", wanted.wanted, name="wanted_list"),
    path("settings/connections/<int:pk>/scan", instances.instance_scan, name="instance_scan"),
    path("settings/connections/<int:pk>/release", instances.instance_release, name="instance_release"),
    path("settings/connections/<int:pk>/adopt", instances.instance_adopt, name="instance_adopt"),
    path("settings/connections/<int:pk>/files", instances.instance_files, name="instance_files"),
    path("settings/policies", policies.policies, name="policies"),
    path("settings/policies/add", policies.policy_add, name="policy_add"),
    path("settings/policies/<int:pk>", policies.policy, name="policy"),
    path("settings/policies/<int:pk>/delete", policies.policy_delete, name="policy_delete"),
    path("media/<int:pk>", title.media, name="media"),
    path("media/<int:pk>/files/<int:file_id>", title.media_file, name="media_file"),
    path("media/<int:pk>/poster", title.poster, name="poster"),
    path("media/<int:pk>/scan-state", title.media_scan_state, name="media_scan_state"),
    path("media/<int:pk>/scan", title.scan_media, name="media_scan"),
    path("media/<int:pk>/replace", title.replace_file, name="media_replace"),
    path("media/<int:pk>/unmonitor", title.unmonitor_file, name="media_unmonitor"),
    path("media/<int:pk>/options", title.media_options, name="media_options"),
]
