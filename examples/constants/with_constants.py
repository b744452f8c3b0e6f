"""Runs a script with other values for constants of its top: python with_constants.py SCRIPT NAME=VALUE ..."""

import ast
import sys
from pathlib import Path


def value(text, own):
    """The value of a word: a Python expression, or the text as it stands where the script has a text, or None."""
    try:
        ast.literal_eval(text)
    except (SyntaxError, TypeError, ValueError):
        if isinstance(own, ast.Constant) and isinstance(own.value, str | None):
            return ast.Constant(text)
    return ast.parse(text, mode="eval").body


script, *settings = sys.argv[1:]
values = dict(setting.split("=", 1) for setting in settings)
tree = ast.parse(Path(script).read_text(encoding="utf-8"), script)
for node in tree.body:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and target.id in values:
        node.value = value(values.pop(target.id), node.value)
if values:
    sys.exit(f"{script} sets no {', '.join(values)} at its top")
sys.argv[:] = [script]
sys.path[0] = str(Path(script).resolve().parent)
__file__ = script
exec(compile(ast.fix_missing_locations(tree), script, "exec"))  # noqa: S102 - the script, as `python SCRIPT` runs it
