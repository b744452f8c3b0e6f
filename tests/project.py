"""A working directory with a spec, a toy trainer and a record of its own, for tests that start real processes."""

import json
import os
import select
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing, suppress
from pathlib import Path

import optuna
import psutil

from analysis.read.frames import load_curves
from analysis.read.record import Record
from tests.warm import READ_AT_START

HERE = Path(__file__).parent
DEADLINE_S = 300


class Project:
    """A working directory with a spec, the toy trainer and a record of its own; `sweep` runs as a real process."""

    def __init__(self, path, database, warm_sweep):
        self.path = path
        self.warm_sweep = warm_sweep
        self.uri = f"sqlite:///{path / 'mlflow.db'}"
        shutil.copy(HERE / "toy.py", path)
        shutil.copy(database, path / "mlflow.db")
        with closing(sqlite3.connect(path / "mlflow.db")) as connection:
            connection.execute("pragma journal_mode=wal")  # as the file of a new record has it
        os.mkfifo(path / "held")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("SWEEP_", "MLFLOW_"))}
        self.environment["SWEEP_SYSTEM_METRICS"] = (
            "off"  # a slow machine would sample what a fast one does not
        )
        # A trial has the GPUs that its test declares with `--gpus`, and in turns: not what this machine happens to have.
        self.environment |= {"CUDA_VISIBLE_DEVICES": "", "SWEEP_MPS": "off"}
        self.started = []
        self.prefix = []
        self.options = []

    def spec(self, text):
        (self.path / "e.yaml").write_text("experiment: toy\ntrainer: toy:train\n" + textwrap.dedent(text))

    def start(self, *arguments, **environment):
        if self.prefix or any(name.startswith(READ_AT_START) for name in environment):
            process = self._started_anew(*arguments, **environment)
        else:
            place = {"directory": self.path, "environment": self.environment | environment}
            process = self.warm_sweep.start(*arguments, **place)
        self.started.append(process)
        return process

    def _started_anew(self, *arguments, **environment):
        return subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "sweeps", *arguments],
            cwd=self.path,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def sweep(self, *arguments, **environment):
        """Run to the end; returns (exit code, what it printed)."""
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(timeout=DEADLINE_S)
        return process.returncode, output

    def held(self):
        """Wait until a trial is held at its point; returns its pid."""
        told = ""
        while not told:  # empty where a trial that told its pid before closes the pipe only now
            pipe = os.open(self.path / "held", os.O_RDONLY | os.O_NONBLOCK)
            try:
                ready, _, _ = select.select([pipe], [], [], DEADLINE_S)
                assert ready, "no trial reached its point"
                told = os.read(pipe, 100).decode()
            finally:
                os.close(pipe)
        return int(told)

    def run(self, *arguments):
        """Start `sweep run` of the spec with the project's own options."""
        return self.start("run", "e.yaml", *self.options, *arguments)

    def ran(self, *arguments):
        """The same, to its end."""
        return self.sweep("run", "e.yaml", *self.options, *arguments)

    def json(self, verb):
        code, output = self.sweep(verb, "e.yaml", "--json")
        assert code == 0, output
        return json.loads(output)

    def runs(self, kind="trial"):
        return {run.name: run for run in Record(self.uri, "toy").runs if run.kind == kind}

    def curve(self, run, key):
        """The logged values of a metric in the order of their steps, repeated steps included."""
        curves = load_curves(self.uri, "toy", keys=[key])
        mine = curves[curves.run_id == run.run_id]
        return list(zip(mine.step, mine.value, strict=True))

    def study(self):
        """The only study that searches have here."""
        url = f"sqlite:///{self.path / 'optuna.db'}"
        (name,) = optuna.get_all_study_names(url)
        return optuna.load_study(study_name=name, storage=url)

    def processes(self):
        """What still runs in this directory."""
        found = []
        for process in psutil.process_iter():
            with suppress(
                psutil.Error, FileNotFoundError
            ):  # psutil 6.0 raises this of one that ends just now
                if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(self.path):
                    found.append(process)
        return found

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()
        left = self.processes()
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=DEADLINE_S)


def lines_until(process, word):
    """What a process prints, as far as the line that has a word."""
    found = []
    for line in process.stdout:
        found.append(line)
        if word in line:
            return found
    raise AssertionError(f"it ended without {word}: {''.join(found)}")
