import inspect
import os
import pydoc
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import analysis
import sweeps
from sweeps.api import verbs
from sweeps.api.asked import Asked, opened
from sweeps.api.launching import Ended
from sweeps.cli.verbs import cli
from tests.sweeps.recorded import RecordedFile
from tests.sweeps.scheduler.jobs import job
from tests.sweeps.specs import run_sweep


def test_a_file_is_planned_run_and_shown_from_python(file, capsys):
    planned = sweeps.plan(file)
    assert planned["trial"].tolist() == ["n1", "n2", "n3"]
    assert planned["action"].tolist() == ["new"] * 3
    assert planned["n"].tolist() == [1, 2, 3]
    assert planned.attrs == {"counts": {"new": 3}, "differences": [], "eta_s": None, "notes": []}
    environment, spec = dict(os.environ), sys.modules["__main__"].__spec__
    launch = sweeps.run(str(file), jobs=2, gpus="", sample_s=None)
    assert (dict(os.environ), sys.modules["__main__"].__spec__) == (environment, spec)
    assert (launch.exit_code, launch.is_done) == (1, False)
    assert launch.trials.set_index("trial")["outcome"].to_dict() == {
        "n1": "finished",
        "n2": "finished",
        "n3": "failed",
    }
    assert launch.trials["reason"].tolist()[-1] == "exception: ValueError: three is too much"
    assert launch.trials[["n", "loss"]].to_numpy().tolist()[:2] == [[1, 0.5], [2, 1.0]]
    assert launch.notes == ()
    printed = capsys.readouterr().out
    assert f"{file}: 3 new; starting 3" in printed
    assert "2 finished, 1 failed" in printed
    shown = sweeps.status(file, only="n=2")
    assert shown[["trial", "state", "epoch", "loss"]].to_numpy().tolist() == [["n2", "finished", 2, 1.0]]
    again = sweeps.run(file, retry_failed=True, gpus="", overrides={"fails": False}, only=["n=3"], quiet=True)
    assert again.is_done
    assert again.trials["trial"].tolist() == ["n3"]
    assert capsys.readouterr().out == ""
    assert "n3" in again._repr_html_()
    done = sweeps.run(file, only="n=1", gpus="", quiet=True)
    assert done.is_done
    assert done.trials[["trial", "n", "outcome", "loss", "ran"]].to_numpy().tolist() == [
        ["n1", 1, "finished", 0.5, False]
    ]


def test_all_trials_of_a_selection_are_told_whether_they_ran_now_or_before(file):
    sweeps.run(file, only="n=1", gpus="", quiet=True)
    launch = sweeps.run(file, only=["n=1", "n=2"], gpus="", quiet=True)
    assert launch.trials[["trial", "outcome", "ran"]].to_numpy().tolist() == [
        ["n1", "finished", False],
        ["n2", "finished", True],
    ]


def test_what_is_to_be_known_beside_a_table_is_warned_of_and_kept(file, capsys):
    file.write_text(f"{file.read_text()}measures: {{los: lower}}\n")
    with pytest.warns(
        sweeps.SweepWarning, match="has los, which no run recorded; did you mean loss.*metrics .*e.yaml"
    ):
        launch = sweeps.run(file, only="n=1", gpus="")
    assert len(launch.notes) == 1
    with pytest.warns(sweeps.SweepWarning, match="has los, which no run recorded"):
        assert sweeps.status(file).attrs["notes"] == list(launch.notes)
    (file.parent / "toy_of_api.py").write_text(f"{(file.parent / 'toy_of_api.py').read_text()}\nX = 1\n")
    capsys.readouterr()
    again = sweeps.run(file, only=["n=1", "n=2"], gpus="", quiet=True)
    assert any("code" in note for note in again.notes), again.notes
    assert capsys.readouterr().out == ""


def test_both_doors_write_the_same_report_and_no_path_of_this_machine(file, tmp_path):
    sweeps.run(file, only="n=1", gpus="", quiet=True)
    sweeps.report("e.yaml", "one")
    done = run_sweep("report", "e.yaml", "--out", "two")
    assert done.code == 0, done.err
    for name in ("report.md", "report.html"):
        text = (tmp_path / "one" / name).read_text()
        assert text == (tmp_path / "two" / name).read_text()
        assert str(tmp_path) not in text


def test_values_are_those_of_python(file):
    given = {"fails": None, "lr": np.float64(1e-05), "depth": np.int64(3), "name": "None", "deep.x": [True]}
    planned = sweeps.plan(file, overrides=given | {"path": file.parent / "x"})
    file.write_text(
        "experiment: toy\ntrainer: toy_of_api:train\ndefaults: {fails: null, lr: 1e-5, depth: 3, name: 'None', "
        f"deep: {{x: [true]}}, path: '{file.parent}/x'}}\n"
        "sweeps: {a: {grid: {n: [1, 2, 3]}}}\n"
    )
    assert sweeps.plan(file)["fingerprint"].tolist() == planned["fingerprint"].tolist()


