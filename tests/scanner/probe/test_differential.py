"""The header reader tells what other programs tell, save where docs/probe.md says why not."""

from pathlib import Path

import pytest

from . import comparing, differential, specimens, tools

pytestmark = pytest.mark.uncounted

needs_tools = pytest.mark.skipif(
    bool(tools.MISSING),
    reason=f"not installed: {', '.join(tools.MISSING)} (packages ffmpeg and mkvtoolnix)",
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return specimens.Sources(tmp_path_factory.mktemp("differential") / "sources")


@needs_tools
@pytest.mark.parametrize("kind", ["own", "ffmpeg", "mkvmerge"])
def test_the_engines_agree_on_files_of_every_kind(tmp_path, sources, kind):
    """A sample; `script/differential` compares thousands."""
    comparison = differential.compared(differential.files(tmp_path, sources, **{kind: 24}))
    assert comparison.files == 24
    assert comparison.fields > 360
    assert comparison.not_by_header == []
    assert comparison.unexplained == []


def test_the_document_explains_every_reason():
    text = Path("docs/probe.md").read_text(encoding="utf-8")
    for reason in comparing.REASONS:
        assert f"**{reason.name}.**" in text


def test_a_difference_that_nobody_explained_is_told():
    comparison = comparing.Comparison()
    comparison._explain(comparing.Difference(Path("film.mkv"), "ffprobe", "language", "jpn", "kor"))
    assert list(differential.report(comparison))[-2:] == [
        "NOT EXPLAINED: film.mkv: ffprobe language: 'jpn', not 'kor'",
        "1 differences are not explained",
    ]
