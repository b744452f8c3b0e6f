"""The options of argparse, where all of them are surely known.

Sure is one `ArgumentParser` whose options are all written out, which nothing else is given, and whose `parse_args()` reads
all of the command line. Of subcommands it is the same: the options are those of the one that the command names, and the parser's own.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from sweeps.authoring.checks.taken.subcommand_names import DOUBTFUL_KEYWORDS, method_calls, subcommands_of
from sweeps.authoring.parsers.annotations import parameters
from sweeps.authoring.syntax import is_stored, name_of, owner_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sweeps.authoring.checks.taken.subcommand_names import Subcommands
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_PARSER = "argparse.ArgumentParser"
_DOUBTFUL_NAMES = frozenset(
    {
        "argv",
        "exec",
        "parse_intermixed_args",
        "parse_known_args",
        "parse_known_intermixed_args",
        "set_parser",
    }
)
"""Where one of these is named, more may be read of the command line than options that are written out, or less."""
_SUBCOMMANDS = "add_subparsers"
_PLAIN = frozenset(
    {
        "add_argument",
        "add_argument_group",
        "add_mutually_exclusive_group",
        "add_parser",
        _SUBCOMMANDS,
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
        "required",
        "set_defaults",
        "usage",
    }
)
"""What may be asked of a parser without a doubt about its options."""
_GROUPS = ("add_argument_group", "add_mutually_exclusive_group")


def options_of(script: Script) -> frozenset[str] | None:
    """All options of a script, such as `--lr` and `-b`, of one with subcommands those of what is typed; None where that is not sure."""
    unset = _unset(script)
    names = [name_of(node) for node in script.nodes if id(node) not in unset]
    if not _DOUBTFUL_NAMES.isdisjoint(names) or any(map(_is_doubtful, script.nodes)):
        return None
    made = [call for call in script.each(ast.Call) if script.dotted(call.func) == _PARSER]
    if len(made) != 1 or not DOUBTFUL_KEYWORDS.isdisjoint(keyword.arg for keyword in made[0].keywords):
        return None
    below = subcommands_of(script) if _SUBCOMMANDS in names else None
    if below is None and (_SUBCOMMANDS in names or "add_parser" in names):
        return None
    parses, adds = method_calls(script, "parse_args"), method_calls(script, "add_argument")
    groups = method_calls(script, *_GROUPS)
    owners = {owner_of(call) for call in (*adds, *groups)} | _bound_to(script, [*made, *groups])
    owners |= {_parsing(call, script, owners) for call in parses}
    owners |= {below.holder, *below.words} if below is not None else set()
    if not parses or not all(_reads_all(call, unset) for call in parses) or "" in owners:
        return None
    asked = Counter(names)
    if any(asked[name] != len(found) for name, found in (("parse_args", parses), ("add_argument", adds))):
        return None  # the method itself is kept, or given away
    if not _are_only_asked(script, owners):
        return None
    others = _others(script, below, groups) if below is not None else set[str]()
    adds = [call for call in adds if owner_of(call) not in (others or ())]
    found = [arg.value for call in adds for arg in call.args if isinstance(arg, ast.Constant)]
    are_literal = len(found) == sum(len(call.args) for call in adds) and all(call.args for call in adds)
    if others is None or not are_literal:
        return None
    flags = {flag for flag in found if isinstance(flag, str) and flag.startswith("-")}
    return frozenset({"-h", "--help", *flags, *(f"--no-{flag[2:]}" for flag in flags if flag[:2] == "--")})


def _unset(script: Script) -> set[int]:
    """What `parse_args` is given that is surely None: `argv` of `def main(argv=None)`, which is called without it and never set."""
    kept = {node.id for node in script.each(ast.Name) if is_stored(node)}
    uses = Counter(map(name_of, script.nodes))
    plain = Counter(
        call.func.id
        for call in script.each(ast.Call)
        if isinstance(call.func, ast.Name) and not (call.args or call.keywords)
    )
    found: set[int] = set()
    for call in method_calls(script, "parse_args"):
        match call.args:
            case [ast.Name(id=name) as given] if name not in kept:
                inside = script.scopes.get(id(call))
                is_free = inside is not None and uses[inside.name] == plain[inside.name]
                if inside is not None and is_free and name in _none_by_default(inside):
                    found.add(id(given))
    return found


def _none_by_default(function: Function) -> set[str]:
    """The parameters of a function that are None where it is called without them."""
    return {
        one.arg
        for one, default in parameters(function)
        if isinstance(default, ast.Constant) and default.value is None
    }


def _reads_all(call: ast.Call, unset: Collection[int]) -> bool:
    """Whether a `parse_args` reads the command line, and nothing that it is given."""
    return not call.keywords and all(id(arg) in unset for arg in call.args)


def _parsing(call: ast.Call, script: Script, owners: Collection[str]) -> str:
    """The name of the parser that a `parse_args` is of, also of `build_parser().parse_args()`; empty: it has none."""
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id=name), args=[], keywords=[])):
            made = script.functions.get(name)
            returned = script.returns(made) if made is not None else ()
            found = {one.id if isinstance(one, ast.Name) else "" for one in returned}
            return next(iter(found)) if len(found) == 1 and found <= set(owners) else ""
    return owner_of(call)


def _others(script: Script, below: Subcommands, groups: Iterable[ast.Call]) -> set[str] | None:
    """The names of the parsers of other subcommands than the command's, and of their groups; None: it names none."""
    chosen = below.chosen(script.words)
    if chosen is None:
        return None
    above: dict[str, set[str]] = {}
    for group in groups:
        for name in _bound_to(script, [group]) - {""}:
            above.setdefault(name, set()).add(owner_of(group))
    found = {name for name in below.words if name not in chosen}
    return found | {name for name in above if _all_below(name, above, found)}


def _all_below(name: str, above: Mapping[str, set[str]], others: set[str]) -> bool:
    """Whether all that a group's name stands for belongs to parsers of other subcommands."""
    seen, left = set[str](), [name]
    while left:
        one = left.pop()
        if one in seen or one in others:
            continue
        seen.add(one)
        if one not in above:
            return False
        left += above[one]
    return True


def _is_doubtful(node: ast.AST) -> bool:
    """Whether names may come from elsewhere, or a parser be more than argparse's."""
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    return isinstance(node, ast.ClassDef) and any(name_of(base).endswith("Parser") for base in node.bases)


def _bound_to(script: Script, made: list[ast.Call]) -> set[str]:
    """The names of parsers and groups; the empty one among them where one is kept in another way."""
    names: set[str] = set()
    for node in script.nodes:
        if isinstance(node, ast.Assign) and node.value in made:
            names |= {target.id if isinstance(target, ast.Name) else "" for target in node.targets}
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value in made:
            names.add(node.target.id if isinstance(node.target, ast.Name) else "")
    return names


def _are_only_asked(script: Script, owners: set[str]) -> bool:
    """Whether nothing is done with parsers but to ask plain things of them, and to return them."""
    asked = (node.value for node in script.each(ast.Attribute) if node.attr in _PLAIN)
    plain = {*map(id, asked), *(id(node.value) for node in script.each(ast.Return))}
    used = (node for node in script.each(ast.Name) if node.id in owners and isinstance(node.ctx, ast.Load))
    return all(id(node) in plain for node in used) and not any(
        node.arg in owners for node in script.each(ast.arg)
    )
