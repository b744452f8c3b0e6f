"""Trials of different settings whose commands are the same."""

import pytest

from sweeps.planning.checks.same_commands import same_command_warnings
from sweeps.planning.expansion import expand
from sweeps.planning.validation import written_settings
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import read


def warnings(path, sweep, words="'{args}'", more=""):
    head = f"trainer: {{command: [python, -c, 'pass', {words}]{more}}}\n"
    spec = read(path, f"sweeps: {{a: {sweep}}}", head)
    trainer, _ = load_trainer(spec.trainer)
    expansion = expand(spec, trainer)
    assert not expansion.problems
    found = same_command_warnings(trainer, expansion.sweeps, list(written_settings(spec, {})))
    return [str(problem).partition(": ")[2] for problem in found]


@pytest.mark.parametrize(
    ("grid", "words", "more", "pair"),
    [
        ("{lr: [1, '1']}", "'{args}'", "", "a/lr1 and a/1"),
        ("{lr: [1, '1']}", "'{lr}'", "", "a/lr1 and a/1"),
        ("{lr: [1, '1']}", "x", ", env: {LR: '{lr}'}", "a/lr1 and a/1"),
        ("{lr: [false, null]}", "'{args}'", "", "a/lr-false and a/lr-null"),
        ("{lr: [true, 'True']}", "'{args}'", ", args: hf", "a/lr-true and a/True"),
        ("{lr: [null, 'null']}", "'{args}'", ", args: jsonargparse", "a/lr-null and a/null"),
    ],
)
def test_two_values_of_one_word_are_told(grid, words, more, pair, tmp_path):
    (told,) = warnings(tmp_path, f"{{grid: {grid}, seeds: 1}}", words, more)
    assert told.startswith(f"sweeps.a.grid.lr: {pair.replace(' ', '-seed0 ', 1)}-seed0 differ in lr, and get")


@pytest.mark.parametrize(
    ("sweep", "words", "more"),
    [
        ("{grid: {lr: [1, '1']}}", "'{args}'", ", args: hydra"),
        (
            "{grid: {lr: [1, 2], wd: [false, null]}, include: [{lr: 3}], exclude: [{wd: null}]}",
            "'{args}'",
            "",
        ),
        ("{grid: {lr: [1, '1']}}", "'{args}'", ", args: {keys: {lr: none}}"),
        ("{grid: {lr: [1, '1']}}", "$SWEEP_CONFIG", ""),
        ("{grid: {lr: [1, '1'], wd: [2]}, when: [{if: {lr: 1}, set: {wd: 3}}]}", "'{args}'", ""),
        ("{grid: {lr: [1, 2]}, seeds: 2}", "'{lr}'", ""),
    ],
)
def test_commands_that_differ_or_may_be_the_same_are_not_told(sweep, words, more, tmp_path):
    assert warnings(tmp_path, sweep, words, more) == []


def test_a_folder_of_its_own_makes_no_trial_another(tmp_path):
    assert len(warnings(tmp_path, "{grid: {lr: [1, '1']}}", "'{args}', '{run_dir}/{trial}'")) == 1


def test_each_difference_is_told_once(tmp_path):
    told = warnings(tmp_path, "{grid: {lr: [1, '1'], wd: [false, null], width: [1, 2, 3]}}")
    assert [text.partition(":")[0] for text in told] == ["sweeps.a.grid.wd", "sweeps.a.grid.lr"]
