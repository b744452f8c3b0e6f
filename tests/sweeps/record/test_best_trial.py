import math

from analysis.read.store import RunRecord
from sweeps.record.best_trial import Best, best_of, shown_files
from sweeps.record.notes import sweep_note
from sweeps.rundir.paths import RunPaths


def run(name, outcome="finished"):
    return RunRecord(f"id-{name}", name, None, "trial", "FINISHED", 0, 1, {"sweeps.outcome": outcome})


def test_the_best_finished_trial_is_found_by_the_first_score_that_there_is():
    runs = [run("a"), run("b"), run("c", "failed"), run("d")]
    psnr = {"id-a": 20.0, "id-b": 22.0, "id-c": 30.0, "id-d": math.nan}
    assert best_of(runs, {"val/psnr": psnr, "loss": {"id-a": 0.0}}) == Best(
        "id-b", "b", "val/psnr", 22.0, 20.0, 2
    )


def test_of_losses_the_least_is_the_best():
    assert best_of([run("a"), run("b")], {"loss": {"id-a": 1.0, "id-b": 3.0}}).trial == "a"


def test_nothing_to_be_ranked_by_is_no_best():
    assert best_of([run("a")], {"other": {"id-a": 1.0}}) is None
    assert best_of([], {"loss": {}}) is None


def test_pictures_and_films_are_shown_checkpoints_are_not(tmp_path):
    paths = RunPaths(tmp_path)
    paths.create()
    for name in ("b.gif", "a.png", "best.pt"):
        (paths.files / name).touch()
    assert [path.name for path in shown_files(paths)] == ["a.png", "b.gif"]
    assert shown_files(RunPaths(tmp_path / "elsewhere")) == []


def test_the_note_names_the_best_trial_and_how_far_the_worst_is():
    best = Best("id", "Cyclical-tfr0.5", "val/psnr", 23.29, 16.98, 9)
    note = sweep_note("s", "e.yaml", ["finished"] * 9, best)
    assert "9 trials, 9 finished" in note
    assert "**Cyclical-tfr0.5**, 23.29 (worst 16.98, of 9 finished trials)" in note
    assert "Best" not in sweep_note("s", "e.yaml", ["failed"], None)
