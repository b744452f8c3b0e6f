"""The second file of a script whose settings are constants: it runs the script with other values for them."""

from __future__ import annotations

NAME = "with_constants.py"
"""What the file is called."""
TEXT = '''\
"""Runs a script with other values for constants of its top: python with_constants.py SCRIPT NAME=VALUE ..."""

import ast
import sys
from pathlib import Path

script, *settings = sys.argv[1:]
values = dict(setting.split("=", 1) for setting in settings)
tree = ast.parse(Path(script).read_text(encoding="utf-8"), script)
for node in tree.body:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and target.id in values:
        node.value = ast.parse(values.pop(target.id), mode="eval").body
if values:
    sys.exit(f"{script} sets no {', '.join(values)} at its top")
sys.argv[:] = [script]
sys.path[0] = str(Path(script).resolve().parent)
__file__ = script
exec(compile(ast.fix_missing_locations(tree), script, "exec"))  # noqa: S102 - the script, as `python SCRIPT` runs it
'''
"""What stands in it."""


def is_runner(text: str) -> bool:
    """Whether a file is one of these, whatever was changed in it below its first line."""
    return text.partition("\n")[0] == TEXT.partition("\n")[0]
