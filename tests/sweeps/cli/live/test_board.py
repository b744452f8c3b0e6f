"""The file in which a launch shows itself."""

import json
import os
from pathlib import Path

import psutil
import pytest

from sweeps.cli.live.board import KEPT, Board, Showing, last_board, read_board
from sweeps.cli.live.view import view_of
from sweeps.executors.base import Stop
from sweeps.rundir.paths import StateDir
from tests.sweeps.scheduler.jobs import running


@pytest.fixture
def state(tmp_path):
    return StateDir(tmp_path / ".sweep")


class Told:
    """A listener that remembers."""

    def __init__(self):
        self.events = []

    def __getattr__(self, name):
        return lambda *given: self.events.append((name, *given))


def test_a_launch_shows_how_it_stands_and_then_how_it_ended(state):
    board = Board(state, ["toy/a"])
    assert read_board(state, os.getpid()) is None
    view = view_of([running(epochs=4)], 1, 10)
    board.show(view)
    shown = read_board(state, os.getpid())
    assert (shown.view, shown.exit_code) == (view, None)
    board.finish(1, "1 failed")
    ended = read_board(state, os.getpid())
    assert (ended.view, ended.exit_code, ended.summary) == (view, 1, "1 failed")
    Board(state, ["toy/a"])
    assert read_board(state, os.getpid()) is None, "the next launch of this process has not ended"


def test_the_last_launch_of_a_sweep_is_found(state):
    assert last_board(state, ["toy/a"]) is None
    Board(state, ["toy/a"]).finish(1, "1 failed")
    assert last_board(state, ["toy/a", "toy/b"]).summary == "1 failed"
    assert last_board(state, ["toy/b"]) is None


def test_the_file_of_an_older_process_with_the_same_id_says_nothing(state):
    board = Board(state, ["toy/a"])
    board.show(view_of([], 1, 10))
    path = state.live / f"{os.getpid()}.json"
    content = json.loads(path.read_text())
    content["process"] |= {"start_s": content["process"]["start_s"] - 1000, "ticks": 1}
    path.write_text(json.dumps(content))
    assert read_board(state, os.getpid()) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": {}}', "null"])
def test_a_file_that_is_none_of_ours_says_nothing(state, text):
    state.live.mkdir(parents=True)
    (state.live / "7.json").write_text(text)
    assert read_board(state, 7) is None


def test_a_disk_that_takes_nothing_does_not_end_the_launch(tmp_path):
    (tmp_path / "file").touch()
    Board(StateDir(tmp_path / "file"), []).finish(0, "")


def test_every_event_is_passed_on_and_the_end_is_shown_as_it_stands(state):
    told, made = Told(), running(epochs=4)
    showing = Showing(told, Board(state, ["toy/a"]), 1)
    showing.started(made)
    showing.tick([made])
    showing.stopping(Stop.ASK)
    showing.noticed("a word")
    showing.progressed(made)
    showing.ended(made)
    showing.close()
    names = [event[0] for event in told.events]
    assert names == ["started", "tick", "stopping", "noticed", "progressed", "ended", "close"]
    view = read_board(state, os.getpid()).view
    assert [row.label for row in view.rows] == ["a/x"]
    assert view.note.startswith("stopping")
    assert "Ctrl-C" not in view.note


def test_of_many_launches_the_oldest_files_go_but_none_of_a_living_process(state):
    state.live.mkdir(parents=True)
    dead = next(pid for pid in range(4_000_000, 5_000_000) if not psutil.pid_exists(pid))
    old = [state.live / f"{dead + n}.json" for n in range(KEPT + 5)]
    living = state.live / f"run-{os.getppid()}.log"
    for age, path in enumerate([living, *old]):
        path.touch()
        os.utime(path, (age, age))
    Board(state, ["toy/a"]).finish(0, "")
    left = set(state.live.iterdir())
    assert living in left
    assert left - {living, Path(state.live, f"{os.getpid()}.json")} == set(old[-(KEPT - 1) :])
