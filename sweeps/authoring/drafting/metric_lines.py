"""The lines of `metrics:`, and which metrics they read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.drafting.yaml_text import aligned, scalar, single_quoted
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.prints.printed_lines import FOLD
from sweeps.authoring.outputs.writers import LIGHTNING_STEP
from sweeps.sources.counters import COUNTERS
from sweeps.sources.proposals.printed import OF
from sweeps.sources.proposals.shares import derive_line, read_derived
from sweeps.sources.proposals.suggestion import EACH, LEADS
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import FINAL, MEAN
from sweeps.spec.yaml_writer import comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.drafting.facts import Facts


_GROUP = re.compile(r"\(\?P<(\w+)>")
_NAMED = re.compile(r"\(\?P<name>([\w/@.|\\-]+)\)")
NAMES = "(?P<name>"
"""In a pattern that reads the names of metrics with their values."""
_UNSEEN = "    # it prints this, too, as its source says; the run did not come to it"
_COUNTERS = frozenset({*COUNTERS, OF, FOLD, "epochs", "steps", "total"})
"""What a pattern of a line calls its place, not what it measures."""
_SEVERAL = "a loop logs it several times at one step; without this the last value stands"
_LOGGERS = {
    "csv": FoundSource(
        "csv", "{run_dir}/**/metrics.csv", step=LIGHTNING_STEP[0], step_told=LIGHTNING_STEP[1]
    ),
    "tensorboard": FoundSource("tensorboard", "{run_dir}/**"),
    "mlflow": FoundSource("mlflow"),
}
"""Where a logger of Lightning writes that a word `logger=NAME` chooses of Hydra's groups."""


def metric_lines(facts: Facts) -> Iterator[str]:
    """Where its metrics are read."""
    if facts.probed is not None:
        yield from facts.probed
        yield from (line for source in unseen(facts) for line in (_UNSEEN, *source_lines(source)))
        if not any("- stdout:" in line for line in facts.probed):
            yield from _printed_too(facts.printed)
        return
    sure, asked, active = _sources(facts)
    if not sure and (chosen := list(_chosen(facts))):
        yield "  metrics:"
        for source in chosen:
            yield from source_lines(source)
        return
    if not active:
        yield "  # ? metrics:  # where are its metrics? `sweep init --probe` runs it for some seconds to find out; `sweep recipe` lists what there is"
    else:
        yield "  metrics:"
    for source in active:
        yield from source_lines(source)
    texts = {(source.kind, source.text) for source in active}
    for source in asked:
        if (source.kind, source.text) not in texts:
            yield f"    # ? - {_entry(source)}  # {comment(source.question)}"
    if sure:
        yield from _prints_beside(facts)


def _prints_beside(facts: Facts) -> Iterator[str]:
    """The lines that it prints beside the files that are read: those of metrics that stand in none of these, the others as comments."""
    alone = {source: own for source in facts.printed if (own := _of_print_alone(source, facts)) is not None}
    for own in alone.values():
        yield from source_lines(own)
    yield from _printed_too([source for source in facts.printed if source not in alone])


def _of_print_alone(source: FoundSource, facts: Facts) -> FoundSource | None:
    """A line that it prints, as far as its metrics stand in no file that is read; None where all of them may."""
    alone = [name for name in metrics_of(source) if name in facts.printed_only]
    if len(alone) == len(metrics_of(source)):
        return source if alone else None
    if not alone or source.derived or (found := _NAMED.search(source.text)) is None:
        return None
    kept = [
        name for name in found[1].split("|") if name in _COUNTERS or re.sub(r"\\(.)", r"\1", name) in alone
    ]
    return replace(source, text=source.text.replace(found[0], f"{NAMES}{'|'.join(kept)})", 1))


def _printed_too(printed: Sequence[FoundSource]) -> Iterator[str]:
    """As comments: the lines that it prints beside the files that are read."""
    if printed:
        yield "    # It prints these too, perhaps the same again. To read them as well, take away the # before - and what belongs to it:"
    for source in printed:
        yield from (f"    # {line[4:].removeprefix('# ')}" for line in source_lines(source))


def reads_files(facts: Facts) -> bool:
    """Whether its metrics are read from elsewhere than from what it prints."""
    return any(source.kind != "stdout" for source in _sources(facts)[2])


