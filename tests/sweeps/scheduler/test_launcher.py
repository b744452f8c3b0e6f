"""What an attempt is given when it starts."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from sweeps.errors import LaunchError, Place
from sweeps.program.template import fill
from sweeps.rundir.paths import StateDir
from sweeps.runner import startup
from sweeps.scheduler.launcher import Launcher
from sweeps.sources.following.order import ReadOrder
from sweeps.spec.trainer.source_model import Sources
from sweeps.spec.trainer.surroundings import Resume, Surroundings, Template, Variable
from tests.sweeps.scheduler.jobs import ALLOCATION, job


class Kept:
    """Keeps what it is to start, and has one attempt of an earlier supervisor."""

    def __init__(self):
        self.submitted = []

    def submit(self, attempt):
        self.submitted.append(attempt)

    def adopt(self, run_id, _):
        return 3 if run_id == "old" else None


def trainer(command=None, **said):
    spec = SimpleNamespace(
        run=None if command else "toy:train",
        command=command,
        surroundings=Surroundings(**said),
        sources=Sources(),
    )
    order = ReadOrder(Sources(), "/work")
    return SimpleNamespace(
        spec=spec,
        arguments=lambda values: [fill(word, values) for word in command],
        read_order=lambda *_: order,
        config_file=None,
        write_own_file=lambda _: None,
    )


FUNCTION = trainer()
COMMAND = trainer(("toy", "{factor}"))
SNAPSHOT = SimpleNamespace(
    is_in_place=False,
    base="/snapshot",
    copy_of=lambda _: None,
    command=lambda words: ("python", *words),
    first=("/snapshot",),
    copies_of=lambda places: [f"/snapshot{place}" for place in places if place == "/src"],
)


@pytest.fixture
def executor():
    return Kept()


@pytest.fixture
def launcher(executor, tmp_path):
    def make(trainer=FUNCTION, snapshot=None):
        return Launcher(
            executor,
            StateDir(tmp_path),
            trainer,
            search_path=["/code"],
            snapshot=snapshot,
            uri="sqlite:///mlflow.db",
            recorded="{}",
        )

    return make


def opening(adopted=None):
    made = job("x")
    made.granted(ALLOCATION, adopted)
    made.opened("r")
    return made


def test_an_attempt_has_its_config_its_place_and_its_run(launcher, executor):
    starter, made = launcher(), opening()
    paths = starter.prepare(made)
    starter.submit(made)
    (attempt,) = executor.submitted
    assert json.loads(paths.config.read_text()) == attempt.config == {"factor": 0.5}
    assert (attempt.run_id, attempt.attempt, attempt.function) == ("r", 1, "toy:train")
    assert (attempt.devices, attempt.command, attempt.search_path) == (("cpu",), None, ("/code",))
    assert attempt.environment["MLFLOW_RUN_ID"] == "r"
    assert attempt.environment["SWEEP_RUN_DIR"] == str(paths.files)
    assert attempt.environment["OMP_NUM_THREADS"] == "1"
    assert attempt.directory == str(Path.cwd())


def test_a_command_runs_from_the_snapshot_and_imports_from_it(launcher, executor, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/inherited")
    starter, made = launcher(COMMAND, SNAPSHOT), opening()
    starter.prepare(made)
    starter.submit(made)
    (attempt,) = executor.submitted
    assert attempt.command == ("python", "toy", "0.5")
    assert attempt.environment["PYTHONPATH"] == f"{startup.__path__[0]}:/snapshot:/inherited"


def place(line=1):
    return Place("e.yaml", line)


def test_a_file_that_the_command_asks_for_and_that_is_not_there_is_a_failure_with_its_reason(launcher):
    starter, made = launcher(trainer(("toy", "{newest:{run_dir}/*.pt}"))), opening()
    starter.prepare(made)
    with pytest.raises(LaunchError, match=r"trainer\.command: no file matches .*/files/\*\.pt"):
        starter.submit(made)


def test_a_program_has_the_folder_and_the_variables_that_the_file_says(
    launcher, executor, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OURS", "s3cret")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "run.sh").touch()
    said = {
        "cwd": Template("cwd", "{run_dir}", place()),
        "env": (
            Variable("OUT", "{run_dir}/{factor}", None, place()),
            Variable("WORD_OF_MINE", None, "OURS", place()),
            Variable("PYTHONPATH", "src", None, place()),
        ),
    }
    starter, made = launcher(trainer(("./run.sh", "-m", "pkg.train", "x.py"), **said)), opening()
    paths = starter.prepare(made)
    starter.submit(made)
    (attempt,) = executor.submitted
    assert attempt.command == (str(tmp_path / "run.sh"), "-m", "pkg.train", "x.py")
    assert attempt.workplace.folder == str(paths.files)
    assert attempt.workplace.variables["OUT"] == f"{paths.files}/0.5"
    assert attempt.workplace.variables["WORD_OF_MINE"] == "s3cret"
    assert attempt.workplace.variables["WANDB_RUN_GROUP"] == "a"
    assert attempt.environment["PYTHONPATH"] == f"{startup.__path__[0]}:{tmp_path}:{tmp_path / 'src'}"
    assert "s3cret" not in repr(attempt)
    assert all("s3cret" not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_what_earlier_attempts_left_is_cleared_unless_the_attempt_goes_on(launcher):
    starter = launcher()
    paths = starter.prepare(opening())
    for adopted, is_left in ((3, True), (None, False)):
        for left in (paths.outcome, paths.environment):
            left.touch()
        starter.prepare(opening(adopted))
        assert (paths.outcome.exists(), paths.environment.exists()) == (False, is_left)


def test_an_attempt_knows_whether_it_goes_on_where_the_last_one_left_off(launcher, tmp_path):
    resume = Resume((Template("resume", "{run_dir}/last.pt", Place("e.yaml")),))
    words = ("toy", "{factor}")

    def goes_on(made):
        starter, begun = launcher(made), opening()
        starter.prepare(begun)
        starter.submit(begun)
        return begun.current.goes_on

    resuming = trainer(words, resume=resume)
    assert [goes_on(made) for made in (FUNCTION, COMMAND, resuming)] == [None, None, False]
    paths = StateDir(tmp_path).run("r")
    paths.create()
    paths.provenance.write_text("{}")  # what the trainer says of itself
    assert goes_on(FUNCTION) is None
    (paths.files / "last.pt").touch()
    assert [goes_on(made) for made in (FUNCTION, COMMAND, resuming)] == [True, None, True]


@pytest.mark.parametrize(("run_id", "number"), [("old", 3), ("another", None)])
def test_an_attempt_of_an_earlier_supervisor_is_taken_over(launcher, run_id, number):
    assert launcher().adopt(job("x", record=SimpleNamespace(run_id=run_id, attempt=2))) == number
    assert launcher().adopt(job("x")) is None
