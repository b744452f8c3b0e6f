"""Layers of settings: which one wins, and where a condition holds."""

import pytest

from sweeps.planning.layers import Layers
from sweeps.spec.setting_parser import read_overrides
from sweeps.spec.settings import ConditionIndex
from tests.sweeps.specs import FREE, expanded, read, values

TEXT = """\
    defaults: {lr: 1, tfr: 0.5, data.root: x}
    profiles: {p: {lr: 2}}
    sweeps: {a: {set: {kind: Cyclical}, grid: {seed: [1]}, when: [{if: {lr: 3}, set: {lr: 4}}, {if: {lr: 4}, set: {tfr: 0}}]}}
    """


@pytest.fixture
def layers_of(tmp_path):
    """Makes the layers of the sweep above, with a profile and flags."""

    def made(profile=None, overrides=()):
        spec = read(tmp_path, TEXT)
        return Layers.of(
            spec,
            spec.sweeps[0],
            defaults={"epochs": 3},
            profile=profile,
            overrides=read_overrides(overrides),
        )

    return made


def plain(settings):
    return {key: setting.value for key, setting in settings.items()}


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


def test_dotted_and_nested_keys_are_the_same_key(tmp_path):
    text = """\
        defaults: {data: {name: folder, root: x}}
        sweeps: {a: {set: {data.root: y}, grid: {data.size: [1, 2]}, when: [{if: {data: {size: 2}}, set: {data: {root: z}}}]}}
        """
    sweeps, _ = expanded(tmp_path, text)
    assert values(sweeps["a"], "data.name") == ["folder", "folder"]
    assert values(sweeps["a"], "data.root") == ["y", "z"]


def test_a_value_replaces_a_group_and_a_group_a_value(tmp_path):
    text = "defaults: {data: {name: x, root: y}, more: 1}\nsweeps: {a: {set: {data: 3, more: {a: 1}}, seeds: 1}}\n"
    sweeps, _ = expanded(tmp_path, text, head=FREE)
    assert sweeps["a"].trials[0].config == {"data": 3, "more.a": 1, "seed": 0}


def test_when_sets_where_a_value_or_one_of_a_list_holds_and_sees_earlier_whens(tmp_path):
    text = """\
        sweeps:
          a:
            grid: {tfr: [0.0, 0.5, 1]}
            when:
              - {if: {tfr: [0.5, 1.0]}, set: {lr: 2}}
              - {if: {lr: 2.0, tfr: 1}, set: {lr: 3, fast: true}}
        """
    sweeps, _ = expanded(tmp_path, text)
    assert values(sweeps["a"], "lr") == [1e-3, 2.0, 3.0]
    assert values(sweeps["a"], "fast") == [False, False, True]


def test_a_condition_falls_back_to_the_trainers_defaults(tmp_path):
    text = "sweeps: {a: {seeds: 2, when: [{if: {kind: None, data.size: 8}, set: {lr: 2}}]}}"
    sweeps, _ = expanded(tmp_path, text)
    assert values(sweeps["a"], "lr") == [2.0, 2.0]


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
    sweeps, _ = expanded(tmp_path, text, overrides=["data.name=folder", "data.root=x", "lr=5"])
    assert [values(sweeps["a"], key) for key in ("data.size", "lr", "tfr")] == [[2], [5.0], [1.0]]


def test_the_base_is_what_every_trial_of_the_sweep_starts_from(layers_of):
    assert plain(layers_of().base) == {"lr": 1, "tfr": 0.5, "data.root": "x", "kind": "Cyclical"}
    assert plain(layers_of("p", ["tfr=1"]).base) == {"lr": 2, "tfr": 1, "data.root": "x", "kind": "Cyclical"}


def test_the_value_of_a_key_that_is_not_varied_is_as_set_else_the_trainers_default_else_nothing(layers_of):
    layers = layers_of("p")
    assert [layers.fixed(key) for key in ("lr", "epochs", "seed")] == [2, 3, None]


def test_each_when_that_holds_is_counted_and_leaves_the_given_settings_alone(layers_of):
    layers = layers_of()
    settings = layers.with_layer(read_overrides(["lr=3"]))
    after, held = layers.with_whens(settings)
    assert (plain(after)["lr"], plain(after)["tfr"], held) == (4, 0, (0, 1))
    assert plain(settings) == {"lr": 3, "tfr": 0.5, "data.root": "x", "kind": "Cyclical"}
    assert layers.with_whens(layers.base) == (layers.base, ())


def test_the_first_condition_that_holds_is_found(layers_of):
    layers = layers_of()
    conditions = [{"lr": (2,)}, {"lr": (1, 2), "kind": ("Cyclical",)}, {"lr": (1,)}]
    assert layers.first_held(ConditionIndex(conditions), layers.base) == 1
    assert layers.first_held(ConditionIndex(conditions[:1]), layers.base) is None


def test_a_condition_sees_what_a_value_that_follows_another_stands_for(tmp_path):
    head = "trainer: {command: [python, '{args}']}\n"
    sweep = "{grid: {a: ['{b}', 5], b: [1, 2]}, exclude: [{a: 2}], when: [{if: {a: 1}, set: {c: '{a}'}}], set: {c: 0}}"
    sweeps, _ = expanded(tmp_path, f"sweeps: {{s: {sweep}}}", head=head)
    assert [tuple(trial.config.values()) for trial in sweeps["s"].trials] == [(1, 1, 1), (0, 5, 1), (0, 5, 2)]
    assert [trial.name for trial in sweeps["s"].trials] == ["a1-b1", "a5-b1", "a5-b2"]
