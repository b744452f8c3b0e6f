from pathlib import Path

import pytest

from sweeps.errors import SelectionError
from sweeps.planning.expansion import expand, repeat_warnings
from sweeps.spec.parser import read_spec
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import expanded, names, problem_lines, read, values

ROOT = Path(__file__).parents[3]


def test_the_files_own_profile_holds_until_another_is_named(tmp_path):
    text = "profile: p\nprofiles: {p: {lr: 2}, q: {lr: 3}}\nsweeps: {a: {seeds: 1}}\n"
    assert values(expanded(tmp_path, text)[0]["a"], "lr") == [2.0]
    assert values(expanded(tmp_path, text, profile="q")[0]["a"], "lr") == [3.0]


def test_a_problem_in_one_sweep_hides_none_in_another(tmp_path):
    text = "sweeps:\n  a: {grid: {lr: [0]}, exclude: [{lr: 7}]}\n  b: {grid: {tfr: [0, 1]}, exclude: [{tfr: 2}]}\n"
    assert problem_lines(tmp_path, text) == [
        "e.yaml:3:19: sweeps.a.grid.lr: must be greater than 0, not 0",
        "e.yaml:3:34: sweeps.a.exclude: lr is never 7, only 0",
        "e.yaml:4:38: sweeps.b.exclude: tfr is never 2, only 0, 1",
    ]


def test_every_wrong_value_is_reported_once_however_many_cells_have_it(tmp_path):
    lrs = ", ".join(str(lr) for lr in [*range(1, 50), -1, 0])
    seeds = "[" + ", ".join(map(str, range(60))) + "]"
    text = f"defaults: {{kind: Cyclc}}\nsweeps:\n  a: {{grid: {{lr: [{lrs}], seed: {seeds}, tfr: [0, 2]}}, set: {{epocs: 1}}}}\n"
    assert [line.partition(": ")[2] for line in problem_lines(tmp_path, text)] == [
        "defaults.kind: 'Cyclc' is not one of None, Cyclical, Monotonic; did you mean 'Cyclical'?",
        "sweeps.a.grid.lr: must be greater than 0, not -1",
        "sweeps.a.grid.lr: must be greater than 0, not 0",
        "sweeps.a.grid.tfr: must be less than or equal to 1, not 2",
        "sweeps.a.set.epocs: unknown key 'epocs'; did you mean 'epochs'?",
    ]


def test_after_fifty_problems_of_a_sweep_the_rest_waits(tmp_path):
    lrs = ", ".join(f"-{lr}" for lr in range(1, 200))
    lines = problem_lines(tmp_path, f"sweeps: {{a: {{grid: {{lr: [{lrs}]}}}}}}")
    assert len(lines) == 52
    assert lines[0] == "e.yaml:2:10: sweeps.a: has more problems than the 50 listed here; fix these first"


def test_a_sweep_without_a_trial_is_a_problem(tmp_path):
    text = "sweeps: {a: {grid: {lr: [1]}, exclude: [{lr: 1}]}}"
    assert problem_lines(tmp_path, text) == ["e.yaml:2:10: sweeps.a: no trial is left; loosen `exclude`"]


def test_two_trials_of_one_name_are_a_problem_that_shows_how_they_differ(tmp_path):
    text = "sweeps: {a: {grid: {data.root: [x/y, x y]}}}"
    assert problem_lines(tmp_path, text) == [
        "e.yaml:2:10: sweeps.a: two trials are named x_y (data.root 'x/y' and 'x y'); use values that letters tell apart"
    ]


def test_a_config_that_appears_twice_in_a_sweep_is_a_problem(tmp_path):
    text = "sweeps:\n  a: {grid: {tfr: [0]}, include: [{tfr: 0.0}]}\n  b: {grid: {device: [cpu, cuda]}}"
    assert problem_lines(tmp_path, text) == [
        "e.yaml:3:35: sweeps.a: tfr0.0 and tfr0 are the same config; keep one of them",
        "e.yaml:4:3: sweeps.b: cuda and cpu are the same config (device changes how a trial runs, not its result); keep one of them",
    ]


