"""Reads `measures:`, by which metrics runs are judged: of the whole file, or of one sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.criterion import BEST, HIGHER, LAST, LOWER, MEAN, NEITHER, TAIL, VALUES, Criterion
from analysis.results.curves import LARGEST
from analysis.results.metric_names import PER_FRAME
from sweeps.errors import did_you_mean
from sweeps.spec.fields import is_number
from sweeps.spec.schema.shapes import either, mapping, named, one_of, told, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys
    from sweeps.spec.yaml_reader import Node

_BETTER = (HIGHER, LOWER, NEITHER)
_OTHER_WORDS = {
    **dict.fromkeys(("max", "maximize", "maximise", "high", "highest", "up", "greater", "larger"), HIGHER),
    **dict.fromkeys(("min", "minimize", "minimise", "low", "lowest", "down", "less", "smaller"), LOWER),
    **dict.fromkeys(("none", "neutral", "both", "no", "any", "nothing"), NEITHER),
}
_LONGEST_UNIT = 12
NAME = "name"
"""What users write here of a name that stands elsewhere."""
MEASURE_KEYS: Keys = {
    "better": one_of(
        _BETTER, "Which way is better; neither: settings are compared by it, and none is called better."
    ),
    "value": one_of(
        VALUES,
        "Which of its values counts: the last; the best of all steps, as of a checkpoint that is kept; the tail: the mean of the "
        "last tenth of the steps, for what is noisy; or the mean of all, as of the folds of a cross-validation.",
    ),
    "unit": {**word("Stands behind its values, such as % or dB."), "maxLength": _LONGEST_UNIT},
    "baseline": told("The metric, or the number, that it has to beat.", either(word(), {"type": "number"})),
}
"""What may stand under a measure."""
MEASURES = named(
    "By which metrics trials are judged, the first before the others.",
    either(one_of(_BETTER), mapping("", MEASURE_KEYS, ["better"])),
    least=1,
)
EXAMPLE = "measures: {val/f1: {better: higher}}"


def read_measures(node: Node | None, reader: FieldReader) -> tuple[Criterion, ...]:
    """Read `{val/f1: {better: higher, unit: "%", baseline: val/majority}}`, in the file's order; `val/f1: higher` is short for it."""
    entries = reader.mapping(node)
    if node is None or entries is None:
        return ()
    if not entries:
        reader.problem(node, f"names no metric; write for example `{EXAMPLE}`")
    found = (_read_measure(metric, body, reader) for metric, body in entries.items())
    return tuple(criterion for criterion in found if criterion is not None)


def _read_measure(metric: str, body: Node, reader: FieldReader) -> Criterion | None:
    if body.mapping is None:
        better = _read_better(body, reader)
        return Criterion(metric, better) if better else None
    if NAME in body.mapping:
        said = f"unknown key '{NAME}'; its name in the report stands in `names: {{{metric}: {body.mapping[NAME].content}}}`"
        reader.problem(body, said, at=body.key_place(NAME))
    entries = reader.mapping(body, (*MEASURE_KEYS, NAME)) or {}
    if "better" not in entries:
        reader.problem(
            body,
            f"does not say which way is better; add `better: {HIGHER}` or `better: {LOWER}`, or `better: {NEITHER}`",
        )
        return None
    better = _read_better(entries["better"], reader)
    unit, baseline = (
        _read_unit(entries.get("unit"), reader),
        _read_baseline(metric, entries.get("baseline"), reader),
    )
    value = _read_value(metric, entries.get("value"), reader)
    if better == NEITHER:
        _refuse_ranked(entries, reader)
    return Criterion(metric, better, unit, baseline, value=value) if better else None


def _refuse_ranked(entries: Mapping[str, Node], reader: FieldReader) -> None:
    """Report what asks which value is the better one, of a measure of which neither way is better."""
    if "baseline" in entries:
        said = f"has to be beaten, which takes a way that is better; write `better: {HIGHER}` or `better: {LOWER}`, or leave `baseline` out"
        reader.problem(entries["baseline"], said)
    if "value" in entries and entries["value"].content == BEST:
        said = (
            f"of a measure with `better: {NEITHER}` no value is the best one; write {LAST}, {TAIL} or {MEAN}"
        )
        reader.problem(entries["value"], said)


def _read_better(node: Node, reader: FieldReader) -> str | None:
    given = node.content
    if given in _BETTER:
        return str(given)
    hint = ""
    if isinstance(given, str):
        meant = _OTHER_WORDS.get(given.lower())
        hint = f"; did you mean '{meant}'?" if meant else did_you_mean(given, _BETTER)
    reader.problem(node, f"{node.describe()} is not one of {', '.join(_BETTER)}{hint}")
    return None


def _read_value(metric: str, node: Node | None, reader: FieldReader) -> str:
    if node is None:
        return LAST
    if node.content not in VALUES:
        hint = did_you_mean(node.content, VALUES) if isinstance(node.content, str) else ""
        reader.problem(node, f"{node.describe()} is not one of {', '.join(VALUES)}{hint}")
    elif metric.startswith(PER_FRAME):
        reader.problem(node, "of a metric over frames the mean counts; leave `value` out")
    return str(node.content)


def _read_unit(node: Node | None, reader: FieldReader) -> str:
    unit = reader.word(node) or ""
    if node is not None and len(unit) > _LONGEST_UNIT:
        reader.problem(node, f"a unit has at most {_LONGEST_UNIT} characters, such as % or dB")
    return unit.strip()


def _read_baseline(metric: str, node: Node | None, reader: FieldReader) -> str | float | None:
    if node is None:
        return None
    if is_number(node.content):
        if abs(node.content) < LARGEST:  # which no NaN is
            return float(node.content)
        reader.problem(node, f"must be a finite number, not {node.describe()}")
        return None
    baseline = reader.word(node)
    if baseline == metric:
        reader.problem(node, "is the metric itself; name the metric, or the number, that it has to beat")
    elif baseline is not None and baseline.startswith(PER_FRAME) != metric.startswith(PER_FRAME):
        reader.problem(node, f"of two metrics that are compared, both or neither begin with {PER_FRAME}")
    return baseline
