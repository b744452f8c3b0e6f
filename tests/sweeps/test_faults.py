"""Whatever dies, however and whenever: one more `sweep run` finishes everything, once."""

import os
import signal

import psutil
import pytest

OFTEN = ("epoch",)
SELDOM = tuple(
    pytest.param(point, marks=pytest.mark.matrix) for point in ("starting", "checkpoint", "logging", "ending")
)
"""The rest of the matrix takes minutes: `make faults`, which CI runs beside `make test`."""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
TARGETS = ("trial", "supervisor", "both", "forkserver")

STEPS = [(0, 0.5), (1, 1.25), (2, 2.625), (3, 4.3125)]
"""What an uninterrupted trial logs as train/loss."""


@pytest.mark.parametrize("point", [*OFTEN, *SELDOM])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("target", TARGETS)
def test_after_one_more_run_nothing_is_lost_doubled_or_left(project, target, number, point):
    project.spec(f"sweeps: {{a: {{grid: {{hold: [{point}, none]}}}}}}")
    process = project.start("run", "e.yaml")
    trial = project.held()
    supervisor = psutil.Process(process.pid)
    forkserver = next(p for p in supervisor.children() if "forkserver" in " ".join(p.cmdline()))
    if target in ("trial", "both"):
        os.kill(trial, number)
    if target in ("supervisor", "both"):
        supervisor.send_signal(number)
    if target == "forkserver":
        forkserver.send_signal(number)
        if number == signal.SIGINT:  # a forkserver is deaf to the terminal; the trial waits on
            supervisor.send_signal(signal.SIGTERM)
    process.communicate()
    psutil.wait_procs([psutil.Process(pid) for pid in [trial] if psutil.pid_exists(pid)], timeout=30)

    code, output = project.sweep("run", "e.yaml")

    assert code == 0, output
    runs = project.runs()
    assert {(run.status, run.outcome) for run in runs.values()} == {("FINISHED", "finished")}
    assert len(runs) == 2
    for run in runs.values():
        assert project.curve(run, "train/loss") == STEPS
        assert [step for step, _ in project.curve(run, "val/psnr")] == [0, 1, 2, 3]
    assert project.runs("sweep")["a"].status == "FINISHED"
    assert project.processes() == []
