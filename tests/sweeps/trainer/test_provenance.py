"""The code and the environment that stand beside a run's fingerprint: real git, real files."""

import json
import platform
import shutil
import sys
from importlib import metadata

import pytest

from sweeps.program.interpreter import Interpreter
from sweeps.spec.trainer.model import TrainerSpec
from sweeps.trainer.code_tree import trainer_sources
from sweeps.trainer.git import find_repository
from sweeps.trainer.provenance import (
    code_identity,
    digest_of,
    environment_here,
    environment_identity,
    environment_of,
    imported_by,
)
from tests.sweeps.repositories import commit
from tests.sweeps.specs import read


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder, on the path, with a trainer's package and a file that is none of its code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "trained/inner").mkdir(parents=True)
    for name in ("trained/__init__.py", "trained/inner/model.py", "trained/notes.md"):
        (tmp_path / name).write_text(f"# {name}\n")
    return tmp_path


def trainer(folder, written="trained.inner.model:train") -> TrainerSpec:
    """The trainer of a spec that stands outside the folder's code."""
    elsewhere = folder / "specs"
    elsewhere.mkdir(exist_ok=True)
    spec = read(elsewhere, "sweeps: {a: {set: {x: 1}}}", f"trainer: {written}\n")
    shutil.rmtree(elsewhere)
    return spec.trainer


def test_the_sources_of_a_function_are_its_whole_package(package):
    names = [str(path.relative_to(package)) for path in trainer_sources(trainer(package))]
    assert names == ["trained/__init__.py", "trained/inner/model.py"]


def test_the_sources_of_a_command_are_the_scripts_that_it_names(package):
    (package / "train.py").write_text("A = 1\n")
    written = "{command: [python, train.py, missing.py, --lr, '{x}']}"
    assert trainer_sources(trainer(package, written)) == [package / "train.py"]


@pytest.mark.parametrize("written", ["nowhere_to_be_found:train", "{command: [sh, train.sh]}"])
def test_code_that_is_not_found_has_no_digest(package, written):
    assert code_identity(trainer(package, written))["digest"] is None


def test_outside_git_the_digest_alone_says_which_code_it_is(package):
    if find_repository(package)[0] is not None:
        pytest.skip("the temporary folder is in a repository")
    found = code_identity(trainer(package))
    assert (found["commit"], found["dirty"]) == (None, None)
    assert len(found["digest"]) == 12


def test_the_commit_is_gits_and_only_a_tracked_change_makes_it_dirty(package):
    commit(package, "init", "--quiet")
    clean = code_identity(trainer(package))
    assert find_repository(package)[0].commit.startswith(clean["commit"])
    assert (len(clean["commit"]), clean["dirty"]) == (12, False)
    (package / "untracked.txt").write_text("x")
    assert code_identity(trainer(package)) == clean
    (package / "trained/notes.md").write_text("another\n")
    assert code_identity(trainer(package)) == clean | {"dirty": True}
    commit(package)
    after = code_identity(trainer(package))
    assert (after["dirty"], after["digest"]) == (False, clean["digest"])
    assert after["commit"] != clean["commit"]


def test_the_digest_changes_with_the_packages_code(package):
    before = code_identity(trainer(package))["digest"]
    (package / "trained/notes.md").write_text("another\n")
    assert code_identity(trainer(package))["digest"] == before
    (package / "trained/inner/model.py").write_text("LAYERS = 4\n")
    assert code_identity(trainer(package))["digest"] != before


def test_the_digest_of_equal_code_is_equal_wherever_it_stands(package):
    def digest(folder):
        return digest_of(sorted(folder.rglob("*.py")), folder)

    copy = shutil.copytree(package / "trained", package / "copies/trained")
    assert digest(copy) == digest(package / "trained")
    (copy / "__init__.py").rename(copy / "renamed.py")
    assert digest(copy) != digest(package / "trained")


