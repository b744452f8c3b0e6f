"""Measures what it costs to follow an event file of TensorBoard that a program is writing.

    python benchmarks/sources/events.py [--scalars 1000000] [--seconds 30] [--hz 10] [--tags 10] [--poll 0.2]

A file of so many scalars is read to its end, as after a resume without a position. Then a thread appends `--tags`
scalars at once, `--hz` times a second, and the file is polled. The share of a core is the processor time of the thread
that polls, and the bytes are those that the operating system handed to the process. Every scalar has to come once, and in
order, or the script ends with exit code 1. The first lines say what the first reading costs a fresh process: imports.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sweeps.sources.loggers import tensorboard  # noqa: E402

if TYPE_CHECKING:
    from sweeps.sources.reader import Position

FIRST_READ = """
import sys, time
from pathlib import Path
from sweeps.sources.loggers import tensorboard
began_s = time.process_time()
tensorboard.read(Path(sys.argv[1]), {})
print(time.process_time() - began_s)
"""


def event(step: int, tag: str, number: float, *, is_tensor: bool = False) -> Event:
    """One scalar, as torch's writer logs it, or as TF2's."""
    value = Summary.Value(tag=tag, simple_value=number)
    if is_tensor:
        value = Summary.Value(tag=tag, tensor=tensor_util.make_tensor_proto(number))
    return Event(step=step, wall_time=time.time(), summary=Summary(value=[value]))


def append(path: Path, *events: Event) -> None:
    """Write events as the package's writer does, and flush them."""
    with path.open("ab") as file:
        writer = RecordWriter(file)
        for one in events:
            writer.write(one.SerializeToString())


def first_read_s(folder: Path, *, is_tensor: bool) -> float:
    """Seconds of processor time that a fresh process spends on the first scalar."""
    path = folder / f"first{is_tensor}.tfevents"
    append(path, event(0, "loss", 0.5, is_tensor=is_tensor))
    done = subprocess.run(
        [sys.executable, "-c", FIRST_READ, str(path)], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout)


def read_chars() -> int:
    """Bytes that this process has read by now; 0 where the system does not say."""
    counters: Any = psutil.Process().io_counters() if hasattr(psutil.Process, "io_counters") else None
    return getattr(counters, "read_chars", 0)


class Follower:
    """Reads on in a file, and counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position: Position = {}
        self.steps: list[int] = []

    def poll(self) -> None:
        """Read until the position stays, as an attempt does."""
        while True:
            read = tensorboard.read(self.path, self.position)
            self.steps += [row.step or 0 for row in read.rows]
            if read.notes:
                sys.exit("\n".join(read.notes))
            if read.position == self.position:
                return
            self.position = read.position


def write_live(path: Path, first: int, asked: argparse.Namespace, ended: threading.Event) -> None:
    """Append scalars until the time is up; steps go on from `first`."""
    began_s, steps = time.monotonic(), count(first)
    for tick in range(int(asked.seconds * asked.hz)):
        append(path, *(event(next(steps), f"live/{tag}", 0.5) for tag in range(asked.tags)))
        time.sleep(max(0.0, began_s + (tick + 1) / asked.hz - time.monotonic()))
    ended.set()


def main() -> None:
    """Print the costs; exits with 1 where a scalar is lost, doubled or out of order."""
    parser = argparse.ArgumentParser(description="Measure what it costs to follow an event file.")
    parser.add_argument("--scalars", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--hz", type=float, default=10)
    parser.add_argument("--tags", type=int, default=10)
    parser.add_argument("--poll", type=float, default=0.2)
    asked = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} at the start")
    with tempfile.TemporaryDirectory(prefix="events-") as name:
        folder = Path(name)
        for kind, is_tensor in (("simple values", False), ("tensors", True)):
            print(f"first read of {kind}: {first_read_s(folder, is_tensor=is_tensor):.2f} s of a core")
        path = folder / "events.out.tfevents.1"
        append(path, *(event(step, "train/loss", 1 / (step + 1)) for step in range(asked.scalars)))
        size, before, began_s = path.stat().st_size, read_chars(), time.thread_time()
        follower = Follower(path)
        follower.poll()
        spent_s = time.thread_time() - began_s
        print(
            f"{asked.scalars} scalars, {size / 2**20:.0f} MiB: {spent_s:.1f} s of a core, "
            f"{1e6 * spent_s / max(1, asked.scalars):.0f} us each, {(read_chars() - before) / size:.4f} bytes read for each byte"
        )
        ended = threading.Event()
        writer = threading.Thread(target=write_live, args=(path, asked.scalars, asked, ended))
        began_s, before, wall_s = time.thread_time(), read_chars(), time.monotonic()
        writer.start()
        while not ended.wait(asked.poll):
            follower.poll()
        follower.poll()
        wall_s, spent_s = time.monotonic() - wall_s, time.thread_time() - began_s
        writer.join()
        new = path.stat().st_size - size
        print(
            f"followed for {wall_s:.0f} s, {new / wall_s:.0f} bytes/s: {100 * spent_s / wall_s:.2f}% of a core, "
            f"{(read_chars() - before) / new:.4f} bytes read for each byte"
        )
    if follower.steps != list(range(asked.scalars + int(asked.seconds * asked.hz) * asked.tags)):
        sys.exit("scalars are lost, doubled or out of order")


if __name__ == "__main__":
    main()
