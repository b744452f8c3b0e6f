import json
import shutil

import pytest

from analysis.read import tags
from sweeps.adoption.adopt import adopt, adopted_runs, preview, undo
from sweeps.adoption.decisions import Terms, Verdict
from sweeps.adoption.sources import of_experiment, of_folders
from sweeps.errors import HeldError
from sweeps.record.store.known import known_schema
from sweeps.record.store.mlflow_store import MlflowStore
from sweeps.record.store.sqlite_store import SqliteStore
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir
from tests.sweeps.specs import run_sweep


def hand_runs(adopting):
    return of_experiment(adopting.uri, "hand", None)


def verdicts(decisions):
    return [decision.verdict.value for decision in decisions]


def trials(adopting):
    return {run.trial: run for run in adopting.session().record.runs if run.is_trial}


def content(adopting):
    """Everything that the record has of adopted runs, but for their ids."""
    client, found = adopting.client, {}
    for run in client.search_runs([adopting.experiment_id]):
        if tags.ADOPTED in run.data.tags:
            history = [
                (key, point.step, point.value, point.timestamp)
                for key in sorted(run.data.metrics)
                for point in client.get_metric_history(run.info.run_id, key)
            ]
            own = {
                key: value for key, value in run.data.tags.items() if key not in {tags.PARENT, "mlflow.user"}
            }
            assert run.info.run_name not in found
            info = (run.info.status, run.info.start_time, run.info.end_time)
            found[run.info.run_name] = (info, run.data.params, own, sorted(history))
    return found


def test_a_run_of_another_experiment_is_copied_with_all_its_points_params_tags_and_times(adopting):
    adopting.by_hand("x", {"lr": "1e-1", "opt": "adam"}, team="vision")
    session = adopting.session()
    assert verdicts(adopt(session, hand_runs(adopting), Terms())) == ["adopt"]
    (info, params, own, history) = content(adopting)["lr0.1"]
    assert info == ("FINISHED", 1000, 9000)
    assert params == {"lr": "0.1", "epochs": "3", "opt": "adam"}
    assert history == [("loss", 0, 1.0, 2000), ("loss", 1, 0.4, 2002), ("loss", 1, 0.5, 2001)]
    assert (own["team"], own[tags.OUTCOME], own[tags.KIND]) == ("vision", "finished", "trial")
    assert tags.CODE not in own
    assert own[tags.FINGERPRINT] == session.sweeps[0].trials[0].fingerprint


def test_plan_status_and_report_show_it_done_and_adopted_and_claim_nothing_of_its_code(adopting):
    adopting.by_hand("x", {"lr": 0.1})
    adopt(adopting.session(), hand_runs(adopting), Terms())
    planned = adopting.json("plan")
    assert planned["counts"] == {"new": 1, "done": 1}
    (done,) = (row for row in planned["trials"] if row["action"] == "done")
    assert done["reason"].startswith("adopted from run ")
    assert planned["differences"]
    assert all(text.startswith("runs may differ in ") for text in planned["differences"])
    (row, _) = adopting.json("status")
    assert (row["state"], row["loss"], row["attempt"]) == ("finished", 0.4, 0)
    assert adopting.sweep("report", "--out", str(adopting.path / "out")).code == 0
    page = (adopting.path / "out" / "report.md").read_text()
    assert "finished (adopted)" in page
    assert "Adopted, and not run by `sweep`" in page


def test_a_second_call_finds_everything_recorded(adopting):
    adopting.by_hand("x", {"lr": 0.1})
    adopting.folder("b", '{"lr": 0.01}')
    for found in (hand_runs(adopting), of_folders(["runs/*"], None, None)):
        adopt(adopting.session(), found, Terms())
        before = content(adopting)
        assert verdicts(adopt(adopting.session(), found, Terms())) == ["adopted"]
        assert content(adopting) == before
    assert trials(adopting).keys() == {"lr0.1", "lr0.01"}
    assert adopting.json("plan")["counts"] == {"done": 2}


