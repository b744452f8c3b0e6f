import pytest

from sweeps.spec.references import end_of, follow, referenced, references

OWN = ("run_dir",)


def followed(defaults=None, /, **values):
    found = follow(values, defaults or {}, OWN)
    assert found.wrong == {}
    return found.values


def wrong(**values):
    return follow(values, {}, OWN).wrong


def test_a_value_that_is_nothing_but_a_key_in_braces_is_that_keys_value():
    assert followed(a="{b}", b=[1.0], c="{b} ", d=2) == {"a": [1.0], "b": [1.0], "c": "{b} ", "d": 2}


def test_a_way_may_have_several_steps_and_end_at_a_default():
    assert followed({"z.y": 3}, a="{b}", b="{z.y}") == {"a": 3, "b": 3}


def test_elements_of_lists_follow_too():
    assert followed(a=["{b}", ["{b}"], "x{b}"], b=0.9) == {"a": [0.9, [0.9], "x{b}"], "b": 0.9}


def test_which_values_changed_is_told():
    assert follow({"a": "{b}", "b": 1, "c": "{x y}"}, {}, OWN).changed == ["a"]


def test_other_braces_and_names_of_the_trial_stay_as_they_are_written():
    values = {"a": "{run_dir}", "b": "{run_dir}/x", "c": "{0:3d}", "d": "{}", "e": "a{2}"}
    assert followed(**values) == values


def test_a_key_of_the_config_comes_before_a_name_of_the_trial():
    assert followed(a="{run_dir}", run_dir="/x")["a"] == "/x"


def test_doubled_braces_are_the_text_itself():
    assert followed(a="{{b}}", b=1)["a"] == "{b}"


def test_what_leads_nowhere_or_in_a_circle_is_told():
    assert wrong(max_iters=5, a="{max_iter}") == {
        "a": "{max_iter} is no key of the config; did you mean 'max_iters'?; to have the text itself, write {{max_iter}}"
    }
    assert wrong(a="{b}", b="{c}", c="{b}", d="{d}", e=1) == {
        "a": "follows itself (b -> c -> b); give one of them a value",
        "b": "follows itself (b -> c -> b); give one of them a value",
        "c": "follows itself (c -> b -> c); give one of them a value",
        "d": "follows itself (d -> d); give one of them a value",
    }


@pytest.mark.parametrize(
    ("value", "keys"), [("{a.b}", ["a.b"]), ("x{a}", []), (["{a}", ["{b}"]], ["a", "b"]), (1, [])]
)
def test_the_keys_that_a_value_names(value, keys):
    assert references(value) == keys
    assert referenced(value) == (keys[0] if isinstance(value, str) and keys else None)


def test_the_end_of_a_way_is_found_without_judging_it():
    values = {"a": "{b}", "b": 3, "c": "{c}", "d": "{e}"}
    ends = {key: end_of(value, values.__getitem__, values.__contains__) for key, value in values.items()}
    assert ends == {"a": 3, "b": 3, "c": "{c}", "d": "{e}"}
