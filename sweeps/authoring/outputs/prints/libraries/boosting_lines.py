"""What XGBoost, LightGBM and CatBoost print of each round of boosting: `[3]  train-auc:0.81  valid-auc:0.79`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.spec.trainer.source_model import CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_VALUE = r"(?P<value>[-+.\de]+|nan|inf)"
_STEP = "iteration"


@dataclass(frozen=True, slots=True)
class _Library:
    """How a library prints.

    Attributes:
        package: Its name.
        begins: What a line of a round begins with, and the round.
        metric: A metric of such a line.
        shown: The keywords of a call without which nothing is printed.
        is_silent: Whether it prints only where it is asked to.
    """

    package: str
    begins: str
    metric: str
    shown: frozenset[str]
    is_silent: bool = False


_LIBRARIES = (
    _Library(
        "xgboost",
        rf"^\[(?P<{_STEP}>\d+)\]\s+[\w@.]+-",
        rf"\s(?P<name>[\w@.]+-[\w@.-]+):{_VALUE}",
        frozenset({"evals", "eval_set"}),
    ),
    _Library(
        "lightgbm",
        rf"^\[(?P<{_STEP}>\d+)\]\s+\w+'s\s",
        rf"\s(?P<name>\w+'s [\w@.-]+):\s+{_VALUE}",
        frozenset({"valid_sets", "eval_set"}),
        is_silent=True,
    ),
    _Library(
        "catboost",
        rf"^(?P<{_STEP}>\d+):\s+learn:",
        rf"\s(?P<name>learn|test\d*):\s+{_VALUE}",
        frozenset({"eval_set"}),
    ),
)
_FITS = ("train", "fit")
_PLACE_OF_WATCHED = 3
"""Which argument of a function `train` the data is that the metrics are of."""
_MODELS = ("CatBoost", "XGB")
_ASKS = ("verbose", "verbose_eval")
"""Words of a call, or of a model, that have it print."""


def boosting_lines(script: Script) -> list[FoundSource]:
    """What reads the lines of the rounds: of each the round first, and then its metrics; nothing where it is silent."""
    for library in _LIBRARIES:
        if not script.imports_from(library.package):
            continue
        call = next(_printing(script, library), None)
        if call is not None:
            told = text_of(call)
            return [
                FoundSource("stdout", library.begins, _STEP, told=told, leads=True),
                FoundSource("stdout", library.metric, CARRIED, told=f"what {told} prints then"),
            ]
    return []


def _printing(script: Script, library: _Library) -> Iterator[ast.Call]:
    """The calls that train and print."""
    is_logged = next(script.calls("log_evaluation", "print_evaluation"), None) is not None
    usual = is_logged if library.is_silent else _told_by_models(script)
    for node in script.nodes:
        if not (isinstance(node, ast.Call) and script.dotted(node.func).rpartition(".")[2] in _FITS):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        said = [value_of(given[word], script.constants) for word in _ASKS if word in given]
        is_watched = library.shown & given.keys() or (
            script.dotted(node.func) == f"{library.package}.train" and len(node.args) > _PLACE_OF_WATCHED
        )
        if is_watched and (bool(said[0]) if said else usual):
            yield node


def _told_by_models(script: Script) -> bool:
    """Whether models that are made print: they do unless they are told not to."""
    for node in script.nodes:
        name = script.dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        for keyword in node.keywords if isinstance(node, ast.Call) and name.startswith(_MODELS) else ():
            value = value_of(keyword.value, script.constants)
            if (keyword.arg, bool(value)) in {("verbose", False), ("silent", True)} or value == "Silent":
                return False
    return True
