import re

import pytest

from sweeps.adoption.sources import of_experiment, of_folders
from sweeps.errors import SelectionError


def test_the_runs_of_an_experiment_come_with_their_params_and_with_why_some_cannot_be_adopted(adopting):
    adopting.by_hand("good", {"lr": 0.1})
    adopting.by_hand("bad", {"lr": 0.1}, status="FAILED")
    adopting.by_hand("mute", {"lr": 0.1}, points=())
    found = {run.run.name: run for run in of_experiment(adopting.uri, "hand", None)}
    assert (found["good"].known, found["good"].problem) == ({"lr": "0.1"}, "")
    assert found["bad"].problem == "is not finished: MLflow calls it FAILED"
    assert found["mute"].problem == "has no metrics"
    assert re.fullmatch(r"run \w{32} of experiment 'hand' in sqlite:.*mlflow.db", found["good"].origin)


def test_an_experiment_that_is_not_there_or_holds_no_run_is_named(adopting):
    with pytest.raises(
        SelectionError, match=r"--from-experiment nowhere: .* has no such experiment; --store"
    ):
        of_experiment(adopting.uri, "nowhere", None)
    with pytest.raises(SelectionError, match="experiment 'toy' has no run to adopt"):
        of_experiment(adopting.uri, "toy", None)


def test_folders_come_with_what_their_files_and_their_names_say(adopting):
    adopting.folder("lr0.1_seed3")
    (found,) = of_folders(["runs/*"], re.compile(r"lr(?P<lr>[^_]+)_seed(?P<seed>\d+)"), None)
    assert (found.label, found.known, found.problem) == ("runs/lr0.1_seed3", {"lr": "0.1", "seed": "3"}, "")
    assert found.origin == f"folder {adopting.path}/runs/lr0.1_seed3"


def test_a_name_that_contradicts_or_does_not_fit_is_told_and_so_is_a_damaged_config(adopting):
    adopting.folder("lr0.2")
    adopting.folder("odd", config="{")
    adopting.folder("other")
    lines = {
        run.label: run.problem
        for run in of_folders(["runs/*"], re.compile(r"(?:lr(?P<lr>[\d.]+))|odd"), None)
    }
    assert lines["runs/lr0.2"] == "its name says lr 0.2, its config 0.1"
    assert lines["runs/odd"].startswith("config.json cannot be read")
    assert lines["runs/other"] == "its name does not fit --name"


def test_a_pattern_that_names_no_folder_is_said(adopting):
    (adopting.path / "file").touch()
    with pytest.raises(SelectionError, match="quote the pattern"):
        of_folders(["file"], None, None)
