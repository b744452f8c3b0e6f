"""Cells: which combinations of values a sweep stands for."""

import pytest

from sweeps.errors import SelectionError, SpecError
from sweeps.planning.cells import axes_of, cells
from sweeps.planning.layers import Layers
from sweeps.program.template import TrialValues
from tests.sweeps.specs import GROUPED, expanded, names, read, values


@pytest.fixture
def cells_of(tmp_path):
    """Makes the cells of the one sweep of a text."""

    def made(text):
        spec = read(tmp_path, text)
        (sweep,) = spec.sweeps
        return list(cells(sweep, Layers.of(spec, sweep, defaults={}, profile=None, overrides={})))

    return made


def plain(cell):
    return {key: setting.value for key, setting in cell.settings.items()}


def test_the_first_grid_key_varies_slowest_and_names_are_readable(tmp_path):
    sweeps, _ = expanded(
        tmp_path, "sweeps: {a: {grid: {kind: [None, Cyclical], tfr: [1.0, 0.5]}, seeds: [1, 2]}}"
    )
    assert names(sweeps["a"]) == [
        *("None-tfr1.0-seed1", "None-tfr1.0-seed2", "None-tfr0.5-seed1", "None-tfr0.5-seed2"),
        *("Cyclical-tfr1.0-seed1", "Cyclical-tfr1.0-seed2", "Cyclical-tfr0.5-seed1", "Cyclical-tfr0.5-seed2"),
    ]
    assert sweeps["a"].axes == ("kind", "tfr", "seed")


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


def test_a_cell_says_which_entries_of_when_and_exclude_hold_in_it(cells_of):
    text = "sweeps: {a: {grid: {x: [1, 2, 3]}, exclude: [{x: 9}, {x: 3}], when: [{if: {x: 5}, set: {}}, {if: {x: 2}, set: {y: 1}}]}}"
    one, two, three = cells_of(text)
    assert (plain(one), one.whens, one.excluded_by) == ({"x": 1}, (), None)
    assert (plain(two), two.whens, two.excluded_by) == ({"x": 2, "y": 1}, (1,), None)
    assert (plain(three), three.excluded_by) == ({"x": 3}, 1)


def test_a_condition_sees_the_values_of_the_grid_instead_of_those_of_defaults(cells_of):
    found = cells_of("defaults: {x: 1}\nsweeps: {a: {grid: {x: [1, 2]}, exclude: [{x: 1}]}}")
    assert [(plain(cell), cell.excluded_by) for cell in found] == [({"x": 1}, 0), ({"x": 2}, None)]


def test_the_keys_of_every_part_that_varies_are_axes_each_once(tmp_path):
    text = "sweeps: {a: {grid: {x: [1, 2]}, zip: {y: [1, 2], z: [3, 4]}, include: [{x: 3, w: 1}], seeds: 2}}"
    assert axes_of(read(tmp_path, text).sweeps[0]) == ("x", "y", "z", "w", "seed")


SEARCH = """
sweeps:
  a:
    set: {fixed: 1}
    search:
      space: {kind: {choice: [p, q]}, n: {int: [1, 4], when: {kind: q}}, lr: {float: [0, 1]}}
      objective: {loss: min}
      trials: 5
      enqueue: [{kind: q, n: 2, lr: 0.5}]
"""


def test_a_search_is_checked_at_every_bound_every_choice_and_every_starting_point(cells_of):
    assert [plain(cell) for cell in cells_of(SEARCH)] == [
        {"fixed": 1, "kind": "p", "lr": 0},
        {"fixed": 1, "kind": "q", "n": 1, "lr": 0},
        {"fixed": 1, "kind": "q", "n": 1, "lr": 0},
        {"fixed": 1, "kind": "q", "n": 4, "lr": 0},
        {"fixed": 1, "kind": "p", "lr": 1},
        {"fixed": 1, "kind": "q", "n": 2, "lr": 0.5},
    ]


