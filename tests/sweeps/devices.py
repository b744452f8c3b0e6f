"""What tests of GPUs share, on executors whose GPUs are declared only: which trial saw which, and when."""

from collections import defaultdict
from pathlib import Path

from tests.sweeps.outages import until

TRAINER = """
import os, time
from pathlib import Path

def train(config, run):
    seen, began_s = os.environ["CUDA_VISIBLE_DEVICES"], time.time()
    Path(f"reached{config['n']}").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    Path(f"seen{config['n']}").write_text(f"{run.device} {began_s} {time.time()} {seen}")
"""


def on_gpus(project, share, trials):
    """Give a project a sweep of trials that want this share of a GPU each, and wait for `go`."""
    (project.path / "toy.py").write_text(TRAINER)
    numbers = list(range(trials))
    project.spec(f"sweeps: {{a: {{grid: {{n: {numbers}}}, resources: {{gpu: {share}, cpu: 1}}}}}}")


def under_way(project, count):
    """Wait until so many trials, whichever, have their GPUs."""
    until(lambda: len(list(project.path.glob("reached*"))) >= count, f"{count} trials with GPUs")


def seen(project):
    """By device: (from, to) of each trial that saw it; every trial was told to use its first."""
    found = defaultdict(list)
    for file in Path(project.path).glob("seen*"):
        device, began, ended, ids = file.read_text().split()
        assert device == "cuda:0"
        for gpu in ids.split(","):
            found[gpu].append((float(began), float(ended)))
    return found


def most_at_once(spans):
    """The most spans that share a moment."""
    return max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans)
