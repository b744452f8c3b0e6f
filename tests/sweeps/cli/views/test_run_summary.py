"""The last lines of a real `sweep run`."""

import json
import shlex
import signal
import textwrap

from tests.project import DEADLINE_S


def test_the_end_says_what_failed_where_to_look_and_what_to_do(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}, include: [{fail_at: 1}]}}")
    code, output = project.sweep("run", "e.yaml")
    failure = "a/fail_at1: failed: exception: ValueError: weight 0.5 is too much"
    assert code == 1
    assert output.splitlines()[-3:] == [
        failure,
        "  see `sweep logs e.yaml a/fail_at1`",
        "1 finished, 1 failed",
    ]
    code, output = project.sweep("run", "e.yaml")
    assert code == 1
    again = "sweep run e.yaml --sweep a --only trial=fail_at1 --retry-failed"
    earlier = f"{failure.replace('failed:', 'failed earlier:')}; `{again}` takes it up again"
    assert output.splitlines()[-2:] == [earlier, "nothing to start; 1 was done before"]


def test_an_interrupted_run_says_how_to_go_on(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch, none]}}}")
    process = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 130
    assert output.splitlines()[-2:] == [
        "1 interrupted, 1 not started",
        "`sweep run e.yaml --jobs 1` goes on",
    ]
    code, output = project.sweep("run", "e.yaml", "--jobs", "1", "--only", "hold=none", "--json")
    summary = json.loads(output[output.index("{\n") :])
    (row,) = summary["trials"]
    assert code == summary["exit_code"] == 0
    assert (row["trial"], row["outcome"], row["reason"], row["attempt"]) == ("none", "finished", "", 1)
    assert row["run_id"] == project.runs()["none"].run_id


def test_a_run_says_that_finished_trials_had_other_code_than_there_is_now(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    _, first = project.sweep("run", "e.yaml")
    assert "code has changed" not in first
    _, second = project.sweep("run", "e.yaml")
    assert "code has changed" not in second
    trainer = project.path / "toy.py"
    trainer.write_text(f"{trainer.read_text()}\nCHANGED = True\n")
    _, third = project.sweep("run", "e.yaml")
    (line,) = [line for line in third.splitlines() if "code has changed" in line]
    assert line.startswith("the code has changed since these ran (factor0.5)")
    assert ": toy.py (changed); `diff -u .sweep/snapshots/" in line
    assert " toy.py` shows how; finished trials stay as they are" in line
    assert line.endswith("`sweep run e.yaml --sweep a --again` trains them with the code of now")
    assert "nothing to start; 1 was done before" in third


def test_trials_go_on_where_nobody_reads_any_more(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5, 0.25]}}}")
    process = project.start("run", "e.yaml")
    process.stdout.close()  # as `| head` does, and a terminal that is gone
    assert process.wait(DEADLINE_S) == 0
    assert {run.outcome for run in project.runs().values()} == {"finished"}


def test_the_command_that_goes_on_does_so_when_it_is_pasted(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch, none]}}}")
    process = project.start("run", "e.yaml", "--set", "factor=0.25", "--only", "hold=epoch", "--jobs", "1")
    project.held()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    _, hint, _ = output.splitlines()[-1].split("`")
    assert hint == "sweep run e.yaml --set factor=0.25 --only hold=epoch --jobs 1"
    code, output = project.sweep(*shlex.split(hint)[1:])
    assert (code, "a/epoch: started (attempt 2" in output) == (0, True)
    assert {name: run.outcome for name, run in project.runs().items()} == {"epoch": "finished"}


def lines_by_variant(project, text, variants, said):
    """The lines with these words that `sweep run` prints of a file that has each variant in turn, with a store of its own."""
    told = {}
    for variant in variants:
        (project.path / "e.yaml").write_text(textwrap.dedent(text % variant))
        code, output = project.sweep("run", "e.yaml", "--tracking-uri", f"sqlite:///{len(variant)}.db")
        assert code == 0, output
        told[variant] = [line for line in output.splitlines() if said in line]
    return told


def test_the_end_says_which_number_two_patterns_read_under_different_names(project):
    (project.path / "program.py").write_text(
        "for n in range(3):\n    print('err:', n)\n    print('dev err:', n)\n"
    )
    text = """\
    experiment: toy
    trainer:
      command: [python, program.py]
      metrics:
        - {stdout: 'dev err: (?P<dev_err>\\S+)', step: count}
        - {stdout: '%serr: (?P<err>\\S+)', step: count}
    sweeps: {a: {seeds: 2}}
    """
    told = lines_by_variant(project, text, ("", "^"), "both read the number")
    assert len(told[""]) == 1
    assert "as 'dev_err' and 'err'" in told[""][0]
    assert told["^"] == []
    _, output = project.sweep("metrics", "e.yaml", "a/seed1", "--tracking-uri", "sqlite:///0.db")
    assert "both read the number" in output


def test_values_that_gave_way_to_others_at_their_step_are_said(project):
    (project.path / "program.py").write_text("for n in range(6):\n    print('step', n // 2, 'return', n)\n")
    text = """\
    experiment: toy
    trainer:
      command: [python, program.py]
      metrics: [{stdout: 'step (?P<at>\\d+) return (?P<r>\\d+)', step: at%s}]
    sweeps: {a: {seeds: 2}}
    """
    told = lines_by_variant(project, text, ("", ", several: mean"), "the last stands")
    assert len(told[""]) == 1
    assert "3 gave way, of 'r'; `several: {r: all}` records each, `mean` their mean" in told[""][0]
    _, output = project.sweep("status", "e.yaml", "--tracking-uri", "sqlite:///0.db")
    assert told[""][0] in output
    assert told[", several: mean"] == []
