import json

import pytest
import yaml

PROGRAM = "for epoch in range(1, 4):\n    print(f'epoch {epoch} of 3: loss {1 / epoch}')\n"
BRACES = "trainer: {command: [python, program.py, --lr, '{lr}']}\nsweeps: {a: {grid: {lr: [0.1, 0.2]}}}\n"
BLOCK = "trainer:\n  command: [python, program.py, --lr, '{lr}']\nsweeps: {a: {grid: {lr: [0.1]}}}\n"


def ran(project, text):
    """What `sweep run` prints of a program that knows nothing of sweep."""
    (project.path / "program.py").write_text(PROGRAM)
    (project.path / "e.yaml").write_text(f"experiment: toy\n{text}")
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    return output.splitlines()


def test_a_run_that_recorded_nothing_is_said_with_the_lines_to_write(project):
    lines = ran(project, BRACES)
    at = lines.index("a/lr0.1 and 1 more: finished, nothing recorded")
    assert (
        lines[at + 1] == "  its log has 3 lines with numbers, such as: epoch 3 of 3: loss 0.3333333333333333"
    )
    assert lines[at + 2] == "  to record them, write `trainer:` in e.yaml:"
    assert lines[-2:] == [
        "  then `sweep metrics e.yaml --apply` records what is there already",
        "2 finished",
    ]
    pasted = yaml.safe_load("\n".join(lines[at + 3 : -2]))["trainer"]
    assert pasted["command"] == ["python", "program.py", "--lr", "{lr}"]
    assert "(?P<loss>" in pasted["metrics"][0]["stdout"]
    assert pasted["metrics"][0]["step"] == "epoch"


