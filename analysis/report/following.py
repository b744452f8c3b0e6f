"""A report that is drawn again while a sweep runs: its open page follows, from disk as from a server.

Beside the page lies a small script that names its version. The page reads it every two seconds, which browsers allow of
files too, and loads itself again once it names another one, or is gone.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

PAGE, SIGNAL = "report.html", "report-live.js"
_SCRIPT = Path(__file__).parent / "live" / "follow.js"
_BEGINS, _ENDS = "<!-- follows -->", "<!-- follows no more -->"
_POLICY, _OWN_FILES = "script-src 'unsafe-inline'", " 'self' file:"
_STYLE = (
    "<style>.follows{position:fixed;right:.5rem;bottom:.5rem;margin:0;padding:.1rem .5rem;border-radius:.5rem;"
    "font-size:.75rem;background:Canvas;color:CanvasText;border:1px solid;opacity:.8}"
    "@media print{.follows{display:none}}</style>"
)


def followed(page: str) -> str:
    """The page of a report as it is written while its sweep runs: it loads itself again when it is written anew."""
    script = _SCRIPT.read_text(encoding="utf-8")
    script = script.replace("{version}", version(page)).replace("{signal}", SIGNAL)
    head, end, tail = page.rpartition("</body>")
    if not end or head.count(_POLICY) != 1:
        raise ValueError("this is no page of a report: its end or its policy for scripts is missing")
    head = head.replace(_POLICY, _POLICY + _OWN_FILES)
    return f"{head}{_BEGINS}{_STYLE}<script>\n{script}</script>{_ENDS}{end}{tail}"


def unfollowed(page: str) -> str:
    """The page as it was before `followed`."""
    plain = page.replace(_POLICY + _OWN_FILES, _POLICY)
    return re.sub(f"{_BEGINS}.*?{_ENDS}", "", plain, flags=re.DOTALL)


def version(page: str) -> str:
    """What tells a page from the one before."""
    return hashlib.sha256(page.encode()).hexdigest()[:16]


def signal(page: str) -> str:
    """The script that says which version of the page is there."""
    return f'window.sweepReport = "{version(page)}";\n'


def leave(folder: str | os.PathLike[str]) -> None:
    """Have the page in a folder follow no more, where nobody writes another one."""
    page = Path(folder, PAGE)
    if Path(folder, SIGNAL).exists() and page.exists():
        half = page.with_name(f".{PAGE}.plain.part")
        half.write_text(unfollowed(page.read_text(encoding="utf-8")), encoding="utf-8")
        half.replace(page)
    Path(folder, SIGNAL).unlink(missing_ok=True)
