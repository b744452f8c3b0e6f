"""What the file says of a program's surroundings, checked and made into the place of one trial."""

import os
import shutil
from pathlib import Path

import pytest

from sweeps.errors import LaunchError
from sweeps.program.surroundings import (
    Code,
    absolute,
    module_of,
    problems,
    python_path,
    search_path,
    secret_texts,
    workplace,
)
from sweeps.program.template import TrialValues
from tests.sweeps.specs import read

VALUES = TrialValues({"lr": 0.1, "seed": 3}, {"run_dir": "/runs/r", "trial": "t", "run_id": "r"})
CALLER = {"HERS": "s3cret", "WANDB_DIR": "/mine"}


@pytest.fixture
def trainer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(said):
        head = f"trainer: {{command: [python], {said}}}\n"
        return read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head=head).trainer

    return make


def place(trainer, code=None, caller=CALLER):
    return workplace(trainer, VALUES, ("a", "t"), code or Code(), caller)


def test_a_program_finds_its_variables_and_the_usual_ones(trainer):
    made = place(
        trainer("env: {A: '{lr}/{trial}', B: {from: HERS}, C: null, WANDB_NAME: mine, PYTHONPATH: src}")
    )
    assert made.variables == {
        "A": "0.1/t",
        "B": "s3cret",
        "PYTHONUNBUFFERED": "1",
        "WANDB_NAME": "mine",
        "WANDB_RESUME": "allow",
        "WANDB_RUN_GROUP": "a",
        "WANDB_RUN_ID": "r",
    }
    assert (made.removed, made.secrets) == (("C",), ("B",))
    assert (made.folder, made.is_own) == (str(Path.cwd()), False)


def test_what_is_said_not_to_be_there_is_not_put_there(trainer):
    made = place(trainer("env: {PYTHONUNBUFFERED: null, WANDB_RUN_ID: null, PYTHONPATH: null}"))
    assert not {"PYTHONUNBUFFERED", "WANDB_RUN_ID"} & made.variables.keys()
    assert made.removed == ("PYTHONUNBUFFERED", "WANDB_RUN_ID")


def test_links_lead_to_the_copy_of_the_code_where_it_has_them(trainer, tmp_path):
    code = Code(
        copy_of=lambda path: Path("/copy") / path.name if path.name == "configs" else None, copy="/copy"
    )
    for name in ("configs", "data"):
        (tmp_path / name).mkdir()
    made = place(trainer("cwd: '{run_dir}/{seed}', link: [configs, data, ../far, /abs/x]"), code)
    assert made.folder == "/runs/r/3"
    assert made.links == (
        ("configs", "/copy/configs"),
        ("data", f"{tmp_path}/data"),
        ("../far", f"{tmp_path.parent}/far"),
        ("x", "/abs/x"),
    )


@pytest.mark.parametrize("said", ["env: {A: '{newest:/nowhere/*.pt}'}", "cwd: '{newest:/nowhere/*.pt}'"])
def test_a_file_that_is_not_there_is_said_with_the_part_that_asks_for_it(trainer, said):
    with pytest.raises(LaunchError, match=r"trainer\.(env|cwd): no file matches /nowhere/\*\.pt"):
        place(trainer(said))


def test_a_variable_that_is_gone_is_said(trainer):
    with pytest.raises(LaunchError, match="there is no HERS in your environment any more"):
        place(trainer("env: {B: {from: HERS}}"), caller={})


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("python: nowhere", "trainer.python: there is no program 'nowhere'"),
        (
            "env: {B: {from: THEIRS}}",
            "trainer.env.B: there is no THEIRS in your environment; `export THEIRS=...`",
        ),
        ("cwd: nowhere", "trainer.cwd: there is no folder nowhere; make it, or write {run_dir}"),
        ("cwd: '{run_dir}', link: [nowhere]", "trainer.link: there is no nowhere in "),
    ],
)
def test_what_is_not_there_is_a_problem_with_its_place(trainer, said, message):
    (problem,) = problems(trainer(said), CALLER)
    assert problem.message.startswith(message)
    assert problem.place.column > 10


def test_what_only_a_trial_knows_is_no_problem(trainer):
    assert (
        list(problems(trainer("env: {B: {from: HERS}}, cwd: '{run_dir}', link: ['{trial}']"), CALLER)) == []
    )


def test_a_program_is_looked_for_where_its_python_has_it(trainer, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    (tmp_path / "env/bin").mkdir(parents=True)
    for name in ("python", "torchrun"):
        (tmp_path / "env/bin" / name).touch(mode=0o755)
    path = search_path(trainer("python: env").surroundings)
    names = ("python", "torchrun", "accelerate")
    assert [name for name in names if shutil.which(name, path=path) is None] == ["accelerate"]


def test_where_its_python_is_not_there_a_program_is_looked_for_as_without_one(trainer):
    assert search_path(trainer("python: nowhere").surroundings) == search_path(
        trainer("env: {A: b}").surroundings
    )


def test_a_command_means_the_same_in_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("run.sh", "train.py", "a.yaml"):
        (tmp_path / name).touch()
    words = ("./run.sh", "train.py", "a.yaml", "none.py", "/abs/x.py")
    assert absolute(words) == (f"{tmp_path}/run.sh", f"{tmp_path}/train.py", "a.yaml", "none.py", "/abs/x.py")
    assert absolute(("python", "train.py")) == ("python", f"{tmp_path}/train.py")


def test_a_module_counts_where_the_working_directory_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "one.py").touch()
    assert module_of(("python", "-m", "pkg.train")) == ("pkg.train", Path())
    assert module_of(("torchrun", "-m", "one")) == ("one", Path())
    assert module_of(("python", "-m", "torch.distributed.run", "x.py")) is None


def test_pythonpath_is_the_files_or_else_the_callers(trainer):
    caller = {"PYTHONPATH": f"/a{os.pathsep}/b", "HERS": "/c"}
    found = [
        python_path(trainer(said).surroundings, caller, VALUES)
        for said in (
            "",
            "env: {PYTHONPATH: 'x/{seed}'}",
            "env: {PYTHONPATH: {from: HERS}}",
            "env: {PYTHONPATH: null}",
        )
    ]
    assert found == [["/a", "/b"], ["x/3"], ["/c"], []]


def test_secrets_are_known_by_their_values_the_longest_first(trainer):
    said = trainer("env: {A: {from: ONE}, B: {from: TWO}, C: {from: NONE}, D: x}").surroundings
    assert secret_texts(said, {"ONE": "ab", "TWO": "abc"}) == ["abc", "ab"]
