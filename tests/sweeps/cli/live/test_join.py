"""A second `sweep run` of the same file."""

from tests.project import DEADLINE_S, lines_until

GRID = "sweeps: {a: {grid: {factor: [%s]}}}\n"
WAITS = """
import os, time
from pathlib import Path

def train(config, run):
    run.log({"train/loss": config["factor"]}, 0)
    if config["factor"] == 0.1 and not Path("mended").exists():
        raise ValueError("broken")
    if not Path("go").exists():
        with Path("held").open("w") as pipe:
            pipe.write(f"{os.getpid()}\\n")
    while not Path("go").exists() and not run.should_stop():
        time.sleep(0.005)
"""


def test_it_hands_over_what_it_was_asked_and_takes_the_place_of_one_that_is_killed(project):
    (project.path / "toy.py").write_text(WAITS)
    project.spec(GRID % "0.1, 0.2")
    first = project.run("--gpus", "", "--jobs", "1")
    project.held()
    code, said = project.ran("--gpus", "", "--set", "more=1")
    assert code == 3
    assert f"toy/a: is being run by pid {first.pid}: it was started without --set more=1; wait for it" in said
    (project.path / "mended").touch()
    project.spec(GRID % "0.1, 0.2, 0.3")
    second = project.run("--gpus", "", "--retry-failed")
    said = lines_until(second, "takes up what is asked")[-1]
    assert said.startswith(f"pid {first.pid} runs e.yaml already, and takes up what is asked: ")
    lines_until(second, "a/factor0.3: waiting")
    first.kill()
    first.communicate(timeout=DEADLINE_S)
    (project.path / "go").touch()
    said, _ = second.communicate(timeout=DEADLINE_S)
    assert second.returncode == 0, said
    assert f"pid {first.pid} has ended without a word; this one takes its place" in said
    assert {name: run.outcome for name, run in project.runs().items()} == dict.fromkeys(
        ["factor0.1", "factor0.2", "factor0.3"], "finished"
    )
    assert list((project.path / ".sweep" / "wishes").iterdir()) == []
