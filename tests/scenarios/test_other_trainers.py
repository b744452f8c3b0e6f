"""A trainer that has nothing to do with video: its status and its report are made of what it logged."""

from analysis.read.record import Record

TRAINER = """
def train(config, run):
    for epoch in range(3):
        run.log({"loss": config["x"] / 10**epoch, "val/accuracy": epoch / 4, "time/epoch_s": 0.1}, epoch)
"""


def test_status_and_report_show_the_metrics_that_it_logged(project):
    (project.path / "toy.py").write_text(TRAINER)
    project.spec("sweeps: {a: {grid: {x: [1, 2]}}}")
    code, output = project.ran()
    assert code == 0, output
    assert [(row["loss"], row["val/accuracy"]) for row in project.json("status")] == [
        (0.01, 0.5),
        (0.02, 0.5),
    ]
    told = project.sweep("status", "e.yaml")[1].splitlines()
    assert told[0].split() == ["sweep", "trial", "state", "attempt", "epoch", "loss", "val/accuracy"]
    code, output = project.sweep("report", "e.yaml")
    assert code == 0, output
    drawn = sorted(path.name for path in (project.path / "figures" / "a").iterdir())
    assert drawn == ["loss.png", "loss.svg", "val-accuracy.png", "val-accuracy.svg"]
    text = (project.path / "figures" / "report.md").read_text()
    assert "| `x2` | finished | 3 | 0.02 | 0.5 | 0.3 s |" in text
    for told in (text, (project.path / "figures" / "report.html").read_text()):
        assert "Findings" not in told
    assert "PSNR" not in text


def test_a_program_uses_mlflow_as_it_does_by_itself(project):
    script = """
import argparse, os, mlflow
parser = argparse.ArgumentParser()
parser.add_argument("--dropout", type=float)
parser.add_argument("--amp", type=lambda text: text == "true")
parser.add_argument("--seed", type=int, default=None)
args = parser.parse_args()
os.chdir("/")
mlflow.set_experiment("mine")
with mlflow.start_run():
    mlflow.log_params(vars(args))
    mlflow.log_params(vars(args))
    mlflow.log_metric("loss", 0.25, step=0)
mlflow.end_run("KILLED")
"""
    (project.path / "train.py").write_text(script)
    (project.path / "e.yaml").write_text(
        "experiment: toy\n"
        f"trainer: {{command: [python, {project.path}/train.py, --dropout, '{{dropout}}', --amp, '{{amp}}']}}\n"
        "sweeps: {a: {grid: {dropout: [0]}, set: {amp: true, seed: null}}}\n"
    )
    code, output = project.sweep("run", "e.yaml", "--gpus", "", MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    (run,) = project.runs().values()
    assert (code, run.outcome, run.status) == (0, "finished", "FINISHED"), (
        output,
        project.sweep("logs", "e.yaml", "dropout0"),
    )
    assert project.curve(run, "loss") == [(0, 0.25)]
    params = {key: value for _, key, value in Record(project.uri, "toy").params()}
    assert params == {"dropout": "0", "amp": "True", "seed": "None"}
