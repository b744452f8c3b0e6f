"""Measures what a search saves by pruning, and what it costs beside Optuna's own loop.

    python benchmarks/search.py pruning [--jobs 1] [--seeds 0 1 2] [--sampler tpe]
    python benchmarks/search.py loop [--trials 60] [--repeats 3]

`pruning` runs `examples/search.yaml` twice a seed, with its hyperband and with no pruner, each in a directory of its own:
same space, seed, starting points and number of trials. Training time is the sum of `time/epoch_s` over all trials. The
example's random sampler suggests the same trials to both, so that the dB that differ are what pruning cost. With
`--sampler tpe` the two go apart, as each learns from its own results, and the best result varies by more than a dB from
seed to seed: there the summary over many seeds counts.

`loop` has an objective that sleeps 50 ms, two workers, one store on disk each, in turn:
`sweep run`, a process a trial and a run in MLflow a trial; Optuna's `optimize(n_jobs=2)` with sqlite storage, which records
no run; and the same with each trial recorded in MLflow from the objective's thread. A trial's cost is the wall time over
the number of trials; of `sweep run`, from its first run's start to its last run's end, so without interpreter,
imports and the making of the databases; of `optimize`, the call alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "search.yaml"
SLEEP_S, WORKERS = 0.05, 2
NEAR_DB = 0.2
SOME_FAILED = 1
"""The exit code where a trial failed: a learning rate may be too high for the loss to stay finite."""
EPOCH_TIME, SCORE = "time/epoch_s", "val/psnr"

TRAINER = f"""
import time

def train(config, run):
    time.sleep({SLEEP_S})
    run.log({{"loss": (config["x"] - 0.3) ** 2}}, 0)
"""

SPEC = """
experiment: loop
trainer: toy:train
sweeps:
  toy:
    search: {{space: {{x: {{float: [0, 1]}}}}, objective: {{loss: min}}, trials: {trials}, sampler: random}}
"""

OPTUNA = f"""
import sys, threading, time
import optuna
from mlflow.tracking import MlflowClient
from mlflow.entities import Metric, Param

trials, recorded = int(sys.argv[1]), sys.argv[2] == "recorded"
optuna.logging.set_verbosity(optuna.logging.ERROR)
client = MlflowClient("sqlite:///mlflow.db")
experiment = client.create_experiment("loop")

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    run = client.create_run(experiment) if recorded else None
    time.sleep({SLEEP_S})
    loss = (x - 0.3) ** 2
    if run is not None:
        now = time.time_ns() // 1_000_000
        client.log_batch(run.info.run_id, params=[Param("x", str(x))], metrics=[Metric("loss", loss, now, 0)])
        client.set_terminated(run.info.run_id)
    return loss

study = optuna.create_study(storage="sqlite:///optuna.db", sampler=optuna.samplers.RandomSampler(seed=0))
began = time.perf_counter()
study.optimize(objective, n_trials=trials, n_jobs={WORKERS})
print(time.perf_counter() - began, sum(trial.state.is_finished() for trial in study.trials))
"""


def main() -> None:
    """Run one of the two and print its table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("pruning", "loop"))
    parser.add_argument("--jobs", type=int, default=1, help="pruning: trials at once; 1 makes it repeatable")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="pruning: the search's own seeds")
    parser.add_argument("--sampler", help="pruning: in place of the example's")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="pruning: as for sweep run"
    )
    parser.add_argument("--trials", type=int, default=60, help="loop: trials of one round")
    parser.add_argument("--repeats", type=int, default=3, help="loop: rounds")
    asked = parser.parse_args()
    print(f"load average at the start: {os.getloadavg()[0]:.1f}\n")
    if asked.what == "pruning":
        pruning(asked.seeds, asked.jobs, asked.set, asked.sampler)
    else:
        loop(asked.trials, asked.repeats)


@dataclass(frozen=True, slots=True)
class Searched:
    """One search: its trials, pruned ones, epochs, seconds of training, and the best last PSNR in dB."""

    trials: int
    pruned: int
    epochs: int
    spent_s: float
    best_db: float


