"""Chaos: a seeded blow against a running sweep, what it hits, and what the record must say after one more `sweep run`.

A round draws a moment after the first trial has begun, a victim among the processes of the tree, and a signal.
"""

import json
import os
import random
import signal
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.chaos_trainer import EPOCH_S, EPOCHS
from tests.project import DEADLINE_S

TRIALS = (1, 2, 3, 4, 5)
MARK = "CHAOS_MARK"
"""A variable that every process of a round inherits, so that what is left of it is found."""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP)
POLL_S = 0.005

COMMAND = f"[python, chaos_program.py, '{{n}}', '{EPOCHS}', '{EPOCH_S}']"
SPACE = "space: {n: {int: [1, 9]}}, objective: {loss: min}, trials: 5, enqueue: [{n: 1}, {n: 2}]"
SPECS = {
    "grid": "trainer: chaos_trainer:train\nsweeps: {a: {grid: {n: [1, 2, 3, 4, 5]}}}\n",
    "command": f"trainer: {{command: {COMMAND}}}\nsweeps: {{a: {{grid: {{n: [1, 2, 3, 4, 5]}}, limits: {{attempts: 3}}}}}}\n",
    "search": f"trainer: chaos_trainer:train\nsweeps: {{a: {{search: {{{SPACE}}}}}}}\n",
}


@dataclass(frozen=True)
class Blow:
    """What a round does, as its seed says.

    Attributes:
        roles: The victim is the first of these of which there is a process then.
        number: The signal; a SIGSTOP is followed by a SIGCONT.
        stopped_s: After so long.
        after_s: When: so long after the first trial has begun; or
        lines: when so many lines stand in the journals of all trials.
        anywhere: Whether no trial need run then: between trials, too.
    """

    roles: tuple[str, ...]
    number: signal.Signals
    stopped_s: float
    after_s: float
    lines: int | None
    anywhere: bool

    @classmethod
    def drawn(cls, kind: str, seed: int, number: int) -> "Blow":
        """The blow of a round, by its kind, seed and number alone."""
        draw = random.Random(f"{seed}/{kind}/{number}")
        roles = ["attempt", "supervisor", "forkserver", "tracker", "spare"]
        roles += ["program", "child"] if kind == "command" else []
        victim = draw.choices(roles, [6, 5, 2, 1, 1, 5, 2][: len(roles)])[0]
        others = draw.sample(roles, len(roles))
        lines = draw.randrange(1, 50) if number % 3 == 0 else None
        return cls(
            roles=(victim, *others),
            number=draw.choices(SIGNALS, [3, 2, 2, 2])[0],
            stopped_s=draw.uniform(0.05, 1.0),
            after_s=draw.uniform(0.0, 1.0),
            lines=lines,
            anywhere=number % 12 == 11,
        )

    @property
    def moment(self) -> str:
        """When, in words."""
        return (
            f"{self.after_s:.2f} s after the first trial began"
            if self.lines is None
            else f"line {self.lines}"
        )


@dataclass
class Scene:
    """A running `sweep run` in a directory: its processes, its trials, its journals.

    Attributes:
        supervisor: Its process.
        path: Its directory.
    """

    supervisor: psutil.Process
    path: Path
    runs: Path = field(init=False)

    def __post_init__(self):
        self.runs = self.path / ".sweep" / "runs"

    @property
    def is_over(self) -> bool:
        return not self.supervisor.is_running() or self.supervisor.status() == psutil.STATUS_ZOMBIE

    def lines(self) -> int:
        """Lines that trials wrote so far: those of the journals, and what programs print."""
        return sum(
            file.read_bytes().count(b"\n")
            for pattern in ("*/journal.jsonl", "*/attempt-*.log")
            for file in self.runs.glob(pattern)
        )

    def running(self) -> dict[int, str]:
        """The trials whose attempts run, by the pid of the attempt."""
        found = {}
        for told in self.runs.glob("*/process.json"):
            with suppress(OSError, ValueError, psutil.Error):  # it ends just now
                pid = json.loads(told.read_text())["pid"]
                config = json.loads((told.parent / "config.json").read_text())
                if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                    found[pid] = f"n={config['n']}"
        return found

    def cast(self) -> dict[str, list[psutil.Process]]:
        """The processes of the tree by their roles."""
        running, roles = self.running(), {self.supervisor.pid: "supervisor"}
        found = {"supervisor": [self.supervisor]}
        ranks = [self.supervisor]
        for process in ranks:  # which grows: parents come before their children
            with suppress(psutil.Error):
                for child in process.children():
                    role = _role(child, roles[process.pid], is_attempt=child.pid in running)
                    roles[child.pid] = role
                    found.setdefault(role, []).append(child)
                    ranks.append(child)
        return found

    def strike(self, blow: Blow) -> "Hit":
        """Wait for the first trial, then for the moment, and strike; nothing is hit where all is over before it."""
        deadline_s = time.monotonic() + DEADLINE_S
        begun_s = None
        while not self.is_over:
            assert time.monotonic() < deadline_s, "no trial begins"
            if begun_s is None and self.lines():
                begun_s = time.monotonic()
            if begun_s is not None and self._is_due(blow, begun_s) and (hit := self._struck(blow)):
                return hit
            time.sleep(POLL_S)
        return Hit("nothing", 0, blow.number.name, blow.moment, (), self.lines())

    def _is_due(self, blow: Blow, begun_s: float) -> bool:
        if blow.lines is None:
            is_due = time.monotonic() >= begun_s + blow.after_s
        else:
            is_due = self.lines() >= blow.lines
        return is_due and (blow.anywhere or bool(self.running()))

    def _struck(self, blow: Blow) -> "Hit | None":
        """What is hit now; None where the victim ends just now."""
        cast, running, lines = self.cast(), self.running(), self.lines()
        role = next(role for role in blow.roles if role in cast)
        victim = cast[role][0]
        try:
            victim.send_signal(blow.number)
        except psutil.NoSuchProcess:
            return None
        if blow.number == signal.SIGSTOP:
            time.sleep(blow.stopped_s)
            with suppress(psutil.NoSuchProcess):
                victim.send_signal(signal.SIGCONT)
        return Hit(role, victim.pid, blow.number.name, blow.moment, tuple(running.values()), lines)


