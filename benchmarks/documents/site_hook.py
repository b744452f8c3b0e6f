"""What mkdocs calls while it builds the site (mkdocs.yml names this file): pages made of the code, and links that fit the site."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from documents import links, reference  # noqa: E402 - found by the line above

_log = logging.getLogger("mkdocs.site")
_sources: dict[str, str] = {}
"""The file of the repository that a page of the site beyond the documents is made of."""
_UNSEARCHED = ("files/CHANGELOG", "notes/", "quick/")
"""Pages that have a word of everything: what a search finds there is seldom what was looked for."""
_NO_LIST = re.compile(r"<p>(?:(?!</p>).)*?(?:^(?:[-*]|\d+\.|\|) .{,60}|```)", re.DOTALL | re.MULTILINE)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made of the code, and those of files that documents link to."""
    from mkdocs.structure.files import File

    for uri, text in reference.pages().items():
        files.append(File.generated(config, uri, content=text))
    documents = (
        (f"docs/{file.src_uri}", file.content_string)
        for file in files.documentation_pages()
        if file.src_uri not in (reference.VERBS, reference.KEYS)
    )
    for path, text in links.beyond(documents).items():
        uri = links.place(path)
        _sources[uri] = path
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Let links lead to pages of the site."""
    del config, files
    uri = page.file.src_uri
    if uri.startswith(_UNSEARCHED):
        page.meta["search"] = {"exclude": True}
    markdown = markdown.replace("<details>", '<details markdown="1">')
    return links.relinked(_sources.get(uri, f"docs/{uri}"), markdown)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Warn of lists and tables that Python-Markdown takes for text, where a forge does not: a build with --strict fails."""
    del config, files
    for found in _NO_LIST.findall(html):
        _log.warning("%s: a list or table is shown as text: %s", page.file.src_uri, found[-80:])
    return html
