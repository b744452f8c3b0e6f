"""`sweep report` on whole sweeps: the rule by which it compares runs is that of plan and status."""

import subprocess

AUTHOR = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def commit(folder, message):
    for words in (["add", "train.sh"], [*AUTHOR, "commit", "-q", "-m", message]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607 - the PATH's git


def test_runs_of_a_program_without_a_digest_differ_by_their_commits_in_plan_status_and_report(project):
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)  # noqa: S607 - the PATH's git
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: {command: [sh, -c, 'true {x}']}\nsweeps: {a: {grid: {x: [1, 2]}}}\n"
    )
    for x, script in enumerate(("true\n", "echo another\n"), start=1):
        (project.path / "train.sh").write_text(script)
        commit(project.path, script)
        code, output = project.sweep("run", "e.yaml", "--gpus", "", "--only", f"x={x}")
        assert code == 0, output
    for verb in ("plan", "status"):
        code, output = project.sweep(verb, "e.yaml", COLUMNS="1000")
        assert code == 0, output
        (line,) = [line for line in output.splitlines() if "differ" in line]
        assert line.startswith("runs differ in code: commit ")
        assert "(x1); " in line
        assert "(x2)" in line
    code, output = project.sweep("report", "e.yaml")
    assert code == 0, output
    assert "these runs differ in code" in (project.path / "figures" / "report.md").read_text()
