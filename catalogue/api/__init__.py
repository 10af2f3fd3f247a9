"""The API of the collection."""

from __future__ import annotations

from django.urls import path

from api.contract import Api, Route

from . import arranging, exports, formats, imports, lacking, lookup, pictures, seasons, shelves, works

BRINGS = Api(
    routes=(
        Route("collection/works/<int:work_id>/changes", works.Changes, "collection-change"),
        Route("collection/works/<int:work_id>/copies", shelves.CopiesOfWork, "collection-work-copy"),
        Route("collection/works/<int:work_id>/editions", shelves.EditionsOfWork, "collection-work-edition"),
        Route("collection/works/<int:work_id>/seasons", seasons.Seasons, "collection-season"),
        Route("collection/works", works.Works, "collection-work"),
        Route("collection/editions", shelves.Editions, "collection-edition"),
        Route("collection/copies", shelves.Copies, "collection-copy"),
        Route("collection/pictures", pictures.Pictures, "collection-picture"),
        Route("collection/places", shelves.Places, "collection-place"),
        Route("collection/libraries", arranging.Libraries, "collection-library"),
        Route("collection/own-fields", arranging.OwnFields, "collection-own-field"),
        Route("collection/duplicates", arranging.Duplicates, "collection-duplicate"),
        Route("collection/imports/<int:import_id>/rows", imports.Rows, "collection-import-row"),
        Route("collection/imports", imports.Imports, "collection-import"),
        Route("collection/reviews", imports.Reviews, "collection-review"),
    ),
    paths=(
        path("collection/export", exports.Export.as_view(), name="collection-export"),
        path("collection/gaps", lacking.Gaps.as_view(), name="collection-gaps"),
        path("collection/imports/formats", formats.Formats.as_view(), name="collection-formats"),
        path("collection/imports/template.csv", formats.Template.as_view(), name="collection-template"),
        path("collection/lookup", lookup.Lookup.as_view(), name="collection-lookup"),
        path("collection/trash", arranging.Trash.as_view(), name="collection-trash"),
    ),
)
"""Works with their editions and copies, and the lists that brought them."""