def test_the_keys_of_a_search_are_axes_in_the_order_in_which_they_are_drawn(tmp_path):
    assert axes_of(read(tmp_path, SEARCH).sweeps[0]) == ("kind", "n", "lr")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("defaults: {seed: 7}\nsweeps: {a: {grid: {x: [1]}}}", [7, 8, 9]),
        ("defaults: {seed: 7}\nsweeps: {a: {grid: {x: [1]}, set: {seed: 3}}}", [3, 4, 5]),
        ("sweeps: {a: {grid: {x: [1]}}}", [0, 1, 2]),
        ("sweeps: {a: {grid: {x: [1]}, seeds: [5, 2]}}", [5, 2, 6]),
        ("sweeps: {a: {grid: {x: [1]}, seeds: [5, 2, 9, 1]}}", [5, 2, 9]),
        (
            "profiles: {p: {seeds: 3}}\nprofile: p\ndefaults: {seed: 7}\nsweeps: {a: {grid: {x: [1]}}}",
            [7, 8, 9],
        ),
        (
            "profiles: {p: {seeds: 2, sweeps: {a: {seeds: 3}}}}\nprofile: p\nsweeps: {a: {grid: {x: [1]}, set: {seed: 7}}}",
            [7, 8, 9],
        ),
    ],
)
def test_seeds_repeat_trials_and_the_files_own_come_first(tmp_path, body, expected):
    asked = {} if "profiles" in body else {"seeds": 3}
    sweeps, _ = expanded(tmp_path, body, head="trainer: os:getcwd\n", **asked)
    assert values(sweeps["a"], "seed") == expected


def test_a_profile_repeats_one_sweep_and_the_command_line_has_the_last_word(tmp_path):
    body = "profiles: {p: {sweeps: {a: {seeds: 3, lr: 2}}}}\nprofile: p\nsweeps: {a: {grid: {x: [1]}}, b: {grid: {x: [1]}}}"
    sweeps, _ = expanded(tmp_path, body, head="trainer: os:getcwd\n")
    assert (values(sweeps["a"], "seed"), values(sweeps["a"], "lr")) == ([0, 1, 2], [2, 2, 2])
    assert names(sweeps["b"]) == ["x1"]
    sweeps, _ = expanded(tmp_path, body, head="trainer: os:getcwd\n", seeds=2)
    assert [values(sweep, "seed") for sweep in sweeps.values()] == [[0, 1]] * 2


def test_the_first_repeat_is_the_trial_without_repeats_and_searches_are_left_as_they_are(tmp_path):
    body = """
    defaults: {seed: 7}
    sweeps:
      a: {grid: {x: [1, 2]}}
      s: {search: {space: {x: {float: [0, 1]}}, objective: {loss: min}, trials: 2}}
    """
    alone, _ = expanded(tmp_path, body, head="trainer: os:getcwd\n")
    repeats, _ = expanded(tmp_path, body, head="trainer: os:getcwd\n", seeds=2)
    first = [trial.fingerprint for trial in repeats["a"].trials if trial.config["seed"] == 7]
    assert first == [trial.fingerprint for trial in alone["a"].trials]
    assert repeats["s"].search is not None
    assert "seed" not in repeats["s"].axes


def test_a_sweep_that_varies_its_seed_itself_is_not_repeated(tmp_path):
    with pytest.raises(SelectionError, match=r"^--seeds 2: the sweep a varies seed itself"):
        expanded(tmp_path, "sweeps: {a: {grid: {seed: [1, 2]}}}", head="trainer: os:getcwd\n", seeds=2)


def test_a_seed_of_the_command_line_is_the_first_of_the_repeats(tmp_path):
    asked = {"head": "trainer: os:getcwd\n", "seeds": 3, "overrides": ["seed=7"]}
    body = "sweeps: {a: {grid: {x: [1]}, when: [{if: {x: 1}, set: {y: 2}}]}}"
    sweeps, _ = expanded(tmp_path, body, **asked)
    assert (values(sweeps["a"], "seed"), values(sweeps["a"], "y")) == ([7, 8, 9], [2, 2, 2])
    with pytest.raises(SpecError, match="varies seed"):
        expanded(tmp_path, "sweeps: {a: {grid: {x: [1]}, seeds: [1, 2]}}", **asked)


