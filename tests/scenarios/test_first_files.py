"""Files that `sweep init` writes, and their trials: each runs as the script does by hand, with the values of the file."""

import pytest
import yaml

from analysis.read.frames import load_curves
from tests.folders import write_files
from tests.sweeps.commands.kinds import CONFIGURATOR, KINDS, PACKAGED, write


@pytest.mark.parametrize("kind", KINDS)
def test_trials_of_every_kind_run_with_the_values_of_the_file(project, kind):
    write(project.path, KINDS[kind])
    code, output = project.sweep("init", "train.py", "--out", "e.yaml")
    assert code == 0, output
    spec = yaml.safe_load((project.path / "e.yaml").read_text())
    key = next(iter(spec["sweeps"]["learning-rate"]["grid"]))
    code, output = project.ran("--only", f"{key}=0.9", "--only", f"{key}=0.1", "--only", "seed=8", "-j", "2")
    assert code == 0, output
    rates = set()
    for path in (project.path / ".sweep" / "runs").glob("*/files/got.json"):
        got = yaml.safe_load(path.read_text())
        rates.add(got["lr"])
        assert got["seed"] == 8
        assert got["rest"] == EXPECTED[kind]
    assert rates == {0.1, 0.9}


EXPECTED = {
    "argparse": ["folder", 4, True, False, False, [1, 2]],
    "click": [True, 4, [1, 2]],
    "fire": [4, "1", [1, 2], False],
    "tyro": [True, [1, 2]],
    "absl": [["a", "b"], True],
    "hydra": [4],
    "jsonargparse": [[1, 2], "x"],
    "configurator": [False, "owt"],
    "sys.argv": [],
}


READS_FILES = CONFIGURATOR.replace(
    "    key, value",
    """    if "=" not in word:
        exec(open(word).read())
        continue
    key, value""",
)


@pytest.mark.parametrize("words", [("small.py", "--fast=True"), ("--fast=True", "small.py")])
def test_settings_override_a_config_file_and_what_it_sets_stands_otherwise(project, words):
    write(project.path, KINDS["configurator"].replace("rest=[fast, name]", "rest=[fast, name, seed, width]"))
    (project.path / "train.py").write_text("width = 4\n" + (project.path / "train.py").read_text())
    (project.path / "configurator.py").write_text(READS_FILES)
    (project.path / "small.py").write_text("name = 'shakespeare'\nlr = 9.0\nseed = 5\n")
    assert project.sweep("init", "train.py", "--out", "e.yaml", "--", *words)[0] == 0
    grid = yaml.safe_load((project.path / "e.yaml").read_text())["sweeps"]["learning-rate"]
    assert grid == {"grid": {"lr": [3.0, 9.0, 27.0]}, "seeds": [5, 6]}
    code, output = project.ran("--only", "lr=3.0", "--only", "seed=6")
    assert code == 0, output
    (path,) = (project.path / ".sweep" / "runs").glob("*/files/got.json")
    assert yaml.safe_load(path.read_text()) == {
        "lr": 3.0,
        "seed": 6,
        "rest": [True, "shakespeare", 6, 4],
    }


def test_what_the_script_prints_lands_in_the_record_without_an_edited_line(project):
    write(project.path, KINDS["argparse"])
    assert project.sweep("init", "train.py", "--out", "e.yaml")[0] == 0
    code, output = project.ran("--only", "lr=0.3", "--only", "seed=7")
    assert code == 0, output
    curves = load_curves(project.uri, "train", keys=["loss"])
    assert list(zip(curves.step, curves.value, strict=True)) == [(1, 0.3), (2, 0.15), (3, 0.1)]


@pytest.mark.parametrize("typed", [("src/__main__.py",), ("src",), ("-m", "src")])
def test_a_package_is_run_as_a_module_and_its_trials_run(project, typed):
    write_files(project.path, PACKAGED)
    assert project.sweep("init", *typed, "--out", "e.yaml")[0] == 0
    text = (project.path / "e.yaml").read_text()
    assert "experiment: src\n" in text
    assert 'command: [python, -m, src, "{args}"]' in text
    assert f"# Written by `sweep init {' '.join(typed)}`" in text
    code, output = project.ran("--only", "lr=0.5")
    assert code == 0, output


def test_a_package_below_another_folder_is_found_by_the_path_of_modules(project):
    inner = {name: text.replace("src.", ".") for name, text in PACKAGED.items()}
    write_files(project.path / "code", inner)
    assert project.sweep("init", "code/src/__main__.py", "--out", "e.yaml")[0] == 0
    text = (project.path / "e.yaml").read_text()
    assert "  env: {PYTHONPATH: code}  # where src is found\n" in text
    code, output = project.ran("--only", "lr=0.5")
    assert code == 0, output


def test_a_main_module_without_a_package_is_named_after_its_folder(project):
    (project.path / "__main__.py").write_text("print('loss: 0.5')\n")
    assert project.sweep("init", "__main__.py", "--out", "e.yaml")[0] == 0
    assert f"experiment: {project.path.name}\n" in (project.path / "e.yaml").read_text()


PROGRAM = """#!/bin/sh
# usage: relax N dt seed out_prefix
{ echo "# step energy"; echo "1 $1"; echo "2 $3"; } > "$4.dat"
"""


def test_the_words_of_a_program_that_is_not_python_become_a_file_whose_trials_run(project):
    program = project.path / "relax"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    words = ("400", "0.002", "1", "out/x")
    code, output = project.sweep("init", "./relax", "--out", "e.yaml", "--", *words)
    assert (code, output.splitlines()[0]) == (
        0,
        "relax: takes 3 settings among the words that were typed; ran nothing of it",
    )
    assert project.sweep("check", "e.yaml") == (0, "e.yaml: fine; 2 trials (first 2)\n")
    code, output = project.ran()
    assert code == 0, output
    tables = (project.path / ".sweep" / "runs").glob("*/files/x.dat")
    assert sorted(path.read_text().split()[-1] for path in tables) == ["1", "2"]
    code, output = project.sweep("init", "./relax", "--out", "e.yaml", "--probe", "--", *words)
    assert (code, "--probe runs Python scripts" in output) == (2, True)
    code, output = project.sweep("init", "./relax")
    assert (code, "sweep init relax -- WORDS" in output) == (2, True)
