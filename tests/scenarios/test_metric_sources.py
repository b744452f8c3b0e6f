"""Programs that know nothing of sweep: what they print and write lands in the record, each point once."""

import os
import signal

import psutil
import pytest

from tests.programs import SOURCES, Program, expected
from tests.project import DEADLINE_S


@pytest.fixture
def program(project):
    return Program(project)


@pytest.mark.parametrize("way", SOURCES)
def test_two_trials_at_once_have_each_its_own_points(program, way):
    program.logs_in(way, scales=(1, 2))
    program.ran()
    assert program.points("scale1") == expected(1)
    assert program.points("scale2") == expected(2)


@pytest.mark.matrix
@pytest.mark.parametrize("disturbance", ["half", "rewritten"])
@pytest.mark.parametrize("way", SOURCES)
def test_files_that_are_half_written_or_rewritten(program, way, disturbance):
    if (way, disturbance) == ("stdout", "rewritten"):
        pytest.skip("what is printed cannot be taken back: the log is opened to append")
    program.logs_in(way, hold=disturbance)
    program.ran()
    assert program.points("scale1") == expected(1)


@pytest.mark.matrix
@pytest.mark.parametrize("point", ["logged", "saved"])
@pytest.mark.parametrize("fault", ["ctrl-c", "program", "attempt", "supervisor"])
@pytest.mark.parametrize("way", SOURCES)
def test_what_dies_loses_and_doubles_nothing(program, way, fault, point):
    program.logs_in(way, hold=point)
    sweep = program.start()
    pid = program.project.held()
    if fault == "ctrl-c":
        os.kill(sweep.pid, signal.SIGINT)
    elif fault == "supervisor":
        os.kill(sweep.pid, signal.SIGKILL)
    else:
        victim = psutil.Process(pid)
        (victim if fault == "program" else victim.parent()).kill()
    sweep.communicate(timeout=DEADLINE_S)
    program.ran()
    assert program.points("scale1") == expected(1)


def test_what_a_program_prints_is_recorded(program):
    program.write(
        r"""
        import sys
        for epoch in range(1, 5):
            for batch in range(1, 3):
                print(f"\r\x1b[32mEpoch {epoch} [{batch}/2]\x1b[0m loss {1 / (2 * epoch + batch)}", end="")
            print(file=sys.stdout)
            print(f"val acc={epoch / 10}%, best=1,000.5", file=sys.stderr)
        print("Test accuracy: 0.93", end="")
        """,
        r"""
        metrics:
          - stdout: 'Epoch (?P<epoch>\d+) \[(?P<batch>\d+)/(?P<of>\d+)\].*loss (?P<loss>\S+)'
            step: (epoch - 1) * of + batch
          - stdout: '(?P<name>\w+)=(?P<value>\S+)'
            step: carried
          - stdout: 'Test accuracy: (?P<test_accuracy>\S+)'
            step: final
        """,
    )
    program.ran()
    points = program.points("lr1")
    assert points["loss"] == [(2 * (e - 1) + b, 1 / (2 * e + b)) for e in range(1, 5) for b in (1, 2)]
    assert points["acc"] == [(2 * e, e / 10) for e in range(1, 5)]
    assert points["test_accuracy"] == [(8, 0.93)]
    assert points.keys() == {"loss", "acc", "best", "test_accuracy"}
    (row,) = program.project.json("status")
    assert row["epoch"] == 4
