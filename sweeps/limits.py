"""What a trial may use: its share of the machine, its time and its attempts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.source import Located

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Resources:
    """One trial's share of a machine.

    Attributes:
        gpu: GPUs, a fraction to share one; None: one where the machine has any, else none.
        cpu: Cores, and so threads.
    """

    gpu: float | None = None
    cpu: int = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one attempt may take, and how many attempts a trial gets.

    Attributes:
        timeout_s: Seconds of one attempt; None: no limit.
        attempts: Attempts that may fail before the trial is given up.
    """

    timeout_s: float | None = None
    attempts: int = 1


def read_resources(node: Located | None, where: str, problems: list[Problem]) -> Resources:
    """Read `{gpu: 0.5, cpu: 2}`, adding what is wrong to `problems`."""
    entries = _entries(node, where, ("gpu", "cpu"), problems)
    gpu: float | None = None
    cpu = 1
    if "gpu" in entries:
        found = entries["gpu"].content
        whole = isinstance(found, int | float) and not isinstance(found, bool)
        if whole and (0 <= float(found) < 1 or float(found).is_integer()) and float(found) >= 0:  # type: ignore[arg-type]
            gpu = float(found)  # type: ignore[arg-type]
        else:
            message = (
                f"{where}.gpu: must be a whole number or a share below 1, not {entries['gpu'].describe()}"
            )
            problems.append(Problem(entries["gpu"].place, message))
    if "cpu" in entries:
        cpu = _count(entries["cpu"], f"{where}.cpu", problems)
    return Resources(gpu, cpu)


def read_limits(node: Located | None, where: str, problems: list[Problem]) -> Limits:
    """Read `{timeout: 2h, attempts: 3}`, adding what is wrong to `problems`."""
    entries = _entries(node, where, ("timeout", "attempts"), problems)
    timeout_s: float | None = None
    attempts = 1
    if "timeout" in entries:
        timeout_s = _seconds(entries["timeout"].content)
        if timeout_s is None:
            message = f"{where}.timeout: must be a time such as 90s, 30m, 2h or 1d, not {entries['timeout'].describe()}"
            problems.append(Problem(entries["timeout"].place, message))
    if "attempts" in entries:
        attempts = _count(entries["attempts"], f"{where}.attempts", problems)
    return Limits(timeout_s, attempts)


def _entries(
    node: Located | None, where: str, known: Sequence[str], problems: list[Problem]
) -> dict[str, Located]:
    if node is None:
        return {}
    if node.mapping is None:
        message = f"{where}: must be a mapping of keys to values, not {node.describe()}"
        problems.append(Problem(node.place, message))
        return {}
    for key in node.mapping:
        if key not in known:
            hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
            problems.append(Problem(node.key_place(key), f"{where}: unknown key '{key}'{hint}"))
    return node.mapping


def _count(node: Located, where: str, problems: list[Problem]) -> int:
    found = node.content
    if isinstance(found, int) and not isinstance(found, bool) and found >= 1:
        return found
    problems.append(Problem(node.place, f"{where}: must be a whole number from 1, not {node.describe()}"))
    return 1


def _seconds(found: object) -> float | None:
    if isinstance(found, bool):
        return None
    if isinstance(found, int | float):
        return float(found) if found > 0 else None
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([smhd])\s*", found) if isinstance(found, str) else None
    return float(match[1]) * _UNITS_S[match[2]] if match and float(match[1]) > 0 else None
