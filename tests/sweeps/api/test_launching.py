import os
import sys
import threading
from multiprocessing import forkserver

import pytest

import sweeps
from sweeps.api import launching
from sweeps.cli.live import shown_launch
from sweeps.cli.live.board import read_board
from sweeps.rundir.paths import StateDir


def test_only_the_main_thread_launches(file):
    raised = []

    def launch():
        with pytest.raises(sweeps.SweepError, match="only the main thread hears interrupts") as error:
            sweeps.run(file)
        raised.append(error)

    thread = threading.Thread(target=launch)
    thread.start()
    thread.join()
    assert raised


def test_a_forkserver_of_somebody_else_is_left_alone(file, monkeypatch):
    monkeypatch.setattr(forkserver._forkserver, "_forkserver_pid", os.getpid())
    monkeypatch.setattr(launching, "end_forkserver", lambda: pytest.fail("it was ended"))
    with pytest.raises(sweeps.SweepError, match="has started multiprocessing's forkserver"):
        sweeps.run(file)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(sweeps.SweepError("lost"), 2), (OSError("lost"), 1), (KeyboardInterrupt("lost"), 130)],
)
def test_a_launch_that_raises_has_ended_for_those_who_watch_too(file, monkeypatch, error, exit_code):
    def launch(*_, listener, **__):
        listener(1)
        raise error

    monkeypatch.setattr(shown_launch, "launch", launch)
    with pytest.raises(type(error)):
        sweeps.run(file, quiet=True)
    shown = read_board(StateDir.here(), os.getpid())
    assert (shown.exit_code, shown.summary) == (exit_code, "lost\n")


def test_at_no_moment_is_the_environment_without_what_it_had(monkeypatch):
    monkeypatch.setenv("HAD", "1")
    seen = []

    def look(*_):
        seen.append(os.environ.get("HAD") is not None)
        return look

    before = sys.gettrace()
    with launching._left_as_it_was():
        os.environ["HAD"], os.environ["HAS"] = "2", "3"
        sys.settrace(look)
    sys.settrace(before)
    assert (os.environ["HAD"], os.environ.get("HAS")) == ("1", None)
    assert seen
    assert all(seen)
