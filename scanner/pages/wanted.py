"""What is missing, wrong, undetermined or unreadable."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from connections.models import Connection
from scanner.pages.wanted_rows import LISTS, wanted_list, wanted_page
from web.access import page
from web.lists import Filter, Toolbar
from web.parts import number_of


@page
def wanted(request: HttpRequest, slug: str = LISTS[0].slug) -> HttpResponse:
    chosen = wanted_list(slug)
    connection = number_of(request, "instance", 0)
    found, total = wanted_page(chosen, request.GET.get("at", ""), connection=connection)
    instances = Connection.objects.filter(source__isnull=False)
    return render(
        request,
        "scanner/wanted.html",
        {
            "lists": LISTS,
            "chosen": chosen,
            "found": found,
            "total": total,
            "toolbar": Toolbar(filters=[Filter.of_connections(connection, instances)]),
        },
    )
