"""Finds the option that takes settings as KEY=VALUE: `--set model.C=0.5`, `-o a.b=1`, `--cfg-options a=1 b=2`."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.syntax import argument, name_of
from sweeps.spec.trainer.arguments import OVERRIDES

if TYPE_CHECKING:
    from sweeps.authoring.option import Option
    from sweeps.authoring.script import Script

_PAIR = re.compile(r"\W*[A-Za-z][\w.]*\W*=\W*[A-Za-z].*", re.DOTALL)
_SAID = re.compile(
    r"(?i)\b(k|key|name|param(eter)?|option|setting|arg|config|section)[\w.<>\[\]]*\s?=\s?[<\[{'\"]*(v|val|value|x|y)\b"
)
_NAME = re.compile(
    r"(?i)(config_|cfg_|conf_|hydra_|param_)?(set|sets|opts?|options?|overrides?|overwrites?|params?|settings?|kwargs|args|o|d|p|x|s)"
)
_DOTLISTS = ("OmegaConf.from_dotlist", "OmegaConf.from_cli", "merge_with_dotlist", "DictAction")
_SPLITTERS = ("partition", "split")
_NUMBERS = frozenset({"int", "float", "bool"})


def with_assignments(options: tuple[Option, ...], script: Script) -> tuple[Option, ...]:
    """The options, of which the first that takes KEY=VALUE is marked so: by its metavar, its help, or by what the code does with it."""
    lists = [
        option for option in options if option.is_list and option.kind not in _NUMBERS and not option.choices
    ]
    if not lists:
        return options
    said = (option for option in lists if _PAIR.fullmatch(option.metavar) or _SAID.search(option.help))
    named = [option for option in lists if _NAME.fullmatch(option.key.replace("-", "_"))]
    found = next(said, named[0] if named and _takes_apart(script) else None)
    if found is None:
        return options
    return tuple(replace(option, assigns=True) if option is found else option for option in options)


def reading_style(script: Script) -> str:
    """The style of `args:` in which a script reads the values of such an option."""
    if any(script.calls(*_DOTLISTS[:-1])):
        return "hydra"
    return "literal" if any(script.calls("literal_eval")) else OVERRIDES


def _takes_apart(script: Script) -> bool:
    """Whether the code splits texts at their `=`, or has OmegaConf do it."""
    methods = (call for call in script.each(ast.Call) if isinstance(call.func, ast.Attribute))
    divided = (argument(call, 0) for call in methods if name_of(call.func) in _SPLITTERS)
    named = (*script.each(ast.Name), *script.each(ast.Attribute))
    return any(value_of(one, {}) == "=" for one in divided) or any(
        script.is_named(node, *_DOTLISTS) for node in named
    )
