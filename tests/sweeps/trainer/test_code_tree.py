"""Which files are a trainer's code, and whether they are run where they are."""

import pytest

from sweeps.trainer.code_tree import find_code, imported_files, runs_in_place, trainer_sources
from tests.folders import write_files
from tests.sweeps.specs import read


@pytest.fixture
def trainer(tmp_path, monkeypatch):
    """A folder with a script, a package and a shell script, and the trainer of a spec there."""
    monkeypatch.chdir(tmp_path)
    package = ("pkg/__init__.py", "pkg/train.py", "pkg/words.txt")
    write_files(
        tmp_path,
        dict.fromkeys(["train.py", "helper.py", *package, "run.sh", "data/x.csv", "configs/a.yaml"], ""),
    )

    def make(command, more=""):
        head = f"trainer: {{command: {command}{more}}}\n"
        return read(tmp_path, "sweeps: {a: {set: {x: 1}}}\n", head=head).trainer

    return make


def names(root, paths):
    return [str(path.relative_to(root)) for path in paths]


@pytest.mark.parametrize(
    ("command", "sources", "is_in_place"),
    [
        ("[python, train.py, run.sh]", ["train.py"], False),
        ("[python, -m, pkg.train]", ["pkg/__init__.py", "pkg/train.py"], True),
        ("[torchrun, -m, train]", ["train.py"], True),
        ("[sh, run.sh]", ["run.sh"], True),
        ("[python, -m, http.server]", [], False),
        ("[toy]", [], False),
        ("[sh, -c, 'python train.py && sh run.sh']", ["train.py", "run.sh"], True),
        ("[bash, -c, 'python -m pkg.train']", ["pkg/__init__.py", "pkg/train.py"], True),
        ("[sh, -c, 'python helper.py && python \"$0\"', train.py]", ["train.py", "helper.py"], False),
    ],
)
def test_a_commands_sources_are_its_scripts_or_its_module(trainer, tmp_path, command, sources, is_in_place):
    made = trainer(command)
    assert names(tmp_path, trainer_sources(made)) == sources
    assert runs_in_place(made) is is_in_place


def test_what_is_read_in_the_working_directory_is_read_in_the_copy_where_a_program_has_a_folder_of_its_own(
    trainer,
):
    assert not runs_in_place(trainer("[python, -m, pkg.train]", ", cwd: '{run_dir}'"))
    assert runs_in_place(trainer("[python, train.py]", ", snapshot: false"))


def test_what_only_a_shells_text_names_is_read_where_it_is_also_where_a_program_has_a_folder_of_its_own(
    trainer,
):
    assert runs_in_place(trainer("[sh, -c, 'python train.py']", ", cwd: '{run_dir}'"))
    assert not runs_in_place(trainer("[sh, run.sh]", ", cwd: '{run_dir}'"))


def test_what_a_shell_script_runs_elsewhere_belongs_to_its_tree_with_its_imports(trainer, tmp_path):
    files = {
        "far/code/sim.py": "import parts.layer\n",
        "far/parts/layer.py": "",
        "far/unused/x.py": "",
        "jobs/start": "python far/code/sim.py\n",
    }
    write_files(tmp_path, files)
    sources = names(tmp_path, find_code(trainer("[bash, jobs/start]"), ()).sources)
    assert {"far/code/sim.py", "far/parts/layer.py", "jobs/start"} <= set(sources)
    assert "far/unused/x.py" not in sources


def test_a_module_is_found_where_the_program_looks_and_copied_unless_that_is_where_it_runs(trainer, tmp_path):
    modules = ("src/own/__init__.py", "src/own/__main__.py", "sub/far/__init__.py", "sub/far/train.py")
    write_files(tmp_path, dict.fromkeys(modules, ""))
    assert trainer_sources(trainer("[python, -m, own]")) == []
    own = trainer("[python, -m, own]", ", env: {PYTHONPATH: src}")
    assert names(tmp_path, trainer_sources(own)) == ["src/own/__init__.py", "src/own/__main__.py"]
    assert (runs_in_place(own), find_code(own, ()).home) == (False, tmp_path / "src")
    far = trainer("[python, -m, far.train]", ", cwd: sub")
    assert names(tmp_path, trainer_sources(far)) == ["sub/far/__init__.py", "sub/far/train.py"]
    assert runs_in_place(far)
    assert not runs_in_place(trainer("[python, -m, pkg.train]", ", cwd: sub"))


