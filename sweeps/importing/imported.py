"""What an import found: a file's content as plain values, and what did not carry over; written as YAML with comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.spec.yaml_writer import comment, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.importing.studies.study import Config, Description, Study
    from sweeps.spec.yaml_reader import Value

_WIDTH = 110
_LONGEST_NAME = 60
_MOST_LISTED = 20


@dataclass(slots=True)
class Imported:
    """The content of a file.

    Attributes:
        what: What it was made from, in words.
        experiment: The name of the experiment.
        trainer: What stands behind `trainer:`.
        defaults: The settings of all trials.
        sweeps: The sweeps by name, as the file says them.
        configs: The configs that its trials must have; None: they are drawn by a search.
        left_out: Lines that do not fit, each with the reason.
        notes: What else is different from what was imported, in sentences.
    """

    what: str
    experiment: str
    trainer: dict[str, Value]
    defaults: Config = field(default_factory=dict)
    sweeps: dict[str, dict[str, Value]] = field(default_factory=dict)
    configs: Sequence[Config] | None = None
    left_out: Mapping[int, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def remarks(self) -> Iterator[str]:
        """What did not carry over, and what is different, a line each."""
        for at, (line, reason) in enumerate(sorted(self.left_out.items())):
            if at == _MOST_LISTED:
                yield f"and {len(self.left_out) - at} more lines"
                break
            yield f"line {line} is left out: {reason}"
        yield from self.notes

    def question(self) -> str:
        """What has to be answered before anything but what the program logs with MLflow is recorded."""
        command = self.trainer.get("command")
        words = command if isinstance(command, list) else []
        script = next((word for word in words if isinstance(word, str) and word.endswith(".py")), None)
        early = f"`sweep init {comment(script)} --out -` tells, or " if script else ""
        return f"where are its metrics? {early}after a trial `sweep metrics` does"

    def text(self) -> str:
        """The file."""
        lines = [f"# From {comment(self.what)}, by `sweep import`."]
        lines += [f"#   {comment(remark)}" for remark in self.remarks()]
        lines += [f"experiment: {scalar(self.experiment)}", *_lines({"trainer": self.trainer}, 0)]
        lines.append(f"  # ? metrics:  # {self.question()}")
        if self.defaults:
            lines += ["", *_lines({"defaults": dict(self.defaults)}, 0)]
        lines += ["", "sweeps:"]
        for name, sweep in self.sweeps.items():
            lines.append(f"  {name}:" if sweep else f"  {name}: {{set: {{}}}}")
            lines += _lines(sweep, 4)
        return "\n".join(lines) + "\n"


def sweeps_of(description: Description) -> dict[str, dict[str, Value]]:
    """The sweeps of a description by name, as the file says them."""
    found: dict[str, dict[str, Value]] = {}
    for study in description.studies:
        name = _name(study, found)
        found[name] = _as_written(study)
    return found


def _as_written(study: Study) -> dict[str, Value]:
    parts: dict[str, Value] = {}
    if study.grid:
        parts["grid"] = {key: list(values) for key, values in study.grid.items()}
    if study.zipped:
        parts["zip"] = {key: list(values) for key, values in study.zipped.items()}
    if study.include:
        parts["include"] = [dict(layer) for layer in study.include]
    if study.exclude:
        parts["exclude"] = [_condition(condition) for condition in study.exclude]
    if study.whens:
        parts["when"] = [
            {"if": _condition(condition), "set": dict(found)} for condition, found in study.whens
        ]
    if study.settings:
        parts["set"] = dict(study.settings)
    if study.seeds:
        parts["seeds"] = list(study.seeds)
    return parts


def _condition(condition: Mapping[str, tuple[Value, ...]]) -> dict[str, Value]:
    return {
        key: values[0] if len(values) == 1 and not isinstance(values[0], list) else list(values)
        for key, values in condition.items()
    }


def _name(study: Study, taken: Mapping[str, object]) -> str:
    """A name of what the sweep varies; of two with the same, the second says what it sets."""
    varied = [key.rpartition(".")[2] for key in study.varied]
    base = "-".join(varied) or "trial"
    if study.include and not (study.grid or study.zipped):
        base = "trials"
    elif len(base) > _LONGEST_NAME:
        base = "grid"
    base = _safe(base)
    if base not in taken:
        return base
    for key, value in study.settings.items():
        word = value if isinstance(value, str) else f"{key.rpartition('.')[2]}{scalar(value)}"
        name = _safe(f"{base}-{word}"[:_LONGEST_NAME])
        if name not in taken:
            return name
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _safe(text: str) -> str:
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._+-") else "_" for char in text)
    return kept if kept[:1].isalnum() else f"s{kept}"


def _lines(values: Mapping[str, Value], indent: int) -> Iterator[str]:
    """A mapping as lines: what fits on one stands on one."""
    space = " " * indent
    for key, value in values.items():
        line = f"{space}{scalar(key)}: {scalar(value)}"
        is_outer = indent == 0 and isinstance(value, Mapping)
        if isinstance(value, Mapping) and value and (is_outer or len(line) > _WIDTH):
            yield f"{space}{scalar(key)}:"
            yield from _lines(value, indent + 2)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{space}{scalar(key)}:"
            yield from (f"{space}  - {scalar(item)}" for item in value)
        else:
            yield line
