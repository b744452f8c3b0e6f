"""Measures what a sweep loses while MLflow's server, PostgreSQL or a node of Ray is away.

    python benchmarks/stores/outage.py [server] [postgresql] [ray-node] [--away 60] [--trials 6] [--workers 2] [--epochs 120]

Each row is a sweep of its own. Its trainer logs 5 metrics an epoch and writes a checkpoint, about ten epochs a second,
and notes the time of each. Once the first trials are in their tenth epoch, one thing happens:

server       MLflow's HTTP server (with artifact proxy, sqlite) is killed, and started again after `--away` seconds
postgresql   is stopped as by a crash, and started again after `--away` seconds
ray-node     the Ray node that runs them is killed; another one is there

Then the record is counted: trials that are FINISHED, the attempts that all took together, values that are lacking or
wrong (`lost`) and values that a step has twice (`doubled`). `pause s` is the longest that any trial went from one epoch
to its next, `before s` the same before the thing happened. What is not installed is left out, and said.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib import util
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]

METRICS = 5
UNDER_WAY = 10
"""The epoch in which something happens to the first trials."""
ANSWER_S = 120.0

TRAINER = f"""
import json, time
from pathlib import Path

def train(config, run):
    checkpoint, times = run.dir / "checkpoint.json", run.dir / "times.jsonl"
    begun = json.loads(checkpoint.read_text()) if checkpoint.exists() else 0
    for epoch in range(begun, config["num_epoch"]):
        if run.should_stop():
            return
        run.log({{f"toy/m{{number}}": float(epoch + number) for number in range({METRICS})}}, epoch)
        half = checkpoint.with_suffix(".half")
        half.write_text(json.dumps(epoch + 1))
        half.replace(checkpoint)
        with times.open("a") as file:
            file.write(f"{{time.time()}}\\n")
        time.sleep(0.1)
    run.artifact(checkpoint)
"""
SPEC = """
experiment: outage
trainer: toy:train
defaults: {{num_epoch: {epochs}}}
sweeps:
  toy: {{grid: {{number: [{numbers}]}}}}
"""
COUNTED = """
select count(*), coalesce(sum(n - 1), 0), coalesce(sum(case when value = step + {number} then 0 else 1 end), 0)
from (select run_uuid, key, step, min(value) as value, count(*) as n from metrics where key = 'toy/m{number}'
      group by run_uuid, key, step) as steps
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    away_s: float
    trials: int
    workers: int
    epochs: int


