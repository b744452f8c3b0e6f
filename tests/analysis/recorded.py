"""Synthetic runs, recorded through MLflow's client the way a sweep records its own."""

import hashlib
import json
import math
import random
from dataclasses import dataclass, field, replace
from typing import Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

from analysis.read.store import RunRecord
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.results import Curve, Result, SweepResults

EXPERIMENT = "cvae-video-prediction"
EPOCHS = 12
FRAMES = 16
COPY_FIRST_DB = 19.83
START_MS = 1_700_000_000_000
STRATEGIES = ("None", "Cyclical", "Monotonic")
RATIOS = (1.0, 0.5, 0.0)


def trial(name: str, axes: dict[str, Any], **config: Any) -> ExpectedTrial:
    resolved = (
        {"lr": 1e-4, "kl_anneal_ratio": 0.5, "kl_anneal_cycle": 10, "data.name": "synthetic"} | config | axes
    )
    fingerprint = hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:16]
    command = f"sweep run experiments.yaml --trial {name}"
    return ExpectedTrial(name, fingerprint, resolved, axes, command)


def ratio_sweep(strategies=STRATEGIES, ratios=RATIOS) -> ExpectedSweep:
    trials = tuple(
        trial(f"{kind}-tfr{ratio}", {"kl_anneal_type": kind, "tfr": ratio}, num_epoch=EPOCHS)
        for kind in strategies
        for ratio in ratios
    )
    return ExpectedSweep("tfr-by-annealing", ("kl_anneal_type", "tfr"), trials)


def strategy_sweep() -> ExpectedSweep:
    trials = tuple(
        trial(kind, {"kl_anneal_type": kind}, tfr=0.0, num_epoch=2 * EPOCHS)
        for kind in ("Monotonic", "Cyclical", "None")
    )
    return ExpectedSweep("annealing", ("kl_anneal_type",), trials)


def seed_sweep() -> ExpectedSweep:
    trials = tuple(
        trial(f"{kind}-seed{seed}", {"kl_anneal_type": kind, "seed": seed}, num_epoch=EPOCHS)
        for kind in STRATEGIES
        for seed in (1, 2, 3)
    )
    return ExpectedSweep("repeats", ("kl_anneal_type", "seed"), trials)


@dataclass(frozen=True)
class Recording:
    """What happened to one trial: how far it came, how it ended, and what is odd about it."""

    epochs: int | None = None
    status: str = "FINISHED"
    tags: dict[str, str] = field(default_factory=lambda: {"sweeps.outcome": "finished"})
    nan: tuple[tuple[str, int], ...] = ()
    without: tuple[str, ...] = ()


FINISHED = Recording()
RUNNING = Recording(epochs=5, status="RUNNING", tags={})
FAILED = Recording(
    epochs=4,
    status="FAILED",
    tags={"sweeps.outcome": "failed", "sweeps.reason": "loss is NaN in epoch 4, batch 2"},
)
CODE = {"commit": "4f1c2d3", "dirty": False, "digest": "aa11"}


def with_code(digest: str) -> Recording:
    return replace(FINISHED, tags=FINISHED.tags | {"sweeps.code": json.dumps(CODE | {"digest": digest})})


