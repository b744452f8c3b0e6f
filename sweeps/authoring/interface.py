"""Finds which kind of command line a script has, and what it takes."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.assignments import with_assignments
from sweeps.authoring.constants import constant_options
from sweeps.authoring.literals import text_of
from sweeps.authoring.option import NOTHING, Interface
from sweeps.authoring.outputs.writers import with_written
from sweeps.authoring.parsers import (
    absl_options,
    argparse_options,
    argv_options,
    attribute_config,
    click_options,
    configurator_options,
    dataclass_options,
    function_options,
    hydra_options,
    lightning_options,
    typer_options,
)
from sweeps.authoring.parsers.rarer import (
    docopt_options,
    dotlist_options,
    environment_options,
    library_options,
    own_options,
    sacred_options,
    unread,
)
from sweeps.authoring.script import is_main_guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from sweeps.authoring.script import Script

READERS: tuple[Callable[[Script], Interface | None], ...] = (
    hydra_options.read,
    lightning_options.read,
    dataclass_options.read_tyro,
    dataclass_options.read_hf,
    dataclass_options.read_pyrallis,
    dataclass_options.read_simple_parsing,
    function_options.read_fire,
    function_options.read_jsonargparse,
    typer_options.read,
    configurator_options.read,
    attribute_config.read,
    sacred_options.read,
    docopt_options.read,
    dotlist_options.read,
    absl_options.read,
    click_options.read,
    library_options.read,
    own_options.read_added,
    argparse_options.read,
    own_options.read,
    argv_options.read,
    unread.read,
    environment_options.read,
    constant_options.read,
)
"""A reader for each kind: the special ones first, since many of them stand on argparse."""
NONE = Interface(NOTHING, "")
_RANKS = {"RANK", "LOCAL_RANK", "WORLD_SIZE"}
_EXISTS = re.compile(r"\b(exists|isdir|is_dir)\(")
_ENDS = {"rmtree", "exit", "input"}
_LAUNCHED = "it asks for its number among several processes: torchrun, --standalone, --nproc-per-node=2 in place of python starts two"


def interface_of(script: Script) -> Interface:
    """How a script is started; of a script that takes nothing, `NONE`."""
    found = next((found for read in READERS if (found := read(script)) is not None), NONE)
    options = with_assignments(with_written(found.options, script), script)
    found = replace(found, options=options, refuses_outputs=_refuses_outputs(script))
    return replace(found, comments=(*found.comments, _LAUNCHED)) if _is_launched(script) else found


def _refuses_outputs(script: Script) -> bool:
    """Whether it ends, asks, or removes what is there, where a folder is there already."""
    asked = (node for node in script.each(ast.If) if _EXISTS.search(text_of(node.test)))
    refused = (node for node in asked if not isinstance(getattr(node.test, "op", None), ast.Not))
    return any(_is_end(part) for node in refused for one in node.body for part in ast.walk(one))


def _is_end(node: ast.AST) -> bool:
    is_call = isinstance(node, ast.Call) and text_of(node.func).rpartition(".")[2] in _ENDS
    return is_call or isinstance(node, ast.Raise)


def _is_launched(script: Script) -> bool:
    """Whether it cannot do without the variables that `torchrun` sets: it takes them, and under no condition."""
    taken = [node for node in script.each(ast.Subscript) if _takes_rank(node, script)]
    conditions = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in (script.nodes if taken else ())
        if isinstance(node, ast.If | ast.IfExp | ast.Try) and not is_main_guard(node)
    ]
    return any(not any(first <= node.lineno <= last for first, last in conditions) for node in taken)


def _takes_rank(node: ast.Subscript, script: Script) -> bool:
    match node:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(name)), ctx=ast.Load()) if (
            name in _RANKS
        ):
            return script.dotted(owner) == "os.environ"
    return False
