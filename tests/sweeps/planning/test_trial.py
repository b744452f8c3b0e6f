import pytest

from sweeps.errors import Place
from sweeps.planning.trial import shown, trial_name
from sweeps.spec.settings import Setting


def test_a_name_holds_words_as_they_are_and_other_values_behind_their_keys():
    values = {"kind": "Cyclical", "data.size": 4, "fast": True, "path": "/x y"}
    settings = {key: Setting(value, "sweeps.a.grid", Place("e.yaml")) for key, value in values.items()}
    assert trial_name(settings, ["kind", "data.size", "fast"]) == "Cyclical-size4-fast-true"
    assert trial_name(settings, ["data.size", "other", "path"]) == "size4-_x_y"
    assert trial_name(settings, []) == "trial"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-null"),
        (False, "-false"),
        ([2, [5]], "2_5"),
        ({"a": 1, "b": True}, "a1_b-true"),
        (1e-5, "1e-05"),
    ],
)
def test_values_are_shown_so_that_they_can_be_told_apart(value, text):
    assert shown(value) == text
