"""A trainer that has nothing to do with video: its status and its report are made of what it logged."""

import pytest

from sweeps.ledger import Ledger

TRAINER = """
def train(config, run):
    for epoch in range(3):
        metrics = {f"extra/{number:02}": number for number in range(config.get("extra", 0))}
        run.log({"loss": config["x"] / 10**epoch, "val/accuracy": epoch / 4, "time/epoch_s": 0.1} | metrics, epoch)
"""


@pytest.fixture
def other(project):
    (project.path / "toy.py").write_text(TRAINER)
    return project


def test_status_and_report_show_the_metrics_that_it_logged(other):
    other.spec("sweeps: {a: {grid: {x: [1, 2]}}}")
    code, output = other.ran()
    assert code == 0, output
    assert [(row["loss"], row["val/accuracy"]) for row in other.json("status")] == [(0.01, 0.5), (0.02, 0.5)]
    told = other.sweep("status", "e.yaml")[1].splitlines()
    assert told[0].split() == ["sweep", "trial", "state", "attempt", "epoch", "loss", "val/accuracy"]
    code, output = other.sweep("report", "e.yaml")
    assert code == 0, output
    drawn = sorted(path.name for path in (other.path / "figures" / "a").iterdir())
    assert drawn == ["loss.png", "loss.svg", "val-accuracy.png", "val-accuracy.svg"]
    text = (other.path / "figures" / "report.md").read_text()
    assert "| `x2` | finished | 3 | 0.02 | 0.5 | 0.3 s |" in text
    assert "PSNR" not in text
    for told in (text, (other.path / "figures" / "report.html").read_text()):
        assert "Findings" not in told


def test_metrics_without_end_are_shown_in_part_and_the_rest_is_named(other):
    other.spec("sweeps: {a: {grid: {x: [1]}, set: {extra: 12}}}")
    code, output = other.ran()
    assert code == 0, output
    assert other.sweep("report", "e.yaml")[0] == 0
    assert len(list((other.path / "figures" / "a").glob("*.png"))) == 12
    text = (other.path / "figures" / "report.md").read_text()
    assert "Recorded too, and not shown for want of room: extra/11, val/accuracy." in text


def test_before_anything_is_logged_its_trials_are_missing(other):
    other.spec("sweeps: {a: {grid: {x: [1]}}}")
    Ledger(other.uri, "toy")
    code, output = other.sweep("report", "e.yaml")
    assert (code, output) == (
        0,
        "figures/report.html, report.md: 0 figures\nnot complete: x1: missing: no run is recorded\n",
    )