@pytest.mark.parametrize(
    ("text", "said", "sources"),
    [
        ("python -m own", ", env: {PYTHONPATH: src}", ["src/own/__init__.py", "src/own/__main__.py"]),
        ("PYTHONPATH=src:$PYTHONPATH python -m own", "", ["src/own/__init__.py", "src/own/__main__.py"]),
        ("cd src && python -m own", "", ["src/own/__init__.py", "src/own/__main__.py"]),
        ("python -m own", ", cwd: src", ["src/own/__init__.py", "src/own/__main__.py"]),
        ("python -m pkg.train && python train.py", "", ["pkg/__init__.py", "pkg/train.py", "train.py"]),
        ("python -m own", "", []),
        ("python -m http.server", "", []),
    ],
)
def test_a_module_that_only_a_shells_text_names_is_found_as_one_of_the_command(
    trainer, tmp_path, text, said, sources
):
    own = dict.fromkeys(["src/own/__init__.py", "src/own/__main__.py"], "")
    write_files(tmp_path, {**own, "jobs/start.sh": f"{text}\n"})
    told = trainer(f"[sh, -c, '{text}']", said)
    assert sorted(names(tmp_path, trainer_sources(told))) == sources
    assert runs_in_place(told) is bool(sources)
    started = names(tmp_path, trainer_sources(trainer("[bash, jobs/start.sh]", said)))
    assert sorted(set(started) - {"jobs/start.sh"}) == sources


def test_a_folder_of_the_callers_modules_counts_where_it_lies_in_the_project(trainer, tmp_path, monkeypatch):
    for folder in ("src", "../lib"):
        (tmp_path / folder / "own").mkdir(parents=True)
        (tmp_path / folder / "own/__init__.py").touch()
        (tmp_path / folder / "own/__main__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path.parent / "lib"))
    assert trainer_sources(trainer("[python, -m, own]")) == []
    monkeypatch.setenv("PYTHONPATH", f"src:{tmp_path.parent / 'lib'}")
    assert names(tmp_path, trainer_sources(trainer("[python, -m, own]")))[0] == "src/own/__init__.py"


def test_the_sources_of_a_tree_are_all_its_code_and_its_configs(trainer, tmp_path):
    tree = find_code(trainer("[python, train.py]"), ())
    code = ["configs/a.yaml", "helper.py", "pkg/__init__.py", "pkg/train.py", "run.sh", "train.py"]
    assert names(tmp_path, tree.sources) == code
    assert (tree.home, tree.files.root, tree.is_installed) == (tmp_path, tmp_path, False)


def test_a_module_is_imported_from_the_working_directory(trainer, tmp_path):
    assert find_code(trainer("[python, -m, pkg.train]"), ()).home == tmp_path


def test_a_program_without_sources_has_no_tree(trainer):
    assert find_code(trainer("[toy]"), ()) is None


SCRIPT = """
import sys, os
from pathlib import Path
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import json, torch, beside as other
from models.vae import (
    VAE,
)
if True:
    from elsewhere import thing
from . import nothing
"""


def test_what_a_script_imports_from_its_project_is_found_wherever_it_lies(tmp_path):
    written = {
        "repo/pipelines/train.py": SCRIPT,
        "repo/pipelines/beside.py": "import deeper\n",
        "repo/pipelines/deeper.py": "",
        "repo/models/__init__.py": "",
        "repo/models/vae.py": "from models.parts import layer\n",
        "repo/models/parts/layer.py": "",
        "repo/models/readme.md": "",
        "repo/unused.py": "",
        "repo/torch/data.txt": "",
        "lib/elsewhere/thing.py": "",
        "json.py": "",
    }
    write_files(tmp_path, written)
    script, top = tmp_path / "repo/pipelines/train.py", tmp_path / "repo"
    found = imported_files([script], top, [tmp_path / "lib"])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "lib/elsewhere/thing.py",
        "repo/models/__init__.py",
        "repo/models/parts/layer.py",
        "repo/models/vae.py",
        "repo/pipelines/beside.py",
        "repo/pipelines/deeper.py",
    ]
    assert imported_files([tmp_path / "missing.py"], top) == []
