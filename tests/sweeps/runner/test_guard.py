"""What a trial started ends also where its supervisor dies, alone or together with the trial."""

import signal
import sys

import psutil
import pytest

from sweeps.rundir.process_tree import is_living
from tests.sweeps.outages import until

TRAINER = """
import os, subprocess
from pathlib import Path

def train(config, run):
    if config["forks"]:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                Path("daemon").write_text(str(os.getpid()))
                while True:
                    signal_pause()
            os._exit(0)
    else:
        Path("daemon").write_text(str(subprocess.Popen(["sleep", "3600"], start_new_session=True).pid))
    Path("trial").write_text(str(os.getpid()))
    while True:
        signal_pause()

def signal_pause():
    import signal
    signal.pause()
"""


def pid_in(path):
    return until(lambda: path.exists() and path.read_text(), path.name)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
@pytest.mark.parametrize("forks", [True, False])
@pytest.mark.parametrize("both", [True, False])
def test_nothing_in_another_session_outlives_a_killed_supervisor(project, forks, both):
    (project.path / "toy.py").write_text(TRAINER)
    project.spec(f"sweeps: {{a: {{grid: {{forks: [{str(forks).lower()}]}}}}}}")
    process = project.start("run", "e.yaml", "--jobs", "1")
    trial, daemon = (psutil.Process(int(pid_in(project.path / name))) for name in ("trial", "daemon"))
    forkserver = trial.parent()
    process.send_signal(signal.SIGKILL)
    if both:
        trial.kill()
    for left in (trial, daemon, forkserver):
        until(lambda left=left: not is_living(left), f"the end of {left}")
