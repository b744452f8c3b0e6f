from types import SimpleNamespace

from analysis.read.record import Record
from sweeps.commands.evidence import evidence_of, remarks_of
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


def evidence(project, monkeypatch, **more):
    monkeypatch.chdir(project.path)
    (project.path / "program.py").write_text(PROGRAM)
    (project.path / "old.csv").write_text("epoch,acc\n1,0.5\n")
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: {command: [python, program.py]}\nsweeps: {a: {seeds: 1}}\n"
    )
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    (run,) = (run for run in Record(project.uri, "toy").runs if run.is_trial)
    return evidence_of(run, **more)


def test_a_program_is_seen_by_its_log_its_directory_and_what_it_changed_where_it_ran(project, monkeypatch):
    found = evidence(project, monkeypatch, of_command=True)
    assert (found.numbers, found.example.strip()) == (3, "epoch 2 loss 0.3333333333333333")
    assert [left.path.parent.name for left in found.files] == ["files", project.path.name]
    assert [line.strip() for line in found.suggestion[:4]] == [
        'cwd: "{run_dir}"  # it writes beside where it starts, and each trial needs a place of its own',
        "metrics:",
        '- csv: "{run_dir}/m.csv"',
        '- csv: "{run_dir}/**/m.csv"',
    ]


def test_a_function_gets_no_lines_for_commands(project, monkeypatch):
    found = evidence(project, monkeypatch, of_command=False)
    assert (found.numbers, found.suggestion) == (3, ())


def test_what_the_last_log_says_of_metrics_is_a_remark(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = StateDir.here().run("r")
    paths.create()
    paths.log(1).write_text("sweep: of an earlier attempt\n")
    paths.log(2).write_text(
        "loss 1\nsweep: acc@5 is recorded as acc_5\nmy sweep: 1\nsweep: acc@5 is recorded as acc_5\n"
    )
    assert remarks_of(SimpleNamespace(run_id="r", attempt=2)) == ("acc@5 is recorded as acc_5",)
