"""A launch with its display, as both doors have it."""

from sweeps.cli.live.board import last_board
from sweeps.rundir.paths import StateDir


def test_the_plan_stands_first_the_summary_last_and_the_board_has_it(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    code, output = project.ran("--gpus", "")
    lines = output.splitlines()
    assert (code, lines[0], lines[-1]) == (
        0,
        "e.yaml: 1 new; starting 1",
        "1 finished",
    )
    shown = last_board(StateDir(project.path / ".sweep"), ["toy/a"])
    assert (shown.exit_code, shown.summary.splitlines()[-1]) == (0, lines[-1])
