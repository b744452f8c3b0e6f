"""Measures the cost of one trial beside its training: `sweep run` and Ray Tune, each recording in MLflow.

    python benchmarks/overhead.py [--trials 200] [--ray-trials 30] [--workers 2] [--repeats 3]
    python benchmarks/overhead.py --system-metrics [--trials 4] [--workers 2] [--repeats 3]

The trainer computes nothing: 10 epochs of 10 metrics, logged one epoch at a time. Each command is a process of
its own in a directory of its own, with a new sqlite store, one after the other, `--repeats` times in turn. Then
the store is counted: every run FINISHED, with each metric of each epoch, its params and its tags.

`a trial` is the wall time of the whole command over its trials; `less start` leaves out what passes until the
first trial's run is created (interpreter, imports, database, Ray's cluster). Ray Tune runs the same function on
as many CPUs with its MLflowLoggerCallback; it gets fewer trials, as it takes longer. Where Ray is not installed
(`pip install 'ray[tune]'`), its rows are left out.

With `--system-metrics` the same trainer computes for `WORK_S` seconds of its core's time a trial, and `sweep run` is measured
with what trials take of the machine sampled as by default, sampled each second, and not sampled, in turn. Of the repeats the
shortest counts, as others on the machine only ever add: `of off` is the wall time of the command less its start, over that
without samples. `own CPU s` is the time that `sweep` itself took on cores, without its trials: all that sampling adds is there.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
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
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
EPOCHS, METRICS = 10, 10
STORE = "mlflow.db"

TRAINER = f"""
def rows():
    for epoch in range({EPOCHS}):
        yield {{f"toy/m{{number}}": float(epoch + number) for number in range({METRICS})}}

def train(config, run):
    for epoch, row in enumerate(rows()):
        run.log(row, epoch)
"""

WORK_S = 6.0
BUSY = f"""
import time
from toy import rows

def train(config, run):
    for epoch, row in enumerate(rows()):
        end_s = time.thread_time() + {WORK_S / EPOCHS}
        while time.thread_time() < end_s:
            sum(number * number for number in range(10_000))
        run.log(row, epoch)
"""

SPEC = """
experiment: overhead
trainer: {trainer}
defaults: {{lr: 1e-4, layers: 3, num_epoch: {epochs}}}
sweeps:
  toy: {{grid: {{number: [{numbers}]}}}}
"""

RAY = """
import sys
import ray
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback
from toy import rows

def train(config):
    for row in rows():
        tune.report(row)

trials, workers, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, _temp_dir=f"{folder}/ray")
tune.Tuner(
    tune.with_resources(train, {"cpu": 1}),
    param_space={"lr": 1e-4, "layers": 3, "num_epoch": 10, "number": tune.grid_search(list(range(trials)))},
    run_config=tune.RunConfig(
        storage_path=f"{folder}/results",
        verbose=0,
        callbacks=[MLflowLoggerCallback(tracking_uri="sqlite:///mlflow.db", experiment_name="overhead")],
    ),
).fit()
"""

RECORDED = """
select runs.start_time, runs.end_time, runs.status,
       (select count(*) from metrics where metrics.run_uuid = runs.run_uuid and metrics.key like 'toy/%'),
       (select count(*) from params where params.run_uuid = runs.run_uuid),
       (select count(*) from tags where tags.run_uuid = runs.run_uuid)
