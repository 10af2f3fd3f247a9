"""The documents: every link inside the repository leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")
FOLDERS = "|".join(path.parent.name for path in ROOT.glob("*/__init__.py")) + "|docs|script|docker"
NAMED = re.compile(
    rf"`((?:{FOLDERS})/[\w./-]+)|`(?:python -m )?((?:{FOLDERS})(?:\.(?!(?:py|json|yaml)\b)[a-z]\w*)+)"
)
ANCHOR = re.compile(r"\]\(([^)\s#:]*)#([^)\s]+)\)")


def anchors(document: Path) -> set[str]:
    """What the forge calls the headings of a document in its address."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.strip().lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(document):
    targets = [match[1] for match in LINK.finditer(document.read_text(encoding="utf-8"))]
    inside = [target for target in targets if "://" not in target and not target.startswith("mailto:")]

    missing = [target for target in inside if not (document.parent / target).exists()]
    assert not missing, f"{document.relative_to(ROOT)} links to what is not there: {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_anchors_lead_to_headings_that_are_there(document):
    """On the forge, where README and the changes are read too; script/docs looks at those of the site."""
    wanted = [
        (document.parent / path if path else document, anchor)
        for path, anchor in ANCHOR.findall(document.read_text(encoding="utf-8"))
    ]

    missing = [f"{target}#{anchor}" for target, anchor in wanted if anchor not in anchors(target)]
    assert not missing, f"{document.relative_to(ROOT)} links to headings that are not there: {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_modules_of_ours_that_are_named_are_there(document):
    """A module may be named with something in it."""
    missing = []
    for path, module in NAMED.findall(document.read_text(encoding="utf-8")):
        place = ROOT / (path or module.replace(".", "/"))
        there = (place, place.with_suffix(".py"), place.parent.with_suffix(".py")) if module else (place,)
        if not any(one.exists() for one in there):
            missing.append(path or module)
    assert not missing, f"{document.relative_to(ROOT)} names what is not there: {missing}"


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
