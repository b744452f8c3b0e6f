"""The flags of absl, where all of them are surely known."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from sweeps.authoring.parsers.absl_options import KINDS

if TYPE_CHECKING:
    from sweeps.authoring.option import Interface
    from sweeps.authoring.script import Script

_PACKAGES = frozenset(
    [
        "absl",
        "chex",
        "einops",
        "flax",
        "haiku",
        "jax",
        "matplotlib",
        "numpy",
        "optax",
        "pandas",
        "PIL",
        "scipy",
        "sklearn",
        "torch",
        "torchvision",
        "tqdm",
        "wandb",
    ]
)
"""Packages that define no flags of their own for a script that imports them, beside Python's own."""
_OWN = frozenset(
    [
        "alsologtostderr",
        "flagfile",
        "help",
        "helpfull",
        "helpshort",
        "helpxml",
        "log_dir",
        "logger_levels",
        "logtostderr",
        "only_check_args",
        "pdb",
        "pdb_post_mortem",
        "profile_file",
        "run_with_pdb",
        "run_with_profiling",
        "showprefixforinfo",
        "stderrthreshold",
        "undefok",
        "use_cprofile_for_profiling",
        "v",
        "verbosity",
    ]
)
_DOUBTFUL = frozenset({"known_only", "flags_parser", "argparse_flags", "undefok"})


def options_of(script: Script, interface: Interface) -> frozenset[str] | None:
    """All flags of a script, such as `--lr`; None where that is not sure."""
    files = {other.path.stem for other in script.others} | {other.path.parent.name for other in script.others}
    origins = {origin.partition(".")[0] for origin in script.imports.values()}
    if not origins <= _PACKAGES | sys.stdlib_module_names | files:
        return None
    called = [script.last_word(call.func) for call in script.each(ast.Call)]
    defining = sum(name.startswith("DEFINE") for name in called)
    named = {*(node.arg for node in script.each(ast.keyword)), *(n.attr for n in script.each(ast.Attribute))}
    if not defining == len(list(script.calls(*KINDS))) == len(interface.options) or named & _DOUBTFUL:
        return None
    names = {*_OWN, *(option.key for option in interface.options)}
    return frozenset(f"{dashes}{no}{name}" for name in names for no in ("", "no") for dashes in ("--", "-"))
