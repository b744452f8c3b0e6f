"""The recipes for trainers, as a terminal shows them: sections of the documents, which lie in the package, too."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.authoring.constants.runner import NAME, TEXT
from sweeps.errors import SelectionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path(__file__).with_name("recipe_pages")
_PAGES = ("docs/how-to/trainers.md", "docs/reference/trainers-reference.md")
"""The pages: recipes, and what they lead to. `recipe_pages/` has links to them, and a wheel has copies."""
_FENCE = re.compile(r"^(`{3,}).*?^\1\s*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(?P<marks>#+) (?P<words>.+?)\s*$", re.MULTILINE)
_LINK = re.compile(r"(?P<picture>!?)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_ROW = re.compile(r"^\| (?P<script>[^|]+) \| \[[^\]]+\]\(#(?P<name>[\w-]+)\) \|$", re.MULTILINE)
_ELSEWHERE = "docs/ and examples/ are folders of sweep's source: a checkout, or the .tar.gz of a release."
_COPIED = {f"examples/constants/{NAME}": TEXT}
"""Files that a recipe has its reader copy, with what stands in them."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A section of a page.

    Attributes:
        name: What `sweep recipe` calls it: the anchor of its heading.
        title: Its heading.
        script: Which scripts it is for; empty: no recipe, but what recipes lead to.
        page: The page, from the root of the repository.
        text: The section as it stands there, with the sections below it.
    """

    name: str
    title: str
    script: str
    page: str
    text: str


def recipes() -> list[Recipe]:
    """All sections of the pages, in their order."""
    return [recipe for page in _PAGES for recipe in _sections(page)]


def listing() -> list[tuple[str, str]]:
    """Each name with what it is for: first the recipes by scripts, then the rest by headings."""
    known = recipes()
    by_script = {recipe.name: recipe.script for recipe in known if recipe.script}
    rest = {recipe.name: recipe.title for recipe in known if recipe.name not in by_script}
    return [*by_script.items(), *rest.items()]


def recipe_text(name: str) -> str:
    """What is printed of a recipe; of a name that stands in both pages, both sections.

    Raises:
        SelectionError: There is none of this name.
    """
    known = recipes()
    wanted = name.lower()
    found = [recipe for recipe in known if recipe.name == wanted]
    if not found:
        names = dict.fromkeys(recipe.name for recipe in known)
        raise SelectionError(
            f"there is no recipe {name!r}{did_you_mean(wanted, names)}; `sweep recipe` lists them"
        )
    named = {recipe.name for recipe in known}
    text = "\n\n".join(_for_terminal(recipe, named) for recipe in found)
    for path, content in _COPIED.items():
        if path in text:
            text += f"\n\n{path}:\n\n```python\n{content.rstrip()}\n```"
    return f"{text}\n\n{_ELSEWHERE}" if re.search(r"\b(?:docs|examples)/", text) else text


def _sections(page: str) -> Iterator[Recipe]:
    text = (_FOLDER / posixpath.basename(page)).read_text(encoding="utf-8")
    rows = {row["name"]: row["script"] for row in _ROW.finditer(text)}
    fences = [fence.span() for fence in _FENCE.finditer(text)]
    headings = [
        heading
        for heading in _HEADING.finditer(text)
        if not any(start <= heading.start() < end for start, end in fences)
    ]
    for at, heading in enumerate(headings):
        depth = len(heading["marks"])
        if depth == 1:
            continue  # the page's own title
        after = (later.start() for later in headings[at + 1 :] if len(later["marks"]) <= depth)
        section = text[heading.start() : next(after, len(text))].rstrip()
        name = _anchor(heading["words"])
        yield Recipe(name, heading["words"], rows.get(name, ""), page, section)


def _anchor(words: str) -> str:
    """The anchor of a heading, as forges make it."""
    return re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")


def _for_terminal(recipe: Recipe, named: set[str]) -> str:
    """A section whose links say where they lead to from a terminal."""

    def told(link: re.Match[str]) -> str:
        words, target = link["words"], link["target"]
        if link["picture"]:
            return f"(picture: {words})"
        if re.match(r"[a-z]+:", target):
            return f"{words} ({target})"
        path, _, anchor = target.partition("#")
        there = (
            posixpath.normpath(posixpath.join(posixpath.dirname(recipe.page), path)) if path else recipe.page
        )
        if there in _PAGES and (anchor in named or not anchor):
            return f"{words} (`{f'sweep recipe {anchor}'.rstrip()}`)"
        place = f"{there}#{anchor}" if anchor else there
        return place if words in (there, posixpath.basename(there)) else f"{words} ({place})"

    parts: list[str] = []
    at = 0
    for fence in _FENCE.finditer(recipe.text):
        parts += [_LINK.sub(told, recipe.text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, _LINK.sub(told, recipe.text[at:])])
