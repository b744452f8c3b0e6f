"""Whatever an installation lacks is told with the line that installs it, by every verb and in Python."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sweeps.cli.verbs import cli
from sweeps.extras import EXTRAS, MissingExtraError, installing, need

ROOT = Path(__file__).parents[2]
BLOCKED = sorted({module for modules in EXTRAS.values() for module in modules})
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "mpl_toolkits": "matplotlib", "flask": "mlflow"}
SPEC = "trainer: {command: [python, train.py, '{args}']}\nsweeps: {a: {grid: {lr: [1]}}}\n"
SEARCH = SPEC.replace(
    "grid: {lr: [1]}", "search: {space: {lr: {float: [0, 1]}}, objective: {loss: min}, trials: 1}"
)
WITHOUT = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
for name in json.loads(sys.argv[1]):
    sys.modules[name] = None
from sweeps.cli.entry_point import main
told = {}
for words in json.loads(sys.argv[2]):
    sys.argv = ["sweep", *words]
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            main()
        code = 0
    except SystemExit as ended:
        code = ended.code
    told[" ".join(words)] = [code, said.getvalue()]
print(json.dumps(told))
"""
ASKED = {
    "adopt": ["experiments.yaml", "--from-folders", "runs/*"],
    "attach": ["experiments.yaml"],
    "best": ["experiments.yaml"],
    "check": ["experiments.yaml"],
    "commands": ["experiments.yaml"],
    "completion": ["bash"],
    "explain": ["experiments.yaml", "lr1"],
    "gc": ["experiments.yaml"],
    "import": ["commands.sh"],
    "init": ["train.py", "--out", "-"],
    "logs": ["experiments.yaml", "lr1"],
    "metrics": ["experiments.yaml"],
    "recipe": ["shell"],
    "plan": ["experiments.yaml"],
    "report": ["experiments.yaml"],
    "schema": ["experiments.yaml"],
    "status": ["experiments.yaml"],
    "stop": ["experiments.yaml"],
    "ui": ["experiments.yaml"],
}
NEED = {"report": "report", "ui": "ui"}
"""The verbs that do not work without an optional part."""
PART = re.compile(
    r"`?(sweep \w+)`? needs (\w+), which is not installed: pip install 'sweep-experiments\[(\w+)\]'"
)


def test_each_module_is_in_the_part_of_pyproject_that_its_message_names():
    for extra, modules in EXTRAS.items():
        named = {re.split(r"[<>=\[; ]", line)[0] for line in PROJECT["optional-dependencies"][extra]}
        assert {DISTRIBUTIONS.get(module, module) for module in modules} <= named, extra


def test_all_has_every_part_that_works_on_one_machine():
    (line,) = PROJECT["optional-dependencies"]["all"]
    assert line == "sweep-experiments[cvae,report,search,ui]"


def told_without(words, folder):
    """What each command says, and its exit code, where no optional part can be imported."""
    (folder / "experiments.yaml").write_text(SPEC)
    (folder / "search.yaml").write_text(SEARCH)
    (folder / "commands.sh").write_text("python train.py --lr 1\npython train.py --lr 2\n")
    (folder / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\np.parse_args()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(BLOCKED), json.dumps(words)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": str(Path(sys.executable).parent), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_every_verb_works_without_optional_parts_or_says_which_line_installs_what_it_needs(tmp_path):
    assert set(cli.commands) - {"run", "doctor"} == set(ASKED), "say above how it is asked"
    told = told_without([[verb, *words] for verb, words in ASKED.items()], tmp_path)
    for asked, (code, text) in told.items():
        verb = asked.split()[0]
        found = PART.search(text)
        assert "Traceback" not in text, text
        if verb in NEED:
            assert (code, found and found[1], found and found[3]) == (2, f"sweep {verb}", NEED[verb]), text
        else:
            assert found is None, text


def test_a_search_says_which_line_installs_what_it_needs(tmp_path):
    for code, text in told_without([["check", "search.yaml"], ["run", "search.yaml"]], tmp_path).values():
        found = PART.search(text)
        assert (code, found and found[3]) == (2, "search"), text


FROM_PYTHON = """
import json, sys
for name in json.loads(sys.argv[1]):
    sys.modules[name] = None
import sweeps
for name in json.loads(sys.argv[2]):
    try:
        getattr(sweeps, name)("experiments.yaml")
    except sweeps.SweepError as error:
        print(name, error)
"""


@pytest.mark.parametrize("missing", ["matplotlib", "pandas"])
def test_python_says_it_with_the_same_line(tmp_path, missing):
    (tmp_path / "experiments.yaml").write_text(SPEC)
    named = ["report"] if missing == "matplotlib" else ["plan", "status", "best", "compare", "load_runs"]
    done = subprocess.run(
        [sys.executable, "-c", FROM_PYTHON, json.dumps([missing]), json.dumps(named)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    line = f"needs {missing}, which is not installed: pip install 'sweep-experiments[report]'"
    assert done.stdout.splitlines() == [f"{name} sweeps.{name} {line}" for name in named]


@pytest.mark.extra
def test_a_command_is_run_without_optional_parts(tmp_path):
    ((code, text),) = told_without([["run", "experiments.yaml", "--gpus", ""]], tmp_path).values()
    assert (code, "1 finished" in text) == (0, True), text


def test_an_error_of_another_module_is_left_as_it_is():
    with pytest.raises(ModuleNotFoundError), installing("sweep plan"):
        raise ModuleNotFoundError("No module named 'mine'", name="mine")


def test_a_module_of_a_part_is_told_at_any_depth():
    with (
        pytest.raises(MissingExtraError, match=r"sweep report needs matplotlib.*\[report\]"),
        installing("sweep report"),
    ):
        raise ModuleNotFoundError("No module named 'matplotlib.figure'", name="matplotlib.figure")


def test_a_module_that_a_library_misses_is_told():
    error = ImportError("Tried to import 'sklearn' but failed")
    error.__cause__ = ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
    with pytest.raises(MissingExtraError, match=r"needs sklearn.*\[search\]"), installing("sweep report"):
        raise error


def test_an_import_that_fails_for_another_reason_is_left_as_it_is():
    with pytest.raises(ImportError, match="broken"), installing("sweep report"):
        raise ImportError("broken library")


def test_what_is_there_is_not_asked_for(monkeypatch):
    need("import sweeps", "pandas")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match="import sweeps needs pandas"):
        need("import sweeps", "pandas")
