"""Every address of the pages, filled in with rows that are there."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from .rows import Rows

ACTIONS = {
    "logout",
    "theme",
    "language",
    "library_change",
    "media_scan",
    "media_replace",
    "media_unmonitor",
    "media_attention",
    "job_cancel",
    "job_retry",
    "item_retry",
    "setup_dry_run",
    "connection_test",
    "connection_delete",
    "instance_scan",
    "instance_release",
    "instance_decline",
    "instance_reconsider",
    "instance_adopt",
    "instance_leave",
    "instance_ask_again",
    "setup_write",
    "policy_delete",
    "user_delete",
    "api_key_delete",
    "schedule_run",
    "channel_test",
    "channel_delete",
    "backup_make",
    "backup_upload",
    "backup_unstage",
    "backup_check",
    "backup_delete",
    "log_level",
    "feature_switch",
    "view_save",
    "view_delete",
    "columns_choose",
    "player_send",
    "player_look",
    "player_pause",
    "player_resume",
    "player_release",
    "player_hold",
    "player_leave",
    "player_decline",
    "player_accept",
    "player_purge",
    "player_titles_change",
    "wanted_players_change",
    "link_again",
    "link_give_back",
    "link_dismiss",
    "link_pin",
    "link_unpin",
    "link_take_back",
    "player_route_add",
    "route_delete",
    "artwork_change",
    "artwork_look",
    "art_publish",
    "art_prepare",
    "art_identify",
    "art_identify_undo",
    "art_edit",
    "art_publish_all",
    "art_release",
    "art_upload",
    "art_answer",
    "art_ask_again",
    "art_unpublish",
    "art_take_off",
    "art_reject",
    "art_take_back",
    "art_verify",
    "art_discard",
    "art_lock",
    "art_leave_out",
    "art_choose",
    "art_undo",
    "media_artwork_look",
    "collection_upload",
    "collection_import_start",
    "collection_decide",
    "work_mine",
    "season_mine",
    "collection_archive",
    "season_remove",
    "work_trash",
    "work_restore",
    "work_unmerge",
    "copy_trash",
    "copy_restore",
    "collection_picture_upload",
    "picture_first",
    "picture_remove",
    "picture_restore",
    "work_delete",
    "copy_delete",
    "trash_empty",
    "box_member_remove",
    "box_member_up",
    "place_merge",
    "place_remove",
    "duplicates_look",
    "duplicate_dismiss",
    "duplicate_ask",
    "library_usual",
    "library_remove",
    "field_remove",
}
"""What is only posted to."""

OWN = {"collection_archive", "view_save", "view_delete", "columns_choose", "work_mine", "season_mine"}
"""What everybody may do, to what is theirs alone."""

PUBLIC = {"login", "setup", "theme", "language", "logout"}
"""What does not ask who is there."""

FOR_ADMINS = {
    "route",
    "connections",
    "connection_add",
    "connection_new",
    "connection",
    "instance_files",
    "import",
    "policies",
    "policy_add",
    "policy",
    "users",
    "user",
    "api_keys",
    "media_options",
    "art_rules",
    "art_rules_live",
    "setup_instance",
    "setup_folders",
    "setup_roots",
    "setup_tags",
    "setup_language",
    "schedule",
    "channels",
    "channel_add",
    "channel_new",
    "channel",
    "deliveries",
    "general",
    "features",
    "backups",
    "backups_live",
    "backup_restore",
    "backup_download",
    "logs",
    "log_download",
    "audit",
    "style",
    "collection_imports",
    "collection_import",
    "collection_import_live",
    "collection_import_undo",
    "collection_import_result",
    "collection_import_template",
    "collection_review",
    "collection_add",
    "collection_trash",
    "work_edit",
    "work_merge",
    "work_pictures",
    "edition_edit",
    "copy_edit",
    "edition_box",
    "work_season_add",
    "season_edit",
    "place_add",
    "place_edit",
    "collection_duplicates",
    "collection_settings",
    "library_add",
    "library_edit",
    "field_add",
    "field_edit",
}
"""Pages that a viewer may not open."""

PICTURES = {"poster", "art_preview", "storage-file", "storage-private"}
FOR_DEBUGGING = {"style"}
"""Pages that are there only where debugging is on."""

DOWNLOADS = {
    *("backup_download", "log_download"),
    *("collection_import_result", "collection_import_template", "collection_export_file"),
}
"""Files that are sent as they are."""

PARTS = {
    "home_card",
    "setup_roots",
    "media_file",
    "media_scan_state",
    "activity_live",
    "job_live",
    "health",
    "backups_live",
    "search_found",
    "menu_badge",
    "players_live",
    "player_state",
    "media_artwork_state",
    "art_rules_live",
    "collection_import_live",
}
"""Parts of pages, which htmx asks for."""


def names() -> list[str]:
    from web.urls import urlpatterns

    return [str(one.name) for one in urlpatterns]


def shown() -> list[str]:
    """The names of all that can be looked at by somebody who is signed in."""
    hidden = ACTIONS | PUBLIC | PICTURES | DOWNLOADS | FOR_DEBUGGING
    return [name for name in names() if name not in hidden]


def address(name: str, rows: Rows, **more: Any) -> str:
    known: dict[str, dict[str, Any]] = {
        "home_card": {"name": "tiles"},
        "view_save": {"page": "library"},
        "view_delete": {"page": "library", "pk": 1},
        "columns_choose": {"page": "library"},
        "media": {"pk": rows.series[0].pk},
        "media_file": {"pk": rows.series[0].pk, "file_id": rows.file.pk},
        "schedule": {"pk": rows.schedule.pk},
        "schedule_run": {"pk": rows.schedule.pk},
        "poster": {"pk": rows.series[0].pk},
        "media_scan_state": {"pk": rows.series[0].pk},
        "media_scan": {"pk": rows.series[0].pk},
        "media_replace": {"pk": rows.series[0].pk},
        "media_unmonitor": {"pk": rows.series[0].pk},
        "media_attention": {"pk": rows.series[0].pk},
        "media_options": {"pk": rows.series[0].pk},
        "media_history": {"pk": rows.series[0].pk},
        "media_players": {"pk": rows.movies[0].pk},
        "media_artwork": {"pk": rows.series[0].pk},
        "media_artwork_state": {"pk": rows.series[0].pk},
        "media_artwork_look": {"pk": rows.series[0].pk},
        "art_slot": {"pk": rows.artwork.pk, "art": "poster"},
        "art_leave_out": {"pk": rows.artwork.pk, "art": "poster"},
        "art_take_off": {"pk": rows.art_never},
        "art_preview": {"pk": rows.art_candidate},
        "art_choose": {"pk": rows.art_candidate},
        "art_reject": {"pk": rows.art_candidate},
        "art_take_back": {"pk": rows.art_candidate},
        "art_release": {"pk": rows.artwork.connection_id},
        "art_undo": {"pk": rows.art_publication},
        "art_unpublish": {"pk": rows.job.pk},
        "wanted_list": {"slug": "wrong"},
        "item_retry": {"pk": rows.failed_item.pk},
        "user": {"pk": more.get("user", 1)},
        "user_delete": {"pk": more.get("user", 1)},
        "api_key_delete": {"pk": 1},
        "channel_new": {"kind": "ntfy"},
        "connection_new": {"kind": "sonarr"},
        "log_download": {"name": "web.log"},
        "collection_export_file": {"form": "table"},
        "menu_badge": {"view": "inbox"},
        "feature_switch": {"key": "original"},
        "storage-file": {"digest": "0" * 64},
        "storage-private": {"digest": "0" * 64, "width": 0, "expires": 1, "token": "x"},
    }
    if name.startswith("backup_") and name not in ("backup_make", "backup_upload", "backup_unstage"):
        known[name] = {"name": rows.backup}
    if name not in known:
        from web.urls import urlpatterns

        route = next(str(one.pattern) for one in urlpatterns if one.name == name)
        if "<int:pk>" in route:
            kind = name.partition("_")[0]
            pk = {
                "instance": rows.sonarr.pk,
                "connection": rows.sonarr.pk,
                "policy": rows.policy.pk,
                "job": rows.job.pk,
                "channel": rows.channel.pk,
                "player": rows.player.pk,
                "art": rows.artwork.pk,
                "route": rows.player.routes_in.values_list("pk", flat=True)[0],
                "work": rows.work.pk,
                "season": rows.season,
                "edition": rows.copy.edition_id,
                "copy": rows.copy.pk,
                "picture": rows.picture.pk,
                "place": rows.copy.location_id,
                "box": rows.copy.edition.members.values_list("pk", flat=True)[0],
                "duplicate": rows.double,
                "library": rows.work.library_id,
                "field": rows.own_field,
                "collection": rows.doubt.pk if name == "collection_decide" else rows.doubt.of_id,
                "link": rows.player.links.order_by("pk").values_list("pk", flat=True)[1],
                "setup": rows.job.pk if name == "setup_result" else rows.sonarr.pk,
            }[kind]
            known[name] = {"pk": pk}
    return reverse(name, kwargs=known.get(name, {}))
