"""The command that the verbs are added to."""

import click
import pytest

from sweeps.cli.group import ReaderGoneError, cli, open_session
from sweeps.commands.request import Request
from sweeps.errors import SpecError
from tests.sweeps.specs import run_sweep


def test_a_reader_that_is_gone_is_no_failed_trial(monkeypatch):
    def told():
        raise BrokenPipeError

    monkeypatch.setitem(cli.commands, "tell", click.Command("tell", callback=told))
    with pytest.raises(ReaderGoneError):
        cli.main(["tell"], standalone_mode=False)


def test_a_file_is_opened_with_its_trials(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "e.yaml"
    file.write_text("trainer: {command: [python]}\nsweeps: {a: {seeds: 2}}\n")
    session = open_session(Request(file), f"sqlite:///{tmp_path / 'none.db'}")
    assert [trial.name for trial in session.sweeps[0].trials] == ["seed0", "seed1"]
    file.write_text("nothing: 1\n")
    with pytest.raises(SpecError):
        open_session(Request(file), None)


@pytest.fixture
def without_script(recorded):
    """A recorded file whose script is gone."""
    file = recorded("measures: {acc: higher}\nsweeps: {a: {grid: {lr: [1, 2]}}}")
    for name, acc in (("lr1", 0.25), ("lr2", 0.75)):
        file.add(name, "finished", [("acc", 1, acc)])
    text = (file.path / "e.yaml").read_text()
    (file.path / "e.yaml").write_text(text.replace("[python]", '[python, train.py, "{lr}"]'))
    return file


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (("status",), "0.75"),
        (("status", "--watch"), "0.75"),
        (("best",), "lr: 2"),
        (("best", "--command"), "train.py 2"),
        (("metrics",), "lr2"),
        (("metrics", "lr1"), "acc"),
        (("explain", "lr1"), "lr"),
        (("gc",), "nothing"),
        (("stop",), "nothing is running"),
        (("attach",), "nothing is running here"),
        (("report", "--out", "figures"), "report.html"),
    ],
    ids=str,
)
def test_a_verb_that_runs_nothing_works_where_the_script_is_gone_and_says_so(without_script, asked, shown):
    done = without_script.sweep(*asked)
    assert (done.code, shown in done.out) == (0, True), done.out + done.err
    told = "e.yaml:2:29: note: trainer.command: there is no script 'train.py'"
    assert told in done.err
    assert "what is recorded is shown without it" in done.err


@pytest.mark.parametrize("verb", ["plan", "run", "check", "commands"])
def test_a_verb_that_needs_the_script_refuses_a_file_without(without_script, verb):
    arguments = [verb, str(without_script.path / "e.yaml")]
    done = run_sweep(*arguments)
    assert (done.code, "there is no script 'train.py'" in done.err) == (2, True)


def test_what_runs_now_is_not_compared_where_the_script_is_gone(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    code = '{"digest": "one", "commit": null, "dirty": null, "imports": ""}'
    file.add("lr1", "finished", [("acc", 1, 0.5)], code=code)
    file.add("lr2", "finished", [("acc", 1, 0.5)], code=code.replace("one", "two"))
    text = (file.path / "e.yaml").read_text()
    (file.path / "e.yaml").write_text(text.replace("[python]", '[python, train.py, "{lr}"]'))
    assert "now" not in (told := file.sweep("status").out)
    assert "differ in code" in told
    assert "differ" not in file.sweep("status", "--only", "lr=1").out


def test_the_record_beside_the_file_is_read_from_any_folder_and_named(without_script, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = run_sweep("best", str(without_script.path / "e.yaml"))
    assert (done.code, "lr: 2" in done.out) == (0, True), done.err
    assert f"the record is {without_script.uri}, beside the file" in done.err
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{elsewhere / 'other.db'}")
    assert run_sweep("best", str(without_script.path / "e.yaml")).code == 2
    assert not list(elsewhere.iterdir())


def test_a_config_class_that_is_gone_is_an_error_as_its_defaults_are_part_of_each_trial(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    (file.path / "e.yaml").write_text(
        "trainer: {run: 'tests.sweeps.specs:train', config: 'nosuch:Settings'}\nsweeps: {a: {grid: {lr: [1]}}}\n"
    )
    for asked in (("status",), ("best",), ("stop", "--only", "lr=1")):
        done = file.sweep(*asked)
        assert (done.code, "trainer.config: there is no module nosuch" in done.err) == (2, True), done.err
    for verb in ("stop", "attach"):  # which ask for the names of sweeps alone
        done = file.sweep(verb)
        assert (done.code, "nothing is running" in done.out) == (0, True), done.err
