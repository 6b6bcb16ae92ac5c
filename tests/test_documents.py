"""The documents name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]+)?\)")
TEST = re.compile(r"`(tests/[a-z0-9_/]+(?:\.py)?)(?:::(\w+))?`")


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def exists(path: str, test: str) -> bool:
    """Return whether there is a file or folder, and in it a test, unless `test` is empty."""
    file = ROOT / path
    return file.exists() and (not test or f"def {test}(" in file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: str(each.relative_to(ROOT)))
def test_links_and_tests_exist(document: Path) -> None:
    """Each relative link leads to a file, each anchor to a heading, and each named test exists."""
    text = document.read_text(encoding="utf-8")
    missing = ["::".join(named) for named in TEST.findall(text) if not exists(*named)]
    for link, anchor in LINK.findall(text):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        target = (document.parent / link).resolve()
        if not target.exists() or (
            anchor and anchor[1:] not in anchors(target.read_text(encoding="utf-8"))
        ):
            missing.append(link + anchor)
    assert not missing
