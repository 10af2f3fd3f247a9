"""The dashboard and the alert rules ask for metrics that there are; and docs/metrics.md names all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from system.metrics.collector import TaggarrCollector

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parents[3] / "docs"
NAME = re.compile(r"\btaggarr_\w+")


def known() -> set[str]:
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in TaggarrCollector().collect()
    }


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml", "metrics.md"])
def test_every_metric_that_is_named_is_there(name):
    assert set(NAME.findall((DOCS / name).read_text(encoding="utf-8"))) <= known()


def test_every_metric_is_described():
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert known() == set(NAME.findall(text))


def test_dashboard_and_rules_can_be_read():
    assert json.loads((DOCS / "grafana.json").read_text(encoding="utf-8"))["panels"]
    (group,) = yaml.safe_load((DOCS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    assert all(rule["alert"] and rule["expr"] and rule["annotations"]["summary"] for rule in group["rules"])
