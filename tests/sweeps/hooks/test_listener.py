"""The hooks of a sweep from outside: real processes, a real sqlite store."""

import random
import time

import pytest

from analysis.read.outcomes import Outcome
from sweeps.hooks.caller import HookCaller
from sweeps.hooks.listener import HookListener
from sweeps.rundir.paths import StateDir
from sweeps.scheduler.verdict import Verdict
from sweeps.spec.launch.hooks import Hook, Hooks
from tests.sweeps.scheduler.in_process import Shown
from tests.sweeps.scheduler.jobs import ALLOCATION, running

ON = """
on:
  finished: echo "$SWEEP_EVENT $SWEEP_TRIAL" >> told
  failed: echo "$SWEEP_EVENT $SWEEP_TRIAL $SWEEP_REASON" >> told
  done: ["/bin/sh", -c, 'echo "$SWEEP_EVENT $SWEEP_OUTCOME $SWEEP_COUNTS" >> told']
"""


def told(project):
    return sorted((project.path / "told").read_text().splitlines())


def test_a_trial_that_is_tried_again_has_not_ended(tmp_path):
    hooks = Hooks({"failed": Hook(("/bin/sh", "-c", "echo $SWEEP_ATTEMPT >> told"))})
    listening = HookListener(
        Shown(), caller := HookCaller(hooks, StateDir(tmp_path / "state"), "toy", tmp_path / "e.yaml")
    )
    job = running()
    listening.starting(job)
    job.requeued(Verdict(Outcome.FAILED, "boom"), 0.0)
    listening.ended(job)
    listening.tick([job])
    assert caller.finish() == []
    assert not (tmp_path / "told").exists()
    job.granted(ALLOCATION)
    listening.starting(job)
    job.concluded(Verdict(Outcome.FAILED, "boom"))
    listening.ended(job)
    assert caller.finish() == []
    assert (tmp_path / "told").read_text() == "2\n"
    assert list((tmp_path / "state" / "hooks" / "owed").iterdir()) == []


def test_a_failure_is_told_once_no_other_attempt_follows(tmp_path):
    hooks = Hooks({"failed": Hook(("/bin/sh", "-c", "echo $SWEEP_ATTEMPT >> told"))})
    state = StateDir(tmp_path / "state")
    job, heard = running(), HookCaller(hooks, state, "toy", tmp_path / "e.yaml")
    listening = HookListener(Shown(), heard)
    listening.starting(job)
    job.requeued(verdict := Verdict(Outcome.FAILED, "boom"), 0.0)
    listening.ended(job)
    assert [note.name for note in (state.root / "hooks" / "owed").iterdir()] == [
        "run-1.1"
    ]  # for the next, if this one dies
    job.concluded(verdict)  # the file asks for it no more
    listening.ended(job)
    assert heard.finish() == []
    assert (tmp_path / "told").read_text() == "1\n"


def test_hooks_hear_of_each_trial_and_of_the_end_once(project):
    project.spec("sweeps: {a: {grid: {fail_at: [null, 1]}}}" + ON)
    assert project.ran()[0] == 1
    expected = [
        'done failed {"failed": 1, "finished": 1}',
        "failed fail_at1 exception: ValueError: weight 0.5 is too much",
        "finished fail_at-null",
    ]
    assert project.ran()[0] == 1
    found = told(project)
    assert [line.split("{")[0] for line in found] == [line.split("{")[0] for line in expected]


@pytest.mark.extra
def test_a_supervisor_that_is_killed_ten_times_tells_each_event_once(project):
    factors = [number / 100 for number in range(60)]
    project.spec(f"sweeps: {{a: {{grid: {{factor: {factors}}}, set: {{num_epoch: 150}}}}}}{ON}")
    draw = random.Random(7)
    for _ in range(10):
        process = project.run()
        next(process.stdout)  # it has its plan
        time.sleep(draw.uniform(0.0, 1.5))
        process.kill()
        process.communicate()
        assert process.returncode < 0
    assert project.ran()[0] == 0
    found = [line.split(" {")[0] for line in told(project)]
    assert len(found) == len(set(found)) == len(factors) + 1, found