def test_what_is_no_code_of_the_package_does_not_count(package):
    before = code_identity(trainer(package))["digest"]
    for name in (".venv/lib/x.py", "env/lib/x.py", ".sweep/snapshots/1/x.py", "node_modules/x.py"):
        (package / "trained" / name).parent.mkdir(parents=True)
        (package / "trained" / name).write_text("X = 1\n")
    (package / "trained/env/pyvenv.cfg").touch()
    assert code_identity(trainer(package))["digest"] == before


def test_a_source_that_cannot_be_read_counts_with_its_name(tmp_path):
    (tmp_path / "gone.py").symlink_to("nowhere")
    assert digest_of([tmp_path / "gone.py"], tmp_path) != digest_of([], tmp_path)


def test_the_digest_is_pinned(tmp_path):
    (tmp_path / "t.py").write_text("A = 1\n")
    assert digest_of([tmp_path / "t.py"], tmp_path) == "c72f9a96c352"


def test_the_environment_names_what_results_depend_on_and_the_host():
    found = environment_identity()
    assert (found["python"], found["host"]) == (platform.python_version(), platform.node())
    assert platform.machine() in found["platform"]
    for package in ("numpy", "mlflow", "optuna"):
        assert found[package] == metadata.version(package)
    assert all(isinstance(value, str) for value in found.values())


def test_scripts_may_be_named_by_relative_and_absolute_paths_together(package):
    for name in ("first.py", "second.py"):
        (package / name).write_text(f"# {name}\n")
    mixed = f"{{command: [python, first.py, '{package / 'second.py'}']}}"
    relative = "{command: [python, first.py, second.py]}"
    assert code_identity(trainer(package, mixed)) == code_identity(trainer(package, relative))


def test_a_package_that_is_found_through_a_link_has_the_digest_of_its_files(
    package, tmp_path_factory, monkeypatch
):
    direct = code_identity(trainer(package))["digest"]
    link = tmp_path_factory.mktemp("links") / "linked"
    link.symlink_to(package)
    monkeypatch.chdir(link.parent)
    monkeypatch.setattr("sys.path", [str(link), *(place for place in sys.path if place != str(package))])
    assert [path.is_relative_to(link) for path in trainer_sources(trainer(package))] == [True, True]
    assert code_identity(trainer(package))["digest"] == direct


def test_another_interpreter_is_recorded_by_what_it_says_of_itself_on_this_machine(monkeypatch):
    assert environment_of(None) == environment_identity()
    same = environment_of(Interpreter(sys.executable))
    assert same == environment_identity()
    recorded = json.dumps(same)
    assert environment_here(recorded, is_of_another=True) == recorded
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    assert json.loads(environment_here(recorded, is_of_another=True)) == same | {"host": "elsewhere"}


@pytest.mark.parametrize("is_of_another", [False, True])
def test_the_packages_that_the_trainer_imports_are_recorded_with_their_versions(is_of_another):
    python = Interpreter(sys.executable) if is_of_another else None
    found = environment_of(python, ("click", "no-such-package"))
    assert found["packages"] == {"click": metadata.version("click")}
    assert {key: value for key, value in found.items() if key != "packages"} == environment_of(python)
    recorded = json.dumps(found)
    assert environment_here(recorded, is_of_another=is_of_another) == recorded
    assert "packages" not in environment_of(python)


def test_what_a_trainer_imports_is_read_from_its_own_modules(package):
    (package / "trained" / "inner" / "model.py").write_text("import click, json\nfrom trained import other\n")
    (package / "trained" / "other.py").write_text("from sklearn.svm import SVC\nimport numpy\n")
    assert imported_by(trainer(package)) == ("click", "scikit-learn")
    assert imported_by(trainer(package, "{command: [prog, x]}")) is None


def test_code_that_is_run_in_place_has_a_digest_of_all_that_it_may_read(package):
    said = "{run: 'trained.inner.model:train', snapshot: false}"
    (package / "beside.py").write_text("A = 1\n")
    before = code_identity(trainer(package, said))
    assert (before["in_place"], before["snapshot"]) == (True, None)
    (package / "trained/notes.csv").write_text("no code")
    assert code_identity(trainer(package, said)) == before
    (package / "beside.py").write_text("A = 2\n")
    assert code_identity(trainer(package, said))["digest"] != before["digest"]
    assert "in_place" not in code_identity(trainer(package))


