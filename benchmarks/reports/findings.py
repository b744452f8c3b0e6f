"""Measures how often a page claims a difference where there is none, and how often it finds one that there is.

    python benchmarks/reports/findings.py [--pages 2000] [--only power]

Simulates records of known truth and hands them to the function that the report has its findings from. Beside it stand
Welch's test and the paired t-test on the same records, each with Holm's correction for all pairs of the page.

- *false*: pages that claim at least one difference, one place alone where two settings differ, or a setting whose seeds end at two values,
  though all settings are alike.
- *power*: pages that find at least one of the true differences: one setting lies off, by so many standard deviations.

An outcome is z = mean + sqrt(r) a + sqrt(1 - r) e, with a of the seed and e of the run: r is the correlation of
two settings with the same seed.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from itertools import combinations, product
from multiprocessing import Pool
from typing import TYPE_CHECKING

import numpy as np

from analysis.read.store import RunRecord
from analysis.results.curves import Curve
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.results import LOSS, PSNR, Result, SweepResults
from analysis.stats.findings import findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVEL = 0.05
RULES = ("this rule", "Welch", "paired t")
TOLD = ("only with ", " end near ")
"""What an answer says that claims something beside a difference of means: one place where settings differ, or two outcomes of seeds."""
ITEMS, COUNTS = 2000, 3.0
STRATEGIES, RATIOS = ("None", "Cyclical", "Monotonic"), (1.0, 0.5, 0.0)


@dataclass(frozen=True)
class Truth:
    """What a page of records is drawn from.

    Attributes:
        what: In words.
        n: Seeds a setting.
        correlation: Of two settings with the same seed.
        effect: How far the first setting lies from the others, in standard deviations of a run.
        settings: How many there are.
        ratios: How many teacher forcing ratios stand across them; one is no grid.
        sweeps: How many sweeps the page has, alike and independent.
        noisy: How many times as noisy the first setting is.
        missing: How many seeds of the last setting have failed, at random.
        shape: `normal`, `outliers` (one run in ten is five times as far off), `log-normal` (a loss), or `counted`: accuracies over `ITEMS`
            items in single precision, as event files of TensorBoard have them, with a standard deviation of `COUNTS` items.
    """

    what: str
    n: int
    correlation: float
    effect: float = 0.0
    settings: int = 3
    ratios: int = 1
    sweeps: int = 1
    noisy: float = 1.0
    missing: int = 0
    shape: str = "normal"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description="Measure false differences and power of the report's findings."
    )
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--only", choices=("false", "power"), default=None)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    tables = {"false": FALSE, "power": POWER}
    for name, truths in tables.items():
        if asked.only in {None, name}:
            with Pool(asked.processes) as pool:
                jobs = [(truth, asked.pages, number) for number, truth in enumerate(truths)]
                found = pool.starmap(shares, jobs, chunksize=1)
            print(f"\n{name}: share of {asked.pages} pages, %\n")
            print(f"| records | n | correlation | effect | {' | '.join(RULES)} |")
            print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
            for truth, of_rules in zip(truths, found, strict=True):
                numbers = " | ".join(f"{100 * share:.1f}" for share in of_rules)
                print(f"| {truth.what} | {truth.n} | {truth.correlation:g} | {truth.effect:g} | {numbers} |")


def shares(truth: Truth, pages: int, number: int) -> tuple[float, float, float]:
    """Return for each rule the share of pages with a claim: of any difference, or of a true one where there is one."""
    noise = np.random.default_rng([25, number])
    claimed = np.zeros(len(RULES))
    for _ in range(pages):
        values = [drawn(truth, noise) for _ in range(truth.sweeps)]
        claimed += (claims(truth, values), *(holm_claims(truth, values, rule) for rule in RULES[1:]))
    return tuple(claimed / pages)


def drawn(truth: Truth, noise: np.random.Generator) -> NDArray[np.float64]:
    """Draw the outcomes of a sweep, shape (settings, ratios, n); NaN where a seed failed."""
    shape = (truth.settings, truth.ratios, truth.n)
    values = math.sqrt(truth.correlation) * noise.standard_normal((1, 1, truth.n))
    values = values + math.sqrt(1 - truth.correlation) * noise.standard_normal(shape)
    if truth.shape == "outliers":
        values = values * np.where(noise.random(shape) < 0.1, 5.0, 1.0)  # noqa: PLR2004 - one in ten
    values[0] = truth.noisy * values[0] + truth.effect
    if truth.missing:
        values[-1, :, noise.permutation(truth.n)[: truth.missing]] = np.nan
    return values


def claims(truth: Truth, values: Sequence[NDArray[np.float64]]) -> bool:
    """Whether the page claims a difference; where there are true ones, one of those."""
    key = LOSS if truth.shape == "log-normal" else PSNR
    page = findings([_sweep(truth, one, f"sweep-{place}", key) for place, one in enumerate(values)])
    lines = [line for found in page for finding in found for line in finding.details]
    significant = [line for line in lines if line.endswith(": significant.")]
    if not truth.effect:
        answers = [finding.answer.lower() for found in page for finding in found]
        return bool(significant) or any(told in answer for answer in answers for told in TOLD)
    # All true differences are with the first strategy; a line says "X above Y by ...".
    return any("no annealing" in line.partition(" by ")[0].rpartition(": ")[2] for line in significant)


def _sweep(truth: Truth, values: NDArray[np.float64], name: str, key: str) -> SweepResults:
    results = []
    axes = ("kl_anneal_type", *(("tfr",) if truth.ratios > 1 else ()), *(("seed",) if truth.n > 1 else ()))
    for place in product(*(range(size) for size in values.shape)):
        strategy, ratio, seed = place
        config = {"kl_anneal_type": STRATEGIES[strategy], "tfr": RATIOS[ratio], "seed": seed}
        trial = ExpectedTrial(
            f"{name}-{place}", f"{name}-{place}", config, {axis: config[axis] for axis in axes}, ""
        )
        value = float(values[place])
        state = ("FAILED", "failed") if math.isnan(value) else ("FINISHED", "finished")
        run = RunRecord(trial.name, trial.name, None, "trial", state[0], 0, 1, {"sweeps.outcome": state[1]})
        logged = _logged(truth, value)
        results.append(Result(trial, run, {key: Curve((1,), (logged,))}))
    sweep = ExpectedSweep(name, axes, tuple(result.trial for result in results))
    return SweepResults(sweep, tuple(results))


def _logged(truth: Truth, value: float) -> float:
    if math.isnan(value) or truth.shape not in {"log-normal", "counted"}:
        return value
    if truth.shape == "log-normal":
        return math.exp(value)
    return float(np.float32(round(0.87 * ITEMS + COUNTS * value) / ITEMS))


def holm_claims(truth: Truth, values: Sequence[NDArray[np.float64]], rule: str) -> bool:
    """The same of a plain test over all pairs of settings, cell by cell, with Holm's correction for the page."""
    p = []
    for sweep in values:
        given = np.exp(sweep) if truth.shape == "log-normal" else sweep
        cells = [(strategy, given[strategy, ratio]) for strategy, ratio in np.ndindex(given.shape[:2])]
        p += [(_p(a, b, rule), 0 in {i, j} and i != j) for (i, a), (j, b) in combinations(cells, 2)]
    rejected = [
        is_true
        for rank, (value, is_true) in enumerate(sorted(p))
        if all(one * (len(p) - place) < LEVEL for place, (one, _) in enumerate(sorted(p)[: rank + 1]))
    ]
    return any(rejected) if truth.effect else bool(rejected)


