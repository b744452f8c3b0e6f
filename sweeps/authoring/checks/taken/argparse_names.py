"""The options of argparse, where all of them are surely known.

Sure is one `ArgumentParser` whose options are all written out, which nothing else is given, and whose `parse_args()` reads
all of the command line.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

_PARSER = "argparse.ArgumentParser"
_DOUBTFUL_KEYWORDS = frozenset({None, "parents", "prefix_chars", "fromfile_prefix_chars"})
_DOUBTFUL_NAMES = frozenset(
    {
        "add_subparsers",
        "argv",
        "exec",
        "parse_intermixed_args",
        "parse_known_args",
        "parse_known_intermixed_args",
        "set_parser",
    }
)
"""Where one of these is named, more may be read of the command line than options that are written out, or less."""
_PLAIN = frozenset(
    {
        "add_argument",
        "add_argument_group",
        "add_mutually_exclusive_group",
        "description",
        "epilog",
        "error",
        "exit",
        "format_help",
        "format_usage",
        "get_default",
        "parse_args",
        "print_help",
        "print_usage",
        "prog",
        "set_defaults",
        "usage",
    }
)
"""What may be asked of a parser without a doubt about its options."""
_GROUPS = ("add_argument_group", "add_mutually_exclusive_group")


def options_of(script: Script) -> frozenset[str] | None:
    """All options of a script, such as `--lr` and `-b`; None where that is not sure."""
    names = [_name(node) for node in script.nodes]
    if _DOUBTFUL_NAMES.intersection(filter(None, names)) or any(map(_is_doubtful, script.nodes)):
        return None
    made = [
        node for node in script.nodes if isinstance(node, ast.Call) and script.dotted(node.func) == _PARSER
    ]
    if len(made) != 1 or not _DOUBTFUL_KEYWORDS.isdisjoint(keyword.arg for keyword in made[0].keywords):
        return None
    calls = [
        node for node in script.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    parses = [call for call in calls if _name(call.func) == "parse_args"]
    adds = [call for call in calls if _name(call.func) == "add_argument"]
    groups = [call for call in calls if _name(call.func) in _GROUPS]
    owners = {_owner(call) for call in (*parses, *adds, *groups)} | _bound_to(script, [*made, *groups])
    if not parses or any(call.args or call.keywords for call in parses) or None in owners:
        return None
    asked = Counter(names)
    if any(asked[name] != len(found) for name, found in (("parse_args", parses), ("add_argument", adds))):
        return None  # the method itself is kept, or given away
    if not _are_only_asked(script, owners):
        return None
    found = [arg.value for call in adds for arg in call.args if isinstance(arg, ast.Constant)]
    if len(found) != sum(len(call.args) for call in adds) or not all(call.args for call in adds):
        return None
    flags = {flag for flag in found if isinstance(flag, str) and flag.startswith("-")}
    return frozenset({"-h", "--help", *flags, *(f"--no-{flag[2:]}" for flag in flags if flag[:2] == "--")})


def _is_doubtful(node: ast.AST) -> bool:
    """Whether names may come from elsewhere, or a parser be more than argparse's."""
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    return isinstance(node, ast.ClassDef) and any(
        (_name(base) or "").endswith("Parser") for base in node.bases
    )


def _bound_to(script: Script, made: list[ast.Call]) -> set[str | None]:
    """The names of parsers and groups; None among them where one is kept in another way."""
    names: set[str | None] = set()
    for node in script.nodes:
        if isinstance(node, ast.Assign) and node.value in made:
            names |= {target.id if isinstance(target, ast.Name) else None for target in node.targets}
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value in made:
            names.add(node.target.id if isinstance(node.target, ast.Name) else None)
    return names


def _are_only_asked(script: Script, owners: set[str | None]) -> bool:
    """Whether nothing is done with parsers but to ask plain things of them, and to return them."""
    plain = {
        id(node.value)
        for node in script.nodes
        if (isinstance(node, ast.Attribute) and node.attr in _PLAIN) or isinstance(node, ast.Return)
    }
    used = (node for node in script.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    given = (node for node in script.nodes if isinstance(node, ast.arg))
    return all(id(node) in plain for node in used if node.id in owners) and not any(
        node.arg in owners for node in given
    )


def _owner(call: ast.Call) -> str | None:
    """The name of what a method is called of; None: it has none."""
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    return value.id if isinstance(value, ast.Name) else None


def _name(node: ast.AST) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
