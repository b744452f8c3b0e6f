"""Reads where a program's metrics are: `metrics:`, `rename:`, `derive:`, `progress:`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.errors import did_you_mean
from sweeps.spec.fields import is_whole
from sweeps.spec.schema.shapes import (
    either,
    exactly_one,
    listed,
    mapping,
    named,
    one_of,
    told,
    without,
    word,
)
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.line_pattern import never_fits
from sweeps.spec.trainer.source_model import (
    ALL,
    CARRIED,
    COUNT,
    FILES,
    FINAL,
    KINDS,
    LAST,
    LOGGERS,
    MEAN,
    MLFLOW,
    STEP_NAMES,
    Source,
    Sources,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.yaml_reader import Node

_FILE = r"^(?!([\s\S]*/)?[* ]*(\{run_dir\}[* ]*)?$)"
_SEVERAL = one_of((LAST, MEAN, ALL))
METRIC_KEYS: Keys = {
    "stdout": word("A regular expression with named groups, for a line of what it prints.", r"\(\?P<"),
    "csv": word("A CSV file.", _FILE),
    "jsonl": word("A file with a JSON document in each line.", _FILE),
    "json": word("A JSON document.", _FILE),
    "tensorboard": word("TensorBoard's event files, or the folder that holds them."),
    "wandb": word("A run of W&B, offline or not, or the folder that holds it."),
    MLFLOW: {"const": True, "description": "What it logs with MLflow, which is always read."},
    "step": told(
        f"What the step is: a column or group, an expression such as epoch * 100 + batch, {CARRIED}, {COUNT} or {FINAL}.",
        either(word(), {"type": "integer"}),
    ),
    "several": told(
        "What several values at one step become, of all metrics or by their names.",
        {**either(_SEVERAL, named("", _SEVERAL)), "default": LAST},
    ),
    "at": word("The list in a JSON document that holds the rows."),
    "derive": named(
        "Metrics of the numbers of a line or row, such as accuracy: correct / n; what they are made of is not recorded.",
        word(),
    ),
}
"""The keys of an entry of `metrics:`."""
_METRIC: Shape = {
    **mapping("", METRIC_KEYS),
    **exactly_one(KINDS),
    "dependencies": {
        **{kind: without(("at",)) for kind in KINDS if kind not in ("json", *LOGGERS, MLFLOW)},
        **{kind: without(("at", "step", "derive")) for kind in (*LOGGERS, MLFLOW)},
        "step": {"properties": {"several": {"not": {"const": ALL}}}},
    },
}
PROGRESS_KEYS: Keys = {
    "metric": word("The metric, or expression of metrics, that says which epoch it is."),
    "of": word("The key of the config that holds the number of epochs."),
}
SOURCE_KEYS: Keys = {
    "metrics": listed("Where its metrics are read.", _METRIC),
    "rename": named("New names of metrics by old ones; a {part} stands for anything but a slash.", word()),
    "derive": named("Further metrics, as expressions of others: accuracy: correct / n.", word()),
    "progress": mapping("What counts as an epoch.", PROGRESS_KEYS, ("metric",)),
}
"""The keys of `trainer:` that are read here."""
_EXAMPLE = "- csv: '{run_dir}/metrics.csv'"
_MOST_SHOWN = 40


def read_sources(entries: Mapping[str, Node], reader: FieldReader) -> Sources:
    """Read them from the entries of `trainer:`."""
    found: dict[str, Source] = {}
    nodes: list[tuple[Source, Node]] = []
    for number, node in enumerate(reader.items(entries.get("metrics")), 1):
        source = _read_source(node, number, reader)
        if source is None:
            continue
        if source.identity in found:
            reader.problem(node, f"the same source as {found[source.identity].label}; delete one of the two")
        found.setdefault(source.identity, source)
        nodes.append((source, node))
    _needs_groups(nodes, reader)
    _needs_values(nodes, reader)
    progress, total = _read_progress(entries.get("progress"), reader)
    return Sources(
        tuple(_with_plain_label(source, found.values()) for source in found.values()),
        _read_rename(entries.get("rename"), reader),
        _read_derive(entries.get("derive"), reader),
        progress,
        total,
    )


def _with_plain_label(source: Source, sources: Collection[Source]) -> Source:
    """A source by its kind and path alone where it is the only one of its kind: no number has to be counted then."""
    if not source.text or [one.kind for one in sources].count(source.kind) > 1:
        return source
    text = _short(source.text)
    label = f"{source.kind} {text}" if source.has_path else f"{source.kind} '{text}'"
    return replace(source, label=label, number=0)


def _read_source(node: Node, number: int, reader: FieldReader) -> Source | None:
    if node.mapping is None:
        reader.problem(node, f"an entry says what is read where, such as `{_EXAMPLE}`, not {node.describe()}")
        return None
    entries = reader.mapping(node, METRIC_KEYS) or {}
    kinds = [key for key in entries if key in KINDS]
    if len(kinds) != 1:
        reader.problem(node, f"an entry names one of {', '.join(KINDS)}, such as `{_EXAMPLE}`")
        return None
    (kind,) = kinds
    if kind == MLFLOW:
        if entries[kind].content is not True:
            reader.problem(
                entries[kind], "write `mlflow: true`; what a program logs to MLflow is always read"
            )
        text: str | None = ""
    else:
        text = reader.word(entries[kind])
    several, several_of = _read_several(entries.get("several"), reader)
    at = reader.word(entries.get("at")) or ""
    if at and kind != "json":
        reader.problem(
            node, f"`at` names a list in a `json` document; {kind} has none", at=node.key_place("at")
        )
    if text is None:
        return None
    groups = _pattern_groups(entries[kind], text, reader) if kind == "stdout" else None
    if kind in FILES and text.rpartition("/")[2].strip("* ") in ("", "{run_dir}"):
        example = f"{text.rstrip('/*')}/**/metrics.{kind}"
        reader.problem(entries[kind], f"{text!r} names no file, so nothing is ever read; write '{example}'")
    if "**" in text and kind != "stdout" and re.search(r"[^/]\*\*|\*\*[^/]", text):
        reader.problem(entries[kind], f"{text!r}: ** stands for whole folders; write /**/ between slashes")
    step = _read_step(node, entries, kind, groups, several, reader)
    derive = _read_own_derive(node, entries.get("derive"), kind, groups, reader)
    label = f"metrics[{number}] ({kind}{f' {_short(text)}' if text else ''})"
    place = entries[kind].place
    found = Source(kind, text, step, several, at, label, place=place, several_of=several_of, derive=derive)
    return replace(found, number=number).identified()


def _read_several(node: Node | None, reader: FieldReader) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A choice for all metrics, and those for single ones."""
    if node is None:
        return LAST, ()
    if node.mapping is None:
        return _read_choice(node, reader), ()
    for name in node.mapping:
        try:
            placeholders(name)
        except ValueError as error:
            reader.problem(node, f"'{name}': {error}", at=node.key_place(name))
    return LAST, tuple((name, _read_choice(entry, reader)) for name, entry in node.mapping.items())


