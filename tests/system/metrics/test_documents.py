"""The dashboard and the alert rules ask for metrics that there are; and docs/metrics.md names all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from system.metrics import AppsCollector

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parents[3] / "docs"
NAME = re.compile(r"\btaggarr_\w+")


def known() -> set[str]:
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in AppsCollector().collect()
    }


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml", "metrics.md"])
def test_every_metric_that_is_named_is_there(name):
    assert set(NAME.findall((DOCS / name).read_text(encoding="utf-8"))) <= known()


def test_every_metric_is_described():
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert known() == set(NAME.findall(text))


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
    labels = {
        f"{family.name}_total" if family.type == "counter" else family.name: set(family._labelnames)
        for family in AppsCollector().collect()
    }
    for question in [*dashboard(), *(rule["expr"] for rule in rules())]:
        assert question.count("(") == question.count(")"), question
        for name, chosen in re.findall(r"\b(taggarr_\w+)\{([^}]*)\}", question):
            assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", chosen)) <= labels[name], question
        grouped = {one.strip() for by in re.findall(r"\bby \(([^)]*)\)", question) for one in by.split(",")}
        for name in NAME.findall(question):
            assert grouped <= labels[name], question


def test_the_panels_name_the_labels_that_their_answers_have():
    """A legend such as {{instance}} of a metric without that label would stay empty."""
    known_labels = {name for family in AppsCollector().collect() for name in family._labelnames}
    text = (DOCS / "grafana.json").read_text(encoding="utf-8")
    assert set(re.findall(r"\{\{\s*(\w+)\s*\}\}", text)) <= known_labels