def test_a_report_says_what_it_wrote_and_what_is_not_complete(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recorded = RecordedFile(tmp_path, empty_database, "sweeps: {a: {grid: {lr: [1, 2]}}}")
    recorded.add("lr1", "finished", [("loss", 0, 0.5)])
    report = sweeps.report("e.yaml", "drawn", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    assert {path.name for path in report.paths} >= {"report.html", "report.md"}
    assert report.incomplete == {"lr2": "missing: no run is recorded"}


def test_what_is_wrong_is_raised_with_its_place(file):
    file.write_text(file.read_text().replace("grid", "gird"))
    with pytest.raises(sweeps.SweepError, match=r"e\.yaml:3:14: sweeps\.a: unknown key 'gird'"):
        sweeps.status(file)
    with pytest.raises(AttributeError, match="no attribute 'plans'"):
        sweeps.plans  # noqa: B018 - to be raised


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"executor": "slrum"}, "^executor slrum: there is none of this name; did you mean 'slurm'"),
        ({"jobs": 0}, "^jobs 0: one trial at least"),
        ({"patience_s": -1.0}, "^patience_s -1s: "),
        ({"seeds": 0}, "seeds=0: each trial runs at least once"),
    ],
)
def test_what_the_command_line_would_not_take_is_refused(file, given, told):
    with pytest.raises(sweeps.SweepError, match=told):
        sweeps.run(file, quiet=True, **given)


def test_the_environment_says_how_often_samples_are_taken(file, monkeypatch):
    monkeypatch.setenv("SWEEP_SYSTEM_METRICS", "often")
    with pytest.raises(
        sweeps.SweepError,
        match=r"\$SWEEP_SYSTEM_METRICS: must be a time such as 5s or 1m, or off, not 'often'",
    ):
        sweeps.run(file)


def test_every_option_of_the_command_line_is_one_of_the_functions():
    ways = {"file", "as_json", "watch", "wide", "detach", "as_command", *Asked.__annotations__}
    for verb in ("plan", "run", "status", "report", "best"):
        given = set(inspect.signature(getattr(sweeps, verb)).parameters) | ways
        assert {option.name for option in cli.commands[verb].params} <= given, verb


def test_the_example_of_the_document_runs(file):
    text = (Path(sweeps.__file__).parents[1] / "docs" / "how-to" / "python.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    file.rename("experiments.yaml")
    names = {}
    exec(example, names)  # noqa: S102 - the document's own words are what is tested
    assert names["waiting"]["trial"].tolist() == ["n1", "n2", "n3"]
    assert names["launch"].is_done
    assert (len(names["failed"]), names["best"]["trial"]) == (0, "n1")


def test_all_of_a_file_is_not_trained_again_by_a_slip(file):
    with pytest.raises(sweeps.SweepError, match="only where it is said which"):
        sweeps.run(file, again=True, gpus="", quiet=True)


def test_what_is_recorded_is_shown_where_the_script_is_gone_with_a_warning(recorded):
    own = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    own.add("lr1", "finished", [("acc", 1, 0.5)])
    text = (own.path / "e.yaml").read_text()
    (own.path / "e.yaml").write_text(text.replace("[python]", "[python, train.py]"))
    with pytest.warns(
        UserWarning, match="there is no script 'train.py'; what is recorded is shown without it"
    ):
        frame = sweeps.status(own.path / "e.yaml", tracking_uri=own.uri)
    assert list(frame["acc"]) == [0.5]
    with pytest.raises(sweeps.SweepError, match="there is no script"):
        sweeps.plan(own.path / "e.yaml", tracking_uri=own.uri)


@pytest.mark.parametrize("module", [sweeps, analysis])
def test_a_module_shows_its_own_names_alone(module):
    assert dir(module) == sorted(module.__all__)
    text = pydoc.render_doc(module, renderer=pydoc.plaintext)
    assert all(re.search(rf"^    (class )?{name}\(", text, re.MULTILINE) for name in module.__all__), text
    assert {name for name in vars(module) if not name.startswith("_")} & {
        "Any",
        "Path",
        "TYPE_CHECKING",
        "sys",
    } == set()


def test_a_trial_that_never_began_did_not_run(file):
    stopped = SimpleNamespace(jobs=[job("n9")], exit_code=130)
    launch = verbs._launch(opened("run", file, {}), Ended(stopped, (), has_table=True), quiet=True)
    assert launch.trials.set_index("trial").loc["n9", ["outcome", "ran"]].tolist() == ["not started", False]
    assert not launch.trials["ran"].any()
