"""Which rule keeps a title out."""

from __future__ import annotations

import pytest

from scanner.models import Policy
from scanner.scan.exclusions import rule_against


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({}, ""),
        ({"exclude_tags": ["NoDub"]}, "the tag NoDub"),
        ({"exclude_tags": ["other"]}, ""),
        ({"exclude_genres": ["anime"]}, "the genre anime"),
        ({"exclude_genres": ["Drama"]}, ""),
        ({"exclude_paths": ["/tv/kids/*"]}, "the path pattern /tv/kids/*"),
        ({"exclude_paths": ["/TV/KIDS/*"]}, ""),
        ({"genres": ["Anime", "Drama"]}, ""),
        ({"genres": ["Drama", "Crime"]}, "none of the genres Drama, Crime"),
        ({"exclude_tags": ["nodub"], "exclude_genres": ["anime"]}, "the tag nodub"),
    ],
)
def test_the_first_rule_that_excludes_is_named(options, rule):
    policy = Policy(target_languages=["eng"], **options)
    assert rule_against(policy, tags=["nodub"], genres=["Anime"], path="/tv/kids/A") == rule
