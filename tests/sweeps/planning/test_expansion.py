from pathlib import Path

import pytest

from sweeps.errors import SelectionError, SpecError
from sweeps.planning.expansion import expand
from sweeps.spec.parser import read_spec
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import expanded, names

ROOT = Path(__file__).parents[3]
FREE = "trainer: {command: [python, train.py]}\n"


def values(found, key, sweep="a"):
    sweeps, _ = found
    return [trial.config[key] for trial in sweeps[sweep].trials]


def told(path, text, **asked):
    with pytest.raises(SpecError) as caught:
        expanded(path, text, **asked)
    return str(caught.value).replace(f"{path}/", "").splitlines()


def test_the_first_grid_key_varies_slowest_and_names_are_readable(tmp_path):
    sweeps, _ = expanded(
        tmp_path, "sweeps: {a: {grid: {kind: [None, Cyclical], tfr: [1.0, 0.5]}, seeds: [1, 2]}}"
    )
    assert names(sweeps["a"]) == [
        *("None-tfr1.0-seed1", "None-tfr1.0-seed2", "None-tfr0.5-seed1", "None-tfr0.5-seed2"),
        *("Cyclical-tfr1.0-seed1", "Cyclical-tfr1.0-seed2", "Cyclical-tfr0.5-seed1", "Cyclical-tfr0.5-seed2"),
    ]
    assert sweeps["a"].axes == ("kind", "tfr", "seed")


@pytest.mark.parametrize(
    ("axes", "found"),
    [
        ("{fast: [true, false]}", ["fast-true", "fast-false"]),
        ("{steps: [[2, 5], [3]]}", ["steps2_5", "steps3"]),
        ("{data.root: [/x/y z.png, null]}", ["x_y_z.png", "root-null"]),
        ("{lr: [1e-5, 0.001, 2]}", ["lr1e-05", "lr0.001", "lr2"]),
        ("{data.size: [4, 5]}", ["size4", "size5"]),
        ("{word: ['', cpu]}", ["word", "cpu"]),
    ],
)
def test_names_show_what_varies(axes, found, tmp_path):
    sweeps, _ = expanded(tmp_path, f"sweeps: {{a: {{grid: {axes}}}}}", head=FREE)
    assert names(sweeps["a"]) == found


def test_later_layers_win(tmp_path):
    text = """\
        defaults: {epochs: 1, lr: 1, tfr: 0.1, seed: 1, data.size: 1, steps: [1]}
        profiles:
          p: {epochs: 2, lr: 2, tfr: 0.2, seed: 2, data.size: 2, sweeps: {a: {epochs: 4, lr: 4, tfr: 0.4, seed: 4}}}
        sweeps:
          a:
            set: {epochs: 3, lr: 3, tfr: 0.3, seed: 3, data.size: 3}
            grid: {lr: [5], kind: [None]}
            when: [{if: {kind: None}, set: {tfr: 0.6, seed: 6}}]
          b: {seeds: [9]}
        """
    keys = ("steps", "data.size", "epochs", "lr", "tfr", "seed")
    sweeps, _ = expanded(tmp_path, text, profile="p", overrides=["seed=7"], only_sweeps=["a"])
    (trial,) = sweeps["a"].trials
    assert [trial.config[key] for key in keys] == [[1], 3, 4, 5.0, 0.6, 7]
    assert [trial.settings[key].layer for key in keys] == [
        *("defaults", "sweeps.a.set", "profiles.p.sweeps.a", "sweeps.a.grid", "sweeps.a.when.set", "--set"),
    ]
    sweeps, _ = expanded(tmp_path, text)
    (trial,) = sweeps["b"].trials
    assert [trial.config[key] for key in keys] == [[1], 1, 1, 1.0, 0.1, 9]


def test_the_files_own_profile_holds_until_another_is_named(tmp_path):
    text = "profile: p\nprofiles: {p: {lr: 2}, q: {lr: 3}}\nsweeps: {a: {seeds: 1}}\n"
    assert values(expanded(tmp_path, text), "lr") == [2.0]
    assert values(expanded(tmp_path, text, profile="q"), "lr") == [3.0]


def test_dotted_and_nested_keys_are_the_same_key(tmp_path):
    text = """\
        defaults: {data: {name: folder, root: x}}
        sweeps: {a: {set: {data.root: y}, grid: {data.size: [1, 2]}, when: [{if: {data: {size: 2}}, set: {data: {root: z}}}]}}
        """
    found = expanded(tmp_path, text)
    assert values(found, "data.name") == ["folder", "folder"]
    assert values(found, "data.root") == ["y", "z"]


