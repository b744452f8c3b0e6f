"""Orders trials by how long they take: those that start last should be short, or all but one slot wait for them."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, TypeVar

from analysis.read.outcomes import Outcome
from sweeps.pace.paces import Pace, Paces, Sample
from sweeps.pace.schedule import time_left_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sweeps.planning.plan import Step
    from sweeps.spec.yaml_reader import Value

_T = TypeVar("_T")


def longest_first(items: Sequence[_T], sizes: Sequence[float | None]) -> list[_T]:
    """The items by size, the largest first, equal ones in the order in which they come.

    Args:
        items: What is to be ordered.
        sizes: The size of each; None: it is not known, and counts as a typical one.
    """
    known = [size for size in sizes if size is not None]
    typical = fmean(known) if known else 0.0
    sized = [(typical if size is None else size, item) for size, item in zip(sizes, items, strict=True)]
    return [item for _, item in sorted(sized, key=lambda one: -one[0])]


def steps_longest_first(
    steps: Sequence[Step], paces: Paces, epochs_of: Callable[[Mapping[str, Value]], int | None]
) -> list[Step]:
    """The steps by how much is left of them; where neither epochs nor recorded times tell, as they come."""
    configs = [step.trial.config for step in steps]
    sizes = [
        size_of(epochs_of(config), step.epochs_done, paces.of(config))
        for step, config in zip(steps, configs, strict=True)
    ]
    return longest_first(steps, sizes)


def recorded_paces(steps: Iterable[Step], epochs_of: Callable[[Mapping[str, Value]], int | None]) -> Paces:
    """The paces of a plan's trials that finished, or were stopped, in one attempt; a finished one without epochs counts as one long epoch."""
    samples = []
    for step in steps:
        run = step.record
        if run is None or run.adopted or run.attempt != 1 or run.end_ms is None or run.end_ms <= run.start_ms:
            continue
        wanted = epochs_of(step.trial.config)
        if run.outcome is Outcome.FINISHED:
            epochs = wanted or 1
        else:
            epochs = run.epochs if wanted and run.outcome is Outcome.INTERRUPTED else 0
        if epochs:
            pace = Pace((run.end_ms - run.start_ms) / 1000 / epochs)
            samples.append(Sample(step.trial.config, pace, epochs))
    return Paces(samples)


def time_of(
    steps: Sequence[Step],
    paces: Paces,
    epochs_of: Callable[[Mapping[str, Value]], int | None],
    slots: int,
) -> float | None:
    """Seconds that steps take that start in this order, as soon as one of the slots falls free; None where no time is recorded."""
    if not paces:
        return None
    configs = ((step, step.trial.config) for step in steps)
    sizes = (size_of(epochs_of(config), step.epochs_done, paces.of(config)) for step, config in configs)
    return time_left_s((), (size for size in sizes if size is not None), slots)


def size_of(epochs: int | None, done: int, pace: Pace | None) -> float | None:
    """How much there is to do, in seconds where a pace is known, else in epochs; None where neither is known.

    Args:
        epochs: How many epochs the config asks for; None: it does not say.
        done: How many are done.
        pace: The trial's pace, or None.
    """
    left = None if epochs is None else max(0, epochs - done)
    if pace is None:
        return left
    return pace.of(1 if left is None else left)
