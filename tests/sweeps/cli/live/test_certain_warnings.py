"""What a real `sweep run` says at its start of a script that is certain to refuse its settings."""

import textwrap

SCRIPT = """\
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--model", choices=["mlp", "cnn"], default="mlp")
args = p.parse_args()
print("loss", args.lr)
"""
SPEC = """\
experiment: toy
trainer: {command: [python, train.py, "{args}"], metrics: [{stdout: 'loss (?P<loss>\\S+)', step: count}]}
sweeps:
  a: {grid: {lr: [1], model: [mlp, rnn]}}
  b: {grid: {lr: [2], widht: [3]}}
"""
RNN = "warning: sweeps.a.grid.model: train.py takes --model as one of mlp, cnn; rnn is none"
WIDHT = "warning: sweeps.b.grid.widht: train.py has no option --widht"


def ran(project, *options, spec=SPEC, script=SCRIPT):
    (project.path / "e.yaml").write_text(spec)
    (project.path / "train.py").write_text(textwrap.dedent(script))
    return project.sweep("run", "e.yaml", "--jobs", "1", *options)[1].splitlines()


def warned(lines):
    return [line.partition(" ")[2] for line in lines if "warning" in line]


def test_what_trials_are_certain_to_fail_by_is_told_when_they_start_and_the_others_train(project):
    lines = ran(project)
    first, second = warned(lines)
    assert first.endswith(RNN)
    assert WIDHT in second
    assert sorted(row["state"] for row in project.json("status")) == ["failed", "failed", "finished"]
    assert warned(ran(project)) == []  # nothing starts


def test_only_what_starts_is_told_of(project):
    assert warned(ran(project, "--sweep", "a", "--only", "model=mlp")) == []
    (told,) = warned(ran(project, "--sweep", "a"))
    assert told.endswith(RNN)


def test_of_many_a_few_are_told_and_what_says_the_others(project):
    lines = ran(project, spec=SPEC.replace("widht: [3]", "w1: [1], w2: [1], w3: [1], w4: [1]"))
    said = warned(lines)
    assert (len(said), said[-1]) == (4, "2 more warnings: `sweep check e.yaml`")


def test_seeds_that_nothing_takes_are_told(project):
    spec = SPEC.replace('"{args}"', '"--lr", "{lr}"').replace("[mlp, rnn]}", "[mlp]}, seeds: 2")
    (told,) = warned(ran(project, "--sweep", "a", spec=spec.replace(", model: [mlp]", "")))
    assert "sweeps.a.seeds: nothing takes the seed: repeats train alike" in told


def test_hints_that_are_no_certainty_are_left_to_check(project):
    spec = SPEC.replace("metrics:", "resume: [--lr, '3'], metrics:").replace(", rnn]", "]")
    assert warned(ran(project, "--sweep", "a", spec=spec)) == []
    assert "warning: trainer.resume" in project.sweep("check", "e.yaml")[1]
