import os
import signal
import sys
import time
from pathlib import Path

from sweeps.commands.doctor.examination import examine
from sweeps.commands.doctor.judging import State, ok
from sweeps.commands.doctor.probes import Place

PLACE = Place("sqlite:///mlflow.db", sys.executable, Path())


def fine(_place):
    yield ok("fine", "all is well")


def hangs(_place):
    time.sleep(600)
    yield ok("hangs", "late")


def crashes(_place):
    os.kill(os.getpid(), signal.SIGKILL)
    yield


def raises(_place):
    raise OSError(5, "Input/output error")
    yield


def test_one_that_hangs_crashes_or_raises_is_told_and_the_others_are_heard():
    found = examine(PLACE, {"hangs": hangs, "crashes": crashes, "raises": raises, "fine": fine}, limit_s=2.0)
    assert [finding.state for finding in found] == [State.WRONG] * 3 + [State.OK]
    assert "no answer within 2 s" in found[0].found
    assert "crashed" in found[1].found
    assert "Input/output error" in found[2].found
    assert all(finding.remedy for finding in found[:3])
