"""What a trial may use: its share of the machine, its time and its attempts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeps.spec.fields import Shape
    from sweeps.spec.yaml_reader import Located

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"([0-9]*\.?[0-9]+)\s*([smhd])")
SLURM_OPTIONS = ("account", "constraint", "gres", "mem", "partition", "qos", "time")
_MANY = 1_000_000_000
"""More seconds or GPUs than this are taken for a slip."""


@dataclass(frozen=True, slots=True)
class Resources:
    """One trial's share of a machine.

    Attributes:
        gpu: GPUs, a fraction to share one; None: one where the machine has any, else none.
        cpu: Cores, and so threads.
        slurm: Options of sbatch by name, such as `partition`; other engines pay no heed.
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


def read_resources(node: Located | None, where: str, shape: Shape) -> Resources:
    """Read `{gpu: 0.5, cpu: 2, slurm: {partition: long}}`, noting what is wrong."""
    entries = shape.mapping(node, where, ("gpu", "cpu", "slurm")) or {}
    gpu: float | None = None
    if "gpu" in entries:
        gpu = _share(entries["gpu"].content)
        if gpu is None:
            told = entries["gpu"].describe()
            message = f"{where}.gpu: must be a whole number or a share below 1, not {told}"
            shape.problem(entries["gpu"].place, message)
    slurm = _slurm(entries.get("slurm"), f"{where}.slurm", shape)
    if "gres" in dict(slurm) and not gpu:
        place = entries["slurm"].key_place("gres")
        shape.problem(
            place, f"{where}.slurm.gres: say how many GPUs that is, such as `gpu: 1` beside `slurm`"
        )
    return Resources(gpu, shape.count(entries.get("cpu"), f"{where}.cpu") or 1, slurm)


def read_limits(node: Located | None, where: str, shape: Shape) -> Limits:
    """Read `{timeout: 2h, attempts: 3}`, noting what is wrong."""
    entries = shape.mapping(node, where, ("timeout", "attempts")) or {}
    timeout_s: float | None = None
    if "timeout" in entries:
        timeout_s = seconds(entries["timeout"].content)
        if timeout_s is None:
            told = entries["timeout"].describe()
            message = f"{where}.timeout: must be a time such as 90s, 30m, 2h or 1d, not {told}"
            shape.problem(entries["timeout"].place, message)
    return Limits(timeout_s, shape.count(entries.get("attempts"), f"{where}.attempts") or 1)


def _slurm(node: Located | None, where: str, shape: Shape) -> tuple[tuple[str, str], ...]:
    """Sbatch's options as text; `time` as minutes, rounded up."""
    options = {}
    for key, value in (shape.mapping(node, where, SLURM_OPTIONS) or {}).items():
        if key == "time":
            limit_s = seconds(value.content)
            if limit_s is None:
                message = f"{where}.time: must be a time such as 30m, 2h or 1d, not {value.describe()}"
                shape.problem(value.place, message)
            else:
                options[key] = str(ceil(limit_s / 60))
        elif isinstance(value.content, str | int) and not isinstance(value.content, bool):
            options[key] = str(value.content)
        else:
            shape.problem(value.place, f"{where}.{key}: must be a word, not {value.describe()}")
    return tuple(sorted(options.items()))


def _share(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    fits = 0 <= found < 1 or (1 <= found <= _MANY and found == int(found))
    return float(found) if fits else None


def seconds(found: object) -> float | None:
    """Seconds of `90s`, `2h` or a bare number; None where it is no time."""
    number: float | None = None
    if isinstance(found, int | float) and not isinstance(found, bool):
        number = found
    elif isinstance(found, str) and (match := _TIME.fullmatch(found.strip())):
        number = float(match[1]) * _UNITS_S[match[2]]
    return float(number) if number is not None and 0 < number <= _MANY else None
