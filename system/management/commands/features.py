"""`manage.py features`: what every app brings, and which features are on."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from core.console import PlainCommand, table_of
from core.features import App, Feature, bring, kinds, ours


class Command(PlainCommand):
    help = "List what every app brings to the platform, and which features are switched on."
    has_json = True

    def run(self, **_: Any) -> None:
        rows = [(app.label, _state(app), "; ".join(_brought(app))) for app in ours()]
        document = [dict(zip(("app", "state", "brings"), row, strict=True)) for row in rows]
        self.answer(document, [table_of("app", "state", "brings", rows=rows)])


def _state(app: App) -> str:
    return ("on" if app.is_on else "off") if isinstance(app, Feature) else "platform"


def _brought(app: App) -> list[str]:
    told = ["pages"] if app.has("urls") else []
    for module, kind in sorted(kinds().items()):
        if what := bring(app, kind):
            told += [
                f"{module}.{one.name}: {len(value)}"
                for one in fields(what)  # type: ignore[arg-type]  # every kind is a dataclass
                if isinstance(value := getattr(what, one.name), tuple | dict) and value
            ]
    return told