def test_what_a_script_imports_and_its_config_file_are_told_apart_from_the_script(package):
    (package / "train.py").write_text("import helper\n")
    (package / "helper.py").write_text("A = 1\n")
    (package / "base.yaml").write_text("lr: 1\n")
    told = trainer(package, "{command: [python, train.py, '{trial_config}'], config_file: base.yaml}")
    before = code_identity(told)
    (package / "helper.py").write_text("A = 2\n")
    after = code_identity(told)
    assert {key for key in after if after[key] != before[key]} == {"imports"}
    (package / "base.yaml").write_text("lr: 1\nwd: 2\n")
    last = code_identity(told)
    assert {key for key in last if last[key] != after[key]} == {"config", "config_of_all"}
    (package / "train.py").write_text("A = 1\n")
    assert code_identity(told)["imports"] == ""


def test_an_edit_of_a_config_that_hydra_puts_together_is_seen(package):
    decorator = "@hydra.main(config_path='conf', config_name='config')"
    (package / "train.py").write_text(f"import hydra\n{decorator}\ndef main(cfg): ...\n")
    (package / "conf/model").mkdir(parents=True)
    for name in ("config", "model/mlp"):
        (package / f"conf/{name}.yaml").write_text("lr: 1\n")
    told = trainer(package, "{command: [python, train.py, '{args}'], args: hydra}")
    before = code_identity(told)
    (package / "conf/model/mlp.yaml").write_text("lr: 2\n")
    after = code_identity(told)
    assert {key for key in after if after[key] != before[key]} == {"config"}
    assert code_identity(trainer(package, "{command: [python, train.py]}"))["config"] == after["config"]
    (package / "train.py").write_text("A = 1\n")
    assert code_identity(told)["config"] == ""
    assert "config" not in code_identity(trainer(package, "{command: [sh, -c, 'echo']}"))


def test_configs_that_each_trial_tells_are_none_of_all_trials(package):
    decorator = "@hydra.main(config_path='conf', config_name='config')"
    (package / "train.py").write_text(f"import hydra\n{decorator}\ndef main(cfg): ...\n")
    (package / "conf/model").mkdir(parents=True)
    for name in ("conf/config.yaml", "conf/model/mlp.yaml", "a.yaml"):
        (package / name).write_text("lr: 1\n")
    told = trainer(package, "{command: [python, train.py, --config, a.yaml, '{args}'], args: hydra}")
    assert code_identity(told)["config"]
    assert code_identity(told)["config_of_all"] == ""
    (package / "conf/config.yaml").write_text("defaults:\n  - model: ${name}\n")
    before = code_identity(told)["config_of_all"]
    (package / "a.yaml").write_text("lr: 2\n")
    assert code_identity(told)["config_of_all"] == before != ""
    (package / "conf/model/mlp.yaml").write_text("lr: 2\n")
    assert code_identity(told)["config_of_all"] != before


@pytest.mark.parametrize(
    "command",
    [
        "[sh, -c, 'python sim.py \"$@\" && cat out/x.dat', '{run_dir}']",
        "[bash, jobs/run.sh]",
        "[./start]",
    ],
)
def test_an_edit_of_what_a_shell_runs_is_seen(package, command):
    (package / "jobs").mkdir()
    (package / "sim.py").write_text("import beside\n")
    (package / "beside.py").write_text("x = 1\n")
    for name in ("jobs/run.sh", "start"):
        (package / name).write_text('#!/bin/sh\npython sim.py "$@"\n')
        (package / name).chmod(0o755)
    written = f"{{command: {command}}}"
    digests = [code_identity(trainer(package, written))["digest"]]
    for name in ("sim.py", "beside.py"):
        with (package / name).open("a") as file:
            file.write("y = 2\n")
        digests.append(code_identity(trainer(package, written))["digest"])
    assert len(set(digests)) == 3
    (package / "out").mkdir()
    (package / "out/x.dat").write_text("1\n")
    assert code_identity(trainer(package, written))["digest"] == digests[-1]
