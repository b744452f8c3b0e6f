"""Writes the lines of `trainer:` that would read what a program prints and leaves, ready to paste."""

from __future__ import annotations

import glob
import re
from typing import TYPE_CHECKING

from sweeps.sources.proposals.form_steps import ENDS
from sweeps.sources.proposals.shares import derive_line
from sweeps.spec.trainer.source_model import CARRIED, COUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sweeps.sources.proposals.form_steps import PrintedForm
    from sweeps.sources.proposals.left_files import LeftFile

EACH = "it is printed again and again in a step: each value gets a step of its own, counted from 0"
"""Said of values with counted steps."""
LEADS = ": the step of the lines after it"
"""Said of a line that shows no metric."""
MOST_FORMS = 3
"""So many forms of lines are suggested; a program that prints more has too many to guess."""


def suggestion(
    forms: Sequence[PrintedForm], inside: Sequence[LeftFile], outside: Sequence[LeftFile], run_dir: Path
) -> list[str]:
    """Lines of YAML, indented for `trainer:`; none where there is nothing to read.

    Args:
        forms: The lines that it prints.
        inside: The files of metrics in the run's own directory.
        outside: Those that it left elsewhere, where every trial writes; they are read once trials run in their own directories.
        run_dir: The run's own directory.
    """
    sources = [
        *_of_files([_below(left, run_dir) for left in inside]),
        *_of_files([(left, f"**/{glob.escape(left.path.name)}") for left in outside]),
        *("\n".join(_of_form(form)) for form in _chosen(forms)),
    ]
    if not sources:
        return []
    moved = (
        ['  cwd: "{run_dir}"  # it writes beside where it starts, and each trial needs a place of its own']
        if outside
        else []
    )
    return [*moved, "  metrics:", *(line for source in dict.fromkeys(sources) for line in source.split("\n"))]


def _chosen(forms: Sequence[PrintedForm]) -> list[PrintedForm]:
    """The first forms with each pattern once, as lines may end in a word that is no part of it, and what leads them."""
    found: dict[str, PrintedForm] = {}
    for form in forms:
        found.setdefault(form.pattern, form)
    headers = [form for form in found.values() if not form.metrics]
    return [*headers, *[form for form in found.values() if form.metrics][:MOST_FORMS]]


def _below(left: LeftFile, run_dir: Path) -> tuple[LeftFile, str]:
    inner = left.path.relative_to(run_dir)
    pattern = glob.escape(inner.name)
    return left, pattern if len(inner.parts) == 1 else f"**/{pattern}"


def _of_files(files: Sequence[tuple[LeftFile, str]]) -> Iterator[str]:
    for left, pattern in files:
        match left.kind:
            case "tensorboard":
                yield '    - tensorboard: "{run_dir}/**"'
            case "wandb":
                yield '    - wandb: "{run_dir}/**"'
            case kind:
                step = "epoch" if _is_lightnings(left) else left.step
                more = (f", at: {left.at}" if left.at else "") + (f", step: {step}" if step else "")
                where = f'{kind}: "{{run_dir}}/{_quoted(pattern)}"'
                yield f"    - {{{where}{more}}}" if more else f"    - {where}"


def _is_lightnings(left: LeftFile) -> bool:
    """Whether it is the table of Lightning's CSVLogger, which has its epochs beside its global steps."""
    is_there = left.path.name == "metrics.csv" and left.path.parent.name.startswith("version_")
    return is_there and {"epoch", "step"} <= set(left.metrics)


def _of_form(form: PrintedForm) -> Iterator[str]:
    yield f"    # {form.example.strip()}{'' if form.metrics else LEADS}"
    yield f"    - stdout: '{form.pattern.replace(chr(39), chr(39) * 2)}'"
    if form.step not in {"", "step"}:
        told = "no counter tells its lines apart" if form.step == COUNT else ENDS if _ends(form) else ""
        yield f"      step: {form.step}{f'  # {told}' if told else ''}"
    if form.derived:
        yield f"      {derive_line(form.derived)}"
    if form.several:
        yield f"      several: {form.several}  # {EACH}"


def _ends(form: PrintedForm) -> bool:
    """Whether numbers of the lines before make up its step."""
    words = () if form.step in (CARRIED, COUNT) else re.findall(r"[a-z_]\w*", form.step)
    return any(f"(?P<{word}>" not in form.pattern for word in words)


def _quoted(pattern: str) -> str:
    """A pattern inside double quotes of YAML, with braces that are no placeholders."""
    return pattern.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")
