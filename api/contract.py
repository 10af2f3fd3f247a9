"""What an app brings to the API, in its package `api`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from core.features import App, Brings, brought, contribution

from .problems import not_found

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Route:
    """The resource at `prefix`, whose addresses are named after `name`."""

    prefix: str
    viewset: type[GenericViewSet[Any]]
    name: str


@contribution
@dataclass(frozen=True)
class Api(Brings):
    """The resources of an app, other addresses, and what its jobs take that are started by their name."""

    MODULE = "api"

    routes: tuple[Route, ...] = ()
    paths: tuple[URLPattern, ...] = ()
    job_params: Mapping[str, type[Serializer[Any]]] = field(default_factory=dict)


def job_params() -> dict[str, type[Serializer[Any]]]:
    """What the jobs take that can be started by their name (`jobs.contract`)."""
    return {name: takes for _, api in brought(Api, also_off=True) for name, takes in api.job_params.items()}


def mounted() -> list[URLPattern]:
    """The addresses that apps bring; those of a feature that is switched off answer 404."""
    found: list[URLPattern] = []
    for app, api in brought(Api, also_off=True):
        router = SimpleRouter(trailing_slash=False, use_regex_path=False)
        for route in api.routes:
            router.register(route.prefix, route.viewset, basename=route.name)
        for pattern in cast("list[URLPattern]", [*router.urls, *api.paths]):
            pattern.callback = _while_on(app, cast("View", pattern.callback))
            found.append(pattern)
    return found


def _while_on(app: App, view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if app.is_on else not_found(request)

    return answer
