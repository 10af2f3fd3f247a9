"""/metrics, for who has the token or asks from an allowed network, and what the system brings to it."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from core.features import Metrics, brought
from core.metrics import Family, gauge
from core.servers import is_listed
from system.models import KnownIssue
from system.status import version


class AppsCollector(Collector):
    """Asks the database at every scrape, in a number of queries that no library makes larger."""

    def collect(self) -> Iterator[Family]:
        for _, metrics in brought(Metrics):
            for source in metrics.sources:
                yield from source()


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format; 403 for anybody else, and where nobody was allowed."""
    if not (_has_token(request) or _is_near(request)):
        return HttpResponse(
            "Set TAGGARR_METRICS_TOKEN and send it as a bearer token, or name your network in "
            "TAGGARR_METRICS_NETWORKS.\n",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
    registry = CollectorRegistry(auto_describe=False)
    registry.register(AppsCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    fits = hmac.compare_digest(token.strip().encode(), wanted.encode())
    return bool(wanted) and fits and scheme.lower() == "bearer"


def _is_near(request: HttpRequest) -> bool:
    networks = (ipaddress.ip_network(text, strict=False) for text in settings.METRICS_NETWORKS)
    return is_listed(str(request.META.get("REMOTE_ADDR", "")), networks)


def info() -> Iterator[Family]:
    found = gauge("info", "The version that runs; always 1.", ["version"])
    found.add_metric([version()], 1)
    yield found


def health() -> Iterator[Family]:
    found = gauge("health_issues", "Health issues that the last look saw.", ["code"])
    for code, count in KnownIssue.objects.order_by().values_list("code").annotate(Count("pk")):
        found.add_metric([code], count)
    yield found


BRINGS = Metrics((info, health))
