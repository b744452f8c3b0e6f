"""Compares the orders of trials: longest first, as `sweep run` starts them, and as the file has them.

    python benchmarks/schedules/order.py [--slots 1 2 4 8]
    python benchmarks/schedules/order.py --measure [--jobs 2] [--set KEY=VALUE ...]

Without --measure, the times of the quick study in docs/quick/report.md are laid onto slots: as the file has the trials,
by their epochs (the first run of a study), and by their times (once a record has them). The last column is the
least that any order can take, if trials could be divided.

With it, experiments.yaml is run twice, once in each order. The wall times are printed, and all curves but times must be
the same, bit for bit, or the script ends with exit code 1.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from process import measure  # noqa: E402

from sweeps.pace.order import longest_first  # noqa: E402
from sweeps.pace.schedule import time_left_s  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROW = re.compile(
    r"\| `(?P<name>[^`]+)` \| finished \| (?P<epochs>\d+) \|.*\| (?:(?P<min>\d+) min )?(?P<s>[\d.]+) s \|.*\[`(?P<run>\w+)`\]"
)
OVER = 0.05
"""By how much of the wall time longest first is to be better."""


def recorded(report: Path) -> tuple[list[int], list[float]]:
    """Epochs and seconds of each trial of a report, in the file's order."""
    rows = {
        row["run"]: row for row in _ROW.finditer(report.read_text(encoding="utf-8"))
    }  # one may be in two sweeps
    seconds = [60.0 * int(row["min"] or 0) + float(row["s"]) for row in rows.values()]
    return [int(row["epochs"]) for row in rows.values()], seconds


def simulate(slots: Sequence[int]) -> None:
    """Print when the last trial of the quick study ends, in seconds."""
    epochs, seconds = recorded(ROOT / "docs" / "quick" / "report.md")
    orders = {
        "file": seconds,
        "by epochs": longest_first(seconds, epochs),
        "by times": longest_first(seconds, seconds),
    }
    print(f"{len(seconds)} trials, {sum(seconds):.0f} s in all")
    print("slots  " + "  ".join(f"{name:>18}" for name in orders) + "   least")
    for count in slots:
        ends = {name: time_left_s([], order, count) for name, order in orders.items()}
        shown = (f"{end:8.1f} s {end / ends['file'] - 1:+7.1%}" for end in ends.values())
        least = max(sum(seconds) / count, *seconds)
        print(f"{count:5d}  " + "  ".join(shown) + f"  {least:6.1f}")


def run(order: str, jobs: int, overrides: Sequence[str]) -> tuple[float, dict[tuple[str, str, int], float]]:
    """Run the study in an order; its wall time in seconds, and all its points but those of times."""
    from analysis import load_curves, load_runs

    spec = (ROOT / "experiments.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "experiments.yaml").write_text(f"{spec}\norder: {order}\n", encoding="utf-8")
        words = ["-m", "sweeps", "run", "experiments.yaml", "--jobs", str(jobs), "--gpus", ""]
        words += [word for setting in overrides for word in ("--set", setting)]
        began_s = time.perf_counter()
        measure([*words, "--tracking-uri", "sqlite:///mlflow.db"], folder)
        wall_s = time.perf_counter() - began_s
        uri = f"sqlite:///{folder}/mlflow.db"
        runs = load_runs(uri, "cvae-video-prediction")
        names = dict(zip(runs["run_id"], runs["fingerprint"], strict=True))
        curves = load_curves(uri, "cvae-video-prediction")
        curves = curves[~curves["key"].str.startswith("time/")]
        keys = zip(curves["run_id"].map(names), curves["key"], curves["step"], strict=True)
        return wall_s, dict(zip(keys, curves["value"], strict=True))


def compare(jobs: int, overrides: Sequence[str]) -> int:
    """Run the study in both orders, print what they took, and return the exit code."""
    found = {order: run(order, jobs, overrides) for order in ("file", "longest")}
    for order, (wall_s, points) in found.items():
        print(f"order {order:8} {wall_s:8.1f} s, {len(points)} points")
    (before_s, before), (after_s, after) = found.values()
    is_same = {key: value.hex() for key, value in before.items()} == {
        key: value.hex() for key, value in after.items()
    }
    print(
        f"longest first: {after_s / before_s - 1:+.1%} (bar {-OVER:+.0%}); {'the same' if is_same else 'OTHER'} results"
    )
    return 0 if is_same else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 2, 3, 4, 6, 8])
    parser.add_argument("--measure", action="store_true", help="run experiments.yaml in both orders")
    parser.add_argument("--jobs", type=int, default=2, help="trials at once, with --measure")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    if given.measure:
        return compare(given.jobs, given.overrides)
    simulate(given.slots)
    return 0


if __name__ == "__main__":
    sys.exit(main())
