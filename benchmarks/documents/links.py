"""Where a link of a document leads in the repository, and what takes its place in the site. Pure but for reading titles.

The documents are written for the repository: a link may lead to any of its files. The site has no other files than the
documents, so each file or folder beyond `docs/` that a document links to becomes a page of its own, below `files/`.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2`*\s*$", re.DOTALL | re.MULTILINE)
_SHOWN = {".md": "", ".py": "python", ".sh": "sh", ".yaml": "yaml", ".txt": "text", "": "text"}
_LEFT_OUT = "docs/quick/"
"""A report as it was written, without its films: links to these are words."""
_FILE_NAME = re.compile(r"[\w./-]+\.md")


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change a document but for its fenced code."""
    parts, at = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change(text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, change(text[at:])])


def without_code(text: str) -> str:
    """A document without its fenced code."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[str]:
    """The headings of a document."""
    return re.findall(r"^#+ (.+?)\s*$", without_code(text), re.MULTILINE)


def leads_to(source: str, target: str) -> tuple[str, str] | None:
    """The file of the repository that a link leads to, with its anchor; None: an address elsewhere.

    Args:
        source: The file that has the link, from the repository's root.
        target: What stands in the link.
    """
    if re.match(r"[a-z]+:", target):
        return None
    path, _, anchor = target.partition("#")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), path)) if path else source, anchor


def links(source: str, text: str) -> Iterator[str]:
    """The files of the repository that a document links to."""
    for link in LINK.finditer(without_code(text)):
        if there := leads_to(source, link["target"]):
            yield there[0]


def place(path: str) -> str:
    """The page of the site that a file or folder of the repository is."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path == "README.md":
        return "index.md"
    return f"files/{path.removesuffix('.md')}.md"


def relinked(source: str, text: str) -> str:
    """A document with links that lead to the same in the site. A link that is called like a file gets the page's title."""
    here = posixpath.dirname(place(source))

    def change(link: re.Match[str]) -> str:
        there = leads_to(source, link["target"])
        if there is None:
            return link[0]
        path, anchor = there
        if path.startswith(_LEFT_OUT) and not (ROOT / path).exists():
            return link["words"]
        words = (
            title(ROOT / path, anchor) or link["words"]
            if _FILE_NAME.fullmatch(link["words"])
            else link["words"]
        )
        own = path == source and not link["target"].partition("#")[0]
        target = "" if own else posixpath.relpath(place(path), here or ".")
        return f"[{words}]({target}{'#' if anchor else ''}{anchor})"

    return outside_code(text, lambda part: LINK.sub(change, part))


@cache
def title(path: Path, anchor: str = "") -> str:
    """The heading of a document, or the one below it that an anchor names; empty: it has none."""
    if path.suffix != ".md" or not path.is_file():
        return ""
    found = headings(path.read_text(encoding="utf-8"))
    return next((heading for heading in found if not anchor or slug(heading) == anchor), "")


def slug(heading: str) -> str:
    """The anchor of a heading, as forges and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def beyond(documents: Iterator[tuple[str, str]]) -> dict[str, str]:
    """The pages of what documents link to beyond `docs/`: its path in the repository, and the page's text."""
    waiting = [path for source, text in documents for path in links(source, text)]
    pages: dict[str, str] = {}
    while waiting:
        path = waiting.pop()
        if path in pages or path.startswith("docs/") or path == "README.md" or not (ROOT / path).exists():
            continue
        pages[path] = text = _page(path)
        if path.endswith(".md"):
            waiting += links(path, text)
    return pages


def _page(path: str) -> str:
    there = ROOT / path
    if there.suffix == ".md":
        return there.read_text(encoding="utf-8")
    shown = [there] if there.is_file() else sorted(file for file in there.rglob("*") if _is_shown(file))
    parts = [f"# {path}\n"]
    for file in shown:
        name = file.relative_to(there.parent if there.is_file() else there)
        fence = f'````{_SHOWN.get(file.suffix, "text")} title="{name}"\n'
        parts.append(fence + file.read_text(encoding="utf-8").rstrip() + "\n````\n")
    return "\n".join(parts)


def _is_shown(file: Path) -> bool:
    inner = file.relative_to(ROOT).parts
    return (
        file.is_file() and file.suffix in _SHOWN and not any(part.startswith((".", "__")) for part in inner)
    )