@dataclass(frozen=True)
class Hit:
    """What a blow hit: victim, signal, moment, the trials that ran, and how many lines stood in the journals."""

    role: str
    pid: int
    number: str
    moment: str
    running: tuple[str, ...]
    lines: int

    def __str__(self) -> str:
        trials = ", ".join(self.running) or "no trial"
        return f"{self.number} to {self.role} ({self.pid}) at {self.moment}; {trials} running, {self.lines} lines"


def _role(process: psutil.Process, parent: str, *, is_attempt: bool) -> str:
    """What a process is in its tree; a spare one waits for the next trial, or helps to start it."""
    if is_attempt:
        return "attempt"
    if parent in ("attempt", "program", "child"):
        return "program" if parent == "attempt" else "child"
    words = " ".join(process.cmdline())
    if parent == "supervisor" and "multiprocessing.resource_tracker import" in words:
        return "tracker"
    if parent == "supervisor" and "multiprocessing.forkserver import" in words:
        return "forkserver"
    return "spare"


def faults(path: Path, kind: str) -> list[str]:
    """What is wrong with the record after the last `sweep run`, by plain SQL; empty: nothing is lost or doubled."""
    with closing(sqlite3.connect(f"file:{path / 'mlflow.db'}?mode=ro", uri=True)) as record:
        query = (
            "select r.run_uuid, r.status, k.value, o.value, p.value, r.artifact_uri from runs r "
            "left join tags k on k.run_uuid = r.run_uuid and k.key = 'sweeps.kind' "
            "left join tags o on o.run_uuid = r.run_uuid and o.key = 'sweeps.outcome' "
            "left join params p on p.run_uuid = r.run_uuid and p.key = 'n'"
        )
        rows = record.execute(query).fetchall()
        found = [
            f"{part or 'a run'} n={n} is {status}, {outcome}"
            for _, status, part, outcome, n, _ in rows
            if (status, outcome) != ("FINISHED", "finished")
        ]
        if sum(part == "sweep" for _, _, part, *_ in rows) != 1:
            found.append("not one run of the sweep")
        trials = [(run, int(n), place) for run, _, part, _, n, place in rows if part == "trial" and n]
        numbers = sorted(n for _, n, _ in trials)
        if len(set(numbers)) != len(TRIALS) or len(numbers) != len(TRIALS):
            found.append(f"runs of n={numbers}, wanted {len(TRIALS)} different ones")
        if kind != "search" and numbers != list(TRIALS):
            found.append(f"runs of n={numbers}")
        points = "select step, value from metrics where run_uuid = ? and key = ? order by step, timestamp"
        for run, n, place in trials:
            for key, factor in (("loss", 1), ("twice", 2)):
                logged = record.execute(points, (run, key)).fetchall()
                if logged != [(step, factor * value) for step, value in losses(n)]:
                    found.append(f"n={n} has {key} {logged}")
            if kind != "command":
                result = Path(place.removeprefix("file://")) / "result.txt"
                if not result.exists() or result.read_text() != str(losses(n)[-1][1]):
                    found.append(f"n={n} has no right {result.name}")
    return found


def losses(n: int) -> list[tuple[int, float]]:
    """What an uninterrupted trial logs."""
    rows, loss = [], float(n)
    for epoch in range(EPOCHS):
        loss = loss / 2 + epoch
        rows.append((epoch, loss))
    return rows


def left(mark: str) -> list[psutil.Process]:
    """The living processes of a round."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]
