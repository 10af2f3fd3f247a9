"""The dashboard and the alert rules ask for metrics that there are; docs/metrics.md has a table of all.

`WRITE_METRICS=1 script/test tests/system/metrics` writes that table anew.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.features import Metrics, brought
from core.metrics import Family

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parents[3] / "docs"
NAME = re.compile(r"\btaggarr_\w+")
TABLE = re.compile(r"<!-- metrics -->\n(?:\|.*\n)*")
WRITE = "WRITE_METRICS"


def families() -> list[Family]:
    """What /metrics tells where every feature is on."""
    found = brought(Metrics, also_off=True)
    return [family for _, metrics in found for source in metrics.sources for family in source()]


def name_of(family: Family) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def known() -> set[str]:
    return {name_of(family) for family in families()}


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
def test_every_metric_that_is_named_is_there(name):
    assert set(NAME.findall((DOCS / name).read_text(encoding="utf-8"))) <= known()


def table() -> str:
    """What each metric declares of itself."""
    rows = [
        f"| `{name_of(family)}` | {', '.join(family._labelnames)} | {family.documentation} |"
        for family in families()
    ]
    return "\n".join(["<!-- metrics -->", "| metric | labels | what it is |", "|---|---|---|", *rows, ""])


def test_the_table_of_metrics_is_up_to_date():
    page = DOCS / "metrics.md"
    text = page.read_text(encoding="utf-8")
    wanted = TABLE.sub(lambda _: table(), text)
    if WRITE in os.environ:
        page.write_text(wanted, encoding="utf-8")
    assert text == wanted, f"make it anew: {WRITE}=1 script/test tests/system/metrics"


def dashboard() -> list[str]:
    """What the panels and the variables of the dashboard ask for."""
    found = json.loads((DOCS / "grafana.json").read_text(encoding="utf-8"))
    targets = [target["expr"] for panel in found["panels"] for target in panel.get("targets", ())]
    variables = [one["query"] for one in found["templating"]["list"] if one["type"] == "query"]
    return targets + [one["query"] if isinstance(one, dict) else one for one in variables]


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DOCS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def test_the_panels_and_rules_are_complete():
    assert len(dashboard()) > 10
    for rule in rules():
        assert rule["alert"]
        assert rule["annotations"]["summary"]


def test_every_question_names_labels_that_its_metrics_have():
    labels = {name_of(family): set(family._labelnames) for family in families()}
    for question in [*dashboard(), *(rule["expr"] for rule in rules())]:
        assert question.count("(") == question.count(")"), question
        for name, chosen in re.findall(r"\b(taggarr_\w+)\{([^}]*)\}", question):
            assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", chosen)) <= labels[name], question
        grouped = {one.strip() for by in re.findall(r"\bby \(([^)]*)\)", question) for one in by.split(",")}
        for name in NAME.findall(question):
            assert grouped <= labels[name], question


def test_the_panels_name_the_labels_that_their_answers_have():
    """A legend such as {{instance}} of a metric without that label would stay empty."""
    known_labels = {name for family in families() for name in family._labelnames}
    text = (DOCS / "grafana.json").read_text(encoding="utf-8")
    assert set(re.findall(r"\{\{\s*(\w+)\s*\}\}", text)) <= known_labels