def test_a_value_replaces_a_group_and_a_group_a_value(tmp_path):
    text = "defaults: {data: {name: x, root: y}, more: 1}\nsweeps: {a: {set: {data: 3, more: {a: 1}}, seeds: 1}}\n"
    sweeps, _ = expanded(tmp_path, text, head=FREE)
    assert sweeps["a"].trials[0].config == {"data": 3, "more.a": 1, "seed": 0}


def test_zip_walks_its_lists_together_inside_the_grid(tmp_path):
    sweeps, _ = expanded(
        tmp_path, "sweeps: {a: {grid: {kind: [None, Cyclical]}, zip: {lr: [1, 2], tfr: [0.1, 0.2]}}}"
    )
    assert names(sweeps["a"]) == [
        "None-lr1-tfr0.1",
        "None-lr2-tfr0.2",
        "Cyclical-lr1-tfr0.1",
        "Cyclical-lr2-tfr0.2",
    ]


def test_include_adds_trials_that_exclude_does_not_touch(tmp_path):
    text = """\
        sweeps:
          a: {grid: {tfr: [0.0, 0.5]}, exclude: [{tfr: 0.5}], include: [{tfr: 0.5, lr: 1}, {lr: 2}], seeds: 2}
          b: {include: [{lr: 1}, {lr: 2}]}
        """
    sweeps, _ = expanded(tmp_path, text)
    assert names(sweeps["a"]) == [
        *("tfr0.0-seed0", "tfr0.0-seed1", "tfr0.5-lr1-seed0", "tfr0.5-lr1-seed1", "lr2-seed0", "lr2-seed1"),
    ]
    assert names(sweeps["b"]) == ["lr1", "lr2"]


def test_exclude_takes_a_value_or_a_list_and_all_of_its_keys_must_hold(tmp_path):
    grid = "grid: {kind: [None, Cyclical, Monotonic], tfr: [0, 1]}"
    sweeps, _ = expanded(
        tmp_path, f"sweeps: {{a: {{{grid}, exclude: [{{kind: [None, Cyclical], tfr: 1.0}}]}}}}"
    )
    assert names(sweeps["a"]) == ["None-tfr0", "Cyclical-tfr0", "Monotonic-tfr0", "Monotonic-tfr1"]


def test_when_sets_where_a_value_or_one_of_a_list_holds_and_sees_earlier_whens(tmp_path):
    text = """\
        sweeps:
          a:
            grid: {tfr: [0.0, 0.5, 1]}
            when:
              - {if: {tfr: [0.5, 1.0]}, set: {lr: 2}}
              - {if: {lr: 2.0, tfr: 1}, set: {lr: 3, fast: true}}
        """
    found = expanded(tmp_path, text)
    assert values(found, "lr") == [1e-3, 2.0, 3.0]
    assert values(found, "fast") == [False, False, True]


def test_a_condition_falls_back_to_the_trainers_defaults(tmp_path):
    text = "sweeps: {a: {seeds: 2, when: [{if: {kind: None, data.size: 8}, set: {lr: 2}}]}}"
    assert values(expanded(tmp_path, text), "lr") == [2.0, 2.0]


def test_true_is_not_one_to_a_condition(tmp_path):
    text = "sweeps: {a: {grid: {x: [1, true]}, when: [{if: {x: true}, set: {y: 1}}]}}"
    sweeps, _ = expanded(tmp_path, text, head=FREE)
    assert [trial.config for trial in sweeps["a"].trials] == [{"x": 1}, {"x": True, "y": 1}]


def test_a_condition_sees_what_the_command_line_sets_and_cannot_undo_it(tmp_path):
    text = """\
        sweeps:
          a:
            seeds: 1
            when: [{if: {data.name: folder}, set: {data.size: 2, lr: 2}}, {if: {data.name: drawn}, set: {tfr: 0}}]
        """
    found = expanded(tmp_path, text, overrides=["data.name=folder", "data.root=x", "lr=5"])
    assert [values(found, key) for key in ("data.size", "lr", "tfr")] == [[2], [5.0], [1.0]]


def test_a_condition_on_a_key_that_does_not_vary_may_wait_for_a_profile(tmp_path):
    text = "sweeps: {a: {seeds: 2, when: [{if: {data.name: folder}, set: {lr: 2}}], exclude: [{data.name: folder}]}}"
    assert len(expanded(tmp_path, text)[0]["a"].trials) == 2


def test_conditions_that_cannot_hold_are_told_with_the_values_there_are(tmp_path):
    grid = "grid: {kind: [None, Cyclical]}, include: [{lr: 2}]"
    assert told(
        tmp_path,
        f"sweeps: {{a: {{{grid}, when: [{{if: {{kind: Cyclic}}, set: {{}}}}, {{if: {{lr: 3}}, set: {{}}}}]}}}}",
    ) == [
        "e.yaml:2:73: sweeps.a.when: kind is never Cyclic, only None, Cyclical; did you mean 'Cyclical'?",
        "e.yaml:2:104: sweeps.a.when: lr is never 3, only 0.001, 2",
    ]