def _p(a: NDArray[np.float64], b: NDArray[np.float64], rule: str) -> float:
    from scipy.special import stdtr

    if rule == "paired t":
        both = (a - b)[~np.isnan(a - b)]
        parts, estimate, counts = (
            [both.var(ddof=1) / len(both)] if len(both) > 1 else [],
            both.mean(),
            [len(both)],
        )
    else:
        kept = [one[~np.isnan(one)] for one in (a, b)]
        parts = [one.var(ddof=1) / len(one) for one in kept if len(one) > 1]
        estimate, counts = kept[0].mean() - kept[1].mean(), [len(one) for one in kept]
    if len(parts) < len(counts):
        return 1.0
    free = sum(parts) ** 2 / sum(part**2 / (n - 1) for part, n in zip(parts, counts, strict=True))
    return 2 * float(stdtr(free, -abs(estimate) / math.sqrt(sum(parts))))


def _over(truth: Truth, correlations: Sequence[float] = (0.0, 0.5, 0.9)) -> list[Truth]:
    return [replace(truth, correlation=each) for each in correlations]


FALSE = [
    *(one for n in (1, 2, 3, 5, 10) for one in _over(Truth("3 settings", n, 0.0))),
    *_over(Truth("2 settings", 3, 0.0, settings=2)),
    *_over(Truth("one 3 times as noisy", 3, 0.0, noisy=3.0)),
    *_over(Truth("one 3 times as noisy", 5, 0.0, noisy=3.0)),
    *_over(Truth("2 settings, one 3 times as noisy", 3, 0.0, settings=2, noisy=3.0)),
    *_over(Truth("log-normal loss", 3, 0.0, shape="log-normal")),
    *_over(Truth("outliers", 5, 0.0, shape="outliers")),
    *(one for n in (2, 3, 5) for one in _over(Truth("counted accuracies", n, 0.0, shape="counted"))),
    *(
        one
        for n in (2, 3, 5)
        for one in _over(Truth("3 x 3 grid of counted accuracies", n, 0.0, ratios=3, shape="counted"))
    ),
    *_over(Truth("2 of 5 seeds missing", 5, 0.0, missing=2)),
    *_over(Truth("3 x 3 grid", 3, 0.0, ratios=3)),
    *_over(Truth("3 x 3 grid, one 3 times as noisy", 3, 0.0, ratios=3, noisy=3.0)),
    *_over(Truth("5 sweeps of 3 settings", 3, 0.0, sweeps=5)),
    *(one for n in (3, 5) for one in _over(Truth("2 x 3 grid", n, 0.0, settings=2, ratios=3))),
    *_over(Truth("2 x 3 grid, one 3 times as noisy", 3, 0.0, settings=2, ratios=3, noisy=3.0)),
]
POWER = [
    *(
        replace(one, effect=effect)
        for n, effects in ((2, (2,)), (3, (1, 2, 3)), (5, (1, 2)), (10, (1,)))
        for effect in effects
        for one in _over(Truth("3 settings", n, 0.0))
    ),
    *_over(Truth("2 settings", 3, 0.0, 2.0, settings=2)),
    *_over(Truth("log-normal loss", 3, 0.0, 2.0, shape="log-normal")),
    *_over(Truth("outliers", 5, 0.0, 2.0, shape="outliers")),
    *_over(Truth("2 of 5 seeds missing", 5, 0.0, 2.0, missing=2)),
    *_over(Truth("3 x 3 grid", 3, 0.0, 1.0, ratios=3)),
    *_over(Truth("5 sweeps of 3 settings", 3, 0.0, 2.0, sweeps=5)),
]

if __name__ == "__main__":
    main()
