"""The same for a `command:` trainer, with a child that does not end by itself: `python chaos_program.py N EPOCHS EPOCH_S`.

It writes what MLflow's own SQL store would, without the seconds that MLflow takes to import, and continues after what
stands there.
"""

import os
import sqlite3
import subprocess
import sys
import time

PATIENCE_S = 300


def main(n, epochs, epoch_s):
    run = os.environ["MLFLOW_RUN_ID"]
    store = sqlite3.connect(os.environ["MLFLOW_TRACKING_URI"].removeprefix("sqlite:///"), timeout=PATIENCE_S)
    subprocess.Popen(["sleep", "1000"])  # noqa: S607 - whichever there is
    logged = "select value from metrics where run_uuid = ? and key = 'loss' order by step"
    losses = [n, *(value for (value,) in store.execute(logged, (run,)))]
    print("begun", flush=True)  # noqa: T201 - a line for those who count them
    for epoch in range(len(losses) - 1, epochs):
        time.sleep(epoch_s)
        losses.append(losses[-1] / 2 + epoch)
        row = "insert into metrics (run_uuid, step, timestamp, key, value, is_nan) values (?, ?, ?, ?, ?, 0)"
        place = (run, epoch, time.time_ns() // 1_000_000)
        with store:
            store.execute(row, (*place, "loss", losses[-1]))
            store.execute(row, (*place, "twice", 2 * losses[-1]))
        print("epoch", epoch, flush=True)  # noqa: T201
    time.sleep(epoch_s)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
