"""Measures `sweep ui`: how soon it answers, what it takes of the machine, and how soon a Ctrl-C ends it.

    python benchmarks/browser/ui.py FOLDER [--rounds 3]

FOLDER holds an `experiments.yaml` and its record. `answers` is the time from the start of the command to the answer to a
request that was sent before, `prints` the time to the printed address. Memory and processes are those of the whole tree
after the experiment's runs were asked for; the Ctrl-C comes while another such request is under way.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
BARS = {"answers s": 8.0, "MiB": 400.0, "processes": 3.0, "gone s": 2.0}


def ask(port: int) -> None:
    """Ask for all runs, as the first page does; waits for the server to listen."""
    body = json.dumps({"experiment_ids": ["1"], "max_results": 1000}).encode()
    address = f"http://127.0.0.1:{port}/ajax-api/2.0/mlflow/runs/search"
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310 - our own
                answer.read()
                return
        except ConnectionError:
            return
        except OSError:
            time.sleep(0.02)


def measure(folder: Path) -> dict[str, float]:
    """One round."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sweeps", "ui", "experiments.yaml", "--port", str(port)]
    began_s = time.perf_counter()
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None  # noqa: S101 - it is a pipe
    ask(port)
    answers_s = time.perf_counter() - began_s
    server.stdout.readline()
    prints_s = time.perf_counter() - began_s
    tree = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    mib = sum(process.memory_full_info().pss for process in tree) / 2**20
    spent_s = sum(sum(process.cpu_times()[:2]) for process in tree)
    threading.Thread(target=ask, args=(port,), daemon=True).start()
    left_s = time.perf_counter()
    server.send_signal(signal.SIGINT)
    server.wait()
    return {
        "answers s": answers_s,
        "prints s": prints_s,
        "CPU s": spent_s,
        "MiB": mib,
        "processes": len(tree),
        "gone s": time.perf_counter() - left_s,
    }


def main() -> None:
    """Print a row a round, and whether the bars hold in the best one: the first starts cold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rounds = [measure(asked.folder) for _ in range(asked.rounds)]
    print("  ".join(rounds[0]))
    for found in rounds:
        print("  ".join(f"{value:{len(name)}.1f}" for name, value in found.items()))
    best = {name: min(found[name] for found in rounds) for name in BARS}
    missed = [f"{name}: {best[name]:.1f}, bar {bar:g}" for name, bar in BARS.items() if best[name] > bar]
    print(f"missed: {'; '.join(missed)}" if missed else f"all bars hold: {BARS}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
