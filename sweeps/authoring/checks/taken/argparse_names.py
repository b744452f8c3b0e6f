"""The options of argparse, where all of them are surely known.

Sure is one `ArgumentParser` whose options are all written out, which nothing else is given, and whose `parse_args()` reads
all of the command line. Of subcommands it is the same: the options are those of the one that the command names, and the parser's own.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from sweeps.authoring.checks.taken.subcommand_names import subcommands_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sweeps.authoring.checks.taken.subcommand_names import Subcommands
    from sweeps.authoring.script import Script

_PARSER = "argparse.ArgumentParser"
_DOUBTFUL_KEYWORDS = frozenset({None, "parents", "prefix_chars", "fromfile_prefix_chars"})
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
    names = [_name(node) for node in script.nodes if id(node) not in unset]
    if _DOUBTFUL_NAMES.intersection(filter(None, names)) or any(map(_is_doubtful, script.nodes)):
        return None
    made = [
        node for node in script.nodes if isinstance(node, ast.Call) and script.dotted(node.func) == _PARSER
    ]
    if len(made) != 1 or not _DOUBTFUL_KEYWORDS.isdisjoint(keyword.arg for keyword in made[0].keywords):
        return None
    below = subcommands_of(script) if _SUBCOMMANDS in names else None
    if below is None and (_SUBCOMMANDS in names or "add_parser" in names):
        return None
    parses, adds, groups = (
        _calls(script, *methods) for methods in (("parse_args",), ("add_argument",), _GROUPS)
    )
    owners = {_owner(call) for call in (*adds, *groups)} | _bound_to(script, [*made, *groups])
    owners |= {_parsing(call, script, owners) for call in parses}
    owners |= {below.holder, *below.words} if below is not None else set()
    if not parses or not all(_reads_all(call, unset) for call in parses) or None in owners:
        return None
    asked = Counter(names)
    if any(asked[name] != len(found) for name, found in (("parse_args", parses), ("add_argument", adds))):
        return None  # the method itself is kept, or given away
    if not _are_only_asked(script, owners):
        return None
    others = _others(script, below, groups) if below is not None else set[str | None]()
    adds = [call for call in adds if others is not None and _owner(call) not in others]
    found = [arg.value for call in adds for arg in call.args if isinstance(arg, ast.Constant)]
    if (
        len(found) != sum(len(call.args) for call in adds)
        or not all(call.args for call in adds)
        or others is None
    ):
        return None
    flags = {flag for flag in found if isinstance(flag, str) and flag.startswith("-")}
    return frozenset({"-h", "--help", *flags, *(f"--no-{flag[2:]}" for flag in flags if flag[:2] == "--")})


def _calls(script: Script, *methods: str) -> list[ast.Call]:
    """The calls of these methods, whatever they are called of."""
    calls = (node for node in script.nodes if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in methods]


def _unset(script: Script) -> set[int]:
    """What `parse_args` is given that is surely None: `argv` of `def main(argv=None)`, which is called without it and never set."""
    kept = {
        node.id for node in script.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    uses = Counter(map(_name, script.nodes))
    plain: Counter[str] = Counter(
        node.func.id
        for node in script.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not (node.args or node.keywords)
    )
    found: set[int] = set()
    for call in _calls(script, "parse_args"):
        match call.args:
            case [ast.Name(id=name) as given] if name not in kept:
                inside = script.scopes.get(id(call))
                is_free = inside is not None and uses[inside.name] == plain[inside.name]
                if inside is not None and is_free and name in _none_by_default(inside.args):
                    found.add(id(given))
    return found


def _none_by_default(said: ast.arguments) -> set[str]:
    """The parameters of a function that are None where it is called without them."""
    placed = [*said.posonlyargs, *said.args]
    pairs = [*zip(placed[len(placed) - len(said.defaults) :], said.defaults, strict=True)]
    pairs += [(one, value) for one, value in zip(said.kwonlyargs, said.kw_defaults, strict=True) if value]
    return {one.arg for one, value in pairs if isinstance(value, ast.Constant) and value.value is None}


def _reads_all(call: ast.Call, unset: Collection[int]) -> bool:
    """Whether a `parse_args` reads the command line, and nothing that it is given."""
    return not call.keywords and all(id(arg) in unset for arg in call.args)


def _parsing(call: ast.Call, script: Script, owners: Collection[str | None]) -> str | None:
    """The name of the parser that a `parse_args` is of, also of `build_parser().parse_args()`."""
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id=name), args=[], keywords=[])):
            made = script.functions.get(name)
            returned = script.returns(made) if made is not None else ()
            found = {one.id if isinstance(one, ast.Name) else None for one in returned}
            return next(iter(found)) if len(found) == 1 and found <= set(owners) else None
    return _owner(call)


def _others(script: Script, below: Subcommands, groups: Iterable[ast.Call]) -> set[str | None] | None:
    """The names of the parsers of other subcommands than the command's, and of their groups; None: it names none."""
    chosen = below.chosen(script.words)
    if chosen is None:
        return None
    above: dict[str, set[str | None]] = {}
    for group in groups:
        for name in _bound_to(script, [group]) - {None}:
            above.setdefault(str(name), set()).add(_owner(group))
    found: set[str | None] = {name for name in below.words if name not in chosen}
    inner = {name for name in above if _all_below(name, above, found)}
    return found | inner


def _all_below(name: str, above: Mapping[str, set[str | None]], others: set[str | None]) -> bool:
    """Whether all that a group's name stands for belongs to parsers of other subcommands."""
    seen, left = set[str | None](), [name]
    while left:
        one = left.pop()
        if one in seen or one in others:
            continue
        seen.add(one)
        if one not in above:
            return False
        left += [str(parent) for parent in above[str(one)]]
    return True


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
