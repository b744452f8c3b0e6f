"""Measures the trainer on a GPU in one table: `make gpu`, or `python benchmarks/gpu.py`. Exit code 1 where a bar is missed.

The report's network (F 128, L 32, N 12, D 192), a clip of 16 frames of 32 x 64, one clip a step; frames are random: the arithmetic
does not depend on them. Every row comes from a process of its own. `together` is so many processes on one card at once, through
NVIDIA's MPS where that is installed. It takes less than 8 minutes; what there is no time for is a bar missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from card.work import MEASURES, MODES, Row

from sweeps.executors.gpus import Nvml
from sweeps.executors.mps import Mps
from sweeps.executors.slots import find_machine
from sweeps.spec.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
LIMIT_S = 470.0
"""What is not measured by then is not measured at all."""
TOGETHER = 8
CLIPS, EPOCHS, VALIDATION_FRAMES = 1463, 1500, 629
"""Clips of an epoch at the report's size, epochs of its twelve runs, nearly all free-running, and frames of a rollout after each."""
BARS = {
    "teacher forcing, ms a step": 8.0,
    "teacher forcing, ms a step of a trial, together": 5.0,
    "free-running, ms a step": 40.0,
    "free-running, ms a step of a trial, together": 12.0,
    "rollout, ms a frame": 0.5,
    "graph against eager, 20 steps of fp32 without TF32, relative": 1e-5,
    "the same with deterministic, bits that differ": 0.0,
    "the report's twelve runs, hours": 8.0,
    "the quick study, s": 75.0,
}


def best(rows: list[Row], what: str) -> float | None:
    """The smallest value of some rows."""
    return min((row.value for row in rows if row.what == what and row.value is not None), default=None)


def hours(step_ms: float | None, frame_ms: float | None) -> float | None:
    """The hours that the report's twelve runs take, of the time of a free-running step and of a frame of a rollout."""
    if step_ms is None or frame_ms is None:
        return None
    return EPOCHS * (CLIPS * step_ms + VALIDATION_FRAMES * frame_ms) / 3.6e6


def judged(rows: list[Row]) -> list[tuple[str, float | None, float, bool]]:
    """Each bar with the best value that was measured, and whether it holds."""
    found = []
    for what, bar in BARS.items():
        value = best(rows, what)
        found.append((what, value, bar, value is not None and value <= bar))
    return found


def table(rows: list[Row], card: str) -> str:
    """All rows, then the bars."""
    shown = [f"{card}", "", "| what | way | value |", "| --- | --- | ---: |"]
    shown += [
        f"| {row.what} | {row.way} | {_number(row.value)}{f' {row.note}' if row.note else ''} |"
        for row in rows
    ]
    shown += ["", "| bar | measured | at most | |", "| --- | ---: | ---: | --- |"]
    shown += [
        f"| {what} | {_number(value)} | {bar:g} | {'holds' if holds else 'MISSED'} |"
        for what, value, bar, holds in judged(rows)
    ]
    return "\n".join(shown)


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4g}"


