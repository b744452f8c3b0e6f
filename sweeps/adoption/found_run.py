"""A run that was found elsewhere, with what is known of its config; nothing is said of whose trial it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sweeps.record.batching import param_text

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.read.record import Record
    from analysis.read.store import RunRecord

_DEEPEST = 20
_MOST_VALUES = 10_000
"""More values than this are no config; texts that repeat themselves by aliases can hold any number."""


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run of an MLflow experiment, or a folder.

    Attributes:
        label: How a table calls it.
        origin: Where it is, for good: what the adopted run's tag says.
        known: What is known of its config: texts as params have them, by the names of the source.
        problem: Why it cannot be adopted whatever its config is; empty where it can.
        began_ms: When it was started, milliseconds since the epoch; 0: that is not known.
        run: The run, of an experiment.
        record: The record that has it.
        folder: The folder, of folders.
    """

    label: str
    origin: str
    known: Mapping[str, str]
    problem: str = ""
    began_ms: int = 0
    run: RunRecord | None = None
    record: Record | None = None
    folder: Path | None = None


class TooManyValuesError(ValueError):
    """A document holds more values than any config."""


def flat(document: Mapping[Any, Any]) -> dict[str, str]:
    """The settings of a document, with dotted names and as texts.

    W&B's `{lr: {desc: null, value: 0.1}}` is the setting `lr`, and its own `_wandb` is none.

    Raises:
        TooManyValuesError: It holds more values than any config.
    """
    _require_few(document, [_MOST_VALUES], 0)
    settings: dict[str, str] = {}
    _flatten(document, "", settings)
    return settings


def _require_few(value: Any, left: list[int], depth: int) -> None:
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise TooManyValuesError
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for item in inner:
        _require_few(item, left, depth + 1)


def _flatten(document: Mapping[Any, Any], prefix: str, settings: dict[str, str]) -> None:
    for name, value in document.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Mapping):
            if "value" in value and value.keys() <= {"desc", "value"}:
                _flatten({name: value["value"]}, prefix, settings)
            elif name != "_wandb":
                _flatten(value, path, settings)
        elif not (isinstance(value, str) and "${" in value):  # a reference, which only its program resolves
            settings[path] = param_text(list(value) if isinstance(value, tuple) else value)
