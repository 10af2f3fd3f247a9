"""The API of artwork."""

from __future__ import annotations

from django.urls import path

from api.contract import Api, Route

from . import entities, held, pictures, publications, rules

BRINGS = Api(
    routes=(
        Route("artwork/entities/<int:entity_id>/candidates", pictures.Candidates, "art-candidate"),
        Route("artwork/entities/<int:entity_id>/publications", publications.Publications, "art-publication"),
        Route("artwork/blacklist", pictures.Blacklist, "art-blacklist"),
        Route("artwork/held", held.HeldConnections, "art-held"),
        Route("artwork/entities", entities.Entities, "art-entity"),
    ),
    paths=(
        path("artwork/pictures/upload", pictures.Upload.as_view(), name="art-upload"),
        path("artwork/candidates/<int:candidate_id>/preview", pictures.Preview.as_view(), name="art-preview"),
        path(
            "artwork/connections/<int:connection_id>/rules/preview",
            rules.RulesPreview.as_view(),
            name="art-rules",
        ),
        path("artwork/pictures/<str:sha256>", pictures.Picture.as_view(), name="art-picture"),
        path("artwork/pictures/<str:sha256>/thumbnail", pictures.Thumbnail.as_view(), name="art-thumbnail"),
    ),
)
