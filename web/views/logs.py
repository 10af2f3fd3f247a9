"""System → Logs: what the programs say, as they say it or as they wrote it down."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core import live
from core.errors import ConfigError
from system import log_files, log_level
from system.downloads import send_pieces
from system.log_messages import LogMessage, messages_of
from web.access import action, admin_page, download
from web.parts import errors_shown
from web.words import LEVELS, LOGGED, PROGRAMS, word

RECENT = 300


@admin_page
def logs(request: HttpRequest) -> HttpResponse:
    level = request.GET.get("level", "")
    level = level if level in log_level.LEVELS else "info"
    name, text = request.GET.get("file", ""), request.GET.get("q", "").replace("\0", "").strip()[:100]
    with errors_shown(request):
        context: dict[str, Any] = {
            "lines": _of_file(name, level, text) if name else _live(level, text),
            "file": name,
            "files": [(one, program_name(one.name)) for one in log_files.list_logs()],
            "level": level,
            "levels": log_level.LEVELS,
            "blank": LogMessage("info", "", timezone.now(), "-"),
            "words": json.dumps({"levels": LEVELS, "values": LOGGED}, cls=DjangoJSONEncoder),
            "current": log_level.current(),
            "q": text,
        }
        return render(request, "web/logs.html", context)
    return redirect("logs")


@download
def log_download(request: HttpRequest, name: str) -> StreamingHttpResponse:
    try:
        log_files.path_of(name)
    except ConfigError as error:
        raise Http404(str(error)) from None
    return send_pieces(
        log_files.pieces(name), name, "text/plain; charset=utf-8", kind="log", head=request.method == "HEAD"
    )


@action
def log_level_change(request: HttpRequest) -> HttpResponse:
    with errors_shown(request):
        log_level.set_level(request.POST.get("level", ""))
        now = word(LEVELS, log_level.current())
        told = _("The log level is now “%s”; every program follows within ten seconds.") % now
        messages.success(request, told)
    return redirect("general" if request.POST.get("back") == "general" else "logs")


def program_name(file: str) -> str:
    """What the program is called that wrote a file, such as `worker-io.log` or `web.log.1`."""
    program, _dot, older = file.partition(".log")
    called = word(PROGRAMS, program)
    return (
        _("%(program)s (older: %(number)s)") % {"program": called, "number": older[1:]} if older else called
    )


def _of_file(name: str, level: str, text: str) -> list[LogMessage]:
    return messages_of(log_files.find_lines(name, level=level, text=text))


def _live(level: str, text: str) -> list[LogMessage]:
    least, sought = log_files.LEVELS.index(level), text.lower()

    def fits(line: dict[str, Any]) -> bool:
        said = f"{line['message']} {line['logger']}".lower()
        return log_files.LEVELS.index(line["level"]) >= least and sought in said

    return [
        LogMessage(line["level"], line["message"], time, line["logger"], line.get("values", {}))
        for time, line in live.recent("log", RECENT, fits)
    ]
