"""Dataclasses as options: tyro, Hugging Face's HfArgumentParser, and structured configs of Hydra."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Interface, Option, without_repeats
from sweeps.authoring.parsers import argparse_options
from sweeps.authoring.parsers.annotations import described, option_of, parameters, said_by, with_default
from sweeps.authoring.parsers.function_options import options_of
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.syntax import argument, keywords_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_DEEPEST = 4
_MOST_WORDS = 4
_OF_TRANSFORMERS = (
    ("output_dir", "str", None, "where the checkpoints go"),
    ("learning_rate", "float", 5e-5, "the first learning rate of AdamW"),
    ("num_train_epochs", "float", 3.0, "how many epochs to train"),
    ("per_device_train_batch_size", "int", 8, "batch size on each device"),
    ("seed", "int", 42, "set at the beginning of training"),
)
"""Some of what every class of training arguments of transformers has, as (name, type, default, help)."""


_OF_CHOICES = ("overridable_config_cli", "subcommand_cli_from_dict")
"""What of tyro takes the name of a config as the first word, and options that change it."""


def read_tyro(script: Script) -> Interface | None:
    """What a script takes through `tyro.cli(...)`; None: it has none."""
    for call in script.calls(*_OF_CHOICES):
        found = _of_choices(call, script)
        if found is not None:
            return found
    for call in script.calls("tyro.cli"):
        node = call.args[0] if call.args else None
        said = said_by(node, script).node
        name = said.id if isinstance(said, ast.Name) else ""
        if name in script.classes:
            fields = tuple(fields_of(script.classes[name], script))
            return Interface("tyro", "tyro", _changed(fields, keywords_of(call).get("default"), script))
        if name in script.functions:
            return Interface("tyro", "tyro", tuple(_nested(script.functions[name], script)))
        given = text_of(node) if node is not None else "nothing"
        return Interface("tyro", "tyro", comments=(f"tyro is given {given}: which options does it have?",))
    return None


def _of_choices(call: ast.Call, script: Script) -> Interface | None:
    """What stands behind the name of a config among several; None where the source does not show these."""
    node = call.args[0] if call.args else None
    if isinstance(node, ast.Name):
        node = next(reversed(script.bound_to(node.id)), node)
    if not isinstance(node, ast.Dict) or not node.keys:
        return None
    words = [str(value_of(key, script.constants)) for key in node.keys]
    word = script.typed(words) or words[0]
    made = node.values[words.index(word)]
    made = made.elts[-1] if isinstance(made, ast.Tuple) and made.elts else made
    name = script.dotted(made.func if isinstance(made, ast.Call) else made)
    if name not in script.classes:
        return None
    fields = tuple(fields_of(script.classes[name], script))
    others = [one for one in words if one != word][:_MOST_WORDS]
    told = (f"instead of {word} it takes {', '.join(others)}",) if others else ()
    return Interface("tyro", "tyro", _changed(fields, made, script), (word,), comments=told)


def read_hf(script: Script) -> Interface | None:
    """What a script takes through HfArgumentParser; None: it has none."""
    for call in script.calls("HfArgumentParser", "TrlParser", "H4ArgumentParser"):
        node = argument(call, 0, "dataclass_types")
        if isinstance(node, ast.Name) and node.id in script.constants:
            node = script.constants[node.id]
        parts = (
            list(node.elts) if isinstance(node, ast.Tuple | ast.List) else [node] if node is not None else []
        )
        options: list[Option] = []
        comments: list[str] = []
        for part in parts:
            name = script.last_word(part)
            if name in script.classes:
                options += fields_of(script.classes[name], script)
            if name not in script.classes or _inherits_training(script.classes[name]):
                comments.append(f"{name} has more options, which are not in the script: --help lists them")
                if "Training" in name or name in script.classes:
                    options += _training_arguments()
        own = without_repeats(replace(option, flag=f"--{option.key}") for option in options)
        flags = ("--config",) if script.is_named(call.func, "TrlParser") else ()
        return Interface("HfArgumentParser", "hf", own, comments=tuple(comments), config_flags=flags)
    return None


def read_pyrallis(script: Script) -> Interface | None:
    """What a script takes through `@pyrallis.wrap()`, or draccus', which is like it; None: it has neither."""
    for kind in ("pyrallis", "draccus"):
        named = [_config_class(call, script) for call in script.calls(f"{kind}.parse")]
        for node in script.each(ast.FunctionDef):
            calls = (one.func for one in node.decorator_list if isinstance(one, ast.Call))
            if any(script.is_named(func, f"{kind}.wrap") for func in calls):
                first, _ = next(parameters(node), (None, None))
                named.append(text_of(first.annotation) if first and first.annotation else "")
        for name in named:
            if name in script.classes:
                fields = fields_of(script.classes[name], script)
                options = without_repeats(
                    replace(option, lists="python" if option.is_list else None) for option in fields
                )
                return Interface(kind, "hf", options, config_flags=("--config_path",))
    return None


def _config_class(call: ast.Call, script: Script) -> str:
    given = argument(call, 0, "config_class")
    return script.dotted(given) if given is not None else ""


