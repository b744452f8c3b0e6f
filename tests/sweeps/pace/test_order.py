"""In which order trials start."""

from dataclasses import replace

import pytest

from sweeps.pace.order import longest_first, recorded_paces, size_of, steps_longest_first, time_of
from sweeps.pace.paces import Pace, Paces, Sample
from sweeps.planning.plan import Action, Step
from tests.sweeps.planning.test_plan import record
from tests.sweeps.specs import expanded

TEXT = "sweeps: {a: {grid: {epochs: [2, 9, 4], kind: [None, Cyclical]}}}"


@pytest.fixture
def trials(tmp_path):
    return expanded(tmp_path, TEXT)[0]["a"].trials


def epochs_of(config):
    return config["epochs"]


def started(steps, paces=None, epochs=epochs_of):
    return [step.trial.name for step in steps_longest_first(steps, paces or Paces([]), epochs)]


def test_the_largest_comes_first_and_equal_ones_as_they_come():
    assert longest_first("abcd", [1, 3, 3, 2]) == ["b", "c", "d", "a"]
    assert longest_first("abc", [None, None, None]) == ["a", "b", "c"]
    assert longest_first("abc", [None, 5, 1]) == ["b", "a", "c"]
    assert longest_first("", []) == []


def test_trials_with_more_epochs_to_go_start_first(trials):
    steps = [Step(trial, Action.NEW) for trial in trials]
    assert started(steps) == [
        "epochs9-None",
        "epochs9-Cyclical",
        "epochs4-None",
        "epochs4-Cyclical",
        "epochs2-None",
        "epochs2-Cyclical",
    ]
    assert started(steps, epochs=lambda _: None) == [trial.name for trial in trials]
    nearly_done = Step(trials[2], Action.RESUME, record(trials[2], "interrupted", epochs="8"))
    assert started([nearly_done, *steps[:1]]) == ["epochs2-None", "epochs9-None"]


def test_where_times_are_recorded_they_tell_which_is_longer(trials):
    paces = Paces([Sample(trials[0].config, Pace(1.0), 2), Sample(trials[5].config, Pace(9.0), 4)])
    steps = [Step(trial, Action.NEW) for trial in trials]
    assert started(steps, paces)[:3] == ["epochs9-Cyclical", "epochs4-Cyclical", "epochs9-None"]


def test_the_time_of_steps_is_that_of_the_slots_that_they_start_in(trials):
    paces = Paces([Sample(trials[0].config, Pace(2.0, 1.0), 2)])
    steps = [Step(trials[2], Action.NEW), *(Step(trial, Action.NEW) for trial in trials[:2])]
    assert [time_of(steps, paces, epochs_of, slots) for slots in (1, 2, 9)] == [29.0, 19.0, 19.0]
    begun = Step(trials[2], Action.RESUME, record(trials[2], "interrupted", epochs="8"))
    assert time_of([begun], paces, epochs_of, 1) == 3.0
    assert time_of(steps, Paces([]), epochs_of, 1) is None
    assert time_of([], paces, epochs_of, 1) == 0.0


def test_only_a_trial_that_went_in_one_go_tells_its_time(trials):
    def step(index, outcome, **more):
        run = replace(record(trials[index], outcome, start_ms=1000, **more), end_ms=9000)
        return Step(trials[index], Action.DONE, run)

    kept = [step(0, "finished", attempt="1")]
    others = [
        step(1, "failed", attempt="1"),
        step(2, "finished", attempt="2"),
        step(3, "finished", attempt="1", adopted="elsewhere"),
        Step(trials[4], Action.NEW),
    ]
    assert recorded_paces(kept + others, epochs_of).of(trials[2].config) == Pace(4.0)
    assert recorded_paces(kept, lambda _: None).of(trials[2].config) == Pace(8.0)
    assert not recorded_paces(others, epochs_of)
    stopped = [step(2, "interrupted", attempt="1", epochs="2"), step(3, "interrupted", attempt="1")]
    assert recorded_paces(stopped, epochs_of).of(trials[2].config) == Pace(4.0)
    assert not recorded_paces(stopped, lambda _: None)  # how much of a whole it was is not known


@pytest.mark.parametrize(
    ("epochs", "done", "pace", "size"),
    [
        (10, 4, None, 6),
        (10, 4, Pace(2.0, 1.0), 13.0),
        (3, 5, None, 0),
        (None, 0, None, None),
        (None, 0, Pace(7.0), 7.0),
    ],
)
def test_a_size_is_seconds_where_a_pace_is_known_else_epochs(epochs, done, pace, size):
    assert size_of(epochs, done, pace) == size


def test_sweep_run_starts_the_longest_first_unless_the_file_says_otherwise(project):
    text = "sweeps: {a: {grid: {num_epoch: [2, 6, 4]}, set: {factor: %s}}}"
    for factor, order, expected in ((0.5, "", [6, 4, 2]), (0.25, "\norder: file", [2, 6, 4])):
        project.spec(text % factor + order)
        code, output = project.ran("--jobs", "1")
        assert code == 0, output
        begun = [line.split()[1] for line in output.splitlines() if line.endswith(": started")]
        assert begun == [f"a/num_epoch{epochs}:" for epochs in expected]
