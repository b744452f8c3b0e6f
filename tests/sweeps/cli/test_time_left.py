"""How long a launch still takes, on a clock of the test's own."""

import heapq
import io
import itertools
import random
import re
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from analysis.read.outcomes import Outcome
from sweeps.cli import progress
from sweeps.cli.progress import PlainLines
from sweeps.cli.time_left import Steady, TimeLeft, eta_s
from sweeps.pace.order import longest_first
from sweeps.pace.paces import Pace
from sweeps.rundir.journal import Metrics
from sweeps.scheduler.verdict import Verdict
from tests.sweeps.scheduler.jobs import ALLOCATION, job, running


@pytest.fixture
def clock(monkeypatch):
    moment = SimpleNamespace(s=1000.0)
    fake = SimpleNamespace(monotonic=lambda: moment.s, strftime=lambda _: "12:00:00")
    for module in (
        "sweeps.scheduler.job",
        "sweeps.pace.progress",
        "sweeps.cli.time_left",
        "sweeps.cli.progress",
    ):
        monkeypatch.setattr(f"{module}.time", fake)
    return moment


def log(made, *epochs):
    for epoch in epochs:
        made.progress.note(Metrics(0, epoch, {"train/loss": 0.5}))


def left(made, *others):
    return TimeLeft([made, *others], progress.time.monotonic()).of_job(made)


def test_the_time_left_follows_from_the_own_pace_or_that_of_others(clock):
    made, other = running(epochs=10), running("y", epochs=10)
    assert left(made, other) is None
    clock.s += 3.0
    log(other, 0)
    clock.s += 3.0
    log(other, 1)
    clock.s += 2.0
    assert left(made, other) == pytest.approx(max(30.0 - 8.0, 27.0))
    log(made, 1)
    assert left(made) == pytest.approx(8 * 4.0)
    waiting = job("z", epochs=10)
    assert TimeLeft([waiting], clock.s).of_job(waiting) is None
    waiting.expected = Pace(2.0, 1.0)
    assert left(waiting) == 21.0
    assert eta_s([waiting], 1) == 21.0


