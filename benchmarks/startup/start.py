"""Measures what a user waits for before the first trial's first metric is in the record.

    python benchmarks/startup/start.py [--repeats 3]
    python benchmarks/startup/start.py --profile [--trials 40] [--workers 2]

Each command trains one toy trial that logs one metric at once, into an sqlite store: `sweep run` with a record that it
makes, and with one that holds a trial already; Ray Tune with its MLflowLoggerCallback and a Hydra app that logs with
MLflow, where they are installed. They run one after the other, in turn, `--repeats` times; the medians are printed. Beside
them stands an interpreter that only does `import torch, mlflow`, in which all else is told as a ratio: a busy machine is
slower in both.

`first point` is the wall time from the start of the process until the store has the metric, seen from outside every 10 ms;
`CPU` is what the process and all below it took of cores until then. `end` is the wall time of the whole command.

With `--profile`, `sweep run` of more trials is sampled from within, and where the time of one more trial goes is printed, by
thread and function: see `trial_profile.py` beside this file.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
LOOK_S = 0.01
STORE = "mlflow.db"
IMPORTS = "import torch, mlflow"
TRAINER = "def train(config, run):\n    run.log({'toy/loss': 1.0}, 0)\n"
SPEC = "experiment: start\ntrainer: toy:train\nsweeps:\n  toy: {{grid: {{number: [{numbers}]}}}}\n"
RAY = f"""
import sys
import ray
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, _temp_dir=sys.argv[1] + "/ray")
tune.Tuner(
    lambda config: tune.report({{"toy/loss": 1.0}}),
    run_config=tune.RunConfig(
        storage_path=sys.argv[1] + "/results",
        verbose=0,
        callbacks=[MLflowLoggerCallback(tracking_uri="sqlite:///{STORE}", experiment_name="start")],
    ),
).fit()
"""
HYDRA = f"""
import hydra, mlflow

@hydra.main(version_base=None)
def main(config):
    mlflow.set_tracking_uri("sqlite:///{STORE}")
    mlflow.set_experiment("start")
    with mlflow.start_run():
        mlflow.log_metric("toy/loss", 1.0, 0)

main()
"""


@dataclass(frozen=True, slots=True)
class Started:
    """One command: seconds of wall and CPU time until its first point was recorded, and of wall time until its end."""

    point_s: float
    cpu_s: float
    end_s: float


def environment(folder: str) -> dict[str, str]:
    """What a command finds around it: a state directory of its own, and the store of its folder."""
    own = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), folder)),
        "SWEEP_HOME": str(Path(folder, ".sweep")),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    own.pop("MLFLOW_TRACKING_URI", None)
    return own


def sweep_words() -> list[str]:
    """The command line of `sweep run` in such a folder."""
    words = [str(Path(sys.executable).with_name("sweep")), "run", "toy.yaml", "--jobs", "1", "--gpus", ""]
    return [*words, "--tracking-uri", f"sqlite:///{STORE}"]


def write_sweep(folder: str, trials: int) -> None:
    """Write the trainer and a file with so many trials."""
    Path(folder, "toy.py").write_text(TRAINER, encoding="utf-8")
    numbers = ", ".join(map(str, range(trials)))
    Path(folder, "toy.yaml").write_text(SPEC.format(numbers=numbers), encoding="utf-8")


def sweep_new() -> Started:
    """`sweep run` of one trial, into a record that it makes."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        write_sweep(folder, 1)
        return measure(sweep_words(), folder, 0)


def sweep_existing() -> Started:
    """`sweep run` of one more trial, where the record has one already."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        write_sweep(folder, 1)
        measure(sweep_words(), folder, 0)
        write_sweep(folder, 2)
        return measure(sweep_words(), folder, 1)


def ray_tune() -> Started:
    """Ray Tune with one trial of the same."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        Path(folder, "tuned.py").write_text(RAY, encoding="utf-8")
        return measure(["tuned.py", folder], folder, 0)


