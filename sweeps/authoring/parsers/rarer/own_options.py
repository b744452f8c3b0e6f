"""Options that are the fields of a class, or the keys of a mapping of defaults: a script's own function reads them, or adds them to a parser."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Interface, Option, asked, kind_of, without_repeats
from sweeps.authoring.origins import Origins
from sweeps.authoring.parsers import argparse_options
from sweeps.authoring.parsers.annotations import with_default
from sweeps.authoring.parsers.dataclass_options import fields_of
from sweeps.authoring.script import in_order
from sweeps.authoring.truths import COMMON_WORDS, truth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sweeps.authoring.script import Script
    from sweeps.spec.trainer.arguments import Flag, Join

KIND = "its own parser"
_OF_CLASS = ("fields", "asdict", "vars", "get_type_hints", "getattr", "setattr", "hasattr", "replace")
"""Functions that are asked for the fields of a class, or of an object, that they are given first."""
_HELD = ("__dataclass_fields__", "__annotations__", "__dict__")
_DEEPEST = 4
_READERS = ("eval", "literal_eval", "loads", "safe_load", "load")
"""Functions that make a value of a word as Python, JSON or YAML write it."""
_STEPS = frozenset({"pop", "next", "zip", "popleft"})
"""What takes the word behind an option."""
_ASKED = (
    "its source does not tell how false is said: write it under `args:`, as keys: {KEY: {booleans: no-flag}}"
)


def read(script: Script) -> Interface | None:
    """What a function of a script takes from `sys.argv` by the names of fields or keys; None: it has no such function."""
    if not script.imports_from("sys"):
        return None
    for nodes in _readers(script, _hands_on):
        if (own := _options(nodes, script)) and any(map(_sets_by_name, nodes)):
            said = _Spelled.of(nodes)
            return Interface(KIND, "argparse", tuple(map(said.option, own)), join=said.join)
    return None


def read_added(script: Script) -> Interface | None:
    """What a script adds to argparse's parser in a loop over fields or keys; None: it has no such loop."""
    if not script.imports_from("argparse"):
        return None
    for nodes in _readers(script, _adds):
        if own := _options(nodes, script):
            said = replace(
                _Spelled.of(nodes), is_dashed=True, join="", booleans=_added_booleans(nodes, script)
            )
            beside = (one for one in argparse_options.options_in(script) if one.flag)
            return Interface("argparse", "argparse", without_repeats([*beside, *map(said.option, own)]))
    return None


def _options(nodes: Sequence[ast.AST], script: Script) -> tuple[Option, ...]:
    origins = Origins(script)
    return without_repeats([*_of_classes(nodes, origins, script), *_of_mappings(nodes, origins, script)])


def _readers(script: Script, does: Callable[[ast.AST, Script], bool]) -> Iterator[Sequence[ast.AST]]:
    """The nodes of each function that does this, with those of functions that it calls, and of the module where that does it."""
    for part in (script.source.tree, *script.functions.values()):
        nodes = list(_own_nodes(part))
        if any(does(node, script) for node in nodes):
            called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
            inner = [
                one for name in called if name in script.functions for one in in_order(script.functions[name])
            ]
            yield [*nodes, *inner]


def _own_nodes(part: ast.AST) -> Iterator[ast.AST]:
    """A function's nodes; of a module those that no function or class has."""
    if not isinstance(part, ast.Module):
        yield from in_order(part)
        return
    for statement in part.body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from in_order(statement)


def _hands_on(node: ast.AST, script: Script) -> bool:
    """Whether it takes all words of `sys.argv`, and not one of them."""
    match node:
        case ast.Subscript(value=value, slice=ast.Slice()) | ast.For(iter=value):
            return script.is_named(value, "sys.argv")
        case ast.Call(func=ast.Name(id="iter" | "enumerate" | "list"), args=[value, *_]):
            return script.is_named(value, "sys.argv")
        case _:
            return False


def _adds(node: ast.AST, script: Script) -> bool:
    """Whether it adds an option whose name the source does not have as a text."""
    is_call = isinstance(node, ast.Call) and script.is_named(node.func, "add_argument")
    return (
        isinstance(node, ast.Call)
        and is_call
        and bool(node.args)
        and not isinstance(node.args[0], ast.Constant)
    )


def _of_classes(nodes: Sequence[ast.AST], origins: Origins, script: Script) -> Iterator[Option]:
    """The fields of the class whose fields are asked for."""
    for node in nodes:
        owner: ast.expr | None = None
        match node:
            case ast.Attribute(value=value, attr=name) if name in _HELD:
                owner = value
            case ast.Call(args=[value, *_]) if script.is_named(node.func, *_OF_CLASS):
                owner = value
        name = _class_of(owner, origins, script) if owner is not None else ""
        if name:
            made = script.classes[name]
            yield from (list(fields_of(made, script)) or _attributes(made, script))
            return


