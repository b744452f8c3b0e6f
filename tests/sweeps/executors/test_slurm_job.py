"""What a Slurm job runs, here without a queue, as a process of its own: it takes signals for itself."""

import json
import subprocess
import sys

from sweeps.rundir.paths import RunPaths

JOB = """
import sys
from pathlib import Path
from sweeps.executors.cluster_queue import LocalQueue
from sweeps.executors.slurm_job import run_job
from tests.sweeps.runner.attempts import spec
folder = Path(sys.argv[1])
attempt = spec(folder, function="jobs_trainer:train", search_path=(str(folder),))
run_job(attempt, [], [str(folder)], LocalQueue())
"""
TRAINER = """
import os, signal

def train(config, run):
    print("GPUs:", repr(os.environ["CUDA_VISIBLE_DEVICES"]))
    raise SystemExit(9)
"""


def test_it_leaves_word_of_the_attempts_end_and_hides_gpus_that_nobody_asked_for(tmp_path):
    (tmp_path / "jobs_trainer.py").write_text(TRAINER)
    subprocess.run([sys.executable, "-c", JOB, tmp_path], check=True, timeout=120)
    paths = RunPaths(tmp_path)
    assert json.loads(paths.exit.read_text()) == {"code": 1, "signal": None}
    assert "GPUs: ''" in paths.log(1).read_text()
