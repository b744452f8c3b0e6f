"""Tests and measures the trainer on a GPU: `make gpu`, or `python benchmarks/gpu.py`. Exit code 1 where a bar is missed.

The report's network (F 128, L 32, N 12, D 192), a clip of 16 frames of 32 x 64, one clip a step; frames are random: the arithmetic
does not depend on them. `together` is so many processes on one card at once, through NVIDIA's MPS where that is installed. Each row
is printed as soon as it is there, and all of them at the end. It takes less than 8 minutes: first what the bars need, then the rest; what
there is no time for is not measured. Killed (SIGTERM, Ctrl-C), it prints the table of what it has.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from card.child import Child
from card.table import BARS, RATE, TESTS, Row, best, hours, judged, line, table
from card.work import COMPILED, EAGER, GRAPH, MEASURES, MODES, READY, REPORT, ROLLOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
LIMIT_S = 450.0
"""What is not measured by then is not measured at all; what runs then is ended, which takes up to 25 seconds."""
UNTIMED_S, STUDY_S = 170.0, 130.0
"""What tests, agreement and compiling may take together, and what the quick study may."""
EXIT_S = 15.0
"""How long a process may take to exit once it has closed its output."""
TOGETHER = 8
SMALL_STUDY = """
experiment: small
trainer: {run: cvae.train:train, config: cvae.config:TrainConfig}
defaults: {frame_H: 8, frame_W: 12, F_dim: 8, L_dim: 4, N_dim: 4, D_out_dim: 8, num_epoch: 1, train_vi_len: 3, val_vi_len: 4,
           device: cpu, data: {train_frames: 12, val_frames: 4}}
