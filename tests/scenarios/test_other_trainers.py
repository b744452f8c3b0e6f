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


def test_a_program_with_a_parser_of_its_own_gets_all_settings_as_arguments(project):
    script = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--learning_rate", type=float)
parser.add_argument("--sizes", type=int, nargs="+")
parser.add_argument("--warmup", type=int)
parser.add_argument("--iters", type=int)
parser.add_argument("--out")
parser.add_argument("--limit", type=float, default=7)
parser.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
args = parser.parse_args()
print(args.data, args.learning_rate, args.sizes, args.warmup, args.iters, args.limit, args.amp)
open(args.out, "x").write("checkpoint")
"""
    (project.path / "train.py").write_text(script)
    (project.path / "e.yaml").write_text(
        "experiment: toy\n"
        "trainer:\n"
        "  command: [python, train.py, '{data}', '{args}', --out, '{run_dir}/{trial}.pt']\n"
        "  args: {booleans: no-flag, keys: {lr: learning_rate, seed: none}}\n"
        "defaults: {data: a b, sizes: [3, -4], iters: 100, warmup: '{iters}', limit: null, amp: false}\n"
        "sweeps: {a: {grid: {lr: [-1e-5]}, seeds: 1}}\n"
    )
    code, output = project.sweep("run", "e.yaml", "--gpus", "")
    (run,) = project.runs().values()
    told = project.sweep("logs", "e.yaml", run.name)[1]
    assert (code, told) == (0, "a b -1e-05 [3, -4] 100 100 7 False\n"), output
    params = {key: value for _, key, value in Record(project.uri, "toy").params()}
    assert (params["warmup"], params["lr"], params["limit"]) == ("100", "-1e-05", "None")
    assert [path.name for path in (project.path / ".sweep").glob("runs/*/files/*.pt")] == [f"{run.name}.pt"]
