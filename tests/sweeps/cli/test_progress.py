"""How a `sweep run` is shown."""

import io

import pytest

from analysis.read.outcomes import Outcome
from analysis.results.criterion import HIGHER, MEAN, Criterion
from sweeps.cli.progress import PlainLines, duration
from sweeps.executors.base import Stop
from sweeps.pace.judged_values import JudgedValues
from sweeps.rundir.journal import Metrics
from sweeps.scheduler.verdict import Verdict
from tests.sweeps.scheduler.jobs import ALLOCATION, job, running


@pytest.fixture
def shown():
    return io.StringIO()


def lines(shown):
    return [line[len("12:00:00 ") :] for line in shown.getvalue().splitlines()]


def log(made, *steps):
    for step in steps:
        made.progress.note(Metrics(0, step, {"train/loss": 0.5, "val/psnr": 20.0}))


def test_progress_is_a_line_each_quarter(shown):
    display, made = PlainLines(shown, 1), running(epochs=8)
    display.started(made)
    for step in range(4):
        log(made, step)
        display.progressed(made)
    assert lines(shown) == [
        "a/x: started",
        "a/x: epoch 2/8, train/loss 0.5, val/psnr 20",
        "a/x: epoch 4/8, train/loss 0.5, val/psnr 20",
    ]


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"valid_loss": 0.5, "acc": 0.9, "time/epoch_s": 1}, "valid_loss 0.5, acc 0.9"),
        ({"test/loss": 0.7, "loss": 0.5}, "loss 0.5"),
        ({"reward": 3, "system/cpu": 1}, "reward 3"),
        ({"train_loss": 2, "eval_runtime": 0.1, "lr": 1e-3, "val_loss": 3}, "train_loss 2, val_loss 3"),
        ({"charts/SPS": 600, "charts/episodic_return": 20, "step_ms": 3}, "charts/episodic_return 20"),
        ({"lifetime_value": 7, "time": 1, "train_samples_per_second": 9}, "lifetime_value 7"),
        ({"frame/psnr": 3}, ""),
        ({"factor": 2}, "factor (metric) 2"),
    ],
)
def test_any_loss_and_any_score_are_shown(shown, metrics, told):
    display, made = PlainLines(shown, 1), running(epochs=1)
    made.progress.note(Metrics(0, 0, metrics))
    made.concluded(Verdict(Outcome.FINISHED, ""))
    display.ended(made)
    assert lines(shown) == ["a/x: finished after 0s" + (f", {told}" if told else "")]


@pytest.mark.parametrize(
    ("goes_on", "told"),
    [
        (True, "attempt 2; 3 epochs are recorded"),
        (None, "attempt 2; begins anew, unless it finds its own checkpoint; 3 epochs are recorded"),
        (False, "attempt 2; begins anew: what `resume:` goes on from is not there; 3 epochs are recorded"),
    ],
)
def test_an_attempt_that_takes_a_trial_up_says_whether_it_goes_on(shown, goes_on, told):
    made = running(epochs=8)
    made.requeued(Verdict(Outcome.FAILED, "exit code 1"), 0.0)
    made.granted(ALLOCATION)
    made.current.goes_on = goes_on
    made.progress.begin(2)
    PlainLines(shown, 1).started(made)
    assert lines(shown) == [f"a/x: started ({told})"]


def test_an_attempt_of_a_trial_of_which_no_epochs_are_known_names_none(shown):
    made = running()
    made.requeued(Verdict(Outcome.FAILED, "exit code 1"), 0.0)
    made.granted(ALLOCATION)
    made.progress.begin(None)
    PlainLines(shown, 1).started(made)
    assert lines(shown)[0].startswith("a/x: started (attempt 2")
    assert "recorded" not in lines(shown)[0]


def test_an_end_says_the_reason_and_whether_another_attempt_follows(shown):
    display, made = PlainLines(shown, 1), running()
    verdict = Verdict(Outcome.FAILED, "exit code 1")
    made.requeued(verdict, 0.0)
    display.ended(made)
    never = job("y")
    never.concluded(Verdict(Outcome.INTERRUPTED, "stopped before it started"))
    display.ended(never)
    assert lines(shown) == [
        "a/x: ended, will be tried again (exit code 1) after 0s",
        "a/y: not started (stopped before it started)",
    ]