def _sets_by_name(node: ast.AST) -> bool:
    """Whether it sets a field whose name a variable has: `setattr`, `Args(**values)`, `vars(args)[name] = value`."""
    match node:
        case ast.Call(func=ast.Name(id="setattr")):
            return True
        case ast.Call(keywords=keywords):
            return any(keyword.arg is None for keyword in keywords)
        case ast.Subscript(ctx=ast.Store(), slice=key):
            return not isinstance(key, ast.Constant | ast.Slice)
        case _:
            return False


def _class_of(node: ast.expr, origins: Origins, script: Script) -> str:
    """Which class of the script an expression is, or is an object of; empty: none."""
    if isinstance(node, ast.Call):
        node = node.func
    if not isinstance(node, ast.Name):
        return ""
    if node.id in script.classes:
        return node.id
    for bound in origins.bound_to(node):
        inner = bound.func if isinstance(bound, ast.Call) else bound
        if isinstance(inner, ast.Name) and inner.id in script.classes:
            return inner.id
    return ""


def _attributes(made: ast.ClassDef, script: Script) -> list[Option]:
    """What a class that is no dataclass binds, itself or in its `__init__`."""
    found: dict[str, ast.expr] = {}
    starts = [part for part in made.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
    for statement in (*made.body, *(inner for start in starts for inner in start.body)):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
                found[name] = value
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                found[name] = value
    return [_entry(name, value, script) for name, value in found.items()]


def _of_mappings(nodes: Sequence[ast.AST], origins: Origins, script: Script) -> Iterator[Option]:
    """The entries of a mapping that is asked for keys which a variable has: `cfg[name] = value`, `name in DEFAULTS`."""
    for node in nodes:
        name: ast.expr | None = None
        match node:
            case ast.Subscript(value=ast.Name() as value, slice=key, ctx=ast.Store()) if not isinstance(
                key, ast.Constant | ast.Slice
            ):
                name = value
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name() as value]):
                name = value
            case ast.For(iter=ast.Call(func=ast.Attribute(value=ast.Name() as value, attr="items"))):
                name = value
        entries = _entries(name, origins) if name is not None else {}
        if entries:
            yield from (_entry(key, value, script) for key, value in entries.items())
            return


def _entries(node: ast.expr, origins: Origins, depth: int = 0) -> Mapping[str, ast.expr]:
    """The entries of a mapping: of a literal, of `dict(lr=0.1)`, of a copy of one."""
    found: dict[str, ast.expr] = {}
    match node:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if key is None:
                    found.update(_entries(value, origins, depth + 1))
                elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found[key.value] = value
        case ast.Call(func=ast.Name(id="dict"), args=args, keywords=words):
            found.update(_entries(args[0], origins, depth + 1) if args else {})
            found.update({word.arg: word.value for word in words if word.arg})
        case (
            ast.Call(func=ast.Attribute(value=value, attr="copy"))
            | ast.Call(func=ast.Attribute(attr="copy" | "deepcopy"), args=[value])
        ):
            found.update(_entries(value, origins, depth + 1))
        case ast.Name() if depth < _DEEPEST:
            for bound in origins.bound_to(node):
                found.update(_entries(bound, origins, depth + 1))
    return found


def _entry(name: str, value: ast.expr, script: Script) -> Option:
    default = value_of(value, script.constants)
    option = Option(name, kind_of(default), flag=f"--{name}", is_list=isinstance(default, list))
    return with_default(option, default)


@dataclass(frozen=True, slots=True)
class _Spelled:
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
    def of(cls, nodes: Sequence[ast.AST]) -> _Spelled:
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
            _booleans(texts, calls, named, nodes),
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
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Slice)
        and isinstance(node.slice.lower, ast.Constant)
        and node.slice.lower.value == len("--")
    )


def _is_next(node: ast.AST) -> bool:
    """Whether it is the word behind another: `argv[i + 1]`, `argv[1::2]`."""
    match node:
        case (
            ast.Subscript(slice=ast.BinOp(op=ast.Add())) | ast.Subscript(slice=ast.Slice(step=ast.Constant()))
        ):
            return True
        case _:
            return False


def _booleans(
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


def _added_booleans(nodes: Sequence[ast.AST], script: Script) -> Flag | tuple[str, str] | None:
    """How true and false are said to options that a loop adds."""
    said = {keyword.arg: keyword.value for node in nodes if isinstance(node, ast.Call) and script.is_named(node.func, "add_argument") for keyword in node.keywords}  # fmt: skip
    text = " ".join(text_of(node) for node in nodes if isinstance(node, ast.Attribute | ast.Constant))
    if "BooleanOptionalAction" in text:
        return "no-flag"
    if "store_true" in text:
        return "flag"
    truth = next((truth for node in nodes if isinstance(node, ast.Name | ast.Lambda) and (truth := truth_of(node, script)) is not None), None)  # fmt: skip
    if truth is not None:
        return truth.words
    return ("True", "") if "type" in said else None


def _sets_true(node: ast.AST) -> bool:
    match node:
        case ast.Assign(value=ast.Constant(value=True)):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[_, _, ast.Constant(value=True)]):
            return True
        case _:
            return False


def _is_type(node: ast.expr) -> bool:
    """Whether the type of a field is called: `field.type(value)`, `hints[name](value)`."""
    return isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "type")