def test_bursts_of_epochs_do_not_shake_the_time_left(clock):
    made = running(epochs=100)
    found = []
    for second in range(1, 481):
        clock.s = 1000.0 + second
        if second % 120 == 0:  # a file is flushed every two minutes, with ten epochs
            log(made, *range(second // 12 - 10, second // 12))
        found.append(left(made))
    assert found[:119] == [None] * 119
    assert found[119:] == pytest.approx([1200.0 - second for second in range(120, 481)])


def test_what_is_overdue_makes_the_time_left_longer(clock):
    made = running(epochs=10)
    clock.s += 10.0
    log(made, 0)
    found = []
    for _ in range(3):
        found.append(left(made))
        clock.s += 10.0
    assert found == [90.0, 80.0, 170.0]


def test_a_start_is_not_taken_for_an_epoch(clock):
    made = running(epochs=10)
    clock.s += 21.0  # twenty seconds of imports and data
    log(made, 0)
    for epoch in (1, 2, 3):
        clock.s += 1.0
        log(made, epoch)
    assert left(made) == pytest.approx(6.0)
    waiting = job("y", epochs=10)
    assert left(waiting, made) == pytest.approx(30.0)
    assert eta_s([made, waiting], 1) == pytest.approx(36.0)
    assert eta_s([made, waiting], 2) == pytest.approx(30.0)


def test_trials_without_epochs_are_told_from_those_that_are_over(clock):
    made = running()
    clock.s += 30.0
    assert eta_s([made, job("y")], 1) is None
    made.concluded(Verdict(Outcome.FINISHED))
    assert eta_s([made, job("y")], 1) == pytest.approx(30.0)
    assert eta_s([made, job("z", epochs=3)], 1) is None
    assert eta_s([made], 1) is None


def test_what_is_shown_follows_in_a_few_lines_what_is_measured():
    steady = Steady()
    assert steady.shown(90.0, 0.0, 3) == 90.0
    found = [steady.shown(200.0 - at_s, at_s, 3) for at_s in (10.0, 20.0, 30.0, 40.0)]
    assert found == pytest.approx([107.0, 129.1, 157.83, 160.0])
    assert steady.shown(10.0, 50.0, 3) == pytest.approx(150.0 - 48.0)
    assert steady.shown(10.0, 50.0, 4) == 10.0  # another trial more: another sum
    assert steady.shown(60.0, 70.0, 4) == 60.0  # the ten seconds are over


# The quick study of experiments.yaml: seconds of each trial as docs/quick/report.md has them, two of them slowed by others.
SHORT_S = (18.3, 19.8, 21.0, 18.7, 20.3, 21.0, 19.3, 20.8, 31.6)
LONG_S = (53.5, 42.8, 40.8)
KINDS = ("None", "Cyclical", "Monotonic")
STUDY = [
    *zip(itertools.product([20], KINDS, (1.0, 0.5, 0.0)), SHORT_S, strict=True),
    *zip(itertools.product([40], ("Monotonic", "Cyclical", "None"), [0.0]), LONG_S, strict=True),
]


def played(clock, slots, seed, order):
    """Run the study on a fake clock; returns what is told of the time left, as (when, seconds left), and the end."""
    draw, shown = random.Random(seed), io.StringIO()
    jobs, took_s = [], {}
    for (epochs, kind, ratio), seconds in STUDY:
        jobs.append(made := job(f"{epochs}-{kind}-{ratio}", epochs=epochs))
        made.step.trial.config = {"num_epoch": epochs, "kl_anneal_type": kind, "tfr": ratio}
        took_s[made] = seconds
    jobs = order(jobs)
    display, events, waiting, told = PlainLines(shown, slots), [], list(jobs), []

    def start():
        made = waiting.pop(0)
        made.granted(ALLOCATION)
        made.opened(made.label)
        made.progress.begin(None)
        made.started()
        display.started(made)
        start_s = draw.uniform(1.0, 4.0)
        pace_s = (took_s[made] - start_s) / made.epochs
        heapq.heappush(
            events, (clock.s + start_s + pace_s * draw.uniform(0.8, 1.5), made.label, 0, made, pace_s)
        )

    for _ in range(slots):
        start()
    while events:
        at_s, label, epoch, made, pace_s = heapq.heappop(events)
        clock.s = at_s
        log(made, epoch)
        display.tick(jobs)
        before = shown.tell()
        display.progressed(made)
        if found := re.search(r"about (?:(\d+)m)?(\d+)s left", shown.getvalue()[before:]):
            told.append((at_s, int(found[1] or 0) * 60 + int(found[2])))
        if epoch + 1 < made.epochs:
            heapq.heappush(events, (at_s + pace_s * draw.uniform(0.8, 1.2), label, epoch + 1, made, pace_s))
        else:
            made.concluded(Verdict(Outcome.FINISHED))
            display.ended(made)
            if waiting:
                start()
    return told, clock.s


def in_file_order(jobs):
    return jobs


def by_epochs(jobs):
    return longest_first(jobs, [made.epochs for made in jobs])


@pytest.mark.parametrize("order", [in_file_order, by_epochs])
@pytest.mark.parametrize("slots", [1, 2, 4])
def test_on_the_quick_study_no_line_revises_the_time_left_by_more_than_a_third(clock, slots, order):
    for seed in range(3):
        told, end_s = played(clock, slots, seed, order)
        assert len(told) > 30
        for (before_s, before_left_s), (at_s, left_s) in itertools.pairwise(told):
            expected_s = before_left_s - (at_s - before_s)
            assert abs(left_s - expected_s) <= before_left_s / 3 + 1, (seed, at_s, told)
        for at_s, left_s in told:
            assert left_s == pytest.approx(end_s - at_s, rel=0.5, abs=10), (seed, told, end_s)


def test_what_a_search_has_yet_to_suggest_takes_as_long_as_what_has_ended(clock):
    source = Mock(to_come=4)
    made = running(epochs=10)
    made.source = source
    log(made, 0)
    assert TimeLeft([made], clock.s).of_all(1) is None  # none has ended
    clock.s += 6.0
    log(made, 1)
    made.concluded(Verdict(Outcome.PRUNED, "median"))
    assert TimeLeft([made], clock.s).of_all(2) == pytest.approx(12.0)
    source.to_come = 0
    assert TimeLeft([made], clock.s).of_all(2) is None
