"""What statements in the product keep to, that PostgreSQL shows only now and then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.test_imports import modules

_OUTSIDE = {"tests", "bench", "demo"}
_CLAIMING = re.compile(r"FOR (?:NO KEY )?UPDATE(?: OF \w+)? SKIP LOCKED")
_LIMITED = re.compile(r"\bLIMIT\b|\bFETCH FIRST\b")
_KEPT = re.compile(r"AS MATERIALIZED \((?:[^()]|\([^()]*\))*\Z")
_ONE = re.compile(r"\A\(SELECT \w+\.?\w* .* LIMIT 1 \Z", re.DOTALL)
"""One value, which stands behind a `=`: PostgreSQL looks for that once."""


def texts(source: str) -> Iterator[str]:
    """All texts of a module, those with values in them with `?` in place of each."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def unkept(source: str) -> list[str]:
    """The statements that claim some rows of many, and may claim more than that."""
    found = []
    for text in texts(source):
        for claim in _CLAIMING.finditer(text):
            before = text[: claim.start()]
            # Of what stands in brackets that are closed, nothing is claimed here.
            if _LIMITED.search(before) and not (_KEPT.search(before) or _ONE.match(before)):
                found.append(text)
    return found


def test_some_of_many_rows_are_claimed_in_a_part_that_postgresql_runs_once():
    sources = {
        name: path.read_text(encoding="utf-8")
        for name, path in modules().items()
        if name.partition(".")[0] not in _OUTSIDE
    }
    assert sum(map(len, map(_CLAIMING.findall, sources.values()))) >= 4
    assert {name: found for name, source in sources.items() if (found := unkept(source))} == {}


def test_a_claim_in_a_subquery_is_found():
    claim = "SELECT id FROM t WHERE due < now() ORDER BY due LIMIT %s FOR UPDATE SKIP LOCKED"
    assert unkept(f'_TAKE = "UPDATE t SET x = 1 WHERE id IN ({claim})"')
    assert unkept(f'_TAKE = f"WITH due AS ({claim}) UPDATE {{table}} SET x = 1 FROM due"')
    assert not unkept(f'_TAKE = "WITH due AS MATERIALIZED ({claim}) UPDATE t SET x = 1 FROM due"')
    assert not unkept(f'_TAKE = "{claim.replace("LIMIT %s ", "")}"')
