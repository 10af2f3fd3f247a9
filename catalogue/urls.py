"""The addresses of the pages of the collection."""

from __future__ import annotations

from django.urls import path

from catalogue.pages import collection, editing, imports, merging, pictures, review, work

urlpatterns = [
    path("collection", collection.collection, name="collection"),
    path("collection/add", editing.collection_add, name="collection_add"),
    path("collection/trash", editing.collection_trash, name="collection_trash"),
    path("collection/works/<int:pk>", work.work, name="work"),
    path("collection/works/<int:pk>/edit", editing.work_edit, name="work_edit"),
    path("collection/works/<int:pk>/mine", editing.work_mine, name="work_mine"),
    path("collection/works/<int:pk>/trash", editing.work_trash, name="work_trash"),
    path("collection/works/<int:pk>/restore", editing.work_restore, name="work_restore"),
    path("collection/works/<int:pk>/merge", merging.work_merge, name="work_merge"),
    path("collection/works/<int:pk>/unmerge", merging.work_unmerge, name="work_unmerge"),
    path("collection/works/<int:pk>/pictures", pictures.work_pictures, name="work_pictures"),
    path("collection/pictures/upload", pictures.collection_picture_upload, name="collection_picture_upload"),
    path("collection/pictures/<int:pk>/first", pictures.picture_first, name="picture_first"),
    path("collection/pictures/<int:pk>/remove", pictures.picture_remove, name="picture_remove"),
    path("collection/pictures/<int:pk>/restore", pictures.picture_restore, name="picture_restore"),
    path("collection/editions/<int:pk>/edit", editing.edition_edit, name="edition_edit"),
    path("collection/copies/<int:pk>/edit", editing.copy_edit, name="copy_edit"),
    path("collection/copies/<int:pk>/trash", editing.copy_trash, name="copy_trash"),
    path("collection/copies/<int:pk>/restore", editing.copy_restore, name="copy_restore"),
    path("collection/imports", imports.collection_imports, name="collection_imports"),
    path("collection/imports/upload", imports.collection_upload, name="collection_upload"),
    path("collection/imports/<int:pk>", imports.collection_import, name="collection_import"),
    path("collection/imports/<int:pk>/live", imports.collection_import_live, name="collection_import_live"),
    path(
        "collection/imports/<int:pk>/start", imports.collection_import_start, name="collection_import_start"
    ),
    path("collection/imports/<int:pk>/undo", imports.collection_import_undo, name="collection_import_undo"),
    path(
        "collection/imports/<int:pk>/result.csv",
        imports.collection_import_result,
        name="collection_import_result",
    ),
    path("collection/review", review.collection_review, name="collection_review"),
    path("collection/review/<int:pk>", review.collection_decide, name="collection_decide"),
]