def beta(kind: str, epoch: int, epochs: int) -> float:
    if kind == "None":
        return 1.0
    length = epochs if kind == "Monotonic" else max(2, epochs // 4)
    return min(1.0, max(1e-6, (epoch % length) / (length * 0.5)))


def metrics_of(wanted: ExpectedTrial, recording: Recording) -> list[Metric]:
    """Curves of the shape that the report's have: loss follows beta, PSNR grows, teacher forcing decays."""
    config = wanted.config
    kind, ratio = config["kl_anneal_type"], float(config.get("tfr", 0.0))
    noise = random.Random(wanted.fingerprint)
    planned = config.get("num_epoch", EPOCHS)
    epochs = planned if recording.epochs is None else recording.epochs
    found: list[tuple[str, int, float]] = []
    for epoch in range(epochs):
        weight = beta(kind, epoch, planned)
        tfr = max(0.0, ratio - max(0, epoch - planned * 0.3) * ratio / (planned * 0.4))
        mse = 0.4 * math.exp(-epoch / (planned * 0.2)) + 0.02 + 0.01 * noise.random() + 0.05 * (1 - tfr)
        kl = 0.2 * math.exp(-3 * weight) + 0.002
        psnr = (
            16
            + 6 * (1 - math.exp(-epoch / (planned * 0.25)))
            - 1.5 * ratio
            - 0.8 * weight
            + 0.2 * noise.random()
        )
        values = {
            "train/loss": mse + weight * kl,
            "train/mse": mse,
            "train/kl": kl,
            "beta": weight,
            "tfr": tfr,
            "val/psnr": psnr,
            "val/psnr_copy_first": COPY_FIRST_DB,
            "val/psnr_foreground": psnr - 4,
            "val/skill": psnr - COPY_FIRST_DB,
            "time/epoch_s": 2.5,
        }
        found += [(key, epoch, value) for key, value in values.items()]
    if "sweeps.outcome" in recording.tags and recording.status == "FINISHED":
        for frame in range(1, FRAMES):
            found.append(
                ("frame/psnr", frame, psnr + 3 * math.exp(-frame / 3) - 0.05 * frame + noise.random())
            )
            found.append(("frame/psnr_copy_first", frame, COPY_FIRST_DB + 4 * math.exp(-frame / 3) - 1))
    return [
        Metric(key, math.nan if (key, step) in recording.nan else value, START_MS + step, step)
        for key, step, value in found
        if key not in recording.without
    ]


def record(
    client: MlflowClient,
    sweep: ExpectedSweep,
    recordings: dict[str, Recording | None] | None = None,
    default=FINISHED,
) -> dict[str, str]:
    """Record a sweep; a trial whose recording is None leaves no trace. Returns run ids by trial name."""
    found = client.get_experiment_by_name(EXPERIMENT)
    experiment_id = found.experiment_id if found else client.create_experiment(EXPERIMENT)
    parent = client.create_run(
        experiment_id,
        start_time=START_MS,
        run_name=sweep.name,
        tags={"sweeps.kind": "sweep", "sweeps.sweep": sweep.name},
    )
    run_ids = {}
    for number, wanted in enumerate(sweep.trials):
        recording = (recordings or {}).get(wanted.name, default)
        if recording is not None:
            child = replace(recording, tags={"mlflow.parentRunId": parent.info.run_id} | recording.tags)
            run_ids[wanted.name] = record_trial(client, sweep, wanted, child, START_MS + 1000 * number)
    client.set_terminated(parent.info.run_id, end_time=START_MS + 100_000)
    return run_ids


def record_trial(client, sweep, wanted, recording, start_ms=START_MS) -> str:
    tags = {
        "sweeps.kind": "trial",
        "sweeps.sweep": sweep.name,
        "sweeps.trial": wanted.name,
        "sweeps.fingerprint": wanted.fingerprint,
        "sweeps.attempt": "1",
        "sweeps.code": json.dumps(CODE),
        "sweeps.data": "synthetic-32x64",
        "sweeps.env": json.dumps({"python": "3.11.7", "torch": "2.13.0"}),
    } | recording.tags
    experiment_id = client.get_experiment_by_name(EXPERIMENT).experiment_id
    run = client.create_run(experiment_id, start_time=start_ms, tags=tags, run_name=wanted.name)
    params = [
        Param(key, value if isinstance(value, str) else json.dumps(value))
        for key, value in wanted.config.items()
    ]
    client.log_batch(run.info.run_id, metrics_of(wanted, recording), params, [RunTag("note", "synthetic")])
    if recording.status != "RUNNING":
        client.set_terminated(run.info.run_id, recording.status, end_time=start_ms + 60_000)
    return run.info.run_id


def result_of(wanted: ExpectedTrial, recording: Recording | None = FINISHED) -> Result:
    """What reading a recorded trial gives, without recording it."""
    if recording is None:
        return Result(wanted, None)
    points: dict[str, dict[int, float]] = {}
    for metric in metrics_of(wanted, recording):
        points.setdefault(metric.key, {})[metric.step] = metric.value
    end_ms = None if recording.status == "RUNNING" else START_MS + 60_000
    tags = {"sweeps.fingerprint": wanted.fingerprint, "sweeps.code": json.dumps(CODE)} | recording.tags
    run = RunRecord(
        wanted.fingerprint * 2, wanted.name, None, "trial", recording.status, START_MS, end_ms, tags
    )
    return Result(wanted, run, {key: Curve(tuple(at), tuple(at.values())) for key, at in points.items()})


def results_of(sweep: ExpectedSweep, recordings: dict[str, Recording | None] | None = None) -> SweepResults:
    found = (result_of(wanted, (recordings or {}).get(wanted.name, FINISHED)) for wanted in sweep.trials)
    return SweepResults(sweep, tuple(found))
