"""Times `analysis.load_curves` on a million points, and MLflow's `get_metric_history` in a loop.

    python benchmarks/load.py [--runs 1000] [--epochs 100] [--keys 10] [--pairs 500] [--repeats 3]

Runs with metrics are written into a new sqlite store through MLflow's tables. `load_curves` reads all of them, as a
process of its own (imports left out of its time, not of its memory). The loop asks for some (run, metric) pairs,
drawn with a fixed seed, and its time is scaled to all of them; `--pairs 0` asks for all. Each value that the loop
brings is compared with the frame's, and the frame is counted. Both take turns, `--repeats` times.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from process import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPERIMENT, STORE = "load", "sqlite:///mlflow.db"
START_MS = 1_700_000_000_000
ROWS_AT_ONCE = 100_000

RUN_COLUMNS = (
    "run_uuid name source_type source_name entry_point_name user_id status start_time end_time "
    "source_version lifecycle_stage artifact_uri experiment_id"
)
METRIC_COLUMNS = "key value timestamp run_uuid step is_nan"

FRAME = """
import json, resource, sys, time
import analysis
import analysis.read.frames
from pathlib import Path
clock_s = time.perf_counter()
curves = analysis.load_curves("sqlite:///mlflow.db", "load")
wall_s = time.perf_counter() - clock_s
peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
pairs = [tuple(pair) for pair in json.loads(Path("pairs.json").read_text())]
wanted = curves.set_index(["run_id", "key"]).sort_index()
values = [[wanted.loc[pair, "step"].tolist(), wanted.loc[pair, "value"].tolist()] for pair in pairs]
print(json.dumps({"wall_s": wall_s, "peak_mib": peak_mib, "points": len(curves), "values": values}))
"""

LOOP = """
import json, time
from pathlib import Path
from mlflow.tracking import MlflowClient
client = MlflowClient("sqlite:///mlflow.db")
client.get_experiment_by_name("load")
pairs = json.loads(Path("pairs.json").read_text())
clock_s = time.perf_counter()
found = [client.get_metric_history(run_id, key) for run_id, key in pairs]
wall_s = time.perf_counter() - clock_s
values = [[[m.step for m in history], [m.value for m in history]] for history in found]
print(json.dumps({"wall_s": wall_s, "values": values}))
"""


def fill(runs: int, epochs: int, keys: list[str]) -> list[str]:
    """Write so many finished runs, each with so many metrics of so many epochs; returns their ids."""
    draws = random.Random(0)
    run_ids = [uuid.UUID(int=draws.getrandbits(128)).hex for _ in range(runs)]
    make = f"from sweeps.record.ledger import Ledger; Ledger.open({STORE!r}, {EXPERIMENT!r})"
    subprocess.run([sys.executable, "-c", make], env=environment(), check=True)
    with contextlib.closing(sqlite3.connect("mlflow.db")) as store, store:
        (experiment,) = store.execute(
            "select experiment_id from experiments where name = ?", [EXPERIMENT]
        ).fetchone()
        end = ("FINISHED", START_MS, START_MS + 1, "", "active", "", experiment)
        rows: list[tuple[object, ...]] = [
            (run_id, f"run-{n}", "UNKNOWN", "", "", "", *end) for n, run_id in enumerate(run_ids)
        ]
        insert(store, "runs", RUN_COLUMNS, rows)
        rows = []
        for run_id in run_ids:
            points = [
                (key, draws.random(), START_MS + epoch, run_id, epoch, 0)
                for key in keys
                for epoch in range(epochs)
            ]
            rows += points
            insert(store, "latest_metrics", METRIC_COLUMNS, points[epochs - 1 :: epochs])
            if len(rows) >= ROWS_AT_ONCE:
                insert(store, "metrics", METRIC_COLUMNS, rows)
                rows = []
        insert(store, "metrics", METRIC_COLUMNS, rows)
    return run_ids


def insert(store: sqlite3.Connection, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Write rows into one of MLflow's tables."""
    names = columns.split()
    marks = ", ".join("?" * len(names))
    store.executemany(f"insert into {table} ({', '.join(names)}) values ({marks})", rows)  # noqa: S608


def ask(script: str) -> dict[str, object]:
    """Run a script of this file as a process of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def environment() -> dict[str, str]:
    """This process's, with the repository's packages to import."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true"}


def main() -> None:
    """Fill, measure in turn, compare, print; exits with 1 where the values differ."""
    parser = argparse.ArgumentParser(description="Measure `analysis.load_curves` over a large record.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--keys", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=500, help="asked for by the loop; 0: all")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    keys = [f"train/m{number}" for number in range(asked.keys)]
    frames_s, loops_s, peak_mib = [], [], 0.0
    with tempfile.TemporaryDirectory(prefix="load-") as folder, contextlib.chdir(folder):
        run_ids = fill(asked.runs, asked.epochs, keys)
        every = [(run_id, key) for run_id in run_ids for key in keys]
        pairs = random.Random(1).sample(every, asked.pairs) if 0 < asked.pairs < len(every) else every
        Path("pairs.json").write_text(json.dumps(pairs), encoding="utf-8")
        for _ in range(asked.repeats):
            frame, loop = ask(FRAME), ask(LOOP)
            if frame["values"] != loop["values"] or frame["points"] != len(every) * asked.epochs:
                sys.exit("load_curves and get_metric_history do not give the same values")
            frames_s.append(float(str(frame["wall_s"])))
            loops_s.append(float(str(loop["wall_s"])) * len(every) / len(pairs))
            peak_mib = max(peak_mib, float(str(frame["peak_mib"])))
    ratio = statistics.median(loop_s / frame_s for loop_s, frame_s in zip(loops_s, frames_s, strict=True))
    print(
        f"{asked.runs:,} runs x {asked.epochs} epochs x {asked.keys} metrics, sqlite; median of {asked.repeats}"
    )
    print(
        f"{os.cpu_count()} CPUs, load average {load:.1f} at the start; every value of {len(pairs):,} pairs equal"
    )
    print(f"{'':<38}{'wall s':>9}{'least':>9}{'peak MiB':>10}")
    print(f"{'load_curves':<38}{statistics.median(frames_s):>9.2f}{min(frames_s):>9.2f}{peak_mib:>10.0f}")
    told = f"get_metric_history, {len(pairs):,} of {len(every):,} pairs"
    print(f"{told:<38}{statistics.median(loops_s):>9.2f}{min(loops_s):>9.2f}")
    print(f"{'ratio':<38}{ratio:>9.1f}")


if __name__ == "__main__":
    main()