def _sources(facts: Facts) -> tuple[list[FoundSource], list[FoundSource], list[FoundSource]]:
    """What it surely writes, what it may write, and of both, or of what it prints, what the file reads."""
    sure = [source for source in facts.written.sources if not source.question]
    asked = [source for source in facts.written.sources if source.question]
    tables = [
        replace(source, question="", told=f"{source.told}; if it holds no metrics, take this line away")
        for source in asked
        if source.kind in {"csv", "json", "jsonl"}
    ]
    return sure, asked, [*sure] or list(facts.printed) or tables


def _chosen(facts: Facts) -> Iterator[FoundSource]:
    """The loggers of Lightning that words of the command choose."""
    interface = facts.interface
    if interface.kind == "LightningCLI" and any("CSVLogger" in word for word in interface.after):
        yield replace(_LOGGERS["csv"], told="the CSVLogger that the command asks for")
    elif interface.style == "hydra":
        typed = [*facts.before, *facts.after]
        words = {word.removeprefix("logger=") for word in typed if word.startswith("logger=")}
        chosen = (each.default for each in interface.options if each.key == "logger" and each.is_given)
        words.update(name for name in chosen if isinstance(name, str))
        names = sorted(words & _LOGGERS.keys())
        for name in names:
            said = replace(_LOGGERS[name], told=f"logger={name}")
            # The others have the same metrics at global steps.
            yield said if len(names) == 1 else replace(said, step="", step_told="")


def unseen(facts: Facts) -> list[FoundSource]:
    """Where a run showed lines of text with metrics: those that the source prints as well, and the run did not."""
    shown = [line for line in facts.probed or () if "- stdout:" in line]
    names = set(metrics_in(facts.probed or ()))
    return [
        source
        for source in facts.printed
        if shown and (NAMES in source.text or not names.issuperset(metrics_of(source)))
    ]


def metrics_of(source: FoundSource) -> list[str]:
    """The metrics that a pattern of a line reads."""
    return metrics_in([source.text, *([derive_line(source.derived)] if source.derived else [])])


def read_once(facts: Facts) -> set[str]:
    """The metrics that it prints once, as at its end, and at no other place."""
    ends = {name for source in facts.printed if source.step == FINAL for name in metrics_of(source)}
    return ends - {name for source in facts.printed if source.step != FINAL for name in metrics_of(source)}


def groups_of(pattern: str) -> list[str]:
    """What a pattern of a line calls its parts, those left out that only count."""
    if NAMES in pattern:
        return [
            name
            for names in _NAMED.findall(pattern)
            for name in re.sub(r"\\(.)", r"\1", names).split("|")
            if name not in _COUNTERS
        ]
    return [name for name in _GROUP.findall(pattern) if name not in _COUNTERS]


def metrics_in(lines: Sequence[str]) -> list[str]:
    """The metrics that lines of `metrics:` read by patterns: their groups, and what they derive of some, in place of these."""
    found: list[str] = []
    for line in lines:
        found += groups_of(line)
        if derived := read_derived(line):
            parts = {part for _, expression in derived for part in Expression.parse(expression).names}
            found = [*(name for name in found if name not in parts), *(name for name, _ in derived)]
    return found


def source_lines(source: FoundSource) -> Iterator[str]:
    """The lines below `metrics:` of a source."""
    entry = _entry(source)
    said = source.question or source.told
    if source.kind == "stdout":
        yield f"    # {comment(said)}{LEADS if source.leads else ''}"
        yield f"    - {entry}"
        if source.step:
            yield f"      step: {source.step}{f'  # {source.step_told}' if source.step_told else ''}"
        if source.derived:
            yield f"      {derive_line(source.derived)}"
        if source.several:
            yield f"      several: {source.several}  # {EACH}"
        return
    lines = [(f"    - {entry}", said)]
    if source.step_told:
        lines = [
            (f"    - {_entry(replace(source, step=''))}", said),
            (f"      step: {source.step}", source.step_told),
        ]
    if source.several_of:
        means = ", ".join(f"{scalar(name)}: {MEAN}" for name in source.several_of)
        lines.append((f"      several: {{{means}}}", _SEVERAL))
    yield from aligned(lines)


def _entry(source: FoundSource) -> str:
    if source.kind == "mlflow":
        return "mlflow: true"
    if source.kind == "stdout":
        return f"stdout: {single_quoted(source.text)}"
    where = f'{source.kind}: "{source.text}"'
    if source.at or source.step:
        more = [f"at: {source.at}"] * bool(source.at) + [f"step: {source.step}"] * bool(source.step)
        return "{" + ", ".join([where, *more]) + "}"
    return where
