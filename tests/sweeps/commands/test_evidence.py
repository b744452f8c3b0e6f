import os
import time
from types import SimpleNamespace

from sweeps.commands.evidence import evidence_of, remarks_of
from sweeps.commands.request import Request
from sweeps.commands.session import open_session
from sweeps.rundir.paths import StateDir

PROGRAM = """import os, sys
for epoch in range(3):
    print(f"\\r\\x1b[32mepoch {epoch}\\x1b[0m loss {1 / (epoch + 1)}", end="")
print()
folders = (os.environ["SWEEP_RUN_DIR"], ".")
for folder in folders:
    with open(os.path.join(folder, "m.csv"), "w") as file:
        file.write("epoch,acc\\n1,0.5\\n2,0.6\\n")
"""


def evidence(project, monkeypatch, trainer="{command: [python, program.py]}"):
    """What is seen of one trial; a table is older than its run, another one is younger."""
    monkeypatch.chdir(project.path)
    (project.path / "program.py").write_text(PROGRAM)
    table = "epoch,acc\n1,0.5\n"
    (project.path / "old.csv").write_text(table)
    (project.path / "e.yaml").write_text(
        f"experiment: toy\ntrainer: {trainer}\nsweeps: {{a: {{seeds: 1}}}}\n"
    )
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    (project.path / "later.csv").write_text(table)
    os.utime(project.path / "later.csv", (time.time() + 3600, time.time() + 3600))
    session = open_session(Request(project.path / "e.yaml"), project.uri)
    (step,) = session.plan().steps
    return evidence_of(session, step, step.record)


def test_a_program_is_seen_by_its_log_its_directory_and_what_it_changed_where_it_ran(project, monkeypatch):
    found = evidence(project, monkeypatch)
    assert not found.in_vain
    assert (found.numbers, found.example.strip()) == (3, "epoch 2 loss 0.3333333333333333")
    assert [left.path.parent.name for left in found.files] == ["files", project.path.name]
    assert [line.strip() for line in found.suggestion[:4]] == [
        'cwd: "{run_dir}"  # it writes beside where it starts, and each trial needs a place of its own',
        "metrics:",
        '- csv: "{run_dir}/m.csv"',
        '- csv: "{run_dir}/**/m.csv"',
    ]


def test_a_function_gets_no_lines_for_commands(project, monkeypatch):
    (project.path / "module.py").write_text(
        "import runpy\n\n\ndef train(run, config):\n    runpy.run_path('program.py')\n"
    )
    found = evidence(project, monkeypatch, "{run: module:train}")
    assert (found.numbers, found.suggestion, found.in_vain) == (3, (), False)


def test_sources_that_found_nothing_are_known(project, monkeypatch):
    trainer = "{command: [python, program.py], metrics: [{csv: '{run_dir}/other.csv'}]}"
    assert evidence(project, monkeypatch, trainer).in_vain


def test_what_the_last_log_says_of_metrics_is_a_remark(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = StateDir.here().run("r")
    paths.create()
    paths.log(1).write_text("sweep: of an earlier attempt\n")
    paths.log(2).write_text(
        "loss 1\nsweep: acc@5 is recorded as acc_5\nmy sweep: 1\nsweep: acc@5 is recorded as acc_5\n"
    )
    assert remarks_of(SimpleNamespace(run_id="r", attempt=2)) == ("acc@5 is recorded as acc_5",)
