"""The subcommands of an argparse parser, where all of them are surely known: one `add_subparsers`, and `add_parser` with names written out."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.syntax import is_stored, keywords_of, owner_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.authoring.script import Script

_PLAIN_KEYWORDS = frozenset({"dest", "required", "help", "title", "description", "metavar", "prog"})
"""What `add_subparsers` may be told without a doubt about its parsers."""
DOUBTFUL_KEYWORDS = frozenset({None, "parents", "prefix_chars", "fromfile_prefix_chars"})
"""A parser that is told one of these may take more than its options, or spell them in another way."""


@dataclass(frozen=True, slots=True)
class Subcommands:
    """The subcommands of a parser.

    Attributes:
        holder: The variable that `add_subparsers` is kept in.
        words: The words that choose a parser, by the variable that it is kept in; one variable may keep several in turn.
        unbound: The words of parsers that nothing is asked of, so that they take no options.
    """

    holder: str
    words: Mapping[str, frozenset[str]]
    unbound: frozenset[str]

    def chosen(self, typed: Sequence[str]) -> frozenset[str] | None:
        """The variables of the parsers that a command's words may choose; None: no word is a subcommand."""
        said = frozenset(typed)
        found = frozenset(name for name, words in self.words.items() if words & said)
        return found if found or self.unbound & said else None


def subcommands_of(script: Script) -> Subcommands | None:
    """The subcommands of a script's parser; None where they are not sure."""
    calls = method_calls(script, "add_subparsers")
    named = sum(node.attr == "add_subparsers" for node in script.each(ast.Attribute))
    if len(calls) != 1 or named != 1 or not {word.arg for word in calls[0].keywords} <= _PLAIN_KEYWORDS:
        return None
    bound = _bindings(script)
    holder = bound.get(id(calls[0]))
    if holder is None or calls[0].args or not owner_of(calls[0]):
        return None
    bare = {id(node.value) for node in script.each(ast.Expr)}
    words: dict[str, frozenset[str]] = {}
    unbound: frozenset[str] = frozenset()
    parsers = method_calls(script, "add_parser")
    for call in parsers:
        chosen, kept = _words(call), bound.get(id(call))
        if chosen is None or owner_of(call) != holder:
            return None
        if kept is not None:
            words[kept] = words.get(kept, frozenset()) | chosen
        elif id(call) in bare:
            unbound |= chosen
        else:
            return None  # it is given away
    stored = Counter(node.id for node in script.each(ast.Name) if is_stored(node))
    kept_in = Counter([holder, *(bound[id(call)] for call in parsers if id(call) in bound)])
    if any(stored[name] != many for name, many in kept_in.items()):
        return None  # a variable holds something else at times
    return Subcommands(holder, words, unbound)


def method_calls(script: Script, *methods: str) -> list[ast.Call]:
    """The calls of these methods, whatever they are called of."""
    calls = script.each(ast.Call)
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in methods]


def _bindings(script: Script) -> dict[int, str]:
    """The one name that a statement keeps an expression in, by the expression's identity."""
    found: dict[int, str] = {}
    for node in script.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[id(value)] = name
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[id(value)] = name
    return found


def _words(call: ast.Call) -> frozenset[str] | None:
    """What chooses the parser that an `add_parser` makes: its name and its aliases; None: that is not sure."""
    if not {word.arg for word in call.keywords}.isdisjoint(DOUBTFUL_KEYWORDS):
        return None
    aliases = keywords_of(call).get("aliases")
    if aliases is not None and not isinstance(aliases, ast.List | ast.Tuple):
        return None
    parts = [*call.args, *(aliases.elts if aliases is not None else ())]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return frozenset(texts) if texts and len(call.args) == 1 and len(texts) == len(parts) else None
