"""What the folder of a run says of how long its attempts ran."""

import dataclasses
import json
import os
import time
from contextlib import closing

import pytest

from sweeps.rundir.journal import End, JournalWriter, last_step, read_entries
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.process_identity import this_process
from sweeps.runner.time_spent import Begun, beginning

ELSEWHERE = dataclasses.replace(this_process(), host="node7")


@pytest.fixture
def paths(tmp_path):
    made = RunPaths(tmp_path)
    made.create()
    return made


def begin(paths, attempt, before_s, *, ago_s=100.0, identity=None):
    """Have an attempt begin, so long ago, as its process does."""
    told = beginning(identity or this_process(), paths, attempt, before_s)
    told["began_s"] -= ago_s
    paths.process.write_text(json.dumps(told))
    return told["began_s"]


def journal_line(paths, seconds):
    with paths.journal.open("a") as file:
        file.write(json.dumps({"t": int(seconds * 1000), "metrics": {"loss": 1.0}, "step": 0}) + "\n")


def test_what_begins_now_is_read_as_it_was_written(paths):
    before = time.time()
    paths.process.write_text(json.dumps(beginning(this_process(), paths, 3, 7.5)))
    begun = Begun.read(paths)
    assert (begun.attempt, begun.before_s, begun.is_here) == (3, 7.5, True)
    assert before <= begun.began_s <= time.time()
    assert begun.is_of(3)
    assert not begun.is_of(2)


def test_an_attempt_ended_when_its_journal_says_so_else_when_that_was_seen(paths):
    began_s = begin(paths, 1, 5.0)
    begun = Begun.read(paths)
    ended = End(int((began_s + 40) * 1000), 1, "finished", "")
    assert begun.spent_s(paths, ended, began_s + 90) == pytest.approx(45, abs=0.01)
    assert begun.spent_s(paths, dataclasses.replace(ended, attempt=2), began_s + 90) == pytest.approx(95)
    assert begun.spent_s(paths, None, began_s - 1) == 5.0  # a clock that was set back


def test_of_one_that_nobody_saw_end_the_last_that_it_logged_or_printed_counts(paths):
    began_s = begin(paths, 1, 5.0)
    begun = Begun.read(paths)
    assert begun.spent_s(paths) == 5.0
    journal_line(paths, began_s - 3)  # an earlier attempt's
    assert begun.spent_s(paths) == 5.0
    journal_line(paths, began_s + 20)
    assert begun.spent_s(paths) == pytest.approx(25, abs=0.01)
    paths.log(1).write_text("epoch 3\n")
    os.utime(paths.log(1), (began_s + 30, began_s + 30))
    assert begun.spent_s(paths) == pytest.approx(35, abs=0.01)
    with paths.journal.open("a") as file:
        file.write('{"t": 1, "met')  # what a crash tore
    assert begun.spent_s(paths) == pytest.approx(35, abs=0.01)
    journal_line(paths, time.time() + 3600)
    assert begun.spent_s(paths) <= 5.0 + time.time() - began_s


def test_of_another_machine_only_its_own_clock_counts(paths):
    began_s = begin(paths, 1, 0.0, identity=ELSEWHERE)
    paths.log(1).write_text("epoch 3\n")  # by the clock of a file server
    journal_line(paths, began_s + 20)
    assert Begun.read(paths).spent_s(paths, None, began_s + 90) == pytest.approx(20, abs=0.01)


def test_an_attempt_that_was_requeued_adds_to_what_its_process_before_took(paths):
    began_s = begin(paths, 1, 5.0)
    with closing(JournalWriter(paths)) as journal:
        journal.end(1, "interrupted", "")
    (ended,) = read_entries(paths.journal, 0)[0]
    first_s = ended.time_ms / 1000 - began_s
    again_s = begin(paths, 1, 5.0, ago_s=-1000.0)  # later: it waited in the queue
    begun = Begun.read(paths)
    assert begun.before_s == pytest.approx(5 + first_s)
    assert begun.spent_s(paths, ended, again_s + 10) == pytest.approx(
        15 + first_s
    )  # that end is the first one's
    assert last_step(paths) is None


def test_the_next_attempt_takes_no_more_than_it_is_told(paths):
    begin(paths, 1, 5.0)
    begin(paths, 2, 7.0)
    assert Begun.read(paths).before_s == 7.0


def test_what_nobody_knows_stays_unknown(paths):
    assert Begun.read(paths) is None
    paths.process.write_text(json.dumps(this_process().to_json()))  # as older versions write it
    begun = Begun.read(paths)
    assert begun.is_of(1)
    assert begun.spent_s(paths, None, time.time()) is None
    begin(paths, 1, 0.0)
    assert Begun.read(paths).before_s is None
    paths.process.write_text("{")
    assert Begun.read(paths) is None