from runs join params on params.run_uuid = runs.run_uuid and params.key = 'number'
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: its trials, its seconds until its end and until its first run, and what its store holds.

    Attributes:
        trials: How many it was asked for.
        wall_s: From the start of the process to its end.
        start_s: Until the first trial's run was created.
        finished: Runs of trials that are FINISHED.
        points: Values of the trainer's metrics in the run that has the fewest; params and tags likewise.
        params: See `points`.
        tags: See `points`.
        peak_mib: The most memory that the command's own process held, without its children, seen twice a second.
        ends_s: When each trial's run ended, in order; seconds from the start of the process.
        cpu_s: What the command's own process took of cores, without its trials.
    """

    trials: int
    wall_s: float
    start_s: float
    finished: int
    points: int
    params: int
    tags: int
    peak_mib: float
    ends_s: tuple[float, ...]
    cpu_s: float

    @property
    def trial_ms(self) -> float:
        """Wall time of the command over its trials, in ms."""
        return 1000 * self.wall_s / self.trials

    @property
    def less_start_ms(self) -> float:
        """The same without the start-up, in ms."""
        return 1000 * (self.wall_s - self.start_s) / self.trials

    @property
    def is_complete(self) -> bool:
        """Whether every trial is FINISHED with each of its values."""
        return (self.finished, self.points) == (self.trials, EPOCHS * METRICS)


def sweep(
    trials: int, workers: int, options: Sequence[str] = ("--gpus", ""), trainer: str = "toy:train"
) -> Measured:
    """Measure `sweep run` of so many trials, so many at once."""
    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        numbers = ", ".join(map(str, range(trials)))
        Path(folder, "toy.py").write_text(TRAINER, encoding="utf-8")
        Path(folder, "busy.py").write_text(BUSY, encoding="utf-8")
        text = SPEC.format(epochs=EPOCHS, numbers=numbers, trainer=trainer)
        Path(folder, "toy.yaml").write_text(text, encoding="utf-8")
        words = [str(Path(sys.executable).with_name("sweep")), "run", "toy.yaml", "--jobs", str(workers)]
        return measure([*words, *options, "--tracking-uri", f"sqlite:///{STORE}"], folder, trials)


def ray_tune(trials: int, workers: int) -> Measured:
    """Measure Ray Tune on the same trainer."""
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        Path(folder, "toy.py").write_text(TRAINER, encoding="utf-8")
        Path(folder, "tuned.py").write_text(RAY, encoding="utf-8")
        return measure(["tuned.py", str(trials), str(workers), folder], folder, trials)


def measure(arguments: list[str], folder: str, trials: int) -> Measured:
    """Run Python with `arguments` in `folder` to its end, and count what its store then holds."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), folder)),
        "SWEEP_HOME": str(Path(folder, ".sweep")),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    environment.pop("MLFLOW_TRACKING_URI", None)
    started_s, clock_s, children = time.time(), time.perf_counter(), resource.RUSAGE_CHILDREN
    before = resource.getrusage(children)
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        peak_mib = watch_memory(process)
        wall_s, after = time.perf_counter() - clock_s, resource.getrusage(children)
        printed.seek(0)
        output = printed.read()
    if process.returncode != 0:
        message = f"{' '.join(arguments[:3])} exited with {process.returncode}:\n{output[-2000:]}"
        raise SystemExit(message)
    with closing(sqlite3.connect(Path(folder, STORE))) as store:
        rows = store.execute(RECORDED).fetchall()
    if not rows:
        message = f"{' '.join(arguments[:3])} has recorded no trial:\n{output[-2000:]}"
        raise SystemExit(message)
    starts_ms, ends_ms, statuses, points, params, tags = zip(*rows, strict=True)
    start_s = min(starts_ms) / 1000 - started_s
    counts = (statuses.count("FINISHED"), min(points), min(params), min(tags))
    ends_s = tuple(sorted(end_ms / 1000 - started_s for end_ms in ends_ms if end_ms))
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(trials, wall_s, start_s, *counts, peak_mib, ends_s, cpu_s)


def watch_memory(process: subprocess.Popen[bytes]) -> float:
    """Wait until a process ends; the most MiB that it held by itself, seen twice a second."""
    peak_bytes = 0
    while True:
        with contextlib.suppress(psutil.Error):
            peak_bytes = max(peak_bytes, psutil.Process(process.pid).memory_info().rss)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
            return peak_bytes / 2**20