def test_each_stop_says_what_the_next_one_does(shown):
    display = PlainLines(shown, 1)
    for how in Stop:
        display.stopping(how)
    said = lines(shown)
    assert "Ctrl-C again terminates them" in said[0]
    assert "Ctrl-C again kills them" in said[1]
    assert said[2] == "killing the running trials"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, "0s"), (7.4, "7s"), (185, "3m05s"), (7800, "2h10m"), (59.6, "1m00s"), (float("inf"), "?")],
)
def test_a_duration_is_short(seconds, expected):
    assert duration(seconds) == expected


def test_the_files_measures_are_shown_where_it_has_some(shown):
    display = PlainLines(shown, 1)
    made = running(epochs=1, criteria=(Criterion("acc", HIGHER),))
    made.progress.note(Metrics(0, 0, {"loss": 0.5, "acc": 0.9, "val/psnr": 1.0}))
    made.concluded(Verdict(Outcome.FINISHED, ""))
    display.ended(made)
    assert lines(shown) == ["a/x: finished after 0s, acc 0.9"]


def test_of_a_measure_whose_best_value_or_average_counts_the_lines_say_that_one_so_far(shown):
    display = PlainLines(shown, 1)
    criteria = (Criterion("r", HIGHER, value=MEAN), Criterion("acc", HIGHER))
    made = running(epochs=4, criteria=criteria)
    made.progress.judged = JudgedValues(criteria)
    for step, r in enumerate((290.0, 250.0)):
        made.progress.note(Metrics(0, step, {"r": r, "acc": 0.9}))
    display.progressed(made)
    made.concluded(Verdict(Outcome.FINISHED, ""))
    display.ended(made)
    assert lines(shown) == [
        "a/x: epoch 2/4, r 270 (mean), acc 0.9",
        "a/x: finished after 0s, r 270 (mean), acc 0.9",
    ]


class Clock:
    now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def test_where_nothing_is_said_for_a_minute_a_running_trial_tells_how_it_stands_each_in_turn(shown, clock):
    display, first, second = PlainLines(shown, 2, clock), running("x"), running("y", epochs=9)
    second.progress.note(Metrics(0, 2, {"loss": 0.5}))
    waiting = job("z")
    for minute in range(1, 5):
        clock.now_s += 59
        display.tick([first, second, waiting])
        assert sum("running" in line for line in lines(shown)) == minute - 1
        clock.now_s += 1
        display.tick([first, second, waiting])
        first.progress.note(Metrics(0, minute, {"loss": 0.25}, epochs=0))
    assert [line.replace("for 0s, ", "") for line in lines(shown) if "running" in line] == [
        "a/x: running nothing recorded yet",
        "a/y: running epoch 3/9, loss 0.5",
        "a/x: running loss 0.25",
        "a/y: running epoch 3/9, loss 0.5",
    ]


def test_other_lines_put_off_the_next_and_long_runs_say_less(shown, clock):
    display, made = PlainLines(shown, 1, clock), running()
    for _ in range(3):
        clock.now_s += 50
        display.noticed("news")
        display.tick([made])
    assert lines(shown) == ["news"] * 3
    clock.now_s += 36_000
    display.tick([made])
    clock.now_s += 599
    display.tick([made])
    assert len(lines(shown)) == 4
    clock.now_s += 1
    display.tick([made])
    assert len(lines(shown)) == 5


@pytest.mark.parametrize(
    ("epochs", "told"), [(20, "`progress: {metric: METRIC, of: KEY}`"), (None, "`epochs: KEY`")]
)
def test_what_would_tell_how_far_it_is_is_said_once(shown, clock, epochs, told):
    display, made = PlainLines(shown, 1, clock), running(epochs=epochs)
    made.progress.note(Metrics(0, 300, {"loss": 0.5}, epochs=0))
    for _ in range(3):
        clock.now_s += 60
        display.tick([made])
    assert [told in line for line in lines(shown)] == [False, True, False, False]


def test_steps_are_called_so_where_the_config_counts_them(shown):
    display, made = PlainLines(shown, 1), running(epochs=2, unit="step")
    log(made, 0)
    display.progressed(made)
    assert lines(shown) == ["a/x: step 1/2, train/loss 0.5, val/psnr 20"]
