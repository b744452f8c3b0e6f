"""What a real `sweep run` says while one fault fails trial after trial."""

import textwrap

SPEC = """\
experiment: toy
trainer:
  command: [python, program.py, "{lr}"]
  metrics: [{stdout: 'loss (?P<loss>\\S+)', step: count}]
sweeps: {a: {grid: {lr: [1, 2, 3, 4, 5]}}}
"""
FAULT = "exit code 1: ModuleNotFoundError: No module named 'a_module_of_nobody'"


def ran(project, program, *options):
    (project.path / "e.yaml").write_text(SPEC)
    (project.path / "program.py").write_text(textwrap.dedent(program))
    return project.sweep("run", "e.yaml", "--jobs", "1", *options)[1].splitlines()


def test_one_fault_is_told_in_full_once_hinted_at_while_there_is_more_to_do_and_summed_up(project):
    lines = ran(project, "import a_module_of_nobody")
    hints = [line[len("12:00:00 ") :] for line in lines if "the first 3 trials" in line]
    told = "the first 3 trials failed alike, before their first metric (`sweep logs e.yaml a/lr1`)"
    again = "`sweep run e.yaml --jobs 1 --retry-failed`"
    assert hints == [f"{told}: stop (Ctrl-C, or `sweep stop e.yaml`), mend it, and run again: {again}"]
    whole = [line for line in lines[:-3] if FAULT in line]
    assert [line.split()[1] for line in whole] == ["a/lr1:"]
    assert sum("failed (for the same reason as a/lr1)" in line for line in lines) == 4
    assert lines[-3:] == [
        f"5 trials failed alike: {FAULT}",
        "  a/lr1, a/lr2, a/lr3, a/lr4, a/lr5; see `sweep logs e.yaml a/lr1`",
        "5 failed",
    ]
    assert project.sweep("run", "e.yaml")[1].splitlines()[-3:] == [
        f"5 trials failed earlier, alike: {FAULT}",
        "  a/lr1, a/lr2, a/lr3, a/lr4, a/lr5; `sweep run e.yaml --retry-failed` takes up all that failed",
        "nothing to start",
    ]
    assert {row["reason"] for row in project.json("status")} == {FAULT}


def test_nothing_is_hinted_at_where_no_trial_is_left_or_a_metric_came(project):
    assert "failed alike, before" not in "".join(
        ran(project, "import a_module_of_nobody", "--only", "lr=1,2,3")
    )
    (project.path / "program.py").unlink()
    program = "print('loss 1', flush=True)\nimport a_module_of_nobody"
    assert "failed alike, before" not in "".join(ran(project, program, "--retry-failed"))


def test_a_fault_that_begins_later_is_told_once_with_what_the_failed_trials_share(project):
    program = """
        import sys

        lr = int(sys.argv[1])
        print("loss", 1 / lr, flush=True)
        if lr in (3, 4, 6, 7):
            raise FloatingPointError("overflow")
    """
    (project.path / "e.yaml").write_text(SPEC.replace("[1, 2, 3, 4, 5]", "[1, 2, 3, 4, 5, 6, 7, 8]"))
    (project.path / "program.py").write_text(textwrap.dedent(program))
    lines = project.sweep("run", "e.yaml", "--jobs", "1")[1].splitlines()
    (at,) = [place for place, line in enumerate(lines) if "have failed alike" in line]
    assert lines[at][len("12:00:00 ") :] == (
        "3 trials have failed alike: exit code 1: FloatingPointError: overflow; a/lr3, a/lr4, a/lr6 (`sweep logs e.yaml a/lr3`): "
        "stop (Ctrl-C, or `sweep stop e.yaml`), mend it, and run again: `sweep run e.yaml --jobs 1 --retry-failed`"
    )
    assert "a/lr6: failed" in "".join(lines[:at])
    assert "a/lr8: finished" in "".join(lines[at:])


def test_what_the_failed_trials_share_is_told_where_no_trial_that_finished_has_it(project):
    spec = SPEC.replace('"{lr}"', '"{lr}", "{net}"').replace(
        "lr: [1, 2, 3, 4, 5]", "net: [small, large], lr: [1, 2, 3, 4]"
    )
    (project.path / "e.yaml").write_text(spec)
    program = """
        import sys

        print("loss 1", flush=True)
        sys.exit(sys.argv[2] == "large")
    """
    (project.path / "program.py").write_text(textwrap.dedent(program))
    out = project.sweep("run", "e.yaml", "--jobs", "1")[1]
    assert "3 trials have failed alike, all with net large, as no trial that finished: exit code 1" in out