def test_a_call_that_is_cut_off_at_any_point_leaves_no_half_trial_and_the_next_makes_it_whole(
    adopting, monkeypatch
):
    adopting.by_hand("x", {"lr": 0.1})
    adopting.folder("b", '{"lr": 0.01}')
    shutil.copy(adopting.path / "mlflow.db", adopting.path / "before.db")
    found = [*hand_runs(adopting), *of_folders(["runs/*"], None, None)]
    adopt(adopting.session(), found, Terms())
    whole, calls = content(adopting), 0
    left = None
    while left is None or left <= 0:
        calls += 1
        shutil.copy(adopting.path / "before.db", adopting.path / "mlflow.db")
        left = cut_off_after(adopting, found, calls, monkeypatch)
        assert all(
            run.outcome == "finished" and run.status == "FINISHED" for run in trials(adopting).values()
        )
        assert all(content(adopting)[trial] == whole[trial] for trial in trials(adopting))
        adopt(adopting.session(), found, Terms())
        assert content(adopting) == whole
    assert calls > 8


class CutError(BaseException):
    """The process ends here."""


def cut_off_after(adopting, found, calls, monkeypatch):
    """Adopt until the record was written to so often; returns how many more calls it could have taken."""
    left = calls

    def counted(method):
        def call(*arguments, **named):
            nonlocal left
            if left == 0:
                raise CutError
            left -= 1
            return method(*arguments, **named)

        return call

    store = MlflowStore if known_schema() is None else SqliteStore
    with monkeypatch.context() as patch:
        for name in ("create_run", "log_batch", "set_terminated", "set_running", "set_tag"):
            patch.setattr(store, name, counted(getattr(store, name)))
        try:
            adopt(adopting.session(), found, Terms())
        except CutError:
            return 0
    return left


def test_folders_that_show_fewer_epochs_are_left_unless_they_are_asked_for(adopting):
    text = (adopting.path / "e.yaml").read_text()
    (adopting.path / "e.yaml").write_text(text.replace("[python]", "[python], epochs: epochs"))
    adopting.folder("a", rows=2)
    found = of_folders(["runs/*"], None, None)
    (decision,) = preview(adopting.session(), found, Terms())
    assert decision.reason == "shows 2 of 3 epochs; --partial takes it as finished"
    assert verdicts(adopt(adopting.session(), found, Terms(partial=True))) == ["adopt"]
    assert trials(adopting)["lr0.1"].epochs == 2


def test_a_preview_writes_nothing(adopting):
    adopting.folder("a")
    (decision,) = preview(adopting.session(), of_folders(["runs/*"], None, None), Terms())
    assert (decision.verdict, decision.metrics.metrics) == (Verdict.ADOPT, {"loss": 3})
    assert adopting.session().record.runs == ()
    assert not (adopting.path / ".sweep").exists()


def test_what_a_trial_of_sweep_itself_knew_of_its_code_comes_with_it(adopting):
    run_id = adopting.by_hand("x", {"lr": 0.1}, **{tags.CODE: json.dumps({"digest": "aa"})})
    adopting.client.set_tag(run_id, tags.KIND, "trial")
    adopting.client.set_tag(run_id, tags.OUTCOME, "finished")
    adopt(adopting.session(), hand_runs(adopting), Terms())
    assert json.loads(trials(adopting)["lr0.1"].tags[tags.CODE]) == {"digest": "aa"}


def test_what_was_adopted_can_be_taken_back_in_part_or_all_and_is_adopted_again(adopting):
    adopting.by_hand("x", {"lr": 0.1})
    adopting.by_hand("y", {"lr": 0.01})
    adopt(adopting.session(), hand_runs(adopting), Terms())
    assert len(adopted_runs(adopting.session())) == 2
    assert [run.trial for run in undo(adopting.session(only=("lr=0.01",)))] == ["lr0.01"]
    assert trials(adopting).keys() == {"lr0.1"}
    assert [run.trial for run in undo(adopting.session())] == ["lr0.1"]
    assert adopting.json("plan")["counts"] == {"new": 2}
    assert verdicts(adopt(adopting.session(), hand_runs(adopting), Terms())) == ["adopt", "adopt"]


def test_a_sweep_that_is_being_run_is_left_alone(adopting):
    adopting.by_hand("x", {"lr": 0.1})
    with hold(StateDir.here(), "toy", ["a"]), pytest.raises(HeldError):
        adopt(adopting.session(), hand_runs(adopting), Terms())
    assert trials(adopting) == {}


def test_a_later_run_starts_only_the_other_trials(adopting):
    adopting.by_hand("x", {"lr": 0.1})
    adopt(adopting.session(), hand_runs(adopting), Terms())
    done = run_sweep("run", "e.yaml", "--only", "lr=0.1", "--tracking-uri", adopting.uri)
    assert "nothing to start; 1 was done before" in done.out
