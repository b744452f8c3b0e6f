"""Programs that know nothing of sweep: what they print and write lands in the record, each point once."""

import os
import signal

import psutil
import pytest

from tests.programs import SOURCES, Program, expected
from tests.project import DEADLINE_S, Project


@pytest.fixture
def program(project):
    return Program(project)


@pytest.mark.parametrize("way", SOURCES)
def test_two_trials_at_once_have_each_its_own_points(program, way):
    program.logs_in(way, scales=(1, 2))
    program.ran()
    assert program.points("scale1") == expected(1)
    assert program.points("scale2") == expected(2)


@pytest.mark.matrix
@pytest.mark.parametrize("disturbance", ["half", "rewritten"])
@pytest.mark.parametrize("way", SOURCES)
def test_files_that_are_half_written_or_rewritten(program, way, disturbance):
    if (way, disturbance) == ("stdout", "rewritten"):
        pytest.skip("what is printed cannot be taken back: the log is opened to append")
    program.logs_in(way, hold=disturbance)
    program.ran()
    assert program.points("scale1") == expected(1)


@pytest.mark.matrix
@pytest.mark.parametrize("point", ["logged", "saved"])
@pytest.mark.parametrize("fault", ["ctrl-c", "program", "attempt", "supervisor"])
@pytest.mark.parametrize("way", SOURCES)
def test_what_dies_loses_and_doubles_nothing(program, way, fault, point):
    program.logs_in(way, hold=point)
    sweep = program.start()
    pid = program.project.held()
    if fault == "ctrl-c":
        os.kill(sweep.pid, signal.SIGINT)
    elif fault == "supervisor":
        os.kill(sweep.pid, signal.SIGKILL)
    else:
        victim = psutil.Process(pid)
        (victim if fault == "program" else victim.parent()).kill()
    sweep.communicate(timeout=DEADLINE_S)
    if fault != "supervisor":  # with it went whatever sends to the store
        assert program.points("scale1") == expected(1, epochs=4)
    program.ran()
    assert program.points("scale1") == expected(1)


def test_what_a_program_prints_is_recorded(program):
    program.write(
        r"""
        import sys
        for epoch in range(1, 5):
            for batch in range(1, 3):
                print(f"\r\x1b[32mEpoch {epoch} [{batch}/2]\x1b[0m loss {1 / (2 * epoch + batch)}", end="")
            print(file=sys.stdout)
            print(f"val acc={epoch / 10}%, best=1,000.5", file=sys.stderr)
        print("Test accuracy: 0.93", end="")
        """,
        r"""
        metrics:
          - stdout: 'Epoch (?P<epoch>\d+) \[(?P<batch>\d+)/(?P<of>\d+)\].*loss (?P<loss>\S+)'
            step: (epoch - 1) * of + batch
          - stdout: '(?P<name>\w+)=(?P<value>\S+)'
            step: carried
          - stdout: 'Test accuracy: (?P<test_accuracy>\S+)'
            step: final
        """,
    )
    program.ran()
    points = program.points("lr1")
    assert points["loss"] == [(2 * (e - 1) + b, 1 / (2 * e + b)) for e in range(1, 5) for b in (1, 2)]
    assert points["acc"] == [(2 * e, e / 10) for e in range(1, 5)]
    assert points["test_accuracy"] == [(8, 0.93)]
    assert points.keys() == {"loss", "acc", "best", "test_accuracy"}
    (row,) = program.project.json("status")
    assert row["epoch"] == 4


SEARCH = """
sweeps:
  s:
    set: {num_epoch: 4}
    search:
      space: {factor: {choice: [0.1, 0.5, 0.9]}}
      objective: {train/loss: min}
      trials: 3
      enqueue: [{factor: 0.1}, {factor: 0.9}, {factor: 0.5}]
      pruner: {name: median, n_startup_trials: 1}
"""
FUNCTION = """
import time

def train(config, run):
    for epoch in range(4):
        run.log({"train/loss": config["factor"] * (epoch + 1)}, epoch)
        while epoch == 1 and config["factor"] > 0.1 and not run.should_stop():
            time.sleep(0.01)
        if run.should_stop():
            return
"""
PRINTS = """
import sys, time

factor = float(sys.argv[1])
for epoch in range(4):
    print(f"epoch {epoch}: loss={factor * (epoch + 1)}")
    while epoch == 1 and factor > 0.1:
        time.sleep(0.01)
"""


def searched(project):
    """What a search came to: of each trial its outcome, its reason, its curve."""
    code, output = project.sweep("run", "e.yaml", "--gpus", "", "--jobs", "1")
    assert code == 0, output
    runs = Program(project)
    return {
        name: (run.outcome, run.reason, run.epochs, runs.points(name)) for name, run in project.runs().items()
    }


