"""The config file of a script that has to be given one, where nobody typed it: what lies in the folder."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING

from sweeps.authoring.given.own_config import asking, may_have_copies, with_own_config
from sweeps.authoring.roles import option_name
from sweeps.authoring.syntax import name_of
from sweeps.program.config_file import ENDINGS, ConfigFile, ConfigFileError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from sweeps.authoring.given.config_reads import Reads
    from sweeps.authoring.given.words import Given
    from sweeps.authoring.option import Option
    from sweeps.authoring.script import Script

_FOLDER = re.compile(r".*(conf|cfg|param|setting|option|experiment|recipe|preset).*|yamls?|exps?")
_OTHERS = re.compile(
    r"\..*|.*\.schema\.json|(package|tsconfig|tokenizer|vocab|environment|conda|docker-compose|compose|mkdocs|codecov|dvc|"
    r"pubspec|renovate|MLproject|CITATION|readthedocs|action|mypy|pyrightconfig)\b.*|.*(result|metric|history|summary|state)s?\b.*",
    re.IGNORECASE,
)
"""Files of tools, and of what a run leaves."""
_MOST = 200
"""No more files are looked at."""


def with_folder_config(given: Given, reads: Reads, script: Script, here: Path) -> Given:
    """Give a script that needs a config file the only one that its folder has; of several, or none, ask."""
    if not may_have_copies(given.interface):
        return given
    if (found := _asked(reads, script, here)) is None:
        return given
    option, choices = found
    if len(choices) == 1:
        return with_own_config(given, choices[0], here, option) or given
    return asking(given, option, os.path.relpath(script.source.path, here), choices)


def only_config(reads: Reads, script: Script, here: Path) -> tuple[Option, str] | None:
    """The only file of the folder that may be the config which a script needs, and the option that names it; None: there is none."""
    found = _asked(reads, script, here)
    return (found[0], found[1][0]) if found is not None and len(found[1]) == 1 else None


def _asked(reads: Reads, script: Script, here: Path) -> tuple[Option, list[str]] | None:
    """The option whose config file a script cannot do without, and the files that it may be."""
    waiting = [(option, endings) for option, endings in reads if _is_needed(option, script)]
    if len(waiting) != 1 or waiting[0][1].isdisjoint(ENDINGS):
        return None
    option, endings = waiting[0]
    return option, _choices(script, here, endings)


def is_of(content: Mapping[str, object], script: Script) -> bool:
    """Whether a script names one of the outermost keys of a file."""
    return not _names(script).isdisjoint(key.replace("-", "_") for key in content)


def _is_needed(option: Option, script: Script) -> bool:
    """Whether it has no value of its own, and the script does without in no way."""
    if option.default or option.is_list or option.is_flag:
        return False
    if option.is_required:
        return True
    name = option_name(option)
    tests = (node.test for node in script.nodes if isinstance(node, ast.If | ast.IfExp))
    return not option.is_positional and not any(
        name_of(part) == name for test in tests for part in ast.walk(test)
    )


def _choices(script: Script, here: Path, endings: Collection[str]) -> list[str]:
    """The files that may be the script's config: those with keys that it names, else all."""
    found: dict[str, bool] = {}
    for path in _files(script, here):
        shown = os.path.relpath(path, here)
        if path.suffix.lower() not in endings or _OTHERS.fullmatch(path.name) or len(found) == _MOST:
            continue
        try:
            content = ConfigFile.read(str(path)).content
        except ConfigFileError:
            continue
        if not {"trainer", "sweeps"} <= content.keys():
            found[shown] = is_of(content, script)
    return [path for path, fits in found.items() if fits] or list(found)


def _files(script: Script, here: Path) -> Iterator[Path]:
    """The files where the script is started and where it stands, and in folders there that are called as for configs."""
    for folder in dict.fromkeys((here.resolve(), script.folder.resolve())):
        inside = sorted(folder.iterdir())
        yield from (path for path in inside if path.is_file())
        for path in inside:
            if path.is_dir() and _FOLDER.fullmatch(path.name.lower()):
                yield from sorted(inner for inner in path.rglob("*") if inner.is_file())


def _names(script: Script) -> set[str]:
    """Every name and text of a script that a key may be."""
    found = set()
    for node in script.nodes:
        match node:
            case ast.Constant(value=str(name)) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.keyword(arg=str(name)):
                found.add(name)
    return {part for name in found for part in (name, name.partition(".")[0])}
