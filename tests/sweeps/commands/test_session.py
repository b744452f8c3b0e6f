"""A session: the file as one command line means it, and its plan against a real record."""

import json
import shlex
import sys

import pytest

from analysis.read.errors import UnreachableStoreError
from sweeps.commands.request import Request
from sweeps.commands.session import open_session
from sweeps.errors import SelectionError, SpecError
from sweeps.planning.plan import Action
from sweeps.planning.search_history import next_number
from tests.sweeps.commands.test_shell import shlex_of_bash
from tests.sweeps.recorded import RecordedFile

THREE = "sweeps: {a: {grid: {lr: [1, 2, 3]}}}\n"
TYPED = "trainer: {run: 'tests.sweeps.specs:train', config: 'tests.sweeps.specs:Settings'}\n"
SEARCH = """
sweeps:
  s: {search: {space: {lr: {float: [0.1, 0.9]}}, objective: {loss: min}, trials: 5, enqueue: [{lr: 0.5}]}}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory without a record; what is searched for modules is put back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


@pytest.fixture
def recorded(here, empty_database):
    return lambda text: RecordedFile(here, empty_database, text)


def opened(file, **asked):
    """The session of a recorded file."""
    return open_session(Request(file.path / "e.yaml", **asked), file.uri)


def steps(plan):
    return [(step.label, step.action) for step in plan.steps]


def test_a_plan_tells_where_a_trial_resumes_what_failed_changed_and_was_removed(project):
    project.spec(
        "sweeps: {a: {grid: {hold: [epoch]}, include: [{fail_at: 1}, {factor: 0.1}, {factor: 0.2}]}}"
    )
    process = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    project.sweep("stop", "e.yaml", "--only", "trial=epoch")
    process.communicate()
    project.spec(
        "sweeps: {a: {grid: {hold: [epoch]}, include: [{fail_at: 1}, {factor: 0.1}], when: "
        "[{if: {factor: 0.1}, set: {num_epoch: 5}}]}}"
    )
    told = project.json("plan")
    rows = {row["trial"]: (row["action"], row["epoch"], row["reason"]) for row in told["trials"]}
    assert rows == {
        "epoch": ("resume", 3, "stopped"),
        "fail_at1": ("retry", 1, "exception: ValueError: weight 0.5 is too much"),
        "factor0.1": ("changed", None, "num_epoch (new)"),
        "factor0.2": ("removed", None, "in the record, not in the file; it is kept"),
    }
    assert told["counts"] == {"changed": 1, "resume": 1, "retry": 1, "removed": 1}


def test_code_that_changed_between_compared_runs_is_told(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1]}}}")
    project.sweep("run", "e.yaml")
    with (project.path / "toy.py").open("a") as file:
        file.write("\n# another version\n")
    (line,) = project.json("plan")["differences"]
    assert line.startswith("the code has changed since these ran (factor0.1): toy.py (changed); `diff -u ")
    assert " toy.py` shows how; finished trials stay" in line
    assert "`sweep run e.yaml --sweep a --again` trains" in line
    _, output = project.sweep("plan", "e.yaml", "--only", "factor=0.1")
    assert "`sweep run e.yaml --only factor=0.1 --again` trains" in output


def test_what_trains_changed_code_anew_leaves_out_what_has_it(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1, 0.2]}}}")
    project.sweep("run", "e.yaml")
    with (project.path / "toy.py").open("a") as file:
        file.write("\n# another version\n")
    project.sweep("run", "e.yaml", "--sweep", "a", "--only", "factor=0.1", "--again")
    (line,) = project.json("plan")["differences"]
    assert "`sweep run e.yaml --sweep a --only factor=0.2 --again` trains them with" in line


def test_code_that_changed_is_told_by_the_names_that_trials_have_now(project):
    script = project.path / "train.sh"
    text = "experiment: toy\ntrainer: {command: [sh, train.sh, '{args}']}\nsweeps: {a: {grid: "
    script.write_text("true\n")
    (project.path / "e.yaml").write_text(text + "{x: [1, 2]}, set: {y: 3}}}\n")
    assert project.sweep("run", "e.yaml", "--gpus", "")[0] == 0
    script.write_text("echo another\n")
    (project.path / "e.yaml").write_text(text + "{x: [1, 2], y: [3]}}}\n")
    _, output = project.sweep("plan", "e.yaml", COLUMNS="1000")
    (line,) = [
        line for line in output.splitlines() if line.startswith("the code has changed since these ran")
    ]
    assert "(x1-y3, x2-y3)" in line


def test_problems_of_the_configs_and_of_the_sampler_are_reported_at_once(here):
    text = """sweeps:
  a: {set: {lr: -1}, seeds: 1}
  s:
    search:
      space: {lr: {float: [0.1, 0.9]}}
      objective: {loss: min}
      trials: 5
      sampler: {name: tpe, x: 1}