class Bench:
    """Runs measurements, each in a process, until there is no time left."""

    def __init__(self, words: argparse.Namespace) -> None:
        self._ends_s = time.monotonic() + float(words.limit)
        self._common = [
            "--device",
            words.device,
            "--seconds",
            str(words.seconds),
            *(["--small"] if words.small else []),
        ]
        self._is_small = words.small
        self.rows: list[Row] = []

    def _command(self, measure: str, way: str, precision: str, mode: str = "free-running") -> list[str]:
        given = ["--measure", measure, "--way", way, "--precision", precision, "--mode", mode]
        return [sys.executable, __file__, *given, *self._common]

    def left_s(self) -> float:
        """Seconds that are left."""
        return max(1.0, self._ends_s - time.monotonic())

    def measure(self, measure: str, way: str, precision: str = "fp32") -> None:
        """Add the rows of one measurement."""
        try:
            done = subprocess.run(
                self._command(measure, way, precision),
                capture_output=True,
                text=True,
                timeout=self.left_s(),
                check=True,
            )
            self.rows += [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]
        except subprocess.TimeoutExpired:
            self.rows.append(Row(measure, f"{way}, {precision}", None, "no time was left"))
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["no word"])[-1]
            self.rows.append(Row(measure, f"{way}, {precision}", None, last[:160]))

    def compile_all(self) -> None:
        """Compile for both precisions at once, so that the measurements find it in the cache."""
        started = [
            subprocess.Popen(
                [*self._command("steps", "graph, compiled", precision), "--seconds", "0.1"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for precision in ("fp32", "bf16")
        ]
        for process in started:
            try:
                process.wait(self.left_s())
            except subprocess.TimeoutExpired:
                process.kill()

    def together(self, mode: str, way: str, precision: str) -> None:
        """Add a row of `TOGETHER` processes on the card at once."""
        what, value = f"{mode}, ms a step of a trial, together", None
        with shared_card() as (variables, how):
            started = [
                subprocess.Popen(
                    self._command("together", way, precision, mode),
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                    env={**os.environ, **variables, "OMP_NUM_THREADS": "1"},
                )
                for _ in range(2 if self._is_small else TOGETHER)
            ]  # fmt: skip
            try:
                if all(process.stdout and process.stdout.readline() for process in started):
                    ended = [process.communicate(timeout=self.left_s())[0] for process in _told(started)]
                    rates = [json.loads(text.splitlines()[-1])[0]["value"] for text in ended]
                    value = 1e3 / sum(map(float, rates))
            except (subprocess.TimeoutExpired, IndexError):
                how = f"{how}; no time was left"  # noqa: PLW2901 - what is told of it
            finally:
                for process in started:
                    process.kill()
        self.rows.append(Row(what, f"{way}, {precision}, {len(started)} at once, {how}", value))

    def quick_study(self) -> None:
        """Add the time of `sweep run` and `sweep report` on the repository's quick study, in a copy of its file."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ROOT / "experiments.yaml", folder)
            began, value, how = time.monotonic(), None, ""
            environment = {
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
            }
            try:
                for verb in (["run"], ["report", "--out", "figures"]):
                    command = [sys.executable, "-m", "sweeps", verb[0], "experiments.yaml", *verb[1:]]
                    subprocess.run(
                        command,
                        cwd=folder,
                        env=environment,
                        timeout=self.left_s(),
                        check=True,
                        capture_output=True,
                    )
                value = time.monotonic() - began
            except subprocess.TimeoutExpired:
                how = "no time was left"
            except subprocess.CalledProcessError as error:
                how = f"exit code {error.returncode}"
        self.rows.append(Row("the quick study, s", "sweep run, sweep report", value, how))


def _told(started: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    """Have all begin before any is waited for."""
    for process in started:
        if process.stdin:
            process.stdin.write("go\n")
            process.stdin.flush()
    return started


@contextmanager
def shared_card() -> Iterator[tuple[dict[str, str], str]]:
    """The variables of a process that shares the first GPU, and how it does."""
    machine = find_machine(None, None)
    with tempfile.TemporaryDirectory() as folder:
        mps = Mps(Path(folder, "mps", "1"), machine.uuids, machine.memory_for, print)
        try:
            sharing = mps.share(machine.gpus[0], Resources(gpu=1 / TOGETHER)) if machine.gpus else None
            yield (
                dict(sharing.variables) if sharing else {},
                "through MPS" if sharing and sharing.at_once else "in turns",
            )
        finally:
            mps.close()


def measured(words: argparse.Namespace) -> list[Row]:
    """All rows."""
    bench = Bench(words)
    bench.measure("steps", "the report's loop")
    for way in ("eager", "graph"):
        for precision in ("fp32", "bf16"):
            bench.measure("steps", way, precision)
    for way in ("agrees", "deterministic"):
        bench.measure("agreement", way)
    if not words.small:
        bench.quick_study()
        bench.compile_all()
        for precision in ("bf16", "fp32"):
            bench.measure("steps", "graph, compiled", precision)
    way = "graph" if words.small else "graph, compiled"
    for mode in MODES:
        bench.together(mode, way, "bf16")
    for way, precision in (
        ("the report's loop", "fp32"),
        ("eager", "fp32"),
        ("graph", "fp32"),
        ("graph, compiled", "bf16"),
    ):
        if not (words.small and "compiled" in way):
            bench.measure("rollout", way, precision)
    step_ms, frame_ms = (
        best(bench.rows, "free-running, ms a step of a trial, together"),
        best(bench.rows, "rollout, ms a frame"),
    )
    bench.rows.append(
        Row(
            "the report's twelve runs, hours",
            "extrapolated from a step and a frame",
            hours(step_ms, frame_ms),
        )
    )
    return bench.rows


def main() -> int:
    """Measure, print, and say by the exit code whether all bars hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds of all of them")
    parser.add_argument("--small", action="store_true", help="a tiny network: tries whether all of this runs")
    for name, choices in (("--measure", MEASURES), ("--mode", MODES)):
        parser.add_argument(name, choices=choices, help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--precision", choices=("fp32", "bf16"), help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.measure:
        rows = MEASURES[words.measure](words, torch.device(words.device))
        print(json.dumps([vars(row) for row in rows]))
        return 0
    if words.device == "cuda" and not torch.cuda.is_available():
        print("there is no GPU here: nothing was measured")
        return 0
    nvml = Nvml.open()
    found = nvml.gpus() if nvml else []
    rows = measured(words)
    print(table(rows, f"{found[0].name if found else words.device}, torch {torch.__version__}"))
    return 0 if all(holds for *_, holds in judged(rows)) else 1


if __name__ == "__main__":
    sys.exit(main())
