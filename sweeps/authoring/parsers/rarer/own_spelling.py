"""How a script's own parser has its words: what its source tells of dashes, of values, and of true and false."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.option import Option, asked
from sweeps.authoring.syntax import keywords_of
from sweeps.authoring.truths import COMMON_WORDS, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.authoring.script import Script
    from sweeps.spec.trainer.arguments import Flag, Join

_READERS = ("eval", "literal_eval", "loads", "safe_load", "load")
"""Functions that make a value of a word as Python, JSON or YAML write it."""
_STEPS = frozenset({"pop", "next", "zip", "popleft"})
"""What takes the word behind an option."""
_ASKED = (
    "its source does not tell how false is said: write it under `args:`, as keys: {KEY: {booleans: no-flag}}"
)


@dataclass(frozen=True, slots=True)
class Spelled:
    """How such a function has its words, as its source tells.

    Attributes:
        is_dashed: Whether options begin with `--`.
        has_dashes: Whether `-` stands for `_` in names.
        join: How a value follows its option, where that is not as a word of its own; empty: it is.
        booleans: How true and false are said; None: the source does not tell.
    """

    is_dashed: bool
    has_dashes: bool
    join: Join | str
    booleans: Flag | tuple[str, str] | None

    @classmethod
    def of(cls, nodes: Sequence[ast.AST]) -> Spelled:
        """What the nodes of the function tell."""
        texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        named = [text_of(call.func).rpartition(".")[2] for call in calls]
        replaces = [tuple(map(text_of, call.args)) for call, name in zip(calls, named, strict=True) if name == "replace"]  # fmt: skip
        takes_next = not _STEPS.isdisjoint(named) or any(_is_next(node) for node in nodes)
        is_dashed = any(text.startswith("-") for text in texts if text != "-")
        is_dashed |= "lstrip" in named or any(map(_drops_dashes, nodes))
        return cls(
            is_dashed or "=" not in texts,
            not {("'_'", "'-'"), ("'-'", "'_'")}.isdisjoint(replaces),
            "equals" if "=" in texts and not takes_next else "",
            booleans_of(texts, calls, named, nodes),
        )

    def option(self, option: Option) -> Option:
        """An option as the command line has it."""
        key = option.key.replace("_", "-") if self.has_dashes else option.key
        option = replace(option, key=key, flag=f"--{key}" if self.is_dashed else key)
        if option.is_list:
            option = option if option.question else asked(option, "how does its command line say a list?")
        if option.is_flag and self.booleans is None:
            return asked(option, _ASKED)
        if option.is_flag and self.booleans == "flag" and option.default is True:
            return asked(option, "its source shows no word that turns it off")
        return replace(option, booleans=self.booleans) if option.is_flag else option


def _drops_dashes(node: ast.AST) -> bool:
    """Whether it is a word without its `--`: `word[2:]`."""
    match node:
        case ast.Subscript(slice=ast.Slice(lower=ast.Constant(value=2))):
            return True
    return False


def _is_next(node: ast.AST) -> bool:
    """Whether it is the word behind another: `argv[i + 1]`, `argv[1::2]`."""
    match node:
        case ast.Subscript(slice=ast.BinOp(op=ast.Add()) | ast.Slice(step=ast.Constant())):
            return True
    return False


def booleans_of(
    texts: Iterable[str], calls: Sequence[ast.Call], named: Sequence[str], nodes: Sequence[ast.AST]
) -> Flag | tuple[str, str] | None:
    """How true and false are said; None: nothing tells."""
    texts = list(texts)
    if any(text.lstrip("-") in {"no-", "no_"} for text in texts):
        return "no-flag"
    if not {"loads", "safe_load", "load"}.isdisjoint(named):
        return "true", "false"
    if not set(_READERS).isdisjoint(named):
        return "True", "False"
    lowers = "lower" in named
    for yes, no in COMMON_WORDS:
        if yes in texts and not (lowers and yes != yes.lower()):
            return yes, no
    is_asked = any(isinstance(node, ast.Name) and node.id == "bool" for node in nodes)
    if is_asked and any(_sets_true(node) for node in nodes):
        return "flag"
    casts = any(isinstance(call.func, ast.Call) or _is_type(call.func) for call in calls)
    return ("True", "") if casts and not is_asked else None


def added_booleans(nodes: Sequence[ast.AST], script: Script) -> Flag | tuple[str, str] | None:
    """How true and false are said to options that a loop adds."""
    text = " ".join(text_of(node) for node in nodes if isinstance(node, ast.Attribute | ast.Constant))
    if "BooleanOptionalAction" in text:
        return "no-flag"
    if "store_true" in text:
        return "flag"
    truth = next((truth for node in nodes if isinstance(node, ast.Name | ast.Lambda) and (truth := truth_of(node, script)) is not None), None)  # fmt: skip
    if truth is not None:
        return truth.words
    adds = (
        node for node in nodes if isinstance(node, ast.Call) and script.is_named(node.func, "add_argument")
    )
    return ("True", "") if any("type" in keywords_of(call) for call in adds) else None


def _sets_true(node: ast.AST) -> bool:
    match node:
        case (
            ast.Assign(value=ast.Constant(value=True))
            | ast.Call(func=ast.Name(id="setattr"), args=[_, _, ast.Constant(value=True)])
        ):
            return True
    return False


def _is_type(node: ast.expr) -> bool:
    """Whether the type of a field is called: `field.type(value)`, `hints[name](value)`."""
    return isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "type")