def print_row(name: str, runs: list[Measured]) -> None:
    """The medians of the repeats, and the worst of what they recorded."""
    print(
        f"{name:<10}{runs[0].trials:>7}"
        f"{statistics.median(run.wall_s for run in runs):>9.1f}"
        f"{statistics.median(run.start_s for run in runs):>9.1f}"
        f"{statistics.median(run.trial_ms for run in runs):>12.0f}"
        f"{statistics.median(run.less_start_ms for run in runs):>15.0f}"
        f"{min(run.finished for run in runs):>10}{min(run.points for run in runs):>8}"
        f"{min(run.params for run in runs):>8}{min(run.tags for run in runs):>6}"
    )


def compare_sampling(trials: int, workers: int, repeats: int) -> None:
    """Measure trials that compute, sampled and not, in turn, and print; exits with 1 where something is not recorded."""
    measured: dict[str, list[Measured]] = {"off": [], "10s": [], "1s": []}
    for _ in range(repeats):
        for every, runs in measured.items():
            options = ("--gpus", "", "--system-metrics", every)
            runs.append(sweep(trials, workers, options, "busy:train"))
    best = {every: min(run.less_start_ms for run in runs) for every, runs in measured.items()}
    print(f"{trials} trials of {WORK_S:g} s on a core, {workers} workers, sqlite; best of {repeats}")
    print(f"{'sampled':<10}{'ms less start':>15}{'of off':>9}{'own CPU s':>11}{'finished':>10}")
    for every, runs in measured.items():
        print(
            f"{every:<10}{best[every]:>15.0f}{best[every] / best['off']:>9.3f}"
            f"{min(run.cpu_s for run in runs):>11.2f}{min(run.finished for run in runs):>10}"
        )
    if not all(run.is_complete for runs in measured.values() for run in runs):
        sys.exit("not everything is recorded")


def main() -> None:
    """Measure in turn and print; exits with 1 where something is not recorded."""
    parser = argparse.ArgumentParser(
        description="Measure what one trial costs under `sweep run` and Ray Tune."
    )
    parser.add_argument("--trials", type=int)
    parser.add_argument("--ray-trials", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--system-metrics", action="store_true", help="measure what sampling trials costs")
    asked = parser.parse_args()
    if asked.system_metrics:
        compare_sampling(asked.trials or 4, asked.workers, asked.repeats)
        return
    trials = asked.trials or 200
    has_ray = asked.ray_trials > 0 and util.find_spec("ray") is not None
    load = os.getloadavg()[0]  # at the end it would be what has been measured
    own: list[Measured] = []
    rays: list[Measured] = []
    for _ in range(asked.repeats):
        own.append(sweep(trials, asked.workers))
        if has_ray:
            rays.append(ray_tune(asked.ray_trials, asked.workers))
    print(f"{EPOCHS} epochs x {METRICS} metrics, {asked.workers} workers, sqlite; median of {asked.repeats}")
    print(f"{os.cpu_count()} CPUs, load average {load:.1f} at the start")
    print(
        f"{'':<10}{'trials':>7}{'wall s':>9}{'start s':>9}{'ms a trial':>12}{'ms less start':>15}"
        f"{'finished':>10}{'points':>8}{'params':>8}{'tags':>6}"
    )
    print_row("sweep", own)
    if rays:
        print_row("Ray Tune", rays)
        whole = statistics.median(r.trial_ms / s.trial_ms for r, s in zip(rays, own, strict=True))
        less = statistics.median(r.less_start_ms / s.less_start_ms for r, s in zip(rays, own, strict=True))
        print(f"{'ratio':<35}{whole:>12.1f}{less:>15.1f}")
    else:
        print("Ray Tune is not measured here: `pip install 'ray[tune]'`")
    if not all(run.is_complete for run in own + rays):
        sys.exit("not everything is recorded")


if __name__ == "__main__":
    main()