"""
    (here / "e.yaml").write_text(TYPED + text)
    with pytest.raises(SpecError) as caught:
        open_session(Request(here / "e.yaml"))
    assert [
        (problem.place.line, problem.message.partition(": ")[0]) for problem in caught.value.problems
    ] == [
        (3, "sweeps.a.set.lr"),
        (9, "sweeps.s.search.sampler"),
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"profile": "quick"}, "--profile quick"),
        ({"sweeps": ("b",)}, "--sweep b"),
        ({"only": ("lr=4",)}, "--only lr=4"),
        ({"excepting": ("trial=x",)}, "--except trial=x"),
    ],
)
def test_a_name_on_the_command_line_that_does_not_exist_is_refused(recorded, asked, message):
    with pytest.raises(SelectionError, match=message):
        opened(recorded(THREE), **asked)


def test_opening_and_planning_write_nothing(here):
    (here / "e.yaml").write_text("trainer: {command: [python]}\n" + THREE)
    plan = open_session(Request(here / "e.yaml"), f"sqlite:///{here / 'mlflow.db'}").plan()
    assert {step.action for step in plan.steps} == {Action.NEW}
    assert [path.name for path in here.iterdir()] == ["e.yaml"]


def test_a_store_that_cannot_be_read_is_an_error_of_the_plan_not_of_opening(here):
    (here / "e.yaml").write_text("trainer: {command: [python]}\n" + THREE)
    (here / "mlflow.db").write_text("no database")
    session = open_session(Request(here / "e.yaml"), f"sqlite:///{here / 'mlflow.db'}")
    with pytest.raises(UnreachableStoreError):
        session.plan()


@pytest.mark.parametrize(("asked", "profile"), [({}, "quick"), ({"profile": "report"}, "report")])
def test_the_profile_in_force_is_the_files_own_until_another_is_named(recorded, asked, profile):
    file = recorded(f"profile: quick\nprofiles: {{quick: {{x: 1}}, report: {{x: 2}}}}\n{THREE}")
    session = opened(file, **asked)
    assert session.profile == profile
    assert f"--profile {profile}" in session.resume_command("a")


def test_the_command_that_repeats_a_trial_means_that_trial_alone(recorded):
    file = recorded(THREE)
    session = opened(file, overrides=("note=a b; $HOME",), only=("lr=2",))
    (step,) = session.plan().steps
    words = shlex.split(session.repeat_command(step.trial))
    assert words == [
        *("sweep", "run", str(file.path / "e.yaml"), "--set", "note=a b; $HOME"),
        *("--sweep", "a", "--only", "trial=lr2", "--tracking-uri", file.uri),
    ]
    again = opened(file, overrides=(words[4],), sweeps=(words[6],), only=(words[8],))
    assert [one.trial for one in again.plan().steps] == [step.trial]


def test_the_next_command_carries_all_that_was_asked_for(recorded):
    file = recorded(THREE + "profiles: {p: {}}\n")
    asked = Request(
        file.path / "e.yaml",
        profile="p",
        overrides=("note=it's `a` $HOME", "x=1"),
        sweeps=("a",),
        only=("lr=1", "lr=2"),
        excepting=("lr=2",),
        options=("--jobs", "1", "--executor", "ray"),
    )
    words = shlex_of_bash(open_session(asked, file.uri).next_run())
    assert words[:3] == ["sweep", "run", str(asked.file)]
    options = list(zip(words[3::2], words[4::2], strict=True))
    assert options == [
        *(("--profile", "p"), ("--set", "note=it's `a` $HOME"), ("--set", "x=1"), ("--sweep", "a")),
        *(("--only", "lr=1"), ("--only", "lr=2"), ("--except", "lr=2")),
        *(("--jobs", "1"), ("--executor", "ray"), ("--tracking-uri", file.uri)),
    ]


def test_a_plan_is_of_the_selection_and_the_whole_plan_of_everything(recorded):
    file = recorded(THREE)
    file.add("lr1", "finished")
    session = opened(file, excepting=("lr=3",))
    assert steps(session.plan()) == [("a/lr1", Action.DONE), ("a/lr2", Action.NEW)]
    assert steps(session.whole_plan())[2:] == [("a/lr3", Action.NEW)]


def test_the_time_that_is_left_comes_from_what_trials_like_these_took(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}, set: {epochs: 10}}}\n")
    text = (file.path / "e.yaml").read_text()
    (file.path / "e.yaml").write_text(text.replace("[python]}", "[python], epochs: epochs}"))
    assert opened(file).plan().eta_s is None
    file.add("lr1", "finished", epochs="10")
    assert opened(file).plan().eta_s == 60.0
    file.add("lr2", "interrupted", epochs="5")  # in as long, and what is more alike counts more
    assert opened(file).plan().eta_s == pytest.approx(50.0)


def test_only_the_keys_of_environment_that_differ_from_now_are_named(recorded):
    file = recorded(THREE)
    now = json.loads(opened(file).identity()["sweeps.env"])
    file.add("lr1", "finished", env=json.dumps(now | {"python": "2.7", "host": "another"}))
    (difference,) = [line for line in opened(file).plan().differences if "environment" in line]
    assert difference == f"runs differ in environment: python 2.7 (lr1); python {now['python']} (now)"


def test_a_search_has_the_trials_that_the_record_has(recorded):
    file = recorded(SEARCH)
    request = Request(file.path / "e.yaml")
    (sweep,) = opened(file).sweeps
    trial = sweep.search.trial({"lr": 0.5}, "trial-001")
    entry = {"s": {"name": trial.name, "study": "toy/s", "number": 0, "params": {"lr": 0.5}}}
    known = {
        "sweeps.kind": "trial",
        "sweeps.sweep": "s",
        "sweeps.trial": trial.name,
        "sweeps.fingerprint": trial.fingerprint,
        "sweeps.outcome": "finished",
        "sweeps.search": json.dumps(entry),
    }
    run = file.client.create_run(file.experiment_id, tags=known, run_name=trial.name)
    file.client.set_terminated(run.info.run_id)
    session = opened(file)
    assert [trial.name for trial in session.sweeps[0].trials] == ["trial-001"]
    plan = session.plan()
    assert steps(plan) == [("s/trial-001", Action.DONE)]
    (progress,) = plan.searches
    assert (progress.done, progress.to_begin, progress.points) == (1, 4, ())
    assert open_session(request, file.uri, with_record=False).sweeps[0].trials == ()


OLD = "python old.py"


def test_what_another_trainer_ran_is_to_do_and_said_by_every_verb(recorded, tmp_path):
    file = recorded(THREE)
    file.add("lr1", "finished", trainer=OLD)
    file.add("lr2", "finished", trainer="python")
    file.add("lr3", "finished")  # as an earlier version left it
    change = "changed: trainer python old.py -> python (lr1)"
    plan = opened(file).plan()
    assert steps(plan) == [("a/lr1", Action.CHANGED), ("a/lr2", Action.DONE), ("a/lr3", Action.DONE)]
    assert plan.steps[0].reason == "trainer python old.py -> python"
    assert change in plan.differences
    for verb in (["plan"], ["status"], ["report", "--out", str(tmp_path / "figures")]):
        done = file.sweep(*verb)
        assert (done.code, change in done.out) == (0, True), (verb, done)


def test_a_trainer_that_comes_back_finds_its_own_trials_done(recorded):
    file = recorded(THREE)
    file.add("lr1", "finished", trainer=OLD)
    file.add("lr1", "finished", trainer="python")
    spec = file.path / "e.yaml"
    for name in ("old.py", "third.py"):
        (file.path / name).write_text("# reads $SWEEP_CONFIG")
    assert opened(file).plan().steps[0].action is Action.DONE
    spec.write_text(spec.read_text().replace("[python]", "[python, old.py]"))
    assert opened(file).plan().steps[0].action is Action.DONE
    spec.write_text(spec.read_text().replace("[python, old.py]", "[python, third.py]"))
    assert opened(file).plan().steps[0].action is Action.CHANGED


def test_a_searchs_trials_of_another_trainer_do_not_count_and_that_is_said(recorded):
    file = recorded(SEARCH)
    search = opened(file).sweeps[0].search
    trial = search.trial({"lr": 0.5}, "trial-001")
    entry = {"s": {"name": "trial-001", "study": "x", "number": 0, "params": {"lr": 0.5}}}
    known = {
        "mlflow.parentRunId": "p",
        "sweeps.kind": "trial",
        "sweeps.sweep": "s",
        "sweeps.trial": "trial-001",
        "sweeps.fingerprint": trial.fingerprint,
        "sweeps.outcome": "finished",
        "sweeps.search": json.dumps(entry),
        "sweeps.trainer": OLD,
    }
    run = file.client.create_run(file.experiment_id, tags=known, run_name="trial-001")
    file.client.set_terminated(run.info.run_id)
    session = opened(file)
    plan = session.plan()
    (progress,) = plan.searches
    assert (progress.done, progress.to_begin, len(progress.points), plan.steps) == (0, 5, 1, ())
    assert plan.differences == (
        "changed: trainer python old.py -> python: of s, 1 that the former ran do not count",
    )
    assert next_number("s", (*session.record.runs, *session.record.others)) == 2


def test_every_verb_says_the_same_of_an_experiment_that_was_deleted_and_restoring_it_mends_it(recorded):
    file = recorded(THREE)
    run_id = file.add("lr1", "finished")
    file.client.delete_experiment(file.experiment_id)
    done = [file.sweep(verb) for verb in ("plan", "run", "status", "report")]
    assert {one.code for one in done} == {2}
    (told,) = {one.err for one in done}
    assert told.startswith(f"{file.uri}: experiment 'toy' is deleted; restore it with `")
    assert told.endswith(
        f"mlflow experiments restore -x {file.experiment_id}`, or name another one with `experiment:`\n"
    )
    file.client.restore_experiment(file.experiment_id)
    assert {row["trial"]: row["action"] for row in file.json("plan")["trials"]}["lr1"] == "done"
    file.client.delete_run(run_id)
    assert {row["trial"]: row["action"] for row in file.json("plan")["trials"]}["lr1"] == "new"


def test_what_check_refuses_depends_on_the_store(recorded, monkeypatch):
    file = recorded('sweeps: {a: {grid: {p: ["a\\0", b]}}}\n')
    assert opened(file).sweeps
    with pytest.raises(
        SpecError, match=r"e\.yaml:3:25: sweeps\.a\.grid\.p: the value holds the character NUL"
    ):
        open_session(Request(file.path / "e.yaml"), "postgresql://u@h/d", with_record=False)


def test_a_param_in_the_spelling_of_an_earlier_version_has_not_changed(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}, set: {amp: true, seed: null, sizes: [1, a], eps: 2}}}\n")
    run_id = file.add("lr1", "finished")
    for key, value in {"amp": "true", "seed": "null", "sizes": '[1, "a"]', "lr": "1", "eps": "1"}.items():
        file.client.log_param(run_id, key, value)
    (file.path / "e.yaml").write_text((file.path / "e.yaml").read_text().replace("eps: 2", "eps: 3"))
    (step,) = opened(file).plan().steps
    assert (step.action, step.reason) == (Action.CHANGED, "eps 1 -> 3")
