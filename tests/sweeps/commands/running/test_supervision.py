"""What a `sweep run` does while its trials run."""

from tests.project import DEADLINE_S, lines_until
from tests.sweeps.commands.running.test_file_watch import GRID, WAITS


def test_hooks_that_a_saved_file_names_are_called_from_then_on(project):
    (project.path / "toy.py").write_text(WAITS)
    project.spec(GRID % "0.1")
    running = project.run("--gpus", "", "--jobs", "1")
    project.held()
    project.spec("on: {finished: echo $SWEEP_TRIAL >> told, done: echo over >> told}\n" + GRID % "0.1")
    lines_until(running, "e.yaml was saved")
    (project.path / "go").touch()
    said, _ = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 0, said
    assert sorted((project.path / "told").read_text().split()) == [
        "factor0.1",
        "over",
    ]  # both are called at once
