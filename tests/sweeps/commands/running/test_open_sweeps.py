"""Sweeps that a file gets, and loses, while it runs."""

from tests.project import DEADLINE_S, lines_until
from tests.sweeps.commands.running.test_file_watch import WAITS


def test_a_sweep_that_is_new_gets_its_run_and_one_that_is_gone_ends_as_it_was_last(project):
    (project.path / "toy.py").write_text(WAITS)
    project.spec("sweeps: {a: {grid: {factor: [0.1, 0.2]}}}")
    running = project.run("--gpus", "", "--jobs", "1")
    project.held()
    project.spec("sweeps: {b: {grid: {factor: [0.2, 0.3]}}}")
    told = lines_until(running, "e.yaml was saved")[-1]
    assert "1 trial added; gone from it, but running on to the end: a/factor0.1\n" in told
    assert project.sweep("run", "e.yaml", "--json")[0] == 3
    (project.path / "go").touch()
    said, _ = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 0, said
    sweeps = project.runs("sweep")
    assert {name: run.outcome for name, run in sweeps.items()} == {"a": "finished", "b": "finished"}
    parents = {run.name: run.parent_run_id for run in project.runs().values()}
    assert parents == {
        "factor0.1": sweeps["a"].run_id,
        "factor0.2": sweeps["b"].run_id,
        "factor0.3": sweeps["b"].run_id,
    }
