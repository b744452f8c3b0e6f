"""Programs that know nothing of sweep: what they print and write lands in the record, each point once."""

import os
import signal
import sqlite3
from contextlib import closing

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


BATCHES = """
for epoch in (1, 2):
    for batch in (1, 2):
        print(f"epoch {epoch} batch {batch} loss {batch / epoch} acc {epoch / 4}")
"""
LINE = r"epoch (?P<epoch>\d+) batch \d+ loss (?P<loss>\S+)"
TRIALS = "{a: {grid: {lr: [1, 2]}}}"
READ_OTHERWISE = "how metrics are read has changed since these ran (lr1, lr2): loss"


def reads(program, *keys, line=LINE, more="", sweeps=TRIALS):
    """Write the file anew, with another reading of what the program prints."""
    entries = ", ".join([f"stdout: '{line}'", "step: epoch", *keys])
    program.write(BATCHES, f"metrics: [{{{entries}}}]\n{more}", sweeps)


def said(program, verb, *options):
    code, output = program.project.sweep(verb, "e.yaml", *options)
    assert code == 0, output
    return output


def losses(program):
    return [program.points(trial)["loss"] for trial in ("lr1", "lr2")]


def test_another_reading_of_a_metric_is_told_and_is_not_mixed_with_the_recorded_one(program):
    reads(program)
    program.ran()
    recorded = [(1, 2.0), (2, 1.0)]
    assert "differ" not in said(program, "plan")
    reads(program, "several: mean")
    for verb in ("plan", "status", "run"):
        assert READ_OTHERWISE in said(program, verb)
    for options in ([], ["--apply"], ["--apply"]):
        output = said(program, "metrics", *options)
        told = "loss of a/lr1 and a/lr2: the file's `metrics:` reads other values than are recorded, such as 1.5 at step 1 of a/lr1, for 2;"
        assert told in output, output
        assert "in the record already" not in output
        assert losses(program) == [recorded, recorded]
    assert "loss of a/lr1: the file's" in said(program, "metrics", "lr1")
    assert READ_OTHERWISE in said(program, "plan")
    reads(program, "several: mean", more="rename: {loss: loss_2}")
    assert "differ" not in said(program, "plan")
    assert "added 4 points of loss_2 to a/lr1 and a/lr2" in said(program, "metrics", "--apply")
    assert [program.points(trial)["loss_2"] for trial in ("lr1", "lr2")] == [[(1, 1.5), (2, 0.75)]] * 2
    assert losses(program) == [recorded, recorded]
    assert "is in the record already" in said(program, "metrics", "--apply")
    assert not any("gave no metric" in said(program, "metrics", trial) for trial in ("lr1", "lr2"))


def test_steps_of_another_reading_are_not_added_to_the_recorded_ones(program):
    reads(program)
    program.ran()
    before = losses(program)
    program.write(BATCHES, f"metrics: [{{stdout: '{LINE}', step: 100 * epoch}}]", TRIALS)
    assert "reads other values than are recorded, such as nothing at step 1" in said(
        program, "metrics", "--apply"
    )
    assert losses(program) == before
    assert READ_OTHERWISE in said(program, "plan")


def test_a_pattern_that_reads_the_same_values_is_no_difference_once_that_is_seen(program):
    reads(program)
    program.ran()
    reads(program, line=rf"{LINE} acc (?P<acc>\S+)")
    assert READ_OTHERWISE in said(program, "plan")
    assert "added 4 points of acc to a/lr1 and a/lr2" in said(program, "metrics", "--apply")
    assert "differ" not in said(program, "plan")


def test_a_new_name_alone_is_recorded_of_what_trials_left(program):
    reads(program)
    program.ran()
    reads(program, more="rename: {loss: train_loss}\nderive: {twice: 2 * train_loss}")
    assert "added 8 points of train_loss and twice to a/lr1 and a/lr2" in said(program, "metrics", "--apply")
    points = program.points("lr2")
    assert points["loss"] == points["train_loss"] == [(1, 2.0), (2, 1.0)]
    assert points["twice"] == [(1, 4.0), (2, 2.0)]


def test_runs_that_were_read_otherwise_are_told_where_they_are_compared(program):
    reads(program)
    program.ran()
    sweeps = "{a: {grid: {lr: [1, 2, 3]}}}"
    reads(program, "several: mean", sweeps=f"{sweeps}\nmeasures: {{loss: lower}}")
    assert READ_OTHERWISE in program.ran()
    assert "differ in how metrics are read" in said(program, "best")
    said(program, "report", "--out", "figures")
    page = (program.project.path / "figures/report.md").read_text()
    assert "these runs differ in how metrics are read" in page
    assert "[b] loss stdout" in page.replace("\\", "")


def test_of_runs_of_earlier_versions_the_values_alone_tell(program):
    reads(program)
    program.ran()
    for run in program.project.runs().values():
        (program.project.path / ".sweep/runs" / run.run_id / "readings.json").unlink()
    with closing(sqlite3.connect(program.project.path / "mlflow.db")) as connection, connection:
        connection.execute("delete from tags where key = 'sweeps.metrics'")
    reads(program, "several: mean")
    assert "differ" not in said(program, "plan")
    for _ in range(2):
        assert "loss of a/lr1 and a/lr2: the file's" in said(program, "metrics", "--apply")
    assert READ_OTHERWISE in said(program, "plan")
