"""A trainer that has nothing to do with video: its status and its report are made of what it logged."""

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
