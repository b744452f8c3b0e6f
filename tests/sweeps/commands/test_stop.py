"""`sweep stop` and `sweep plan` from outside: real processes, a real sqlite store."""

HELD_AND_FREE = "sweeps: {a: {grid: {hold: [epoch, none]}}}"


def test_stop_from_another_terminal_is_a_ctrl_c(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    code, output = project.sweep("stop", "e.yaml")
    assert (code, output) == (0, f"asked pid {process.pid} to stop\n")
    process.communicate()
    assert process.returncode == 130
    assert project.sweep("stop", "e.yaml")[1] == "nothing is running here\n"


def test_one_trial_can_be_stopped_and_the_others_go_on(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    _, output = project.sweep("stop", "e.yaml", "--only", "trial=epoch")
    assert output == "asked to stop a/epoch\n"
    process.communicate()
    assert process.returncode == 130
    assert {name: run.outcome for name, run in project.runs().items()} == {
        "epoch": "interrupted",
        "none": "finished",
    }


def test_a_plan_tells_where_a_trial_resumes_what_failed_changed_and_was_removed(project):
    project.spec(
        "sweeps: {a: {grid: {hold: [epoch]}, include: [{fail_at: 1}, {factor: 0.1}, {factor: 0.2}]}}"
    )
    process = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    project.sweep("stop", "e.yaml", "--only", "trial=epoch")
    process.communicate()
    project.spec(
        "sweeps: {a: {grid: {hold: [epoch]}, include: [{fail_at: 1}, {factor: 0.1}], when: "
        "[{if: {factor: 0.1}, set: {num_epoch: 5}}]}}"
    )
    told = project.json("plan")
    rows = {row["trial"]: (row["action"], row["epoch"], row["reason"]) for row in told["trials"]}
    assert rows == {
        "epoch": ("resume", 3, "stopped"),
        "fail_at1": ("retry", 1, "exception: ValueError: weight 0.5 is too much"),
        "factor0.1": ("changed", None, "num_epoch (new)"),
        "factor0.2": ("removed", None, "in the record, not in the file; it is kept"),
    }
    assert told["counts"] == {"changed": 1, "resume": 1, "retry": 1, "removed": 1}


def test_code_that_changed_between_compared_runs_is_told(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1]}}}")
    project.sweep("run", "e.yaml")
    with (project.path / "toy.py").open("a") as file:
        file.write("\n# another version\n")
    (line,) = project.json("plan")["differences"]
    assert line.startswith("runs differ in code: digest ")
    assert line.endswith("(now)")