def _read_choice(node: Node, reader: FieldReader) -> str:
    choice = reader.word(node) or LAST
    if choice not in (LAST, MEAN, ALL):
        hint = did_you_mean(choice, (LAST, MEAN, ALL)) or f"; write {LAST}, {MEAN} or {ALL}"
        reader.problem(node, f"'{choice}' is no choice{hint}")
    return choice


def _pattern_groups(node: Node, pattern: str, reader: FieldReader) -> tuple[str, ...] | None:
    """The named groups of a pattern that is right; None where it can never give a metric."""
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        reader.problem(node, f"{pattern!r} is no regular expression: {error}")
        return None
    groups = tuple(compiled.groupindex)
    if not groups:
        what = "its groups have no names" if compiled.groups else "it has no groups"
        reader.problem(node, f"{what}, so that it gives no metric; name one, such as loss (?P<loss>\\S+)")
        return None
    if ("name" in groups) != ("value" in groups):
        lacking = "value" if "name" in groups else "name"
        reader.problem(node, f"a group `name` and a group `value` go together; `{lacking}` is missing")
        return None
    if wrong := never_fits(pattern):
        reader.problem(node, wrong)
        return None
    return groups


def _read_step(
    node: Node,
    entries: Mapping[str, Node],
    kind: str,
    groups: tuple[str, ...] | None,
    several: str,
    reader: FieldReader,
) -> str:
    """The rule for the step, where it fits the source."""
    written = entries.get("step")
    if written is not None and several == ALL:
        reader.problem(node, f"with `several: {ALL}` each value has a counted step; leave out `step`")
    if written is not None and (kind in LOGGERS or kind == MLFLOW):
        reader.problem(node, f"what {kind} reads has its steps; leave out `step`", at=node.key_place("step"))
        return ""
    content = written.content if written is not None else None
    is_number = is_whole(content)
    step = str(content) if is_number else reader.word(written)
    if step is not None and written is not None and step not in (CARRIED, COUNT, FINAL):
        try:
            Expression.parse(step)
        except ValueError as error:
            reader.problem(written, str(error))
            return ""
    if groups is not None and step in (CARRIED, FINAL) and not set(groups) - set(STEP_NAMES):
        reader.problem(node, f"every group is a step, and `step: {step}` asks for none; name one for a value")
    return step or ""


