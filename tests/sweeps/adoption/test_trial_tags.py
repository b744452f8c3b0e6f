from analysis.read.store import RunRecord
from sweeps.adoption.decisions import Decision, Verdict
from sweeps.adoption.found_run import FoundRun
from sweeps.adoption.matching import Match
from sweeps.adoption.trial_tags import note, taken_over


def test_tags_of_people_and_what_sweep_knew_are_taken_over_and_what_is_about_the_other_run_is_not():
    tags = {
        "team": "vision",
        "mlflow.user": "ann",
        "mlflow.source.git.commit": "aa11",
        "mlflow.note.content": "text",
        "mlflow.parentRunId": "1",
        "mlflow.runName": "old",
        "sweeps.code": "{}",
        "sweeps.fingerprint": "s1-0",
        "sweeps.owner": "{}",
    }
    run = RunRecord("1" * 32, "old", None, "", "FINISHED", 0, 1, tags)
    assert taken_over(run).keys() == {"team", "mlflow.user", "mlflow.source.git.commit", "sweeps.code"}


def test_the_note_says_where_it_is_from_what_nobody_knows_and_what_the_file_said(adopting):
    trial = adopting.session().sweeps[0].trials[0]
    decision = Decision(FoundRun("a", "folder /x/<b>", {}), Verdict.ADOPT, Match(trial, "", ("epochs",)))
    text = note(decision, trial, "sweep run e.yaml")
    assert "a trial of the sweep *a*, adopted from folder /x/" in text
    assert "<b>" not in text
    assert "knows of its code, data and environment no more than its tags say" in text
    assert "It does not say epochs: the values of the file are taken for these." in text
    assert text.endswith(
        "into a record of its own:\n\n    sweep run e.yaml --tracking-uri sqlite:///again.db"
    )