@pytest.fixture
def grouped(tmp_path, monkeypatch):
    """Expands a text whose words may choose of groups: each trial's config by its name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text("")

    def made(text, **asked):
        sweeps, trainer = expanded(tmp_path, text, head=GROUPED, **asked)
        trials = {trial.name: trial for sweep in sweeps.values() for trial in sweep.trials}
        return {name: dict(trial.config) for name, trial in trials.items()}, trainer

    return made


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        (
            "sweeps: {a: {grid: {optim: [sgd, adam], optim.lr: [1, 2]}}}",
            {},
            {f"{word}-lr{lr}": {"optim": word, "optim.lr": lr} for word in ("sgd", "adam") for lr in (1, 2)},
        ),
        (
            "sweeps: {a: {zip: {optim.lr: [1, 2], optim: [sgd, adam]}}}",
            {},
            {"lr1-sgd": {"optim.lr": 1, "optim": "sgd"}, "lr2-adam": {"optim.lr": 2, "optim": "adam"}},
        ),
        (
            "sweeps: {a: {include: [{model: mlp, optim: sgd, optim.lr: 1}]}}",
            {},
            {"mlp-sgd-lr1": {"model": "mlp", "optim": "sgd", "optim.lr": 1}},
        ),
        (
            (
                "defaults: {optim: adam, optim.lr: 1}\nprofiles: {p: {optim.lr: 2}}\n"
                "sweeps: {a: {set: {optim.eps: 3}, seeds: [1], when: [{if: {optim: adam}, set: {optim.nesterov: true}}]}}"
            ),
            {"profile": "p", "overrides": ["optim.wd=4"]},
            {
                "seed1": {
                    "optim": "adam",
                    "optim.lr": 2,
                    "optim.eps": 3,
                    "optim.wd": 4,
                    "seed": 1,
                    "optim.nesterov": True,
                }
            },
        ),
        (
            "defaults: {optim.lr: 1}\nsweeps: {a: {grid: {optim: [sgd, null, [a, b]]}, exclude: [{optim: sgd}]}}",
            {},
            {"optim-null": {"optim": None}, "optima_b": {"optim.lr": 1, "optim": ["a", "b"]}},
        ),
        (
            "defaults: {optim: adam}\nsweeps: {a: {grid: {optim.lr: [1]}}}",
            {"overrides": ["optim=sgd"]},
            {"lr1": {"optim": "sgd", "optim.lr": 1}},
        ),
    ],
    ids=["grid", "zip", "include", "layers", "no file", "--set"],
)
def test_a_word_that_chooses_of_a_group_stands_beside_keys_of_the_group(grouped, text, asked, expected):
    assert grouped(text, **asked)[0] == expected


def test_the_word_of_a_group_comes_before_the_groups_keys(grouped):
    configs, trainer = grouped("defaults: {optim.lr: 1, lr: 2}\nsweeps: {a: {grid: {optim: [sgd]}}}")
    assert trainer.arguments(TrialValues.of(configs["sgd"], run_dir="", trial="", run_id=""))[2:] == [
        *("optim=sgd", "optim.lr=1", "lr=2"),
    ]


def test_the_same_settings_have_the_same_fingerprint_wherever_they_are_set(tmp_path, grouped):
    grouped("sweeps: {a: {grid: {optim: [sgd], optim.lr: [1]}}}")
    texts = (
        "sweeps: {a: {grid: {optim: [sgd], optim.lr: [1]}}}",
        "defaults: {optim.lr: 1}\nsweeps: {a: {set: {optim: sgd}}}",
    )
    one, other = (expanded(tmp_path, text, head=GROUPED)[0]["a"].trials[0] for text in texts)
    assert one.fingerprint == other.fingerprint == "s1-66c68057f447183a"


def test_a_search_draws_a_group_and_a_key_of_it(tmp_path, grouped):
    space = "{optim: {choice: [sgd, adam]}, optim.lr: {float: [0.1, 1]}}"
    text = f"sweeps: {{a: {{search: {{space: {space}, objective: {{loss: min}}, trials: 3}}}}}}"
    grouped(text)
    search = expanded(tmp_path, text, head=GROUPED)[0]["a"].search
    made = search.trial({"optim": "adam", "optim.lr": 0.5}, "one")
    assert dict(made.config) == {"optim": "adam", "optim.lr": 0.5}
