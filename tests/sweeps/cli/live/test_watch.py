"""`sweep status --watch`: the record while it changes."""

import signal

from tests.project import DEADLINE_S, lines_until

HELD = "sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}\n"


def test_a_status_that_is_watched_shows_each_change_and_ends_with_the_run(project):
    project.spec(HELD)
    running = project.run("--gpus", "")
    project.held()
    watched = project.start("status", "--watch", "e.yaml")
    lines_until(watched, "1 running")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=DEADLINE_S)
    said, _ = watched.communicate(timeout=DEADLINE_S)
    assert watched.returncode == 0
    assert "1 interrupted" in said
