"""What Keras prints while a model is fitted: a line for each epoch, and a bar with the metrics so far."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.spec.trainer.source_model import CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_PACKAGES = ("keras", "keras_core", "tf_keras", "tensorflow")
_OF_FIT = {"epochs", "batch_size", "steps_per_epoch", "validation_data", "validation_split"}
_VALIDATING = {"validation_data", "validation_split"}
_EPOCH = r"^Epoch\s+(?P<epoch>\d+)/\d+"
_ANY = r"-\s+(?P<name>\w+):\s+(?P<value>[-+.\de]+|nan|inf)"
_VALIDATED = r"-\s+(?P<name>val_\w+|\w+(?=.*-\s+val_)):\s+(?P<value>[-+.\de]+|nan|inf)"
"""Of lines with `val_...` alone: those at an epoch's end, and none of `evaluate` after it."""


def keras_lines(script: Script) -> list[FoundSource]:
    """What reads the lines that `fit` prints of each epoch: of what its bar shows the last; nothing where it is silent."""
    if not script.imports_from(*_PACKAGES):
        return []
    calls = list(_fits(script))
    if not calls:
        return []
    is_validated = all(_VALIDATING & {k.arg for k in call.keywords} for call in calls)
    told = text_of(calls[0])
    return [
        FoundSource("stdout", _EPOCH, "epoch", told=told, leads=True),
        FoundSource("stdout", _VALIDATED if is_validated else _ANY, CARRIED, told=f"what {told} prints then"),
    ]


def _fits(script: Script) -> Iterator[ast.Call]:
    """The calls of `fit` that print more than one epoch."""
    for node in script.nodes:
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit"
        ):
            continue
        given = {k.arg: value_of(k.value, script.constants) for k in node.keywords if k.arg}
        if _OF_FIT & given.keys() and given.get("verbose") != 0 and given.get("epochs", 1) != 1:
            yield node