def read_simple_parsing(script: Script) -> Interface | None:
    """What a script takes through simple_parsing, where all fields have options of their own; None: it has no such parser."""
    if not script.imports_from("simple_parsing"):
        return None
    given = [call.args[0] for call in script.calls("simple_parsing.parse", "add_arguments") if call.args]
    names = [node.id for node in given if isinstance(node, ast.Name) and node.id in script.classes]
    fields = [option for name in names for option in fields_of(script.classes[name], script)]
    plain = [option.key.rpartition(".")[2] for option in fields]
    options = [
        replace(option, key=name, flag=f"--{name}")
        if plain.count(name) == 1
        else replace(option, flag=f"--{option.key}")
        for option, name in zip(fields, plain, strict=True)
    ]
    if not options:
        return None
    beside = [one for one in argparse_options.options_in(script) if one.flag]
    return Interface(
        "simple_parsing", "hf", without_repeats([*beside, *options]), config_flags=("--config_path",)
    )


def _inherits_training(node: ast.ClassDef) -> bool:
    return any("TrainingArguments" in text_of(base) for base in node.bases)


def _training_arguments() -> Iterator[Option]:
    for name, kind, default, told in _OF_TRANSFORMERS:
        yield Option(name, kind, default, help=told, flag=f"--{name}")


def fields_of(node: ast.ClassDef, script: Script, prefix: str = "", depth: int = 0) -> Iterator[Option]:
    """The fields of a dataclass and of those that it inherits from, nested ones with a dotted key."""
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in script.classes and depth < _DEEPEST:
            yield from fields_of(script.classes[base.id], script, prefix, depth + 1)
    told = described(node)
    for at, item in enumerate(node.body):
        if (
            not isinstance(item, ast.AnnAssign)
            or not isinstance(item.target, ast.Name)
            or "ClassVar" in text_of(item.annotation)
        ):
            continue
        name = item.target.id
        said = said_by(item.annotation, script)
        inner = said.node.id if isinstance(said.node, ast.Name) else ""
        if inner in script.classes and said.kind != "enum" and depth < _DEEPEST:
            nested = fields_of(script.classes[inner], script, f"{prefix}{name}.", depth + 1)
            yield from _changed(tuple(nested), item.value, script, f"{prefix}{name}.")
            continue
        if (found := _default_of(item.value, script)) is None:
            continue
        default, help_text = found
        text = (
            help_text
            or _docstring_behind(node, at)
            or told.get(name, "")
            or script.comment_at(node.name, item.end_lineno or 0)
        )
        option = replace(option_of(f"{prefix}{name}", said, default, script), help=one_line(text))
        yield (
            replace(option, question="its value is a mapping")
            if said.kind.startswith(("dict", "Dict")) and not option.question
            else option
        )


def _default_of(node: ast.expr | None, script: Script) -> tuple[ast.expr | None, str] | None:
    """The default of a field, and what its metadata says; None: it is no option at all."""
    if node is None or script.is_named(node, "MISSING"):
        return None, ""
    if not isinstance(node, ast.Call) or not script.is_named(node.func, "field", "Field", "arg", "HfArg"):
        return node, ""
    said = keywords_of(node)
    if value_of(said.get("init"), {}) is False:
        return None
    metadata = value_of(said.get("metadata"), script.constants)
    text = metadata.get("help", "") if isinstance(metadata, dict) else _help_in(said.get("metadata"), script)
    plain = value_of(said.get("help") or said.get("description"), script.constants)
    default = said.get("default") or argument(node, 0)
    factory = said.get("default_factory")
    if default is None and isinstance(factory, ast.Lambda):
        default = factory.body
    elif default is None and factory is not None:
        default = ast.List(elts=[]) if text_of(factory) in {"list", "tuple"} else factory
    shown = next((found for found in (text, plain) if isinstance(found, str) and found), "")
    return default, shown


def _help_in(node: ast.expr | None, script: Script) -> str:
    """The help of a mapping of which something else is no literal."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if value_of(key, {}) == "help" and isinstance(text := value_of(value, script.constants), str):
                return text
    return ""


def _docstring_behind(node: ast.ClassDef, at: int) -> str:
    """The text that stands below a field, as tyro shows it."""
    match node.body[at + 1 : at + 2]:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text
    return ""


def _changed(
    fields: tuple[Option, ...], made: ast.expr | None, script: Script, prefix: str = ""
) -> tuple[Option, ...]:
    """Fields of which an expression such as `Args(lr=0.1)` sets some, also behind a `field(default_factory=lambda: ...)`."""
    if isinstance(made, ast.Call) and script.is_named(made.func, "field"):
        made = next((k.value for k in made.keywords if k.arg in {"default", "default_factory"}), None)
    if isinstance(made, ast.Lambda):
        made = made.body
    given = keywords_of(made) if isinstance(made, ast.Call) else {}
    values = {f"{prefix}{name}": value_of(value, script.constants) for name, value in given.items()}
    return tuple(
        with_default(replace(option, is_required=False, question=""), values[option.key])
        if option.key in values
        else option
        for option in fields
    )


def _nested(function: Function, script: Script) -> Iterator[Option]:
    """The parameters of a function, those that are dataclasses as their fields."""
    annotations = {argument.arg: argument.annotation for argument, _ in parameters(function)}
    for option in options_of(function, script):
        said = said_by(annotations.get(option.key), script).node
        name = said.id if isinstance(said, ast.Name) else ""
        if name in script.classes and option.kind != "enum":
            yield from fields_of(script.classes[name], script, f"{option.key}.", 1)
        else:
            yield option
