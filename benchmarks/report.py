"""Times `sweep report`, cold (an empty folder) and warm (again into the same one), and compares the two reports.

    python benchmarks/report.py [experiments.yaml] [--repeats 3]

Draws the record that `make run` has left beside the file, with the real command in fresh processes, cold and warm in
turn, and prints the medians. It ends with an error where two of the reports differ in a single byte. The report
is stored with the sweeps' runs each time, as ever.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from statistics import median

from process import Measured, measure


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure `sweep report`, cold and warm.")
    parser.add_argument("file", nargs="?", type=Path, default=Path("experiments.yaml"))
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    found: dict[str, list[Measured]] = {"cold": [], "warm": []}
    first: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as directory:
        for repeat in range(asked.repeats):
            out = Path(directory, str(repeat))
            for state, runs in found.items():
                words = ["-m", "sweeps", "report", asked.file.name, "--out", str(out)]
                runs.append(measure(words, str(asked.file.parent)))
                first = first or contents(out)
                if contents(out) != first:
                    message = f"the {state} report of repeat {repeat} is not the first one byte for byte"
                    raise SystemExit(message)
    size_mb = len(first["report.html"]) / 1e6
    print(f"load average {load:.1f} at the start; {len(first)} files, report.html {size_mb:.1f} MB")
    print(f"{'sweep report':<14}{'wall s':>8}{'cpu s':>8}{'peak MiB':>10}")
    for state, runs in found.items():
        wall_s, cpu_s = median(run.wall_s for run in runs), median(run.cpu_s for run in runs)
        print(f"{state:<14}{wall_s:>8.1f}{cpu_s:>8.1f}{max(run.peak_mib for run in runs):>10.0f}")


if __name__ == "__main__":
    main()
