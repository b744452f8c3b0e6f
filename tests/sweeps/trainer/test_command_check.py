"""What of a command cannot run, found before anything runs."""

import os
import sys

import pytest

from sweeps.rundir.paths import command_path
from sweeps.trainer.command_check import command_problems, command_warnings, reads_settings
from tests.sweeps.specs import read


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("print(1)\n")
    return tmp_path


def spec_of(path, *command):
    written = ", ".join(f"'{word}'" for word in command)
    return read(path, "sweeps: {a: {seeds: 1}}\n", f"trainer: {{command: [{written}]}}\n").trainer


def told(path, *command):
    problems = command_problems(spec_of(path, *command), command_path())
    return [problem.message.removeprefix("trainer.command: ").replace(f"{path}/", "") for problem in problems]


def _needs_torch(command):
    if any(word.startswith("torch") for word in command):
        pytest.importorskip("torch", reason="`make versions` installs no torch")


def executable(path, content):
    path.write_bytes(content)
    path.chmod(0o755)


@pytest.mark.parametrize(
    "command",
    [
        ["python", "train.py"],
        [sys.executable, "-u", "./train.py"],
        ["python", "-m", "json.tool"],
        ["python", "-m", "timeit"],
        ["python", "-m", "mlflow"],
        ["python", "-m", "torch.distributed.run", "--nproc_per_node", "2", "train.py"],
        ["python", "-m", "run_here"],
        ["python", "-m", "packed.inner"],
        ["python", "folder"],
        ["python", "{data}.py"],
        ["sh", "-c", "python nowhere.py $HOME", "$0"],
        ["env", "A=1", "python", "train.py"],
        ["python", "-c", "print($x)"],
        ["python", "train.py", "costs 5 $US"],
        ["python", "train.py", "$1", "${{oc.env:HOME}}"],
        ["true", "nowhere.py"],
    ],
)
def test_a_command_that_runs_is_let_through(command, here):
    _needs_torch(command)
    (here / "run_here.py").touch()
    (here / "packed").mkdir()
    (here / "packed/inner.py").touch()
    (here / "folder").mkdir()
    (here / "folder/__main__.py").touch()
    assert told(here, *command) == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["python", "trian.py"], "there is no script 'trian.py'; did you mean 'train.py'?"),
        (["python", "-u", "no/train.py"], "there is no script 'no/train.py'"),
        (["bash", "run.sh"], "there is no script 'run.sh'"),
        (["torchrun", "--standalone", "trian.py"], "there is no script 'trian.py'; did you mean 'train.py'?"),
        (["env", "A=1", "python", "trian.py"], "there is no script 'trian.py'; did you mean 'train.py'?"),
        (["python", "empty"], "'empty' is a directory without a __main__.py, not a script"),
        (["python", "-m", "trian"], "there is no module trian here or among the installed packages"),
        (["python", "-m", "pack.trian"], "there is no module pack.trian here or among the installed packages"),
        (["python", "-m", "pack"], "the package pack has no __main__.py, so that `-m` cannot run it"),
        (["empty"], "'empty' is a directory, not a program"),
        (["./train.py"], "'./train.py' is not executable; write [python, ./train.py, ...], or make it so with chmod +x"),
        (["train.py"], "there is no program 'train.py' on the PATH or here, but a file of that name: write [python, train.py, ...]"),
        (["python train.py"], "there is no program 'python train.py' on the PATH or here; write each word as one of the list: [python, train.py]"),
        (["$PYTHON"], "there is no program '$PYTHON' on the PATH or here; no shell fills in $PYTHON: write the program's path"),
        (["./bare"], "'./bare' begins with no #! line, so that the system cannot start it; write [sh, ./bare, ...]"),
        (["./lost"], "the first line of './lost' names no program: '#!/no/such/python -u'"),
        (["./windows"], "the first line of './windows' ends as on Windows (\\r\\n); save it with \\n"),
    ],
)  # fmt: skip
def test_a_program_or_script_that_is_none_is_told(command, message, here):
    _needs_torch(command)
    (here / "empty").mkdir()
    (here / "pack").mkdir()
    (here / "pack/__init__.py").write_text("raise SystemExit('imported')")
    executable(here / "bare", b"echo 1\n")
    executable(here / "lost", b"#!/no/such/python -u\n")
    executable(here / "windows", b"#!/bin/sh\r\n")
    assert told(here, *command) == [message]


def test_a_program_of_the_machine_s_own_form_is_one(here):
    executable(here / "binary", b"\x7fELF\2\1\1\0")
    executable(here / "script", b"#!/bin/sh\n")
    assert told(here, "./binary") == told(here, "./script") == []


def test_a_notebook_is_no_script(here):
    (here / "a.ipynb").write_text("{}")
    (problem,) = told(here, "python", "a.ipynb")
    assert "is a notebook, which Python cannot run; `sweep recipe a-notebook` shows what can" in problem


def test_a_script_beside_the_file_and_not_here_is_told_where_it_is(here):
    (here / "specs").mkdir()
    (here / "specs/other.py").touch()
    (message,) = told(here / "specs", "python", "other.py")
    assert message == "there is no 'other.py' here, but beside the file; run `sweep` there, or write other.py"


def test_a_module_is_looked_for_along_pythonpath(here, monkeypatch):
    (here / "lib").mkdir()
    (here / "lib/far.py").touch()
    assert len(told(here, "python", "-m", "far")) == 1
    monkeypatch.setenv("PYTHONPATH", f"nowhere{os.pathsep}{here / 'lib'}")
    assert told(here, "python", "-m", "far") == []


