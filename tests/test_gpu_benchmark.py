"""`make gpu`'s program where there is no GPU: what it judges, and that all of it runs, ends in time, and shows what it has."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from card.child import Child
from card.table import BARS, RATE, TESTS, Row, hours, judged, table

from sweeps.rundir.process_tree import is_living
from tests.sweeps.outages import until

GPU = Path(__file__).parents[1] / "benchmarks" / "gpu.py"


def test_a_bar_holds_where_the_best_row_does_and_is_missed_where_nothing_was_measured():
    rows = [
        Row("rollout, ms a frame", "eager", 4.2),
        Row("rollout, ms a frame", "graph", 0.5),
        Row("free-running, ms a step", "graph", 41.0),
        Row("the quick study, s", "sweep run", None, "no time was left"),
    ]
    found = {what: (value, holds) for what, value, _, holds in judged(rows)}
    assert found["rollout, ms a frame"] == (0.5, True)
    assert found["free-running, ms a step"] == (41.0, False)
    assert found["the quick study, s"] == (None, False)
    assert found.keys() == BARS.keys()
    shown = table(rows, "a card")
    assert "| rollout, ms a frame | 0.5 | 0.5 | holds |" in shown
    assert "| the quick study, s | sweep run | not measured (no time was left) |" in shown


def test_the_reports_hours_are_those_of_its_steps_and_rollouts():
    assert hours(12.8, 0.5) == pytest.approx(7.93, abs=0.01)
    assert hours(None, 0.5) is None


def test_a_process_is_waited_for_until_a_time_and_says_why_it_has_no_more():
    later_s = time.monotonic() + 60
    child = Child([sys.executable, "-c", "print('a', flush=True); input(); raise SystemExit('gone')"])
    assert child.line(later_s) == "a"
    assert child.line(time.monotonic()) is None
    assert child.why() == "no time was left"
    child.go()
    assert child.line(later_s) is None
    assert child.code(later_s) == 1
    assert child.why() == "exit code 1: gone"
    child.end()


def test_what_a_process_has_started_ends_with_it():
    code = "import subprocess as s; print(s.Popen(['sleep', '1000']).pid, flush=True); input()"
    child = Child([sys.executable, "-c", code])
    started = int(child.line(time.monotonic() + 60))
    process = psutil.Process(started)
    child.end()
    until(lambda: not is_living(process), "its end")


def small(*more):
    command = [sys.executable, str(GPU), "--small", "--device", "cpu", "--seconds", "0.05", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.extra
def test_every_way_is_measured_with_a_tiny_network_on_a_cpu():
    process = small("--limit", "1500")
    shown = process.communicate()[0]
    assert process.returncode == 1, "bars of a GPU"
    rows = shown.partition("| bar |")[0]
    assert "not measured" not in rows
    for what in [*BARS, TESTS, RATE.format("free-running")]:
        assert f"| {what} |" in rows


@pytest.mark.extra
def test_killed_it_shows_what_it_has():
    process = small()
    for line in process.stdout:
        if line.startswith("| "):
            break
    process.send_signal(signal.SIGTERM)
    rest = process.communicate()[0]
    assert process.returncode == 1
    assert "ended by SIGTERM" in rest
    assert "| bar | measured |" in rest
