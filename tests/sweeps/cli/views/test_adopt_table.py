from sweeps.adoption.decisions import Decision, Verdict
from sweeps.adoption.folder_metrics import FolderMetrics
from sweeps.adoption.found_run import FoundRun
from sweeps.adoption.matching import Match
from sweeps.cli.views.adopt_table import decision_rows

FOUND = FoundRun("runs/a", "folder /runs/a", {"lr": "0.1"})


def test_a_run_of_a_folder_has_its_points_and_files_and_is_adopted_once_it_is_recorded():
    metrics = FolderMetrics({"loss": 3, "acc": 2}, ("m.csv",), 3, 0, 0)
    decision = Decision(FOUND, Verdict.ADOPT, Match(None), metrics=metrics)
    (row,) = decision_rows([decision], applied=False)
    assert (row["action"], row["points"], row["metrics"], row["files"]) == (
        "adopt",
        5,
        ["acc", "loss"],
        ["m.csv"],
    )
    assert decision_rows([decision], applied=True)[0]["action"] == "adopted"


def test_a_run_that_is_left_has_its_reason_and_no_trial():
    decision = Decision(FOUND, Verdict.LEFT, Match(None, "why"), "why")
    (row,) = decision_rows([decision], applied=True)
    assert (row["action"], row["trial"], row["reason"], row["from"]) == (
        "left",
        None,
        "why",
        "folder /runs/a",
    )