def test_only_the_sweeps_asked_for_are_expanded(tmp_path):
    text = "sweeps: {a: {seeds: 1}, b: {grid: {lr: [0]}}}"
    assert list(expanded(tmp_path, text, only_sweeps=["a"])[0]) == ["a"]
    with pytest.raises(SelectionError, match=r"--sweep aa: .*e\.yaml has a, b; did you mean 'a'\?"):
        expanded(tmp_path, text, only_sweeps=["aa"])


def test_a_profile_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(SelectionError, match=r"--profile q: .*e\.yaml has none"):
        expanded(tmp_path, "sweeps: {a: {seeds: 1}}", profile="q")


def real(profile):
    spec = read_spec(ROOT / "experiments.yaml")
    trainer, _ = load_trainer(spec.trainer)
    return {sweep.name: sweep for sweep in expand(spec, trainer, profile=profile).sweeps}, trainer


@pytest.mark.parametrize("profile", ["quick", "report"])
def test_the_reports_sweeps_are_its_twelve_trials_and_quick_repeats_three_of_them(profile):
    sweeps, trainer = real(profile)
    grid = [f"{kind}-tfr{tfr}" for kind in ("None", "Cyclical", "Monotonic") for tfr in (1.0, 0.5, 0.0)]
    assert names(sweeps["tfr-by-annealing"]) == grid
    annealing = ["Monotonic", "Cyclical", "None"]
    seeds = [42, 43, 44] if profile == "quick" else []
    assert names(sweeps["annealing"]) == (
        [f"{kind}-seed{seed}" for kind in annealing for seed in seeds] or annealing
    )
    configs = [trial.config for trial in sweeps["tfr-by-annealing"].trials]
    defaults = trainer.schema.defaults
    assert [c["tfr_d_step"] for c in configs] == [
        0.05 if c["tfr"] == 0.5 else defaults["tfr_d_step"] for c in configs
    ]
    assert set(values(sweeps["annealing"], "tfr")) == {0.0}
    different = len({trial.fingerprint for sweep in sweeps.values() for trial in sweep.trials})
    # In the quick study, what has the first seed is in both sweeps.
    assert different == (15 if profile == "quick" else 12)


def test_the_report_profile_is_the_reports_full_size():
    sweeps, _ = real("report")
    ratios, annealing = sweeps["tfr-by-annealing"], sweeps["annealing"]
    assert set(values(ratios, "num_epoch")) == {100}
    assert set(values(annealing, "num_epoch")) == {200}
    assert {*values(ratios, "lr"), *values(annealing, "lr")} == {1e-4}
    assert set(values(annealing, "kl_anneal_ratio")) == {0.5}


def test_the_quick_profile_runs_fewer_epochs_of_the_same_trials():
    (quick, _), (full, _) = real("quick"), real("report")
    for sweep in ("tfr-by-annealing", "annealing"):
        assert max(values(quick[sweep], "num_epoch")) < min(values(full[sweep], "num_epoch"))
        assert {name.partition("-seed")[0] for name in names(quick[sweep])} == set(names(full[sweep]))


def test_seeds_of_the_command_line_that_would_repeat_nothing_are_refused_and_those_of_a_search_beside_a_grid_are_told(
    tmp_path,
):
    search = "s: {search: {space: {tfr: {float: [0, 1]}}, objective: {loss: min}, trials: 3}}"
    with pytest.raises(SelectionError, match="repeats the trials of grids, and s has none"):
        expanded(tmp_path, f"sweeps: {{{search}}}", seeds=3)
    text = f"sweeps: {{g: {{grid: {{lr: [1, 2]}}}}, {search}}}"
    assert len(expanded(tmp_path, text, seeds=3)[0]["g"].trials) == 6
    spec = read(tmp_path, text)
    found = [problem.message for problem in repeat_warnings(spec, load_trainer(spec.trainer)[0], 3)]
    assert found == ["--seeds 3: it repeats the trials of grids, and nothing of s, which is a search"]