@pytest.mark.parametrize(
    ("word", "name"), [("$HOME", "$HOME"), ("--data=$DATA/x", "$DATA"), ("${DATA}", "${DATA}")]
)
def test_a_variable_that_only_a_shell_fills_in_is_refused(word, name, here):
    remedy = "write its value, have the program read the variable, or start a shell: [sh, -c, '...']"
    assert told(here, "python", "train.py", word) == [f"{word!r}: no shell fills in {name}; {remedy}"]


READER = "import os\nprint(os.environ['SWEEP_CONFIG'])\n"


@pytest.mark.parametrize(
    ("command", "files", "expected"),
    [
        (["python", "train.py"], {}, False),
        (["python", "train.py"], {"train.py": READER}, True),
        (["python", "train.py"], {"pkg/settings.py": READER}, True),
        (["python", "-m", "pkg.main"], {"pkg/main.py": "", "pkg/settings.py": READER}, True),
        (["python", "-m", "pkg.main"], {"pkg/main.py": ""}, False),
        (["bash", "run.sh"], {"run.sh": "train < $SWEEP_CONFIG"}, True),
        (["sh", "-c", "train < $SWEEP_CONFIG"], {}, True),
        (["python", "-c", "print(1)"], {}, False),
        (["true"], {}, None),
        (["python"], {}, None),
    ],
)
def test_whether_a_program_reads_its_settings_itself_is_seen_in_its_sources(command, files, expected, here):
    for name, text in files.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text)
    assert reads_settings(spec_of(here, *command)) is expected


def test_a_project_of_very_many_files_is_not_looked_through(here, monkeypatch):
    monkeypatch.setattr("sweeps.trainer.command_check._MOST_FILES", 2)
    for name in "abc":
        (here / f"{name}.py").touch()
    assert reads_settings(spec_of(here, "python", "train.py")) is None


PACKAGE = {"lab/__init__.py": "", "lab/data.py": "", "src/own/__init__.py": "", "src/own/data.py": ""}
ABSOLUTE, RELATIVE = "from {}.data import A\n", "from .data import A\n"
REASON = "which is not found where a file is run by its path; write"


@pytest.fixture
def warned(here):
    """What is warned of where a file has this text, and is run by such a command."""
    for name, text in PACKAGE.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)

    def make(file, text, *words, said=""):
        (here / file).write_text(text.format((here / file).parent.name))
        written = ", ".join(f"'{word}'" for word in words or ("python", file))
        head = f"trainer: {{command: [{written}]{said}}}\n"
        spec = read(here, "sweeps: {a: {seeds: 1}}\n", head).trainer
        return [
            problem.message.removeprefix("trainer.command: ")
            for problem in command_warnings(spec, command_path())
        ]

    return make


def test_a_file_that_imports_from_its_own_package_is_not_to_be_run_by_its_path(warned):
    own = "imports from its own package (`from lab.data import ...`)"
    for words in (("python", "lab/__main__.py"), ("torchrun", "lab/__main__.py"), ("python", "lab")):
        assert warned("lab/__main__.py", ABSOLUTE, *words) == [
            f"{words[1]} {own}, {REASON} `-m, lab` in its place"
        ]
    (told,) = warned("src/own/train.py", RELATIVE)
    assert told.endswith(
        f"(`from .data import ...`), {REASON} `-m, own.train` in its place, and `env: {{PYTHONPATH: src}}`"
    )


def test_no_file_is_warned_of_that_runs_or_may(warned, here, monkeypatch):
    assert warned("lab/train.py", "from data import A\n") == []
    assert warned("lab/train.py", ABSOLUTE, said=", env: {PYTHONPATH: .}") == []
    assert len(warned("lab/train.py", RELATIVE, said=", env: {PYTHONPATH: .}")) == 1
    assert warned("lab/train.py", ABSOLUTE, "python", "-m", "lab.train") == []
    (here / "installed").mkdir()
    (here / "installed/lab.py").touch()
    monkeypatch.syspath_prepend(here / "installed")
    assert warned("lab/train.py", ABSOLUTE) == []
    assert len(warned("lab/train.py", ABSOLUTE, "srun", "python", "lab/train.py")) == 1
    (here / "pyproject.toml").touch()
    assert warned("lab/train.py", ABSOLUTE, "srun", "python", "lab/train.py") == []


def test_a_module_is_looked_for_where_the_program_looks(here):
    (here / "src/own").mkdir(parents=True)
    (here / "src/own/__init__.py").touch()
    (here / "src/own/train.py").touch()

    def refused(module, said=""):
        head = f"trainer: {{command: [python, -m, {module}]{said}}}\n"
        spec = read(here, "sweeps: {a: {seeds: 1}}\n", head).trainer
        return [problem.message for problem in command_problems(spec, command_path())]

    missing = "trainer.command: there is no module own.{} here or among the installed packages"
    hint = "; it lies in src/: write `env: {PYTHONPATH: src}`"
    assert refused("own.train") == [missing.format("train") + hint]
    assert refused("own.train", ", env: {PYTHONPATH: src}") == []
    assert refused("own.trian", ", env: {PYTHONPATH: src}") == [missing.format("trian")]
    assert refused("own.train", ", cwd: src") == []
    assert refused("own.trian", ", env: {PATH: /elsewhere/bin}") == []  # another Python may be there
