"""The keys that yacs' `merge_from_list` takes, where all of them are surely known: what the config's defaults assign.

A key that is no default ends the program, and so does a value of another type.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.option import with_uppers

if TYPE_CHECKING:
    from sweeps.authoring.option import Interface
    from sweeps.authoring.script import Script

_DOUBTFUL = frozenset(
    {
        "new_allowed",
        "set_new_allowed",
        "setattr",
        "load_cfg",
        "register_deprecated_key",
        "register_renamed_key",
    }
)
"""Where one of these is named, there may be keys that no assignment shows."""
_NODES = ("CfgNode", "ConfigNode")


def options_of(script: Script, interface: Interface) -> frozenset[str] | None:
    """All keys of a config, and the groups that they stand in; None where that is not sure."""
    is_sure = interface.options and not any(_is_doubtful(node, script) for node in script.nodes)
    return with_uppers(option.key for option in interface.options) if is_sure else None


def _is_doubtful(node: ast.AST, script: Script) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
            return name in _DOUBTFUL
        case ast.Call(func=func, args=arguments):
            return bool(arguments) and script.is_named(func, *_NODES)
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Subscript) for target in targets)
    return False
