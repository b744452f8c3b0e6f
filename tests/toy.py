"""A trainer of milliseconds with exact resume, and points at which a test can hold it.

Where `hold` names a point, the first attempt tells its pid through the pipe `held` and waits there until it is
asked to stop or killed; later attempts pass. One that is `deaf` to `ask` waits on, one deaf to `terminate`
does even when it is terminated.
"""

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path


def train(config, run):
    hold = Hold(config.get("hold"), run, config.get("deaf"))
    hold.at("starting")
    checkpoint = run.dir / "checkpoint.json"
    state = json.loads(checkpoint.read_text()) if checkpoint.exists() else {"epoch": 0, "weight": 1.0}
    for epoch in range(state["epoch"], config.get("num_epoch", 4)):
        if run.should_stop():
            return
        if epoch == config.get("fail_at"):
            raise ValueError(f"weight {state['weight']:g} is too much")
        if epoch == config.get("exit_at"):
            os._exit(config.get("exit_code", 9))
        if epoch == 2:
            hold.at("epoch")
        weight = state["weight"] * config.get("factor", 0.5) + epoch
        row = {"train/loss": weight, "val/psnr": 20.0 + epoch, "time/epoch_s": 0.001}
        run.log(Slow(row, hold) if epoch == 2 else row, epoch)
        state = {"epoch": epoch + 1, "weight": weight}
        half = checkpoint.with_suffix(".half")
        half.write_text(json.dumps(state))
        if epoch == 2:
            hold.at("checkpoint")
        half.replace(checkpoint)
    run.artifact(checkpoint)
    hold.at("ending")


class Slow(Mapping):
    """Metrics that hold in the middle of being logged."""

    def __init__(self, row, hold):
        self.row, self.hold = row, hold

    def __getitem__(self, key):
        return self.row[key]

    def __len__(self):
        return len(self.row)

    def __iter__(self):
        for index, key in enumerate(self.row):
            if index == 1:
                self.hold.at("logging")
            yield key


class Hold:
    def __init__(self, point, run, deaf=None):
        self.point, self.run = point, run
        self.deaf = deaf
        self.passed = run.dir / "held"

    def at(self, point):
        if point != self.point or self.passed.exists():
            return
        self.passed.touch()
        if self.deaf == "terminate":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with Path("held").open("w") as pipe:
            pipe.write(f"{os.getpid()}\n")
        while self.deaf or not self.run.should_stop():
            time.sleep(0.005)
