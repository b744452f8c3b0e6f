"""Programs that know nothing of sweep: what they print and write lands in the record, each point once."""

import json
import textwrap

import pytest

from analysis.read.frames import load_curves


class Program:
    """A script and the file that runs it, in a project."""

    def __init__(self, project):
        self.project = project

    def write(self, script, trainer, sweeps="{a: {grid: {lr: [1]}, set: {num_epoch: 4}}}"):
        (self.project.path / "train.py").write_text(textwrap.dedent(script))
        head = "experiment: toy\ntrainer:\n  command: [python, train.py, '{lr}', '{run_dir}']\n"
        body = textwrap.indent(textwrap.dedent(trainer), "  ")
        (self.project.path / "e.yaml").write_text(f"{head}{body}\nsweeps: {sweeps}\n")

    def ran(self, *options):
        code, output = self.project.sweep("run", "e.yaml", "--gpus", "", *options)
        assert code == 0, (output, self.logs())
        return output

    def logs(self):
        return [path.read_text() for path in sorted(self.project.path.glob(".sweep/runs/*/attempt-*.log"))]

    def points(self, trial="lr1"):
        """Every point of a trial's run as (key, step) -> values: more than one, if it is recorded more than once."""
        run = self.project.runs()[trial]
        curves = load_curves(self.project.uri, "toy")
        found = {}
        for row in curves[curves.run_id == run.run_id].itertuples():
            found.setdefault(row.key, []).append((row.step, row.value))
        return {key: sorted(points) for key, points in found.items()}


@pytest.fixture
def program(project):
    return Program(project)


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
    points = program.points()
    assert points["loss"] == [(2 * (e - 1) + b, 1 / (2 * e + b)) for e in range(1, 5) for b in (1, 2)]
    assert points["acc"] == [(2 * e, e / 10) for e in range(1, 5)]
    assert points["test_accuracy"] == [(8, 0.93)]
    assert points.keys() == {"loss", "acc", "best", "test_accuracy"}
    (row,) = program.project.json("status")
    print(row)
