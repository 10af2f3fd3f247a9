"""The addresses of the pages of artwork."""

from __future__ import annotations

from django.urls import path

from artwork.pages import blacklist, inbox, picker, review, rules, title, titles

urlpatterns = [
    path("artwork", titles.artwork, name="artwork"),
    path("wanted/pictures", titles.wanted_pictures, name="wanted_pictures"),
    path("artwork/change", titles.artwork_change, name="artwork_change"),
    path("artwork/look", titles.artwork_look, name="artwork_look"),
    path("artwork/review", review.art_review, name="art_review"),
    path("artwork/review/<int:pk>/answer", review.art_answer, name="art_answer"),
    path("artwork/review/<int:pk>/ask-again", review.art_ask_again, name="art_ask_again"),
    path("artwork/review/jobs/<int:pk>/undo", review.art_unpublish, name="art_unpublish"),
    path("artwork/blacklist", blacklist.art_blacklist, name="art_blacklist"),
    path("artwork/blacklist/<int:pk>/take-off", blacklist.art_take_off, name="art_take_off"),
    path("artwork/rules", rules.art_rules, name="art_rules"),
    path("artwork/rules/live", rules.art_rules_live, name="art_rules_live"),
    path("artwork/review/publish", inbox.art_publish_all, name="art_publish_all"),
    path("artwork/held/<int:pk>/release", inbox.art_release, name="art_release"),
    path("artwork/<int:pk>/publish", title.art_publish, name="art_publish"),
    path("artwork/<int:pk>/verify", title.art_verify, name="art_verify"),
    path("artwork/<int:pk>/discard", title.art_discard, name="art_discard"),
    path("artwork/<int:pk>/lock", title.art_lock, name="art_lock"),
    path("artwork/<int:pk>/pictures/<str:art>", picker.art_slot, name="art_slot"),
    path("artwork/<int:pk>/pictures/<str:art>/none", title.art_leave_out, name="art_leave_out"),
    path("artwork/pictures/upload", picker.art_upload, name="art_upload"),
    path("artwork/pictures/<int:pk>/preview", picker.art_preview, name="art_preview"),
    path("artwork/pictures/<int:pk>/choose", title.art_choose, name="art_choose"),
    path("artwork/pictures/<int:pk>/reject", picker.art_reject, name="art_reject"),
    path("artwork/pictures/<int:pk>/take-back", picker.art_take_back, name="art_take_back"),
    path("artwork/<int:pk>/prepare", title.art_prepare, name="art_prepare"),
    path("artwork/<int:pk>/identify", title.art_identify, name="art_identify"),
    path("artwork/<int:pk>/identify/undo", title.art_identify_undo, name="art_identify_undo"),
    path("artwork/<int:pk>/edit", title.art_edit, name="art_edit"),
    path("artwork/publications/<int:pk>/undo", title.art_undo, name="art_undo"),
    path("media/<int:pk>/artwork", title.media_artwork, name="media_artwork"),
    path("media/<int:pk>/artwork/state", title.media_artwork_state, name="media_artwork_state"),
    path("media/<int:pk>/artwork/look", title.media_artwork_look, name="media_artwork_look"),
]
