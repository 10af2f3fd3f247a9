"""The rules of types of pictures in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from artwork.choice.rules import NAMES, parse_rule
from artwork.choice.scoring import Weights
from core.words import Phrase


def rules_told(pairs: Sequence[Mapping[str, str]]) -> list[Phrase]:
    """Each rule of a connection, as its fields hold them, in a line."""
    told = ((one["type"], rule_told(parse_rule(one["type"], one["rule"]))) for one in pairs)
    return [Phrase("artwork.rule-of", art=Phrase(f"art.{art}"), parts=parts) for art, parts in told]


def rule_told(rule: Mapping[str, Any]) -> list[Phrase]:
    """What a rule says, part by part; nothing where all is as usual."""
    if rule.get("most") == 0:
        return [Phrase("artwork.rule-says-none")]
    return [_part(name, rule[name]) for name in NAMES if name in rule]


def _part(name: str, value: Any) -> Phrase:
    match name:
        case "languages":
            return Phrase("artwork.rule-says-languages", languages=value)
        case "tiers":
            return Phrase("artwork.rule-says-tiers" if value else "artwork.rule-says-no-tiers")
        case "tolerance":
            return Phrase("artwork.rule-says-tolerance", percent=round(value * 100))
        case "weights":
            names = [field.name for field in fields(Weights)]
            return Phrase("artwork.rule-says-weights", **dict(zip(names, value, strict=True)))
    return Phrase(f"artwork.rule-says-{name}", number=value)
