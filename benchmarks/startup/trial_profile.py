"""Shows where the time of one more trial goes: `python benchmarks/startup/start.py --profile`.

`sweep run` is started with a thread that looks at all other threads about each millisecond, while trials are supervised: which
function of this repository each is in, and whether it only waits. What it sees is printed in milliseconds a trial. A thread
that waits for another one, or for a trial, costs nothing; the threads share one core. Beside it stands the CPU time a trial of
the processes: the supervisor, the forkserver and the attempts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from types import FrameType

ROOT = Path(__file__).parents[2]
EVERY_S = 0.001
SHOWN = 14
"""So many functions of a thread are printed."""
WAITS = "(waits)"
_WAITING = {"threading.py", "selectors.py", "connection.py", "subprocess.py"}
SPEC = """
experiment: profile
trainer: toy:train
defaults: {{lr: 1e-4, layers: 3, num_epoch: 10}}
sweeps:
  toy: {{grid: {{number: [{numbers}]}}}}
"""
TRAINER = """
def train(config, run):
    for epoch in range(10):
        run.log({f"toy/m{number}": float(epoch + number) for number in range(10)}, epoch)
"""


class Watch:
    """Looks at the threads of this process until it ends, and writes what it saw into a file."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._spent_s: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._cpu: list[tuple[float, float, float]] = []
        self._supervised_s = 0.0
        threading.Thread(target=self._look_on, name="watch", daemon=True).start()

    def _look_on(self) -> None:
        main, before_s = threading.main_thread().ident, time.perf_counter()
        was_supervised = False
        while True:
            time.sleep(EVERY_S)
            now_s = time.perf_counter()
            elapsed_s, before_s = now_s - before_s, now_s
            frames = sys._current_frames()  # noqa: SLF001 - the documented way to look at threads
            if main not in frames or not _is_supervising(frames[main]):
                if was_supervised:
                    self._cpu.append(_cpu_times())
                    self._write()
                was_supervised = False
                continue
            if not was_supervised:
                self._cpu.append(_cpu_times())
            was_supervised = True
            self._supervised_s += elapsed_s
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in frames.items():
                name = names.get(ident, "?")
                if name != "watch":
                    self._spent_s[name][_place(frame)] += elapsed_s

    def _write(self) -> None:
        first, last = self._cpu[0], self._cpu[-1]
        cpu_s = [after - before for before, after in zip(first, last, strict=True)]
        text = json.dumps({"supervised_s": self._supervised_s, "cpu_s": cpu_s, "threads": self._spent_s})
        self._target.write_text(text, encoding="utf-8")


def _cpu_times() -> tuple[float, float, float]:
    """CPU seconds of this process, of the processes that it started, and of what these have started and seen end."""
    own, started, attempts = psutil.Process(), 0.0, 0.0
    for child in own.children():
        times = child.cpu_times()
        started += times.user + times.system
        attempts += times.children_user + times.children_system
    times = own.cpu_times()
    return times.user + times.system, started, attempts


def _is_supervising(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name == "run" and frame.f_code.co_filename.endswith("scheduler/supervisor.py"):
            return True
        frame = frame.f_back
    return False


def _place(frame: FrameType) -> str:
    """Where a thread is: the innermost function of this repository, or that it waits."""
    if Path(frame.f_code.co_filename).name in _WAITING:
        return WAITS
    inner: FrameType | None = frame
    while inner is not None:
        path = Path(inner.f_code.co_filename)
        if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
            return f"{path.relative_to(ROOT).with_suffix('')}: {inner.f_code.co_name}"
        inner = inner.f_back
    return frame.f_code.co_filename.rpartition("site-packages/")[2]


def print_profile(trials: int, workers: int) -> None:
    """Run `sweep run` of so many toy trials, so many at once, and print where one more trial spends its time."""
    with tempfile.TemporaryDirectory(prefix="profile-") as folder:
        numbers = ", ".join(map(str, range(trials)))
        Path(folder, "toy.py").write_text(TRAINER, encoding="utf-8")
        Path(folder, "toy.yaml").write_text(SPEC.format(numbers=numbers), encoding="utf-8")
        options = ["--jobs", str(workers), "--gpus", "", "--tracking-uri", "sqlite:///mlflow.db"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SWEEP_HOME": str(Path(folder, ".sweep"))}
        subprocess.run(
            [sys.executable, __file__, str(Path(folder, "seen.json")), "run", "toy.yaml", *options],
            cwd=folder,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seen = json.loads(Path(folder, "seen.json").read_text(encoding="utf-8"))
    a_trial_ms = 1000 / trials
    print(
        f"{trials} trials, {workers} workers: {seen['supervised_s'] * a_trial_ms:.1f} ms a trial, less start"
    )
    supervisor, forkserver, attempts = (seconds * a_trial_ms for seconds in seen["cpu_s"])
    print(
        f"CPU ms a trial: supervisor {supervisor:.1f}, forkserver {forkserver:.1f}, attempts {attempts:.1f}"
    )
    for thread, places in seen["threads"].items():
        busy_s = sum(spent_s for place, spent_s in places.items() if place != WAITS)
        print(f"\n{thread:<72}{busy_s * a_trial_ms:>8.2f} ms a trial, not waiting")
        for place, spent_s in sorted(places.items(), key=lambda item: -item[1])[:SHOWN]:
            print(f"  {place:<70}{spent_s * a_trial_ms:>8.2f}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    import sweep_experiments

    Watch(Path(sys.argv.pop(1)))
    sweep_experiments.main()