def test_a_problem_in_one_sweep_hides_none_in_another(tmp_path):
    text = "sweeps:\n  a: {grid: {lr: [0]}, exclude: [{lr: 7}]}\n  b: {grid: {tfr: [0, 1]}, exclude: [{tfr: 2}]}\n"
    assert told(tmp_path, text) == [
        "e.yaml:3:19: sweeps.a.grid.lr: must be greater than 0, not 0",
        "e.yaml:3:34: sweeps.a.exclude: lr is never 7, only 0",
        "e.yaml:4:38: sweeps.b.exclude: tfr is never 2, only 0, 1",
    ]


def test_every_wrong_value_is_told_once_however_many_cells_have_it(tmp_path):
    lrs = ", ".join(str(lr) for lr in [*range(1, 50), -1, 0])
    seeds = "[" + ", ".join(map(str, range(60))) + "]"
    text = f"defaults: {{kind: Cyclc}}\nsweeps:\n  a: {{grid: {{lr: [{lrs}], seed: {seeds}, tfr: [0, 2]}}, set: {{epocs: 1}}}}\n"
    assert [line.partition(": ")[2] for line in told(tmp_path, text)] == [
        "defaults.kind: 'Cyclc' is not one of None, Cyclical, Monotonic; did you mean 'Cyclical'?",
        "sweeps.a.grid.lr: must be greater than 0, not -1",
        "sweeps.a.grid.lr: must be greater than 0, not 0",
        "sweeps.a.grid.tfr: must be less than or equal to 1, not 2",
        "sweeps.a.set.epocs: unknown key 'epocs'; did you mean 'epochs'?",
    ]


def test_after_fifty_problems_of_a_sweep_the_rest_waits(tmp_path):
    lrs = ", ".join(f"-{lr}" for lr in range(1, 200))
    lines = told(tmp_path, f"sweeps: {{a: {{grid: {{lr: [{lrs}]}}}}}}")
    assert len(lines) == 52
    assert lines[0] == "e.yaml:2:10: sweeps.a: has more problems than the 50 listed here; fix these first"


def test_a_grid_that_is_too_large_is_refused_before_any_cell_is_looked_at(tmp_path):
    axes = ", ".join(f"k{i}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" for i in range(9))
    assert told(tmp_path, f"sweeps:\n  a: {{seeds: 3}}\n  b: {{grid: {{{axes}}}, seeds: 2}}\n") == [
        "e.yaml:4:3: sweeps.b: expands to 2,000,000,000 trials, and a file holds at most 200,000; vary fewer keys at once"
    ]


def test_identity_forgets_operational_keys_and_where_a_value_came_from(tmp_path):
    text = "sweeps: {a: {grid: {tfr: [0.5]}}, b: {set: {tfr: 0.5}, seeds: [0]}, c: {include: [{tfr: 0.5, device: cuda}]}}"
    sweeps, _ = expanded(tmp_path, text)
    assert len({sweeps[name].trials[0].fingerprint for name in "abc"}) == 1


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
def test_the_reports_studies_are_twelve_trials_in_either_profile(profile):
    sweeps, trainer = real(profile)
    grid = [f"{kind}-tfr{tfr}" for kind in ("None", "Cyclical", "Monotonic") for tfr in (1.0, 0.5, 0.0)]
    assert names(sweeps["tfr-by-annealing"]) == grid
    assert names(sweeps["annealing"]) == ["Monotonic", "Cyclical", "None"]
    configs = [trial.config for trial in sweeps["tfr-by-annealing"].trials]
    defaults = trainer.schema.defaults
    assert [c["tfr_d_step"] for c in configs] == [
        0.05 if c["tfr"] == 0.5 else defaults["tfr_d_step"] for c in configs
    ]
    assert values((sweeps, trainer), "tfr", "annealing") == [0.0] * 3
    assert len({trial.fingerprint for sweep in sweeps.values() for trial in sweep.trials}) == 12


def test_the_report_profile_is_the_reports_full_size():
    found = real("report")
    assert set(values(found, "num_epoch", "tfr-by-annealing")) == {100}
    assert set(values(found, "num_epoch", "annealing")) == {200}
    assert {*values(found, "lr", "tfr-by-annealing"), *values(found, "lr", "annealing")} == {1e-4}
    assert set(values(found, "kl_anneal_ratio", "annealing")) == {0.5}


def test_the_quick_profile_runs_fewer_epochs_of_the_same_study():
    quick, full = real("quick"), real("report")
    for sweep in ("tfr-by-annealing", "annealing"):
        assert max(values(quick, "num_epoch", sweep)) < min(values(full, "num_epoch", sweep))
        assert names(quick[0][sweep]) == names(full[0][sweep])