sweeps: {a: {grid: {tfr: [1.0]}}}
"""


class KilledError(Exception):
    """Somebody wants it to end."""


class Bench:
    """Runs measurements, each in a process, until there is no time left."""

    def __init__(self, words: argparse.Namespace) -> None:
        self._words = words
        self._ends_s = time.monotonic() + float(words.limit)
        self._children: list[Child] = []
        self.rows: list[Row] = []

    def run(self) -> None:
        """Do all, the bars' rows first."""
        self.untimed()
        self.way(GRAPH, "bf16", "fp32")
        self.way(COMPILED, "bf16")
        self.together(COMPILED, "bf16")
        self.add_hours()
        self.quick_study()
        self.way(EAGER, "bf16", "fp32")
        self.way(REPORT, "fp32")
        self.way(COMPILED, "fp32")
        self.tests("compiled", "gpu and extra", self.start(*self.pytest("gpu and extra")), self._ends_s)

    def end(self) -> None:
        """End all that still runs."""
        for child in self._children:
            child.end()

    def untimed(self) -> None:
        """What no time is measured of, all at once: tests, whether graphs agree, and compiling for what follows."""
        until_s = self._until(UNTIMED_S)
        tests = self.start(*self.pytest("gpu and not extra"))
        others = {
            "agreement": self.measure("agreement", "agrees"),
            "deterministic": self.measure("agreement", "deterministic"),
            **{
                f"compiling, {part}": self.measure("compile", COMPILED, "bf16", only=part)
                for part in (*MODES, ROLLOUT)
            },
        }
        for name, child in others.items():
            self.take_rows(child, name, until_s)
        self.tests("plain", "gpu and not extra", tests, until_s)

    def way(self, way: str, *precisions: str) -> None:
        """Add the rows of one way to take a step."""
        self.take_rows(
            self.measure("way", way, *precisions), f"{way}, {' and '.join(precisions)}", self._ends_s
        )

    def take_rows(self, child: Child, name: str, until_s: float) -> None:
        """Add the rows that a process prints; one of what is missing where it does not end well."""
        while (text := child.line(until_s)) is not None:
            if text.startswith("{"):
                self.add(Row(**json.loads(text)))
        if child.code(min(until_s, time.monotonic() + EXIT_S)) != 0:
            self.add(Row(name, "the rest of it", None, child.why()))
        child.end()

    def tests(self, which: str, marks: str, child: Child, until_s: float) -> None:
        """Add how many of the tests that need a GPU fail."""
        while child.line(until_s) is not None:
            pass
        code, last = child.code(min(until_s, time.monotonic() + EXIT_S)), child.last_line
        failed = sum(map(int, re.findall(r"(\d+) (?:failed|error)", last)))
        value = None if code not in {0, 1} else max(failed, code)
        self.add(
            Row(
                TESTS if which == "plain" else f"{TESTS}, compiled",
                f"-m '{marks}'",
                value,
                last[:160] or child.why(),
            )
        )
        child.end()

    def together(self, way: str, precision: str) -> None:
        """Add a row for each mode of `TOGETHER` processes on the card at once."""
        with shared_card() as (variables, how):
            count = 2 if self._words.small else TOGETHER
            # What is compiled is in the cache: no pool of compilers for each.
            variables = {**variables, "OMP_NUM_THREADS": "1", "TORCHINDUCTOR_COMPILE_THREADS": "1"}  # noqa: PLW2901 - with more
            children = [self.measure("together", way, precision, variables=variables) for _ in range(count)]
            for mode in MODES:
                value, note = self.rate_of(children)
                self.add(Row(RATE.format(mode), f"{way}, {precision}, {count} at once, {how}", value, note))
            for child in children:
                child.end()

    def rate_of(self, children: list[Child]) -> tuple[float | None, str]:
        """Have all begin at once; milliseconds a step of a trial, and why there are none."""
        for child in children:
            if child.line(self._ends_s) != READY:
                return None, child.why()
        for child in children:
            child.go()
        rates = []
        for child in children:
            text = child.line(self._ends_s)
            if text is None:
                return None, child.why()
            rates.append(float(json.loads(text)["value"]))
        return 1e3 / sum(rates), ""

    def quick_study(self) -> None:
        """Add the time of `sweep run` and `sweep report` on the repository's quick study, in a copy of its file."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            file = Path(folder, "experiments.yaml")
            if self._words.small:
                file.write_text(SMALL_STUDY, encoding="utf-8")
            else:
                shutil.copy(ROOT / "experiments.yaml", file)
            began, value, why = time.monotonic(), None, ""
            variables = {"PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}
            until_s = self._until(STUDY_S)
            for verb, *more in (["run"], ["report", "--out", "figures"]):
                command = [sys.executable, "-m", "sweeps", verb, file.name, *more]
                child = self.start(command, variables, Path(folder))
                while child.line(until_s) is not None:
                    pass
                if child.code(min(until_s, time.monotonic() + EXIT_S)) != 0:
                    why = f"sweep {verb}: {child.why()}"
                child.end()
                if why:
                    break
            else:
                value = time.monotonic() - began
        self.add(Row("the quick study, s", "sweep run, sweep report", value, why))

    def add_hours(self) -> None:
        """Add what the report's twelve runs would take."""
        step_ms = best(self.rows, RATE.format("free-running"))
        value = hours(step_ms, best(self.rows, "rollout, ms a frame"))
        self.add(Row("the report's twelve runs, hours", "extrapolated from a step and a frame", value))

    def add(self, row: Row) -> None:
        """Keep a row, and print it."""
        self.rows.append(row)
        print(line(row), flush=True)

    def measure(
        self,
        what: str,
        way: str,
        *precisions: str,
        only: str | None = None,
        variables: dict[str, str] | None = None,
    ) -> Child:
        """Start a process of this program that measures."""
        words = self._words
        command = [sys.executable, __file__, "--measure", what, "--way", way, "--device", words.device]
        command += ["--seconds", str(words.seconds), "--precision", *(precisions or ("fp32",))]
        command += ["--only", only] if only else []
        if words.small:  # nothing is compiled, which takes minutes
            command += ["--small"]
            variables = {"TORCHDYNAMO_DISABLE": "1", "OMP_NUM_THREADS": "1", **(variables or {})}
        return self.start(command, variables or {})

    def pytest(self, marks: str) -> tuple[list[str], dict[str, str], Path]:
        """How the tests of the trainer are started."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", marks, "tests/cvae"]
        return command, {"PYTHONPATH": str(ROOT)}, ROOT

    def start(self, command: list[str], variables: dict[str, str], folder: Path | None = None) -> Child:
        """Start a process, to be ended with this one."""
        child = Child(command, variables, folder)
        self._children.append(child)
        return child

    def _until(self, most_s: float) -> float:
        return min(self._ends_s, time.monotonic() + most_s)


@contextmanager
def shared_card() -> Iterator[tuple[dict[str, str], str]]:
    """The variables of a process that shares the first GPU, and how it does."""
    from sweeps.executors.mps import Mps
    from sweeps.executors.slots import find_machine
    from sweeps.spec.resources import Resources

    machine = find_machine(None, None)
    with tempfile.TemporaryDirectory() as folder:
        mps = Mps(Path(folder, "mps", "1"), machine.uuids, machine.memory_for, print)
        try:
            sharing = mps.share(machine.gpus[0], Resources(gpu=1 / TOGETHER)) if machine.gpus else None
            if sharing is not None and sharing.at_once:
                yield dict(sharing.variables), "through MPS"
            else:
                yield {}, "in turns"
        finally:
            mps.close()


def card_name() -> str:
    """What it is measured on, and with. Asked of the driver: this process computes nothing on the GPU, and is no user of it."""
    from sweeps.executors.gpus import Nvml, visible_gpus

    nvml = Nvml.open()
    gpus = [nvml.gpu(name) for name in visible_gpus(nvml)] if nvml else []
    name = next(
        (gpu.name for gpu in gpus if gpu),
        "a GPU that NVML does not know" if torch.cuda.is_available() else "a CPU",
    )
    return f"{name}, torch {torch.__version__}, CUDA {torch.version.cuda}"


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds of all of them")
    parser.add_argument("--small", action="store_true", help="a tiny network: tries whether all of this runs")
    parser.add_argument("--measure", choices=MEASURES, help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=(*MODES, ROLLOUT), help=argparse.SUPPRESS)
    parser.add_argument("--precision", nargs="+", choices=("fp32", "bf16"), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say by the exit code whether all bars hold."""
    words = parsed()
    if words.measure:
        for row in MEASURES[words.measure](words, torch.device(words.device)):
            print(json.dumps(vars(row)), flush=True)
        return 0
    if words.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no GPU here: nothing was tested or measured")
        return 0

    def killed(number: int, _frame: object) -> None:
        raise KilledError(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, killed)
    name = card_name()
    print(f"{name}; {len(BARS)} bars, at most {words.limit:.0f} s", flush=True)
    bench = Bench(words)
    try:
        bench.run()
    except KilledError as error:
        print(f"ended by {error}")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        bench.end()
        print(table(bench.rows, name), flush=True)
    return 0 if all(holds for *_, holds in judged(bench.rows)) else 1


if __name__ == "__main__":
    sys.exit(main())
