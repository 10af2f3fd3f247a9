"""Everything the stand-ins answer, and everything they take, follows the OpenAPI documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.arr.api import routes
from demo.arr.process import StandIn
from demo.arr.state import Kind
from demo.library import build_library
from tests.demo.conftest import Caller
from tests.demo.openapi import check, check_request, document

SONARR_ANSWERS = [
    ("system/status", "SystemResource", {}),
    ("series", "SeriesResource", {}),
    ("series/1", "SeriesResource", {}),
    ("episode", "EpisodeResource", {"seriesId": 1}),
    ("episodefile", "EpisodeFileResource", {"seriesId": 1}),
    ("episodefile/1", "EpisodeFileResource", {}),
    ("tag", "TagResource", {}),
    ("tag/1", "TagResource", {}),
    ("tag/detail", "TagDetailsResource", {}),
    ("tag/detail/1", "TagDetailsResource", {}),
    ("rootfolder", "RootFolderResource", {}),
]
RADARR_ANSWERS = [
    ("system/status", "SystemResource", {}),
    ("movie", "MovieResource", {}),
    ("movie/1", "MovieResource", {}),
    ("moviefile", "MovieFileResource", {"movieId": 1}),
    ("moviefile/1", "MovieFileResource", {}),
    ("tag", "TagResource", {}),
    ("tag/detail", "TagDetailsResource", {}),
    ("rootfolder", "RootFolderResource", {}),
]


@pytest.mark.parametrize(("path", "schema", "params"), SONARR_ANSWERS)
def test_sonarr_answers_follow_the_schema(
    call_sonarr: Caller, path: str, schema: str, params: dict[str, int]
) -> None:
    response = call_sonarr("GET", path, **params)
    assert response.status_code == 200
    assert response.json()
    check("sonarr", schema, response.json())


@pytest.mark.parametrize(("path", "schema", "params"), RADARR_ANSWERS)
def test_radarr_answers_follow_the_schema(
    call_radarr: Caller, path: str, schema: str, params: dict[str, int]
) -> None:
    response = call_radarr("GET", path, **params)
    assert response.status_code == 200
    assert response.json()
    check("radarr", schema, response.json())


def test_sonarr_takes_bodies_of_the_schema_and_answers_in_it(sonarr: StandIn, call_sonarr: Caller) -> None:
    series = call_sonarr("GET", "series/1").json()
    sent = [
        call_sonarr("POST", "tag", {"label": "dub"}),
        call_sonarr("PUT", "tag/1", {"id": 1, "label": "children"}),
        call_sonarr("PUT", "series/editor", {"seriesIds": [1, 2], "tags": [2], "applyTags": "add"}),
        call_sonarr("PUT", "series/1", series),
        call_sonarr("POST", "command", {"name": "RescanSeries", "seriesId": 1}),
    ]
    assert [response.status_code for response in sent] == [201, 202, 202, 202, 201]
    schemas = ["TagResource", "TagResource", "SeriesResource", "SeriesResource", "CommandResource"]
    for response, schema in zip(sent, schemas, strict=True):
        check("sonarr", schema, response.json())
    check("sonarr", "CommandResource", call_sonarr("GET", "command").json())
    # The command's own arguments (seriesId) stand beside the schema, in the documents of both applications.
    changing = [entry for entry in sonarr.journal() if entry["method"] in ("POST", "PUT")][:-1]
    assert [check_request("sonarr", entry) for entry in changing] == [True] * 4


def test_radarr_takes_bodies_of_the_schema_and_answers_in_it(radarr: StandIn, call_radarr: Caller) -> None:
    movie = call_radarr("GET", "movie/1").json()
    sent = [
        call_radarr("PUT", "movie/editor", {"movieIds": [1, 2], "tags": [1], "applyTags": "remove"}),
        call_radarr("PUT", "movie/1", movie),
    ]
    assert [response.status_code for response in sent] == [202, 202]
    for response in sent:
        check("radarr", "MovieResource", response.json())
    assert [check_request("radarr", entry) for entry in radarr.journal("PUT")] == [True, True]


@pytest.mark.parametrize("kind", ["sonarr", "radarr"])
def test_the_whole_demo_library_follows_the_schema(kind: Kind, tmp_path: Path) -> None:
    state = build_library(tmp_path).state(kind)
    with StandIn(kind, state) as stand_in:
        call = Caller(stand_in)
        media = call("GET", "series" if kind == "sonarr" else "movie").json()
        check(kind, "SeriesResource" if kind == "sonarr" else "MovieResource", media)
        assert len(media) == len(state.media)
        if kind == "sonarr":
            for number in state.media:
                check(kind, "EpisodeResource", call("GET", "episode", seriesId=number).json())
                check(kind, "EpisodeFileResource", call("GET", "episodefile", seriesId=number).json())
        call.session.close()


def test_every_endpoint_of_the_stand_ins_is_documented() -> None:
    for kind in ("sonarr", "radarr"):
        known = document(kind)["paths"]
        for route in routes(kind):
            path = route.path.replace("{id:int}", "1")
            fitting = [one for one in known if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path)]
            assert fitting, path
            template = min(fitting, key=lambda one: one.count("{"))
            assert {method.lower() for method in route.methods or ()} - {"head"} <= set(known[template])


def test_a_body_outside_the_schema_is_noticed() -> None:
    with pytest.raises(AssertionError, match="SeriesEditorResource"):
        check("sonarr", "SeriesEditorResource", {"seriesIds": ["1"]})
    with pytest.raises(AssertionError, match="TagResource"):
        check("sonarr", "TagResource", [{"id": 1, "name": "not a property of a tag"}])


def test_a_request_to_an_unknown_endpoint_is_not_called_checked() -> None:
    document("sonarr")
    assert not check_request("sonarr", {"method": "GET", "path": "/api/v3/series", "body": None})
