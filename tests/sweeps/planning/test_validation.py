"""Problems of sweeps and profiles that no single trial shows."""

import pytest

from sweeps.planning.validation import limit_problems, override_problems, profile_problems, size_problems
from sweeps.rundir.store_limits import StoreLimits
from sweeps.spec.setting_parser import read_overrides
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import FREE, problem_lines, read


def test_a_grid_that_is_too_large_is_refused_before_any_cell_is_looked_at(tmp_path):
    axes = ", ".join(f"k{i}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" for i in range(9))
    assert problem_lines(tmp_path, f"sweeps:\n  a: {{seeds: 3}}\n  b: {{grid: {{{axes}}}, seeds: 2}}\n") == [
        "e.yaml:4:3: sweeps.b: expands to 2,000,000,000 trials, and a file holds at most 200,000; vary fewer keys at once"
    ]


def test_sweeps_that_are_too_many_trials_together_are_refused(tmp_path):
    axis = f"[{', '.join(map(str, range(400)))}]"
    spec = read(tmp_path, f"sweeps:\n  a: {{grid: {{x: {axis}, y: {axis}}}}}\n  b: {{seeds: 40001}}\n", FREE)
    (problem,) = size_problems(spec.sweeps)
    assert problem.message == (
        "sweeps: all sweeps expand to 200,001 trials, and a file holds at most 200,000; split it"
    )
    assert list(size_problems(spec.sweeps[:1])) == []


def test_a_profile_that_is_not_chosen_is_checked_for_unknown_keys(tmp_path):
    text = "profiles: {p: {lr: 1, epocs: 2, sweeps: {a: {sed: 1}}}, q: {knd: 1}}\nsweeps: {a: {seeds: 1}}"
    spec = read(tmp_path, text)
    trainer, _ = load_trainer(spec.trainer)
    assert [problem.message for problem in profile_problems(spec, trainer, "q")] == [
        "profiles.p.epocs: unknown key 'epocs'; did you mean 'epochs'?",
        "profiles.p.sweeps.a.sed: unknown key 'sed'; did you mean 'seed'?",
    ]


def test_the_keys_of_a_trainer_without_a_schema_are_not_checked(tmp_path):
    spec = read(tmp_path, "profiles: {p: {anything: 1}}\nsweeps: {a: {seeds: 1}}", FREE)
    trainer, _ = load_trainer(spec.trainer)
    assert list(profile_problems(spec, trainer, None)) == []


@pytest.mark.parametrize("key", ["data.size", "data.size.x", "data"])
def test_the_command_line_sets_no_key_that_the_sweep_varies_nor_a_part_of_it(key, tmp_path):
    (sweep,) = read(tmp_path, "sweeps: {a: {grid: {data.size: [1, 2]}}}").sweeps
    (problem,) = override_problems(sweep, ("data.size",), read_overrides([f"{key}=3", "data2.size=1"]))
    remedy = "select with --only data.size=VALUE, or edit the sweep"
    assert str(problem) == f"--set {key}=3: sweeps.a varies data.size; {remedy}"


SQLITE, POSTGRES = StoreLimits.of("sqlite:///mlflow.db"), StoreLimits.of("postgresql://u@h/d")


LONG = "k" * 251


def limits_found(path, text, store=SQLITE, overrides=()):
    spec = read(path, text, FREE)
    trainer, _ = load_trainer(spec.trainer)
    problems = limit_problems(spec, trainer, read_overrides(overrides), store)
    return [
        (problem.place.line, problem.message.replace(LONG, "LONG").replace(LONG[:60], "kk"))
        for problem in problems
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"sweeps: {{a: {{grid: {{{LONG}: [1, 2]}}}}}}",
        f"sweeps: {{a: {{grid: {{x: [1]}}, set: {{{LONG}: 1}}}}}}",
        f"sweeps: {{a: {{include: [{{{LONG}: 1}}]}}}}",
        f"sweeps: {{a: {{grid: {{x: [1]}}, when: [{{if: {{x: 1}}, set: {{{LONG}: 1}}}}]}}}}",
        f"sweeps: {{a: {{search: {{space: {{{LONG}: {{float: [0, 1]}}}}, objective: {{loss: min}}, trials: 1}}}}}}",
        f"profiles: {{p: {{{LONG}: 1}}}}\nsweeps: {{a: {{seeds: 1}}}}",
        f"defaults: {{{LONG}: 1}}\nsweeps: {{a: {{seeds: 1}}}}",
    ],
)
def test_a_key_that_is_too_long_for_a_param_is_a_problem_wherever_it_stands(tmp_path, text):
    found = limits_found(tmp_path, text)
    assert found
    assert all(
        "kk: the key has 251 characters, and MLflow takes 250; shorten it" in told for _, told in found
    )


@pytest.mark.parametrize("value", ['"a\\ud800"', '["a\\udfff", b]', '[{x: {y: "\\udc80"}}]'])
def test_half_a_character_is_a_problem_however_deep_it_stands(tmp_path, value):
    ((line, told),) = limits_found(tmp_path, f"sweeps: {{a: {{seeds: 1, set: {{p: {value}}}}}}}")
    assert line == 2
    assert told.startswith("sweeps.a.set.p: the value holds half of a surrogate pair")


def test_a_nul_is_a_problem_where_the_database_keeps_none(tmp_path):
    text = 'sweeps: {a: {grid: {p: ["a\\0", b]}}}'
    assert limits_found(tmp_path, text) == []
    ((_, told),) = limits_found(tmp_path, text, POSTGRES)
    assert "NUL, which this tracking store cannot keep" in told


def test_the_name_of_an_experiment_is_as_long_as_its_column(tmp_path):
    text = f"experiment: {'e' * 257}\nsweeps: {{a: {{seeds: 1}}}}"
    assert limits_found(tmp_path, text) == []
    assert limits_found(tmp_path, text, POSTGRES) == [
        (2, "experiment: the name has 257 characters, and this tracking store takes 256; shorten it")
    ]


def test_a_metric_that_can_never_be_logged_is_no_objective(tmp_path):
    search = "{space: {x: {float: [0, 1]}}, objective: {loss@1: min}, trials: 1}"
    ((_, told),) = limits_found(tmp_path, f"sweeps: {{a: {{search: {search}}}}}")
    assert told.endswith("rename it, for example 'loss_1'")


def test_values_of_the_command_line_are_checked_too(tmp_path):
    ((_, told),) = limits_found(tmp_path, "sweeps: {a: {seeds: 1}}", overrides=[f"{LONG}=1"])
    assert "--set" in told
