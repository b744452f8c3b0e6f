"""What libraries print by themselves while they train: Keras of each epoch, SpeechBrain too, and libraries of boosting of each round."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.syntax import keywords_of
from sweeps.spec.trainer.source_model import CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_VALUE = r"(?P<value>[-+.\de]+|nan|inf)"

_KERAS = ("keras", "keras_core", "tf_keras", "tensorflow")
_OF_FIT = {"epochs", "batch_size", "steps_per_epoch", "validation_data", "validation_split"}
_VALIDATING = {"validation_data", "validation_split"}
_EPOCH = r"^Epoch\s+(?P<epoch>\d+)/\d+"
_ANY = rf"-\s+(?P<name>\w+):\s+{_VALUE}"
_VALIDATED = rf"-\s+(?P<name>val_\w+|\w+(?=.*-\s+val_)):\s+{_VALUE}"
"""Of lines with `val_...` alone: those at an epoch's end, and none of `evaluate` after it."""

_EPOCH_OF_SPEECHBRAIN = r"\b[Ee]poch:\s+(?P<epoch>\d+)(?=.*\s-\s+train\s)"
_METRIC_OF_SPEECHBRAIN = rf"\b(?P<name>(?:train|valid|test) [\w.-]+):\s+{_VALUE}"

_STEP = "iteration"


@dataclass(frozen=True, slots=True)
class _Boosting:
    """How a library of boosting prints.

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


_BOOSTING = (
    _Boosting(
        "xgboost",
        rf"^\[(?P<{_STEP}>\d+)\]\s+[\w@.]+-",
        rf"\s(?P<name>[\w@.]+-[\w@.-]+):{_VALUE}",
        frozenset({"evals", "eval_set"}),
    ),
    _Boosting(
        "lightgbm",
        rf"^\[(?P<{_STEP}>\d+)\]\s+\w+'s\s",
        rf"\s(?P<name>\w+'s [\w@.-]+):\s+{_VALUE}",
        frozenset({"valid_sets", "eval_set"}),
        is_silent=True,
    ),
    _Boosting(
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


def keras_lines(script: Script) -> list[FoundSource]:
    """What reads the lines that `fit` prints of each epoch: of what its bar shows the last; nothing where it is silent."""
    calls = list(_fits(script)) if script.imports_from(*_KERAS) else []
    if not calls:
        return []
    is_validated = all(_VALIDATING & keywords_of(call).keys() for call in calls)
    return _read_of(calls[0], _EPOCH, "epoch", _VALIDATED if is_validated else _ANY)


def speechbrain_lines(script: Script) -> list[FoundSource]:
    """What reads the lines of its train logger: `epoch: 3, lr: 1.0e-03 - train loss: 0.5 - valid loss: 0.6`; nothing of a script without."""
    call = next(script.calls("train_logger.log_stats", "log_stats"), None)
    if call is None or not script.imports_from("speechbrain"):
        return []
    return _read_of(call, _EPOCH_OF_SPEECHBRAIN, "epoch", _METRIC_OF_SPEECHBRAIN, "logs")


def boosting_lines(script: Script) -> list[FoundSource]:
    """What reads the lines of the rounds, such as `[3]  train-auc:0.81  valid-auc:0.79`; nothing where it is silent."""
    used = (library for library in _BOOSTING if script.imports_from(library.package))
    found = ((library, call) for library in used for call in _printing(script, library))
    library, call = next(found, (None, None))
    return _read_of(call, library.begins, _STEP, library.metric) if library is not None and call else []


def _read_of(call: ast.Call, begins: str, step: str, metric: str, verb: str = "prints") -> list[FoundSource]:
    """What reads the lines of a call: of each the step first, and then its metrics."""
    told = text_of(call)
    return [
        FoundSource("stdout", begins, step, told=told, leads=True),
        FoundSource("stdout", metric, CARRIED, told=f"what {told} {verb} then"),
    ]


def _fits(script: Script) -> Iterator[ast.Call]:
    """The calls of Keras' `fit` that print more than one epoch."""
    for call in script.each(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "fit":
            given = {name: value_of(value, script.constants) for name, value in keywords_of(call).items()}
            if _OF_FIT & given.keys() and given.get("verbose") != 0 and given.get("epochs", 1) != 1:
                yield call


def _printing(script: Script, library: _Boosting) -> Iterator[ast.Call]:
    """The calls that train and print."""
    is_logged = any(script.calls("log_evaluation", "print_evaluation"))
    usual = is_logged if library.is_silent else _told_by_models(script)
    for call in script.each(ast.Call):
        if script.last_word(call.func) not in _FITS:
            continue
        given = keywords_of(call)
        said = [value_of(given[word], script.constants) for word in _ASKS if word in given]
        is_watched = library.shown & given.keys() or (
            script.dotted(call.func) == f"{library.package}.train" and len(call.args) > _PLACE_OF_WATCHED
        )
        if is_watched and (bool(said[0]) if said else usual):
            yield call


def _told_by_models(script: Script) -> bool:
    """Whether models that are made print: they do unless they are told not to."""
    made = (call for call in script.each(ast.Call) if script.last_word(call.func).startswith(_MODELS))
    for word in (word for call in made for word in call.keywords):
        value = value_of(word.value, script.constants)
        if (word.arg, bool(value)) in {("verbose", False), ("silent", True)} or value == "Silent":
            return False
    return True
