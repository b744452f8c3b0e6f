"""Times `sweep plan` and `sweep status` on a large record, and MLflow's own search beside them.

    python benchmarks/record.py [--runs 10000] [--repeats 5]

The trials of a grid are written into a new sqlite store as finished runs, through MLflow's tables: what a run of
`sweep run` leaves there, with 10 params, 15 tags, and 10 metrics of 5 epochs each. Then each command runs as a
process of its own, in turn, `--repeats` times. The table has the medians of wall and CPU time and the greatest
peak of resident memory. `mlflow.search_runs` is a process that imports MLflow and asks for the same runs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import uuid
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from process import ROOT, Measured, measure

METRICS = (
    *("train/loss", "train/mse", "train/kl", "val/loss", "val/psnr", "val/skill"),
    *("beta", "tfr", "lr", "time/epoch_s"),
)
EPOCHS = 5
START_MS = 1_700_000_000_000

TRAINER = "def train(config, run):\n    run.log({'train/loss': config['lr']}, 0)\n"

SPEC = """
experiment: record
trainer: toy:train
defaults: {{lr: 1e-4, layers: 3, width: 128, optimizer: adam, batch_size: 8, num_epoch: 5, beta: 1.0, clip: 5.0}}
sweeps:
  large: {{grid: {{alpha: [{alphas}], gamma: [{gammas}]}}}}
"""

SEARCH = """
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
found = mlflow.search_runs(experiment_names=["record"])
assert len(found) == {runs} + 1, len(found)  # the sweep's own run too
"""

TABLES = {
    "runs": "run_uuid name source_type source_name entry_point_name user_id status start_time end_time "
    "source_version lifecycle_stage artifact_uri experiment_id",
    "tags": "key value run_uuid",
    "params": "key value run_uuid",
    "metrics": "key value timestamp run_uuid step is_nan",
    "latest_metrics": "key value timestamp run_uuid step is_nan",
}


def fill() -> int:
    """Record the trials of `toy.yaml` in this directory as finished; returns how many they are."""
    from analysis.read import tags as names
    from analysis.read.outcomes import Outcome
    from sweeps.commands.request import Request
    from sweeps.commands.session import open_session
    from sweeps.record.batching import param_text
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.process_identity import this_process

    session = open_session(Request(Path("toy.yaml")))
    ledger = Ledger.open("sqlite:///mlflow.db", "record")
    owner = this_process().to_json()
    parent = ledger.sweep_run("large", None, owner)
    shared = {
        names.KIND: "trial",
        names.SWEEP: "large",
        names.PARENT: parent,
        names.ATTEMPT: "1",
        names.OUTCOME: "finished",
        names.OWNER: json.dumps(owner),
        names.DATA: "toy",
        names.PROFILE: "",
        names.EPOCHS: str(EPOCHS),
        names.NOTE: "",
        **session.identity(),
    }
    trials = [trial for sweep in session.sweeps for trial in sweep.trials]
    rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in TABLES}
    with contextlib.closing(sqlite3.connect("mlflow.db")) as store, store:
        (experiment,) = store.execute(
            "select experiment_id from experiments where name = 'record'"
        ).fetchone()
        end = ("", "active", "", experiment)
        for index, trial in enumerate(trials):
            run, start_ms = uuid.uuid4().hex, START_MS + index
            rows["runs"].append(
                (run, trial.name, "UNKNOWN", *[""] * 3, "FINISHED", start_ms, start_ms + 1000, *end)
            )
            own = {
                names.TRIAL: trial.name,
                names.FINGERPRINT: trial.fingerprint,
                "mlflow.runName": trial.name,
            }
            rows["tags"] += [(key, value, run) for key, value in (shared | own).items()]
            rows["params"] += [(key, param_text(value), run) for key, value in trial.config.items()]
            points = [
                (key, index + number + epoch / EPOCHS, start_ms + epoch, run, epoch, 0)
                for number, key in enumerate(METRICS)
                for epoch in range(EPOCHS)
            ]
            rows["metrics"] += points
            rows["latest_metrics"] += points[EPOCHS - 1 :: EPOCHS]
        for table, columns in TABLES.items():
            marks = ", ".join("?" * len(columns.split()))
            statement = f"insert into {table} ({', '.join(columns.split())}) values ({marks})"  # noqa: S608
            store.executemany(statement, rows[table])
    ledger.end(parent, Outcome.FINISHED, "")
    return len(trials)


def check_plan(runs: int) -> None:
    """Make sure that `sweep plan` in this directory finds every trial done, so that the right thing is measured."""
    done = subprocess.run(
        [sys.executable, "-m", "sweeps", "plan", "toy.yaml", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )
    counts = json.loads(done.stdout)["counts"]
    if counts != {"done": runs}:
        message = f"{runs} runs are recorded, but the plan says {counts}"
        raise SystemExit(message)


def main() -> None:
    """Fill the store, measure in turn, and print."""
    parser = argparse.ArgumentParser(
        description="Measure `sweep plan` and `sweep status` over a large record."
    )
    parser.add_argument("--runs", type=int, default=10_000, help="rounded up to a square")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    side = math.isqrt(asked.runs - 1) + 1
    values = ", ".join(map(str, range(side)))
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    with tempfile.TemporaryDirectory(prefix="record-") as folder, contextlib.chdir(folder):
        Path("toy.py").write_text(TRAINER, encoding="utf-8")
        Path("toy.yaml").write_text(SPEC.format(alphas=values, gammas=values), encoding="utf-8")
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as aside:
            runs = aside.submit(fill).result()  # in here, its memory would count as that of each command
        Path("search.py").write_text(SEARCH.format(runs=runs), encoding="utf-8")
        commands = {
            "sweep plan": ["-m", "sweeps", "plan", "toy.yaml"],
            "sweep status": ["-m", "sweeps", "status", "toy.yaml"],
            "mlflow.search_runs": ["search.py"],
        }
        check_plan(runs)
        measured: dict[str, list[Measured]] = {name: [] for name in commands}
        for _ in range(asked.repeats):
            for name, words in commands.items():
                measured[name].append(measure(words, folder))
    print(f"{runs:,} recorded runs, sqlite; median of {asked.repeats}")
    print(f"{os.cpu_count()} CPUs, load average {load:.1f} at the start")
    print(f"{'command':<20}{'wall s':>10}{'least':>10}{'cpu s':>10}{'peak MiB':>10}")
    for name, times in measured.items():
        walls_s = [run.wall_s for run in times]
        cpu_s = statistics.median(run.cpu_s for run in times)
        peak_mib = max(run.peak_mib for run in times)
        print(
            f"{name:<20}{statistics.median(walls_s):>10.2f}{min(walls_s):>10.2f}{cpu_s:>10.2f}{peak_mib:>10.0f}"
        )


if __name__ == "__main__":
    main()
