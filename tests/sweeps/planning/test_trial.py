"""The readable names of trials."""

import pytest

from sweeps.errors import Place
from sweeps.planning.trial import shown, trial_name
from sweeps.spec.settings import Setting
from tests.sweeps.specs import FREE, expanded, names


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


def named(axes, **settings):
    place = Place("e.yaml")
    return trial_name({key: Setting(value, "test", place) for key, value in settings.items()}, axes)


def test_a_name_has_the_axes_in_order_and_skips_those_that_are_not_set():
    assert named(("kind", "tfr", "lr"), lr=2, kind="None", epochs=9) == "None-lr2"


def test_a_name_that_a_database_would_refuse_is_cut_and_stays_one_of_a_kind():
    one, other = (named(("prompt", "lr"), prompt="word " * 100, lr=lr) for lr in (1, 2))
    assert (len(one), len(other)) == (250, 250)
    assert one[:241] == other[:241] == ("word_" * 50)[:241]
    assert one != other
    assert named(("p",), p="x" * 250) == "x" * 250  # as long as it may be, as it always was


def test_a_name_is_never_empty():
    assert named(()) == "trial"
    assert named(("root",), root="/") == "trial"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-null"),
        (True, "-true"),
        (0.5, "0.5"),
        ([2, [5, 7]], "2_5_7"),
        ({"a": 1, "b": False}, "a1_b-false"),
    ],
)
def test_a_value_is_shown_as_it_stands_behind_its_key(value, text):
    assert shown(value) == text


def test_repeats_by_seed_have_their_setting_in_common(tmp_path):
    sweeps, _ = expanded(
        tmp_path, "sweeps: {a: {grid: {lr: [1, 2]}, seeds: 2}, b: {grid: {lr: [1]}}}", head=FREE
    )
    assert [one.setting_name for one in sweeps["a"].trials] == ["lr1", "lr1", "lr2", "lr2"]
    assert len({one.setting for one in sweeps["a"].trials}) == 2
    assert [one.setting_name for one in sweeps["b"].trials] == ["lr1"]


def test_a_trial_that_lacks_a_key_of_the_sweep_is_a_setting_of_its_own(tmp_path):
    text = "sweeps: {a: {grid: {lr: [1]}, include: [{lr: 1, wd: 2}], seeds: 2}}"
    sweeps, _ = expanded(tmp_path, text, head=FREE)
    assert [one.setting for one in sweeps["a"].trials] == [(("lr", "1"),)] * 2 + [
        (("lr", "1"), ("wd", "2"))
    ] * 2
