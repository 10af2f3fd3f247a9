"""The addresses of the scanner's pages."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from scanner.pages import answers, attention, instances, library, policies, setup, title, wanted
from scanner.pages.wanted_rows import LISTS


class WantedSlug(SlugConverter):
    """The name of a list: other features have their own addresses below `wanted`."""

    regex = "|".join(one.slug for one in LISTS)


register_converter(WantedSlug, "wanted_slug")

urlpatterns = [
    path("setup/instance", setup.setup_instance, name="setup_instance"),
    path("setup/<int:pk>/folders", setup.setup_folders, name="setup_folders"),
    path("setup/<int:pk>/roots", setup.setup_roots, name="setup_roots"),
    path("setup/<int:pk>/tags", setup.setup_tags, name="setup_tags"),
    path("setup/<int:pk>/languages", setup.setup_language, name="setup_language"),
    path("setup/<int:pk>/dry-run", setup.setup_dry_run, name="setup_dry_run"),
    path("setup/<int:pk>/write", setup.setup_write, name="setup_write"),
    path("setup/result/<int:pk>", setup.setup_result, name="setup_result"),
    path("library", library.library, name="library"),
    path("library/change", library.change_many, name="library_change"),
    path("media/<int:pk>/attention", attention.attention_set, name="media_attention"),
    path("wanted", wanted.wanted, name="wanted"),
    path("wanted/attention", attention.attention, name="attention"),
    path("wanted/<wanted_slug:slug>", wanted.wanted, name="wanted_list"),
    path("settings/connections/<int:pk>/scan", instances.instance_scan, name="instance_scan"),
    path("settings/connections/<int:pk>/held", answers.instance_held, name="instance_held"),
    path("settings/connections/<int:pk>/release", answers.instance_release, name="instance_release"),
    path("settings/connections/<int:pk>/decline", answers.instance_decline, name="instance_decline"),
    path("settings/connections/<int:pk>/reconsider", answers.instance_reconsider, name="instance_reconsider"),
    path("settings/connections/<int:pk>/tags", answers.instance_tags, name="instance_tags"),
    path("settings/connections/<int:pk>/adopt", answers.instance_adopt, name="instance_adopt"),
    path("settings/connections/<int:pk>/leave", answers.instance_leave, name="instance_leave"),
    path("settings/connections/<int:pk>/ask-again", answers.instance_ask_again, name="instance_ask_again"),
    path("settings/connections/<int:pk>/files", instances.instance_files, name="instance_files"),
    path("settings/policies", policies.policies, name="policies"),
    path("settings/policies/add", policies.policy_add, name="policy_add"),
    path("settings/policies/<int:pk>", policies.policy, name="policy"),
    path("settings/policies/<int:pk>/delete", policies.policy_delete, name="policy_delete"),
    path("media/<int:pk>", title.media, name="media"),
    path("media/<int:pk>/history", title.media_history, name="media_history"),
    path("media/<int:pk>/files/<int:file_id>", title.media_file, name="media_file"),
    path("media/<int:pk>/poster", title.poster, name="poster"),
    path("media/<int:pk>/scan-state", title.media_scan_state, name="media_scan_state"),
    path("media/<int:pk>/scan", title.scan_media, name="media_scan"),
    path("media/<int:pk>/replace", title.replace_file, name="media_replace"),
    path("media/<int:pk>/unmonitor", title.unmonitor_file, name="media_unmonitor"),
    path("media/<int:pk>/options", title.media_options, name="media_options"),
]