def test_what_all_trials_left_is_recorded_by_one_command_each_point_once(project):
    lines = ran(project, BRACES)
    at = lines.index("a/lr0.1 and 1 more: finished, nothing recorded")
    (project.path / "e.yaml").write_text(
        "experiment: toy\nsweeps: {a: {grid: {lr: [0.1, 0.2]}}}\n" + "\n".join(lines[at + 3 : -2])
    )
    found = "what the file's `metrics:` finds in what 2 trials left is in the record already"
    for said in ("added 6 points of loss to a/lr0.1 and a/lr0.2", f"added nothing: {found}"):
        code, output = project.sweep("metrics", "e.yaml", "--apply")
        assert code == 0, output
        head, *table = output.splitlines()
        assert head == said
        assert [line.split() for line in table] == [
            ["sweep", "trial", "metrics", "points"],
            ["a", "lr0.1", "1", "3"],
            ["a", "lr0.2", "1", "3"],
        ]
    for run in project.runs().values():
        assert project.curve(run, "loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    for verb in ("metrics", "status"):
        assert "nothing recorded" not in project.sweep(verb, "e.yaml")[1]
    rows = json.loads(project.sweep("metrics", "e.yaml", "--apply", "--json")[1])
    assert [(row["points"], row["added"]) for row in rows] == [(3, 0), (3, 0)]


def test_rows_that_are_counted_afterwards_are_no_epochs(project):
    ran(project, BLOCK.replace("sweeps:", "  epochs: n\ndefaults: {n: 3}\nsweeps:"))
    text = (project.path / "e.yaml").read_text()
    source = "  metrics:\n    - {stdout: 'loss (?P<loss>\\S+)', step: count}\ndefaults:"
    (project.path / "e.yaml").write_text(text.replace("defaults:", source))
    code, output = project.sweep("metrics", "e.yaml", "--apply")
    assert code == 0, output
    (run,) = project.runs().values()
    assert run.tags["sweeps.epochs"] == "unknown"
    (row,) = project.json("status")
    assert (row["epoch"], row["loss"]) == (None, 1 / 3)


def test_status_and_report_say_it_too(project):
    ran(project, BLOCK)
    _, status = project.sweep("status", "e.yaml")
    assert "nothing recorded" in status.splitlines()[1]
    assert "a/lr0.1: finished, nothing recorded" in status
    assert "add to `trainer:` in e.yaml" in status
    (row,) = project.json("status")
    assert (row["state"], row["reason"]) == ("finished", "nothing recorded")
    _, report = project.sweep("report", "e.yaml")
    assert "not complete: lr0.1: finished, nothing recorded" in report


def test_a_trials_metrics_are_shown_whether_there_are_any_or_not(project):
    ran(project, BLOCK)
    assert project.sweep("metrics", "e.yaml", "lr0.1")[1].splitlines()[0] == "nothing recorded"
    found = json.loads(project.sweep("metrics", "e.yaml", "lr0.1", "--json")[1])
    assert (found["metrics"], found["remarks"], found["lines_with_numbers"]) == ([], [], 3)
    project.spec("sweeps: {a: {seeds: 1}}")
    assert project.sweep("run", "e.yaml")[0] == 0
    found = json.loads(project.sweep("metrics", "e.yaml", "seed0", "--json")[1])
    row = {"metric": "train/loss", "steps": 4, "first": 0, "last": 3, "value": 4.3125}
    assert row in found["metrics"]
    assert found["suggestion"] == ""
    head = project.sweep("metrics", "e.yaml", "seed0")[1].splitlines()[0]
    assert head.split() == ["metric", "steps", "first", "last", "value"]


def test_a_trial_that_has_not_started_is_said(project):
    project.spec("sweeps: {a: {seeds: 1}}")
    code, output = project.sweep("metrics", "e.yaml", "seed0")
    assert code == 2
    assert "has not started yet" in output


def test_sources_that_are_added_later_record_what_is_there_once(project):
    lines = ran(project, BLOCK)
    at = lines.index("a/lr0.1: finished, nothing recorded")
    source = "\n".join(line for line in lines[at + 3 : -2])
    (project.path / "e.yaml").write_text(
        f"experiment: toy\n{BLOCK.replace('sweeps:', source + chr(10) + 'sweeps:')}"
    )
    for verb in ("status", "metrics"):
        assert "records what the file's sources find" in project.sweep(verb, "e.yaml")[1]
    for said in ("added 3 points of loss to a/lr0.1", "added nothing: "):
        code, output = project.sweep("metrics", "e.yaml", "lr0.1", "--apply")
        assert code == 0, output
        assert output.startswith(said)
        assert output.splitlines()[2].split() == ["loss", "3", "1", "3", "0.3333"]
    (run,) = project.runs().values()
    assert project.curve(run, "loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    assert project.json("plan")["trials"][0]["action"] == "done"


@pytest.mark.parametrize(
    ("trainer", "told"),
    [
        ("{command: [python, program.py], metrics: [{stdout: '^val=(?P<val>.*)'}]}", "write `trainer:`"),
        (
            "\n  command: [python, program.py]\n  metrics:\n  - stdout: '^val=(?P<val>.*)'\n",
            "replace `metrics:`",
        ),
    ],
)
def test_sources_that_found_nothing_are_said_with_those_that_would(project, trainer, told):
    lines = ran(project, f"trainer: {trainer}\nsweeps: {{a: {{seeds: 1}}}}")
    at = lines.index("  the file's `metrics:` finds nothing in it")
    assert lines[at + 1] == f"  to record them, {told} in e.yaml:"
    pasted = yaml.safe_load("\n".join(lines[at + 2 : -2]))
    assert "(?P<loss>" in pasted.get("trainer", pasted)["metrics"][0]["stdout"]
    code, output = project.sweep("metrics", "e.yaml", "--apply")
    assert code == 0, output
    assert output.startswith("added nothing: the file's `metrics:` finds nothing in what 1 trial left\n")
    assert f"to record them, {told} in e.yaml:" in output


def test_without_sources_there_is_nothing_to_add_and_the_lines_to_write_are_said(project):
    ran(project, BLOCK)
    code, output = project.sweep("metrics", "e.yaml", "--apply")
    assert code == 0, output
    assert output.startswith("added nothing: `trainer:` of e.yaml has no `metrics:`\n")
    assert "add to `trainer:` in e.yaml" in output


WRONG = "metrics: [{stdout: 'epoch (?P<epoch>.*)'}]\n  "


def test_what_was_noted_of_a_source_that_the_file_has_no_longer_is_not_said_any_more(project):
    text = BLOCK.replace("command", f"{WRONG}command").replace("epoch>.*", "epoch>\\d+) of (?P<loss>.*")
    ran(project, text)
    noted = json.loads(project.sweep("metrics", "e.yaml", "lr0.1", "--json")[1])["remarks"]
    assert any("no numbers, and left out" in remark for remark in noted), noted
    right = text.replace("of (?P<loss>.*", "of 3: loss (?P<loss>.*")
    (project.path / "e.yaml").write_text(f"experiment: toy\n{right}")
    code, output = project.sweep("metrics", "e.yaml", "lr0.1", "--apply")
    assert code == 0, output
    assert "left out" not in output
    for arguments in (("metrics", "e.yaml", "lr0.1"), ("metrics", "e.yaml"), ("status", "e.yaml")):
        assert "left out" not in project.sweep(*arguments)[1]


def test_a_function_has_no_sources_to_apply(project):
    project.spec("sweeps: {a: {seeds: 1}}")
    assert project.sweep("run", "e.yaml")[0] == 0
    code, output = project.sweep("metrics", "e.yaml", "seed0", "--apply")
    assert (code, "run.log" in output) == (2, True)


def test_of_failed_trials_it_says_why_they_have_no_metrics(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2, 3]}}}")
    file.add("lr1", "failed", reason="exit code 7: no data")
    file.add("lr2", "failed", reason="exit code 7: no data")
    file.add("lr3", "finished", [("loss", 0, 1.0)])
    *_, last = file.sweep("metrics").out.splitlines()
    assert last.startswith("a/lr1, a/lr2: failed: exit code 7: no data; see `sweep logs ")
    lines = file.sweep("metrics", "lr2").out.splitlines()
    assert lines[0] == "nothing recorded"
    assert lines[1].startswith("it failed: exit code 7: no data; see `sweep logs ")
    assert len(lines) == 2


