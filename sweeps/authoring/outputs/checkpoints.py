"""Finds where a script saves what it can go on from, and the words by which an option has it go on."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.outputs.paths import PathReader, as_pattern, file_pattern, is_relative
from sweeps.authoring.roles import RESUME_WORDS, output_places
from sweeps.authoring.syntax import argument, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.authoring.option import Interface
    from sweeps.authoring.script import Script

WEIGHTS = (".pt", ".pth", ".ckpt", ".tar", ".safetensors", ".npz", ".pkl", ".h5", ".keras", ".bin")
_SAVERS = {
    "torch.save": 1,
    "numpy.save": 0,
    "numpy.savez": 0,
    "joblib.dump": 1,
    "pickle.dump": 1,
    "save_checkpoint": 0,
    "save_weights": 0,
    "save_file": 1,
}
_RUN_DIR = "{run_dir}"
_LATEST = re.compile(r"(?i)ckpt|checkpoint|last|latest|resume|state")
_OTHERS = re.compile(r"(?i)best|final|ema|export")


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """What a script can go on from.

    Attributes:
        paths: Where it saves, those first from which it is likely to go on: below `{run_dir}` where an option or the folder
            that it runs in makes it so, else `{newest:...}` of the name.
        words: Names of options that the source compares with a word such as `resume`, each with the word.
    """

    paths: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def latest(self) -> str:
        """The one file whose name says that it is the latest, as `last.pt` beside `best.pt`; empty where there is none."""
        first = self.paths[0] if self.paths else ""
        name = first.rpartition("/")[2].partition(".")[0]
        is_sure = _LATEST.search(name) and "*" not in first and first.startswith(_RUN_DIR)
        return first if is_sure else ""


def checkpoints_of(script: Script, interface: Interface) -> Checkpoints:
    """Look through a script for what it saves and for the words of its options."""
    reader = PathReader.of(script, output_places(interface.options))
    found = dict.fromkeys(path for raw in _saved(script, reader) if (path := _below(raw)))
    return Checkpoints(tuple(sorted(found, key=_rank)), dict(_compared(script)))


def _saved(script: Script, reader: PathReader) -> Iterator[str]:
    for call in script.each(ast.Call):
        at = next((at for name, at in _SAVERS.items() if script.is_named(call.func, name)), None)
        file = argument(call, at, "f", "file", "path") if at is not None else None
        if isinstance(file, ast.Call) and isinstance(file.func, ast.Name) and file.func.id == "open":
            file = argument(file, 0)
        if file is not None:
            yield from reader.paths(file)


def _below(path: str) -> str:
    """A path as the file has it; empty: it is none that is known."""
    if not path.endswith(WEIGHTS):
        return ""
    beginning, is_own, rest = path.partition(_RUN_DIR)
    if is_own and not beginning:
        return _RUN_DIR + as_pattern(rest)
    if is_relative(path):
        return f"{_RUN_DIR}/{as_pattern(path.removeprefix('./'))}"
    name = file_pattern(path)
    return f"{{newest:{_RUN_DIR}/**/{name}}}" if name else ""


def _rank(path: str) -> tuple[bool, bool, bool]:
    """First what is surely there again under its name, and is no model that is only kept."""
    name = path.rpartition("/")[2]
    return _OTHERS.search(name) is not None, _LATEST.search(name) is None, "*" in path


def _compared(script: Script) -> Iterator[tuple[str, str]]:
    for node in script.each(ast.Compare):
        if len(node.comparators) != 1:
            continue
        sides = [node.left, node.comparators[0]]
        literal = (value_of(side, {}) for side in sides if isinstance(side, ast.Constant | ast.Tuple | ast.List | ast.Set))  # fmt: skip
        words = [word for value in literal for word in (value if isinstance(value, list) else [value])]
        word = next((word for word in RESUME_WORDS if word in words), None)
        name = next(filter(None, map(name_of, sides)), "")
        if word is not None and name:
            yield name, word
