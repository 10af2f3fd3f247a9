"""The addresses of the pages of the collection."""

from __future__ import annotations

from django.urls import path

from catalogue.pages import collection, imports, review, work

urlpatterns = [
    path("collection", collection.collection, name="collection"),
    path("collection/works/<int:pk>", work.work, name="work"),
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
