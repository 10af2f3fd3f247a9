"""The documents: every link inside the repository leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(document):
    targets = [match[1] for match in LINK.finditer(document.read_text(encoding="utf-8"))]
    inside = [target for target in targets if "://" not in target and not target.startswith("mailto:")]

    missing = [target for target in inside if not (document.parent / target).exists()]
    assert not missing, f"{document.relative_to(ROOT)} links to what is not there: {missing}"


def test_the_documents_are_found():
    assert ROOT / "README.md" in DOCUMENTS
    assert ROOT / "docs" / "architecture.md" in DOCUMENTS


def test_every_page_is_in_the_menu_of_the_site():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}

    assert (
        pages - {name for name in pages if re.search(rf"[ :-] {re.escape(name)}$", menu, re.MULTILINE)}
        == set()
    )
