"""Measures the test of two settings: how often it is wrong where they are alike, and how often it finds a difference.

    python benchmarks/reports/two_settings.py [--records 20000]

Draws records of known truth, a row for each number of seeds, and hands them to the function that the report compares two
settings with. Ends with exit code 1 where it is wrong in more than 5 % of the records, or in more than 6 % where one
setting is three times as noisy or the outcomes are counted, Monte Carlo error aside (three standard errors).

An outcome is z = mean + sqrt(r) a + sqrt(1 - r) e, with a of the seed and e of the run: r is the correlation of
two settings with the same seed. Power is that for a difference of two standard deviations up to
four seeds, of one above. What is counted are accuracies over 2000 items in single precision, as event files of TensorBoard have
them: their standard deviation is half an item, one or four, at r = 0; there are a tenth as many of these records.
"""

from __future__ import annotations

import argparse
import math
import sys
from multiprocessing import Pool

import numpy as np

from analysis.stats.comparison import comparable
from analysis.stats.samples.coarseness import coarseness_of
from analysis.stats.seed_tests import LEVEL, Sample, compare_two

SEEDS = (2, 3, 4, 5, 7, 10, 20)
CORRELATIONS = (0.0, 0.25, 0.5, 0.9, 1.0)
FOUND = (0.0, 0.5, 0.9)
NOISY, ALLOWED_NOISY = 3.0, 0.06
ITEMS, COUNTS, ALLOWED_COUNTED = 2000, (0.5, 1.0, 4.0), 0.06


def main() -> None:
    """Measure and print; end with 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description="Measure the test of two settings.")
    parser.add_argument("--records", type=int, default=20000, help="of each kind (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    print(
        f"| seeds | false, r = {_words(CORRELATIONS)} | {NOISY:g} times as noisy | counted, sd {_words(COUNTS)} items | power, r = {_words(FOUND)} |"
    )
    print("| ---: | ---: | ---: | ---: | ---: |")
    missed = False
    with Pool(asked.processes) as pool:
        for seeds in SEEDS:
            effect = 2.0 if seeds < 5 else 1.0  # noqa: PLR2004 - so that no power is near 100 %
            jobs = [
                *((seeds, r, 0.0, 1.0, asked.records) for r in CORRELATIONS),
                *((seeds, r, 0.0, NOISY, asked.records) for r in FOUND),
                *((seeds, r, effect, 1.0, asked.records) for r in FOUND),
            ]
            shares = pool.starmap(claimed, jobs, chunksize=1)
            of_counted = [(seeds, items, asked.records // 10) for items in COUNTS]
            counted = pool.starmap(claimed_of_counted, of_counted, chunksize=1)
            false, noisy = shares[: len(CORRELATIONS)], shares[len(CORRELATIONS) : -len(FOUND)]
            words = (_row(false), _row(noisy), _row(counted), _row(shares[-len(FOUND) :]))
            print(f"| {seeds} | {' | '.join(words)} |", flush=True)
            missed |= _above(false, LEVEL, asked.records) or _above(noisy, ALLOWED_NOISY, asked.records)
            missed |= _above(counted, ALLOWED_COUNTED, asked.records // 10)
    sys.exit(int(missed))


def claimed(seeds: int, correlation: float, effect: float, noisy: float, records: int) -> float:
    """The share of records in which the two settings are told apart."""
    noise = np.random.default_rng([seeds, round(100 * correlation)])
    count = 0
    for _ in range(records):
        kind = math.sqrt(correlation) * noise.standard_normal(seeds)
        one, other = kind + math.sqrt(1 - correlation) * noise.standard_normal((2, seeds))
        if correlation == 1.0:  # equal but for what training leaves to chance
            one, other = kind + 1e-6 * noise.standard_normal((2, seeds))
        samples = (
            Sample(label, dict(enumerate(values.tolist())))
            for label, values in (("one", noisy * one + effect), ("other", other))
        )
        count += compare_two(*samples).p < LEVEL
    return count / records


def claimed_of_counted(seeds: int, items: float, records: int) -> float:
    """The share of records of accuracies in which two settings are told apart that are alike; `items` is their deviation."""
    noise = np.random.default_rng([seeds, round(10 * items)])
    count = 0
    for _ in range(records):
        counts = np.rint(0.87 * ITEMS + items * noise.standard_normal((2, seeds)))
        one, other = (counts / ITEMS).astype(np.float32).astype(float).tolist()
        step = coarseness_of([*one, *other])
        samples = (
            Sample(label, dict(enumerate(values)), step) for label, values in (("a", one), ("b", other))
        )
        tested = comparable(tuple(samples))
        count += bool(tested) and compare_two(*tested).p < LEVEL
    return count / records


def _above(shares: list[float], allowed: float, records: int) -> bool:
    return max(shares) > allowed + 3 * math.sqrt(allowed * (1 - allowed) / records)


def _row(shares: list[float]) -> str:
    return " / ".join(f"{100 * share:.1f}" for share in shares)


def _words(correlations: tuple[float, ...]) -> str:
    return " / ".join(f"{each:g}" for each in correlations)


if __name__ == "__main__":
    main()