def pruning(seeds: Sequence[int], jobs: int, settings: Sequence[str], sampler: str | None) -> None:
    """Compare the example with hyperband and without a pruner, seed by seed and over all of them."""
    text = EXAMPLE.read_text(encoding="utf-8")
    pruner, seed_line, sampler_line = (
        next(line for line in text.splitlines(keepends=True) if line.lstrip().startswith(key))
        for key in ("pruner:", "seed:", "sampler:")
    )
    if sampler:
        text = text.replace(sampler_line, sampler_line.partition("sampler:")[0] + f"sampler: {sampler}\n")
    print("| seed | pruner | trials | pruned | epochs | training s | best PSNR dB |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    pairs = []
    for seed in seeds:
        seeded = text.replace(seed_line, seed_line.replace("0", str(seed)))
        pair = []
        for name, spec in (("hyperband", seeded), ("none", seeded.replace(pruner, ""))):
            one = searched(spec, jobs, settings)
            pair.append(one)
            print(
                f"| {seed} | {name} | {one.trials} | {one.pruned} | {one.epochs} | {one.spent_s:.1f} "
                f"| {one.best_db:.2f} |",
                flush=True,
            )
        pairs.append((pair[0], pair[1]))
    print(f"\n{compared(pairs)}")


def compared(pairs: Sequence[tuple[Searched, Searched]]) -> str:
    """What hyperband saves over all seeds, and what it costs in dB; each pair is with it and without."""
    saved_s = [without.spent_s / pruned.spent_s for pruned, without in pairs]
    epochs, spent_s = (
        sum(getattr(without, what) for _, without in pairs)
        / sum(getattr(pruned, what) for pruned, _ in pairs)
        for what in ("epochs", "spent_s")
    )
    gained_db = [pruned.best_db - without.best_db for pruned, without in pairs]
    mean_db = statistics.mean(gained_db)
    spread = (
        f", median {statistics.median(gained_db):+.2f}, standard deviation {statistics.stdev(gained_db):.2f}"
        if len(pairs) > 1
        else ""
    )
    return (
        f"{len(pairs)} seed{'s' * (len(pairs) > 1)}, summed: {epochs:.2f} times fewer epochs, {spent_s:.2f} times "
        f"less training time (by seed {min(saved_s):.2f} to {max(saved_s):.2f}); best PSNR {mean_db:+.2f} dB on "
        f"average{spread}: {'within' if mean_db >= -NEAR_DB else 'not within'} {NEAR_DB} dB"
    )


def searched(spec: str, jobs: int, settings: Sequence[str]) -> Searched:
    """Run one search in a directory of its own."""
    from analysis.read.frames import load_curves, load_runs

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "search.yaml").write_text(spec, encoding="utf-8")
        words = [word for setting in settings for word in ("--set", setting)]
        sweep(folder, "run", "search.yaml", "--jobs", str(jobs), *words)
        uri = f"sqlite:///{folder}/mlflow.db"
        (experiment,) = [line.split()[1] for line in spec.splitlines() if line.startswith("experiment:")]
        runs = load_runs(uri, experiment)
        times = load_curves(uri, experiment, [EPOCH_TIME])
        finished = runs[runs.outcome == "finished"]
        pruned = int((runs.outcome == "pruned").sum())
        best = float(finished[f"metrics.{SCORE}"].max())
        return Searched(len(runs), pruned, len(times), float(times.value.sum()), best)


def loop(trials: int, repeats: int) -> None:
    """Compare the loops, in turn, and print the medians."""
    spent: dict[str, list[float]] = {"sweep run": [], "optimize": [], "optimize, each trial in MLflow": []}
    for _ in range(repeats):
        spent["sweep run"].append(own_loop(trials))
        spent["optimize"].append(optuna_loop(trials, "plain"))
        spent["optimize, each trial in MLflow"].append(optuna_loop(trials, "recorded"))
    print("| 2 workers, 50 ms | ms a trial | least |\n| --- | ---: | ---: |")
    for name, seconds in spent.items():
        each = [1000 * second / trials for second in seconds]
        print(f"| {name} | {statistics.median(each):.0f} | {min(each):.0f} |")


def own_loop(trials: int) -> float:
    """Seconds from the first run's start to the last run's end, every run checked to be recorded."""
    from analysis.read.frames import load_runs

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "toy.py").write_text(TRAINER, encoding="utf-8")
        (Path(folder) / "e.yaml").write_text(SPEC.format(trials=trials), encoding="utf-8")
        sweep(folder, "run", "e.yaml", "--jobs", str(WORKERS), "--gpus", "")
        runs = load_runs(f"sqlite:///{folder}/mlflow.db", "loop")
        if len(runs) != trials or runs["metrics.loss"].isna().any() or (runs.outcome != "finished").any():
            sys.exit(f"{len(runs)} of {trials} runs are recorded")
        return float((runs.end_time.max() - runs.start_time.min()).total_seconds())


def optuna_loop(trials: int, how: str) -> float:
    """Seconds of one `optimize`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "loop.py").write_text(OPTUNA, encoding="utf-8")
        words = [sys.executable, "loop.py", str(trials), how]
        done = subprocess.run(
            words, cwd=folder, check=True, capture_output=True, text=True, env=_environment()
        )
        seconds, finished = done.stdout.split()
        if int(finished) != trials:
            sys.exit(f"{finished} of {trials} trials are in the study")
        return float(seconds)


def sweep(folder: str, *words: str) -> None:
    """One `sweep` command in a directory."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(Path(sys.executable).with_name("sweep")), *words],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env=_environment(),
    )
    if done.returncode not in {0, SOME_FAILED}:
        sys.exit(f"sweep {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    print(f"# sweep {words[0]}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "SWEEP_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true"}


if __name__ == "__main__":
    main()