def _read_own_derive(
    node: Node, written: Node | None, kind: str, groups: tuple[str, ...] | None, reader: FieldReader
) -> tuple[tuple[str, str], ...]:
    """The metrics that are computed of the numbers of a line or row."""
    if written is None:
        return ()
    if kind in LOGGERS or kind == MLFLOW:
        why = f"what {kind} reads are single values; write `derive` beside `metrics`, which takes those of a step"
        reader.problem(node, why, at=node.key_place("derive"))
        return ()
    derive = _read_derive(written, reader)
    for name, text in derive.items():
        for lacking in Expression.parse(text).names if groups is not None else ():
            if lacking not in (groups or ()):
                hint = did_you_mean(lacking, groups or ()) or f"; it has {', '.join(groups or ())}"
                reader.problem(written, f"{name}: the pattern has no group '{lacking}'{hint}")
    return tuple(derive.items())


def _needs_groups(sources: Sequence[tuple[Source, Node]], reader: FieldReader) -> None:
    """The step of a pattern may ask for its own groups, and for those of others, which carry them on."""
    groups = [_groups_in(source) for source, _ in sources]
    known = list(dict.fromkeys(name for own in groups for name in own or ()))
    for (source, node), own in zip(sources, groups, strict=True):
        written = (node.mapping or {}).get("step")
        if own is None or written is None or source.step in ("", CARRIED, COUNT, FINAL):
            continue
        for name in Expression.parse(source.step).names:
            if name not in known:
                hint = did_you_mean(name, known) or f"; it has {', '.join(own)}"
                others = ", nor has another one" if known != list(own) else ""
                reader.problem(written, f"the pattern has no group '{name}'{others}{hint}")


def _groups_in(source: Source) -> tuple[str, ...] | None:
    """The named groups of a pattern; None: it is none, or a wrong one, which is said elsewhere."""
    try:
        return source.groups if source.kind == "stdout" else None
    except (re.error, OverflowError, RecursionError):
        return None


def _needs_values(sources: Sequence[tuple[Source, Node]], reader: FieldReader) -> None:
    """A pattern may tell the step alone, for the lines after it, but not every source."""
    told = [node for source, node in sources if _tells_steps_only(source)]
    if told and len(told) == len(sources):
        reader.problem(
            told[0],
            "every group makes up the step, so that nothing gives a metric; name a group for a value, or add a source that does",
        )


def _tells_steps_only(source: Source) -> bool:
    try:
        return source.tells_steps_only
    except (re.error, OverflowError, RecursionError, ValueError):
        return False  # it is wrong, which is said elsewhere


def _read_rename(node: Node | None, reader: FieldReader) -> dict[str, str]:
    rename = {}
    for old, entry in (reader.mapping(node) or {}).items():
        new = reader.word(entry)
        if new is None or node is None:
            continue
        try:
            parts, kept = placeholders(old), placeholders(new)
        except ValueError as error:
            reader.problem(node, f"'{old}': {error}", at=node.key_place(old))
            continue
        if lacking := [name for name in kept if name not in parts]:
            reader.problem(entry, f"'{old}' has no part {{{lacking[0]}}}")
        rename[old] = new
    return rename


def placeholders(name: str) -> list[str]:
    """The parts `{part}` of a name.

    Raises:
        ValueError: Braces that name none, or a part twice.
    """
    parts = re.findall(r"\{(\w+)\}", name)
    if set("{}") & set(re.sub(r"\{\w+\}", "", name)):
        message = "a part of a name is a word in braces, such as {epoch}"
        raise ValueError(message)
    if len(parts) != len(set(parts)):
        message = "a part may stand once only"
        raise ValueError(message)
    return parts


def _read_derive(node: Node | None, reader: FieldReader) -> dict[str, str]:
    derive = {}
    for name, entry in (reader.mapping(node) or {}).items():
        text = reader.word(entry)
        if text is None:
            continue
        try:
            names = Expression.parse(text).names
        except ValueError as error:
            reader.problem(entry, str(error))
            continue
        if not names:
            reader.problem(entry, f"{text!r} asks for no metric; write for example correct / n")
        derive[name] = text
    return derive


def _read_progress(node: Node | None, reader: FieldReader) -> tuple[str, str]:
    entries = reader.mapping(node, PROGRESS_KEYS)
    if entries is None or node is None:
        return "", ""
    metric, total = reader.word(entries.get("metric")), reader.word(entries.get("of"))
    if "metric" not in entries:
        reader.problem(node, "`metric` is missing; write for example {metric: epoch, of: max_epochs}")
    if metric is not None:
        try:
            Expression.parse(metric)
        except ValueError as error:
            reader.problem(entries["metric"], str(error))
    return metric or "", total or ""


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."
