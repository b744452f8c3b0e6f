"""Measures how fast a tracking store takes metrics from the supervisor, and how much it grows.

    python benchmarks/stores/writes.py [--runs 20] [--epochs 500] [--metrics 10] [--at-once 1 100] [--tracking-uri URI]

Each run's journal holds `epochs` rows of `metrics` values. It is written to the store by the very call by which the
supervisor delivers, in pieces of so many epochs as are at hand at once (`--at-once`): 1 is a trial whose epochs take
longer than a delivery, many are what an outage leaves. The store is counted afterwards: each point once. Its size is
the database's own, before and after. Without a URI it is a new sqlite file; `postgresql+psycopg://user@host/name`
must be an empty database.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from sweeps.record.ledger import Ledger
from sweeps.rundir.paths import RunPaths

SIZE = {
    "sqlite": "select page_count * page_size from pragma_page_count(), pragma_page_size()",
    "postgresql": "select pg_database_size(current_database())",
}


def ask(uri: str, query: str) -> int:
    """The one number that a query gives."""
    engine = sa.create_engine(uri)
    with engine.connect() as connection:
        found = connection.execute(sa.text(query)).scalar_one()
    engine.dispose()
    return int(found)


def deliver(ledger: Ledger, folder: Path, run_id: str, shape: tuple[int, int, int]) -> float:
    """Journal and deliver one run's metrics, `shape` being epochs, metrics, epochs at once; returns the seconds."""
    epochs, metrics, at_once = shape
    paths = RunPaths(folder / run_id)
    paths.create()
    spent_s = 0.0
    for start in range(0, epochs, at_once):
        with paths.journal.open("a", encoding="utf-8") as journal:
            for epoch in range(start, min(start + at_once, epochs)):
                row = {f"toy/m{number}": epoch + number / 8 for number in range(metrics)}
                journal.write(
                    json.dumps({"t": 1_700_000_000_000 + epoch, "metrics": row, "step": epoch}) + "\n"
                )
        began_s = time.perf_counter()
        ledger.deliver(run_id, paths)
        spent_s += time.perf_counter() - began_s
    return spent_s


def main() -> None:
    """Measure and print a row for each `--at-once`; exits with 1 where a point is missing."""
    parser = argparse.ArgumentParser(description="Measure how fast a store takes metrics, and how it grows.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=500)
    parser.add_argument("--metrics", type=int, default=10)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--tracking-uri")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} at the start")
    print(f"{'at once':>8}{'points':>9}{'writes/s':>10}{'points/s':>10}{'bytes a point':>15}")
    with tempfile.TemporaryDirectory(prefix="writes-") as name:
        folder = Path(name)
        os.chdir(folder)
        uri = asked.tracking_uri or f"sqlite:///{folder / 'mlflow.db'}"
        ledger = Ledger.open(uri, "writes")
        parent = ledger.sweep_run("writes", None, {})
        dialect = sa.make_url(uri).get_backend_name()
        for at_once in asked.at_once:
            before, counted = ask(uri, SIZE[dialect]), ask(uri, "select count(*) from metrics")
            spent_s = 0.0
            for number in range(asked.runs):
                run_id = ledger.trial_run(
                    sweep="writes", trial=f"n{number}", fingerprint="f", parent=parent, tags={}
                )
                spent_s += deliver(ledger, folder, run_id, (asked.epochs, asked.metrics, at_once))
            points = ask(uri, "select count(*) from metrics") - counted
            if points != asked.runs * asked.epochs * asked.metrics:
                sys.exit(f"{points} points are recorded")
            writes = asked.runs * -(-asked.epochs // at_once)
            grown = (ask(uri, SIZE[dialect]) - before) / points
            print(
                f"{at_once:>8}{points:>9}{writes / spent_s:>10.0f}{points / spent_s:>10.0f}{grown:>15.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