def hydra_app() -> Started:
    """A Hydra app that logs the same with MLflow, itself."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        Path(folder, "app.py").write_text(HYDRA, encoding="utf-8")
        return measure(["app.py"], folder, 0)


def imports() -> Started:
    """An interpreter that imports torch and MLflow, and does nothing."""
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        began_s = time.perf_counter()
        process = start(["-c", IMPORTS], folder)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - began_s
        return Started(wall_s, usage.ru_utime + usage.ru_stime, wall_s)


def start(words: list[str], folder: str) -> subprocess.Popen[bytes]:
    """Start Python with these words in a folder; what it prints is kept there."""
    with Path(folder, "printed.txt").open("wb") as printed:
        return subprocess.Popen(
            [sys.executable, *words], cwd=folder, env=environment(folder), stdout=printed, stderr=printed
        )


def measure(words: list[str], folder: str, points: int) -> Started:
    """Run Python with these words until its end, in a folder whose store has so many points already."""
    began_s = time.perf_counter()
    process = start(words, folder)
    point_s = cpu_s = None
    while process.poll() is None:
        if point_s is None and recorded(Path(folder, STORE)) > points:
            point_s, cpu_s = time.perf_counter() - began_s, cpu_below(process.pid)
        time.sleep(LOOK_S)
    end_s = time.perf_counter() - began_s
    if process.returncode != 0 or point_s is None or cpu_s is None:
        printed = Path(folder, "printed.txt").read_text(encoding="utf-8", errors="replace")
        message = f"{' '.join(words)[:80]} exited with {process.returncode}:\n{printed[-2000:]}"
        raise SystemExit(message)
    return Started(point_s, cpu_s, end_s)


def recorded(path: Path) -> int:
    """How many points of the toy's metric a store has; 0 where there is none yet."""
    if not path.exists():
        return 0
    with (
        contextlib.suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store,
    ):
        return int(store.execute("select count(*) from metrics where key = 'toy/loss'").fetchone()[0])
    return 0


def cpu_below(pid: int) -> float:
    """Seconds of CPU that a process and all that lives below it took, with what its dead children took."""
    spent_s = 0.0
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                spent_s += times.user + times.system + times.children_user + times.children_system
    return spent_s


def main() -> None:
    """Measure in turn and print."""
    parser = argparse.ArgumentParser(description="Measure the time to the first recorded point.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="show where the time of one more trial goes")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if asked.profile:
        from trial_profile import print_profile

        print_profile(asked.trials, asked.workers)
        return
    commands = {"import torch, mlflow": imports, "new record": sweep_new, "existing record": sweep_existing}
    others = {"ray": ("Ray Tune", ray_tune), "hydra": ("Hydra", hydra_app)}
    commands |= {name: run for module, (name, run) in others.items() if util.find_spec(module)}
    load = os.getloadavg()[0]  # at the end it would be what has been measured
    measured: dict[str, list[Started]] = {name: [] for name in commands}
    for _ in range(asked.repeats):
        for name, run in commands.items():
            measured[name].append(run())
    print(f"{os.cpu_count()} CPUs, load average {load:.1f} at the start; median of {asked.repeats}")
    print(
        f"{'':<22}{'first point s':>14}{'of imports':>12}{'CPU s':>8}{'of imports':>12}{'end s':>8}{'best s':>8}"
    )
    alone = measured["import torch, mlflow"]
    for name, runs in measured.items():
        wall = statistics.median(run.point_s / base.point_s for run, base in zip(runs, alone, strict=True))
        cpu = statistics.median(run.cpu_s / base.cpu_s for run, base in zip(runs, alone, strict=True))
        print(
            f"{name:<22}{statistics.median(run.point_s for run in runs):>14.2f}{wall:>12.2f}"
            f"{statistics.median(run.cpu_s for run in runs):>8.2f}{cpu:>12.2f}"
            f"{statistics.median(run.end_s for run in runs):>8.2f}{min(run.point_s for run in runs):>8.2f}"
        )
    missing = [name for module, (name, _) in others.items() if not util.find_spec(module)]
    if missing:
        print(f"not installed, so not measured: {', '.join(missing)}")


if __name__ == "__main__":
    main()
