"""Which options only say where a trial writes, or what it is called: the tool gives each trial a place and a name of its own."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sweeps.authoring.roles import is_format

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES = (
    "out",
    "save",
    "log",
    "ckpt",
    "checkpoint",
    "result",
    "run",
    "exp",
    "work",
    "tb",
    "tensorboard",
    "dump",
    "store",
)
_FOLDERS = frozenset({"dir", "root", "path", "folder", "directory", "file", "to"})
_NAMED = frozenset({"run", "exp", "experiment", "job", "wandb", "trial", "output", "save", "log"})
_NAMES = frozenset({"name", "tag", "label", "id", "title", "comment"})
_ALONE = frozenset({*_NAMES, "run", "exp", "experiment"})
_OTHER = frozenset(
    {"every", "interval", "freq", "frequency", "level", "steps", "step", "n", "num", "best", "last", "only"}
)


def _key(name: str) -> str:
    """The name of an option without its dashes, and of `--set=data.out` the last part of the key."""
    lead, equals, key = name.rpartition("=")
    return key.rpartition(".")[2] if lead and equals else name.lstrip("-+")


def output_word(name: str, values: Sequence[str]) -> str | None:
    """What an option gets in place of values that only say where a trial writes; None where they say more."""
    tokens = [token for token in re.split(r"[-_./]+", _key(name.lower())) if token]
    if not tokens or any(not re.search(r"[A-Za-z]", value) for value in values):
        return None
    kinds = set(tokens)
    if kinds & _OTHER or (values and all(map(is_format, values))):
        return None
    if (len(tokens) == 1 and tokens[0] in _ALONE) or (kinds & _NAMES and kinds & _NAMED):
        return "{trial}"
    is_place = any(token.startswith(_PLACES) for token in tokens)
    if not (is_place and (len(tokens) == 1 or kinds & _FOLDERS)) and kinds != {"default", "root", "dir"}:
        return None
    suffixes = {PurePosixPath(value).suffix for value in values}
    if len(suffixes) == 1 and re.fullmatch(r"\.[A-Za-z]\w{0,5}", suffix := suffixes.pop()):
        stems = {PurePosixPath(value).stem for value in values}
        stem = stems.pop() if len(stems) == 1 else tokens[-1]
        return f"{{run_dir}}/{stem}{suffix}".replace("{{", "{").replace("}}", "}")
    return "{run_dir}"
