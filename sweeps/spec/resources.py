"""A trial's resources, limits and leavings: GPUs, cores, Slurm options; time and attempts; which checkpoints are kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING

from sweeps.errors import did_you_mean
from sweeps.spec.fields import MAX_NUMBER, is_whole

if TYPE_CHECKING:
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

SLURM_OPTIONS = ("account", "constraint", "gres", "mem", "partition", "qos", "time")


@dataclass(frozen=True, slots=True)
class Resources:
    """One trial's share of a machine.

    Attributes:
        gpu: GPUs, a fraction to share one; None: one if the machine has any, else none.
        cpu: Cores, and so threads.
        slurm: Options of sbatch by name, such as `partition`; other executors ignore them.
    """

    gpu: float | None = None
    cpu: int = 1
    slurm: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one attempt may take, and how many attempts a trial gets.

    Attributes:
        timeout_s: Seconds of one attempt; None: no limit.
        attempts: Attempts that may fail before the trial is given up.
    """

    timeout_s: float | None = None
    attempts: int = 1


class Keep(Enum):
    """Which checkpoints of a trial stay in its run's directory once it is done; the value is the word of the file."""

    ALL = "all"
    BEST = "best"
    LAST = "last"
    NONE = "none"


def read_keep(node: Node | None, reader: FieldReader) -> Keep:
    """Read `best`, `last`, `all` or `none`."""
    if node is None:
        return Keep.ALL
    words = [keep.value for keep in Keep]
    if node.content in words:
        return Keep(node.content)
    hint = did_you_mean(node.content, words) if isinstance(node.content, str) else ""
    reader.problem(node, f"must be one of {', '.join(words)}, not {node.describe()}{hint}")
    return Keep.ALL


def read_resources(node: Node | None, reader: FieldReader) -> Resources:
    """Read `{gpu: 0.5, cpu: 2, slurm: {partition: long}}`."""
    entries = reader.mapping(node, ("gpu", "cpu", "slurm")) or {}
    gpu = _read_gpu(entries.get("gpu"), reader)
    slurm = _read_slurm(entries.get("slurm"), reader)
    if "gres" in slurm and not gpu:
        remedy = "also say how many GPUs that is, such as `gpu: 1` beside `slurm`"
        options = entries["slurm"]
        reader.problem(options.entry("gres"), remedy, at=options.key_place("gres"))
    return Resources(gpu, reader.count(entries.get("cpu")) or 1, tuple(sorted(slurm.items())))


def read_limits(node: Node | None, reader: FieldReader) -> Limits:
    """Read `{timeout: 2h, attempts: 3}`."""
    entries = reader.mapping(node, ("timeout", "attempts")) or {}
    return Limits(reader.duration_s(entries.get("timeout")), reader.count(entries.get("attempts")) or 1)


def _read_gpu(node: Node | None, reader: FieldReader) -> float | None:
    if node is None:
        return None
    value = node.content
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_share = 0 <= value < 1
        if is_share or (1 <= value <= MAX_NUMBER and value == int(value)):
            return float(value)
    reader.problem(node, f"must be a whole number or a fraction below 1, not {node.describe()}")
    return None


def _read_slurm(node: Node | None, reader: FieldReader) -> dict[str, str]:
    """Sbatch's options as text; `time` as minutes, rounded up."""
    options = {}
    for key, value in (reader.mapping(node, SLURM_OPTIONS) or {}).items():
        if key == "time":
            limit_s = reader.duration_s(value)
            if limit_s is not None:
                options[key] = str(ceil(limit_s / 60))
        elif isinstance(value.content, str) or is_whole(value.content):
            options[key] = str(value.content)
        else:
            reader.problem(value, f"must be a word, not {value.describe()}")
    return options
