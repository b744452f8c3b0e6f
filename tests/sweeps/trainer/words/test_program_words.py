import pytest

from sweeps.trainer.words.program_words import file_of, scripts_of
from tests.sweeps.specs import read


def found(*command):
    return [(script.kind, script.text, script.at, script.is_direct) for script in scripts_of(command)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python train.py --x y.py", ("file", "train.py", 1)),
        ("/opt/bin/python3.11 -u -W ignore -Xdev -OO t.py", ("file", "t.py", 6)),
        ("python3 -m pkg.train --lr 1", ("module", "pkg.train", 2)),
        ("python -umpkg x", ("module", "pkg", 1)),
        ("python -uc print() x.py", ("code", "print()", 2)),
        ("python -- -odd.py", ("file", "-odd.py", 2)),
        ("bash -eo pipefail train.sh x", ("file", "train.sh", 3)),
        ("bash -lc code", ("code", "code", 2)),
        ("sh +x --login run", ("file", "run", 3)),
    ],
)
def test_what_an_interpreter_runs(command, expected):
    assert found(*command.split()) == [(*expected, True)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("torchrun --nproc_per_node 2 train.py --config c.py", ("file", "train.py", 3)),
        ("accelerate launch --config_file a.yaml train.py", ("file", "train.py", 4)),
        ("env A=1 nice -n 5 python -u t.py", ("file", "t.py", 7)),
        ("uv run --with x train.py", ("file", "train.py", 4)),
        ("mpirun -n 2 python3 -m pkg", ("module", "pkg", 5)),
    ],
)
def test_what_a_launcher_has_run(command, expected):
    assert found(*command.split()) == [(*expected, False)]


def test_a_module_that_starts_a_script_is_found_with_it():
    words = ["python", "-m", "torch.distributed.run", "--nproc_per_node", "2", "train.py"]
    assert found(*words) == [("module", "torch.distributed.run", 2, True), ("file", "train.py", 5, False)]


@pytest.mark.parametrize(
    "command",
    ["python", "python -", "python -m", "python -c", "bash", "bash -c", "./train x.py", "torchrun -m pkg"],
)
def test_where_the_words_say_nothing_nothing_is_found(command):
    assert found(*command.split()) == []


def test_the_file_of_a_module_lies_where_the_program_looks_for_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for name in (
        "lab/__init__.py",
        "lab/__main__.py",
        "lab/train.py",
        "src/own.py",
        "sub/far.py",
        "train.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def found(*command, said=""):
        head = f"trainer: {{command: [{', '.join(command)}]{said}}}\n"
        surroundings = read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head).trainer.surroundings
        path = file_of(scripts_of(command)[0], surroundings)
        return path and str(path.relative_to(tmp_path))

    assert found("python", "-m", "lab") == "lab/__main__.py"
    assert found("python", "-m", "lab.train") == "lab/train.py"
    assert found("python", "lab") == "lab/__main__.py"
    assert found("python", "train.py") == "train.py"
    assert found("python", "-m", "own") is None
    assert found("python", "-m", "own", said=", env: {PYTHONPATH: src}") == "src/own.py"
    assert found("python", "-m", "far", said=", cwd: sub") == "sub/far.py"
    assert found("python", "-c", "pass") is None