def test_a_search_with_pruning_over_a_program_that_prints_gives_the_record_of_a_function(
    tmp_path, empty_database, warm_sweep
):
    found = []
    for place, trainer in (
        ("function", "toy:train"),
        (
            "program",
            r"""
  command: [python, -u, train.py, '{factor}']
  metrics: [{stdout: 'epoch (?P<epoch>\d+): loss=(?P<loss>\S+)'}]
  rename: {loss: train/loss}""",
        ),
    ):
        (tmp_path / place).mkdir()
        project = Project(tmp_path / place, empty_database, warm_sweep)
        (project.path / "toy.py").write_text(FUNCTION)
        (project.path / "train.py").write_text(PRINTS)
        (project.path / "e.yaml").write_text(f"experiment: toy\ntrainer: {trainer}\n{SEARCH}")
        found.append(searched(project))
        project.close()
    function, program = found
    assert function == program
    assert sorted(outcome for outcome, *_ in function.values()) == ["finished", "pruned", "pruned"]


def test_a_lab_script_as_it_is(program):
    program.write(
        """
        import sys, time
        from pathlib import Path
        from torch.utils.tensorboard import SummaryWriter

        root = Path(sys.argv[2])
        writer = SummaryWriter(root / "runs" / f"{time.time()}_host")
        done = root / "epoch"
        first = int(done.read_text()) if done.exists() else 0
        for epoch in range(first, 4):
            writer.add_scalar("Loss/Train", 1 / (epoch + 1), epoch)
            writer.add_scalar("Loss/Validation", 2 / (epoch + 1), epoch)
            writer.add_scalar("tfr", 0.5, epoch)
            writer.add_scalar("beta", 1 / 4, epoch)
            for frame in range(3):
                writer.add_scalar(f"PSNR/{epoch}", 20 + 2 * epoch + frame / 2, frame)
            writer.flush()
            done.write_text(str(epoch + 1))
            if epoch == 1 and first == 0:
                sys.exit(128 + 15)  # as where its node is taken away
        writer.close()
        """,
        """
        metrics: [{tensorboard: "{run_dir}/**"}]
        rename: {Loss/Train: train/loss, Loss/Validation: val/loss, "PSNR/{epoch}": frame/psnr}
        """,
    )
    program.ran(code=130)
    assert "frame/psnr" not in program.points("lr1")
    program.ran()
    points = program.points("lr1")
    assert points == {
        "train/loss": [(epoch, pytest.approx(1 / (epoch + 1))) for epoch in range(4)],
        "val/loss": [(epoch, pytest.approx(2 / (epoch + 1))) for epoch in range(4)],
        "tfr": [(epoch, 0.5) for epoch in range(4)],
        "beta": [(epoch, 0.25) for epoch in range(4)],
        "frame/psnr": [(0, 26), (1, 26.5), (2, 27)],
    }
    assert program.project.runs()["lr1"].epochs == 4


def test_what_is_added_to_the_file_reads_what_earlier_attempts_printed(program):
    script = """
        import sys
        from pathlib import Path

        again = Path(sys.argv[2], "again")
        for epoch in range(3):
            print(f"epoch {epoch} loss {epoch} acc {epoch / 4}")
        if not again.exists():
            again.touch()
            sys.exit(128 + 15)
        """
    program.write(script, r"metrics: [{stdout: 'epoch (?P<epoch>\d+) loss (?P<loss>\S+)'}]")
    program.ran(code=130)
    program.write(
        script,
        r"""
        metrics:
          - stdout: 'epoch (?P<epoch>\d+) loss (?P<loss>\S+)'
          - stdout: 'epoch (?P<epoch>\d+) .*acc (?P<acc>\S+)'
        """,
    )
    program.ran()
    assert program.points("lr1") == {
        "loss": [(epoch, epoch) for epoch in range(3)],
        "acc": [(epoch, epoch / 4) for epoch in range(3)],
    }


def test_curves_of_two_trainings_are_told(program):
    program.write(
        """
        import sys
        from pathlib import Path

        again = Path(sys.argv[2], "again")
        is_again, _ = again.exists(), again.touch()
        for epoch in range(5 if is_again else 3):
            print(f"epoch {epoch} loss {epoch + is_again / 2} time {is_again}")
        sys.exit(0 if is_again else 128 + 15)
        """,
        r"metrics: [{stdout: 'epoch (?P<epoch>\d+) loss (?P<loss>\S+) time (?P<time>\S+)'}]",
    )
    program.ran(code=130)
    _, output = program.project.ran()
    said = "lr1: attempt 2 began anew, with other values than the one before; up to step 2 the curves keep the earlier ones (loss); `sweep run"
    assert said in output
    assert program.points("lr1")["loss"] == [(0, 0), (1, 1), (2, 2), (3, 3.5), (4, 4.5)]
    run = program.project.runs()["lr1"]
    assert run.anew == {"loss": 2}
    assert "Note: attempt 2 began anew" in run.tags["mlflow.note.content"]
    assert program.project.sweep("report", "e.yaml", "--out", "figures")[0] == 0
    page = (program.project.path / "figures" / "report.html").read_text()
    assert "Of two trainings: lr1 (loss up to step 2)." in page
