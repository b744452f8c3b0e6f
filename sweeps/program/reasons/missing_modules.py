"""What to write where a program did not find a module that lies in its project. Reads the names of folders alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.modules import has_code, module_of_script
from sweeps.program.named_paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MISSING = re.compile(r"\bNo module named (?P<quote>'?)(?P<name>\w+)(?P=quote)(?![\w.])")
_RELATIVE = "attempted relative import with no known parent package"
_DEPTH = 2
"""So many folders below the project's a module is looked for in."""
_MOST_FOLDERS = 2000


def hint(told: str, words: Sequence[str], project: Path) -> str:
    """What to write, behind `; `; empty where the reason is another, or the module lies nowhere in the project."""
    missing = _MISSING.search(told)
    if missing is None and _RELATIVE not in told:
        return ""
    scripts = (Path(word) for word in words if word.endswith(".py"))
    script = next((path for path in scripts if is_file(project / path)), None)
    own = module_of_script(project / script) if script is not None else None
    if own is not None and (missing is None or own.name.partition(".")[0] == missing["name"]):
        return f"; {own.name.partition('.')[0]} is the script's own package: write `-m, {own.name}` in place of the file in `command:`"
    if missing is None:
        return ""
    base = next((folder for folder in _folders(project) if has_code(folder, missing["name"])), None)
    if base is None:
        return ""
    place = os.path.relpath(base, project)
    where = "here" if place == "." else f"in {place}/"
    return f"; {missing['name']} lies {where}: if it is meant, `env: {{PYTHONPATH: {place}}}` below `trainer:` has Python find it"


def _folders(top: Path) -> Iterator[Path]:
    """A folder and those below it, the nearest first, without hidden ones and environments."""
    level, seen = [top], 0
    for _ in range(_DEPTH + 1):
        yield from level
        level = [inner for folder in level for inner in _inner(folder)]
        seen += len(level)
        if seen > _MOST_FOLDERS:
            return


def _inner(folder: Path) -> list[Path]:
    try:
        found = [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(path for path in found if path.name[0] not in "._" and not (path / "pyvenv.cfg").exists())