ELSEWHERE = "from pathlib import Path\nPath({place!r}).write_text('epoch,loss\\n1,0.5\\n2,0.25\\n')\n"
SHARED = "lies outside the trial's own folder, where a later trial may have overwritten it"


def wrote_elsewhere(project, place, trainer=""):
    """A file whose program writes to one place for all trials, and what `sweep run` says last of it."""
    (project.path / "program.py").write_text(ELSEWHERE.format(place=place))
    text = (
        f"experiment: toy\ntrainer:\n  command: [python, program.py]\n{trainer}sweeps: {{a: {{seeds: 2}}}}\n"
    )
    (project.path / "e.yaml").write_text(text)
    code, output = project.sweep("run", "e.yaml", "--jobs", "1")
    assert code == 0, output
    return text, output.splitlines()


def test_what_lies_where_all_trials_write_is_trained_again_and_not_read_later(project):
    text, lines = wrote_elsewhere(project, "out.csv")
    at = lines.index("  to record them, add to `trainer:` in e.yaml:")
    end = next(number for number, line in enumerate(lines) if SHARED in line)
    assert "--apply" not in "\n".join(lines[at:])
    assert lines[end].endswith(
        f"{SHARED}: then `sweep run e.yaml --sweep a --jobs 1 --again` trains them anew"
    )
    (project.path / "e.yaml").write_text(
        text.replace("sweeps:", "\n".join([*lines[at + 1 : end], "sweeps:"]), 1)
    )
    for options in ((), ("--apply",)):
        output = project.sweep("metrics", "e.yaml", *options)[1]
        assert output.endswith(f"{SHARED}: `sweep run e.yaml --sweep a --again` trains them anew\n")
        assert "to record them" not in output
    output = project.sweep("metrics", "e.yaml", "a/seed1")[1]
    assert output.endswith(f"{SHARED}: `sweep run e.yaml --sweep a --only seed=1 --again` trains it anew\n")
    assert project.sweep("run", "e.yaml", "--sweep", "a", "--again")[0] == 0
    assert "nothing recorded" not in project.sweep("metrics", "e.yaml")[1]


def test_a_program_that_writes_to_one_place_wherever_it_starts_needs_a_path(project):
    place = project.path / "out.csv"
    trainer = "  cwd: '{run_dir}'\n  link: [program.py]\n  metrics: [{csv: '{run_dir}/**/out.csv'}]\n"
    _, lines = wrote_elsewhere(project, str(place), trainer)
    path = "give it a path of its own, such as `{run_dir}/out`"
    assert f"  it writes out.csv wherever it starts, as all trials do: {path}" in lines


@pytest.mark.parametrize(("step", "is_proposed"), [("", False), (", step: iteration", True)])
def test_lines_that_the_file_has_and_that_found_nothing_are_not_proposed_again(project, step, is_proposed):
    (project.path / "program.py").write_text(
        "import os\nopen(os.environ['SWEEP_RUN_DIR'] + '/m.csv', 'w').write('epoch,lr\\n1,0.1\\n2,0.1\\n')\n"
    )
    trainer = f"{{command: [python, program.py, '{{lr}}'], metrics: [{{csv: '{{run_dir}}/m.csv'{step}}}]}}"
    (project.path / "e.yaml").write_text(
        f"experiment: toy\ntrainer: {trainer}\nsweeps: {{a: {{set: {{lr: 0.1}}}}}}\n"
    )
    _, output = project.sweep("run", "e.yaml")
    assert ("to record them" in output) == is_proposed
    found = "the file's `metrics:` has the lines for it, and they find nothing"
    again = f"  {found}: mend the program, then `sweep run e.yaml --sweep a --again` trains it anew\n"
    assert (again in output) != is_proposed