@dataclass(slots=True)
class Service:
    """What the sweep needs, and how to take it away.

    Attributes:
        tracking_uri: Where the sweep records.
        store: The database behind it, for counting.
        options: The options of `sweep run` for it.
        take_away: Take it away and bring it back; returns after that.
        environment: Variables of `sweep run`.
    """

    tracking_uri: str
    store: str
    take_away: Callable[[], None]
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def server(folder: Path, asked: Asked) -> Iterator[Service]:
    """MLflow's server on a sqlite store."""
    port, store = free_port(), f"sqlite:///{folder / 'server.db'}"
    address = f"http://127.0.0.1:{port}"
    words = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--backend-store-uri", store, "--artifacts-destination", str(folder / "artifacts")]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        with (folder / "server.log").open("ab") as log:
            running.append(
                subprocess.Popen(
                    [sys.executable, *words],
                    cwd=folder,
                    env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        until_s = time.monotonic() + ANSWER_S
        while True:
            try:
                requests.get(f"{address}/health", timeout=5).raise_for_status()
            except requests.RequestException as error:
                if time.monotonic() > until_s:
                    raise SystemExit((folder / "server.log").read_text()[-2000:]) from error
                time.sleep(0.2)
            else:
                return

    def stop() -> None:
        process = running.pop()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def take_away() -> None:
        stop()
        time.sleep(asked.away_s)
        start()

    start()
    try:
        yield Service(address, store, take_away)
    finally:
        stop()


@contextlib.contextmanager
def postgresql(folder: Path, asked: Asked) -> Iterator[Service]:
    """A PostgreSQL of one's own."""
    script, port = ROOT / "tests" / "services" / "postgres", str(free_port())
    folder.chmod(0o755)  # its server runs as another user

    def do(verb: str) -> None:
        subprocess.run([script, verb, folder / "postgres", port], check=True)

    def take_away() -> None:
        do("stop")
        time.sleep(asked.away_s)
        do("resume")

    do("start")
    uri = f"postgresql+psycopg://sweep@127.0.0.1:{port}/mlflow"
    try:
        yield Service(uri, uri, take_away)
    finally:
        do("stop")


@contextlib.contextmanager
def ray_node(folder: Path, asked: Asked) -> Iterator[Service]:
    """A Ray cluster of a head that runs nothing and one node, which is killed once another is there."""
    held = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}  # it stays on 127.0.0.1
    os.environ.update(held)
    from ray.cluster_utils import Cluster

    size: dict[str, Any] = {"object_store_memory": 80 * 1024**2, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={**size, "num_cpus": 0})
    node = cluster.add_node(**size, num_cpus=asked.workers)

    def take_away() -> None:
        cluster.add_node(**size, num_cpus=asked.workers)
        cluster.remove_node(node, allow_graceful=False)

    store = f"sqlite:///{folder / 'mlflow.db'}"
    try:
        yield Service(store, store, take_away, ["--executor", "ray", "--address", cluster.address], held)
    finally:
        cluster.shutdown()


SERVICES = {"server": server, "postgresql": postgresql, "ray-node": ray_node}


def missing(name: str) -> str | None:
    """What has to be installed first, or None."""
    if name == "ray-node" and util.find_spec("ray") is None:
        return "Ray is not installed: `pip install 'sweep-experiments[ray]'`"
    if name == "postgresql" and not (
        list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb")
    ):
        return "PostgreSQL is not installed: `tests/services/install postgresql`"
    return None


def pauses(folder: Path) -> list[float]:
    """For each trial that began, the longest time from one epoch to the next, in s."""
    found = []
    for times in folder.glob(".sweep/runs/*/files/times.jsonl"):
        clock_s = [float(line) for line in times.read_text().split()]
        found.append(max((later - earlier for earlier, later in pairwise(clock_s)), default=0.0))
    return found


def under_way(folder: Path) -> int:
    """How many trials have reached the epoch in which something happens."""
    found = folder.glob(".sweep/runs/*/files/times.jsonl")
    return sum(len(times.read_text().split()) >= UNDER_WAY for times in found)


def measure(name: str, asked: Asked) -> bool:
    """Run one sweep, take away what it needs, and print the row; returns whether nothing is lost or doubled."""
    with tempfile.TemporaryDirectory(prefix="outage-") as made:
        folder = Path(made)
        numbers = ", ".join(map(str, range(asked.trials)))
        (folder / "toy.py").write_text(TRAINER, encoding="utf-8")
        (folder / "toy.yaml").write_text(SPEC.format(epochs=asked.epochs, numbers=numbers), encoding="utf-8")
        with SERVICES[name](folder, asked) as service:
            began_s = time.monotonic()
            with (folder / "log.txt").open("wb") as log:
                words = ["run", "toy.yaml", "--jobs", str(asked.workers), *service.options]
                process = subprocess.Popen(
                    [sys.executable, "-m", "sweeps", *words, "--tracking-uri", service.tracking_uri],
                    cwd=folder,
                    env={
                        **os.environ,
                        **service.environment,
                        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
                        "CUDA_VISIBLE_DEVICES": "",
                    },
                    stdout=log,
                    stderr=log,
                )
                while under_way(folder) < min(asked.workers, asked.trials):
                    if process.poll() is not None:
                        raise SystemExit((folder / "log.txt").read_text()[-2000:])
                    time.sleep(0.05)
                ordinary_s = max(pauses(folder))
                service.take_away()
                code = process.wait()
            wall_s = time.monotonic() - began_s
            if code != 0:
                print((folder / "log.txt").read_text(encoding="utf-8")[-2000:], file=sys.stderr)
            return print_row(name, asked, service.store, wall_s, ordinary_s, max(pauses(folder)))


def print_row(
    name: str, asked: Asked, store: str, wall_s: float, ordinary_s: float, longest_s: float
) -> bool:
    """Count what the store holds and print it; returns whether it is what it has to be."""
    from sqlalchemy import create_engine, text

    with create_engine(store).connect() as database:
        rows = [database.execute(text(COUNTED.format(number=number))).one() for number in range(METRICS)]
        of_trials = "from runs join tags on tags.run_uuid = runs.run_uuid and tags.key = 'sweeps.attempt'"
        attempts = database.execute(text(f"select sum(cast(tags.value as integer)) {of_trials}")).scalar_one()
        finished = database.execute(
            text(f"select count(*) {of_trials} where runs.status = 'FINISHED'")
        ).scalar_one()
    there, doubled, wrong = (sum(int(row[column]) for row in rows) for column in range(3))
    lost = asked.trials * asked.epochs * METRICS - there + wrong
    print(
        f"{name:<12}{asked.trials:>7}{finished:>10}{attempts:>10}{there:>9}{lost:>6}{doubled:>9}"
        f"{ordinary_s:>9.2f}{longest_s:>9.2f}{wall_s:>9.1f}",
        flush=True,
    )
    return (finished, lost, doubled) == (asked.trials, 0, 0)


def main() -> None:
    """Measure one after the other; exits with 1 where something is lost or doubled."""
    parser = argparse.ArgumentParser(description="Take away what a sweep needs, and count what it lost.")
    parser.add_argument("what", nargs="*", choices=[[], *SERVICES], default=[])
    parser.add_argument("--away", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=120)
    given = parser.parse_args()
    asked = Asked(given.away, given.trials, given.workers, given.epochs)
    print(
        f"{asked.epochs} epochs x {METRICS} metrics, {asked.workers} workers, away for {asked.away_s:g} s; "
        f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} at the start"
    )
    print(
        f"{'':<12}{'trials':>7}{'finished':>10}{'attempts':>10}{'points':>9}{'lost':>6}{'doubled':>9}"
        f"{'before s':>9}{'pause s':>9}{'wall s':>9}",
        flush=True,
    )
    sound = True
    for name in given.what or SERVICES:
        if told := missing(name):
            print(f"{name:<12} left out: {told}")
        else:
            sound = measure(name, asked) and sound
    if not sound:
        sys.exit("something is lost or doubled")


if __name__ == "__main__":
    main()
