"""Settings that `{args}` passes and that the script surely refuses, or takes otherwise: its argparse is read, nothing is imported.

Silent wherever the source leaves a doubt. Sure is one `ArgumentParser` whose options are all written out, which nothing else
is given, and whose `parse_args()` reads all of the command line.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.authoring.parsers import argparse_options
from sweeps.authoring.script import read_script
from sweeps.errors import Problem, ScriptError, did_you_mean
from sweeps.program.arguments import SpellingError, spelled
from sweeps.spec.trainer.arguments import ARGS
from sweeps.trainer.program_words import scripts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sweeps.authoring.option import Option
    from sweeps.authoring.script import Script
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer

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
_TYPES: Mapping[str, Callable[[str], str | float]] = {"": str, "str": str, "int": int, "float": float}
_GROUPS = ("add_argument_group", "add_mutually_exclusive_group")


@dataclass(frozen=True, slots=True)
class _Known:
    """What a script surely takes.

    Attributes:
        script: The script's name.
        options: All its options.
        on: Those of flags that are on unless `--no-...` is given.
        described: What the source says of an option, by its long name and its aliases.
    """

    script: str
    options: frozenset[str]
    on: frozenset[str]
    described: Mapping[str, Option]


def refused_settings(trainer: Trainer, written: Iterable[tuple[str, Setting]]) -> Iterator[Problem]:
    """Settings that the script of a command refuses, or takes not as they are meant, each key once, with its place.

    Args:
        trainer: The trainer.
        written: The settings of the file, each with its key.
    """
    path = script_of(trainer)
    known = _known(path) if path is not None else None
    if known is None:
        return
    told = set(trainer.named)
    for key, setting in written:
        wrong = _trouble(trainer, key, setting.value, known) if key not in told else None
        if wrong is not None:
            told.add(key)
            yield Problem(setting.key_place or setting.place, f"{setting.layer}.{key}: {wrong}")


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


def script_of(trainer: Trainer) -> Path | None:
    """The script that gets the settings, where the command says so."""
    command = trainer.spec.command or ()
    scripts = scripts_of(command) if trainer.takes_rest else []
    if len(scripts) != 1 or not scripts[0].is_direct or scripts[0].kind != "file":
        return None
    path = Path(scripts[0].text)
    is_before = scripts[0].at < command.index(ARGS)
    return path if is_before and path.suffix == ".py" and path.is_file() else None


def _known(path: Path) -> _Known | None:
    """What a script takes; None where that is not sure."""
    try:
        script = read_script(path)
        options, interface = options_of(script), argparse_options.read(script)
    except (ScriptError, RecursionError):
        return None
    if options is None or interface is None:
        return None
    flags = [each for each in interface.options if each.booleans == "no-flag" and each.default is True]
    return _Known(
        path.name,
        options,
        frozenset(name for flag in flags for name in (flag.flag, *flag.aliases)),
        {name: each for each in interface.options for name in (each.flag, *each.aliases)},
    )


def _trouble(trainer: Trainer, key: str, value: Value, known: _Known) -> str | None:
    """Why a setting does not reach the script as it is meant, with what to write."""
    words = _words(trainer, key, value)
    if not words:
        flag = "".join(_words(trainer, key, True)[:1]) if value is False else None
        if flag not in known.on:
            return None
        remedy = f"write `args: {{keys: {{{key}: {{booleans: no-flag}}}}}}`"
        return f"false only leaves {flag} out, which is on in {known.script} then; {remedy}"
    option, *values = words
    meant = [name for name in known.options if name.startswith(option)]
    if meant:  # argparse takes the beginning of an option
        exact = option if option in meant else meant[0] if len(meant) == 1 else ""
        return _value_trouble(values, exact, known)
    remedy = did_you_mean(option, sorted(known.options)) or ";"
    keep = f"`args: {{keys: {{{key}: none}}}}` keeps it from the program"
    return f"{known.script} has no option {option}{remedy} {keep}"


def _value_trouble(values: Sequence[str], flag: str, known: _Known) -> str | None:
    """Why argparse refuses the values of an option that is there."""
    option = known.described.get(flag)
    read = _TYPES.get(option.kind) if option is not None and option.lists is None else None
    if option is None or read is None:
        return None
    for text in values:
        try:
            value = read(text)
        except ValueError:
            return f"{known.script} takes {flag} as {option.kind}, which {text} is not"
        if option.choices and value not in option.choices:
            return (
                f"{known.script} takes {flag} as one of {', '.join(map(str, option.choices))}; {text} is none"
            )
    return None


def _words(trainer: Trainer, key: str, value: Value) -> list[str]:
    """The option that a setting is passed by, and its values; none where it is passed by no option."""
    try:
        words = spelled(trainer.spec.arguments, key, value)
    except SpellingError:
        return []  # which is a problem of its own
    if not words or not words[0].startswith("-"):
        return []
    option, is_one_word, first = words[0].partition("=")
    return [option, *([first] if is_one_word else []), *words[1:]]


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
