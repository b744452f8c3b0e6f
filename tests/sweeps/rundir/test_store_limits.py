"""What a store takes, compared with what MLflow itself says."""

import pytest
from mlflow.exceptions import MlflowException
from mlflow.utils.validation import _validate_metric, _validate_param_name

from sweeps.rundir.store_limits import (
    MOST_STEP,
    StoreLimits,
    as_number,
    as_step,
    of_file_name,
    of_name,
    of_step,
    storable,
)

NAMES = [
    *("loss", "train/loss", "a b", "a:b", "a-b.c_d", "über", "k" * 250, "1", "x/..y", ".hidden"),
    *("acc@5", "loss (%)", "a,b", "", ".", "..", "/a", "a/", "a//b", "a/../b", "./a", "k" * 251),
    *("a\0b", "caf\udce9", "a\tb", "a\nb", "..a", "lr=1", "f1#macro", "50%", "é" * 251),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken_where_mlflow_takes_it(name):
    def mlflow_takes():
        try:
            _validate_metric(name, 1.0, 0, 0)
            _validate_param_name(name)
        except MlflowException:
            return False
        return True

    assert (of_name(name) is None) == mlflow_takes()


def test_a_refused_name_is_told_with_the_rule_and_one_that_would_do():
    assert of_name("acc@5") == (
        "holds '@', and MLflow takes letters, digits, spaces and _ - . : / only; rename it, for example 'acc_5'"
    )
    assert of_name("val/loss (%)").endswith("for example 'val/loss'")
    for name in NAMES:
        if (wrong := of_name(name)) is not None and "for example" in wrong:
            assert of_name(wrong.rpartition("'")[0].rpartition("'")[2]) is None, name
    assert "250" in of_name("k" * 251)


@pytest.mark.parametrize("step", [0, -1, MOST_STEP, -(2**63)])
def test_a_step_is_any_64_bit_integer(step):
    assert of_step(step) is None


@pytest.mark.parametrize("step", [2**63, -(2**63) - 1, 1e30, float("inf"), float("nan")])
def test_any_other_step_is_none(step):
    assert "64-bit" in of_step(step)


@pytest.mark.parametrize(
    ("uri", "longest", "nul"),
    [
        ("sqlite:///mlflow.db", 500, True),
        ("./mlruns", 500, True),
        ("postgresql+psycopg://u@h/d", 256, False),
        ("http://127.0.0.1:5000", 256, False),
    ],
)
def test_stores_differ_in_experiments_and_nul(uri, longest, nul):
    limits = StoreLimits.of(uri)
    assert limits.of_experiment("x" * longest) is None
    assert "shorten it" in limits.of_experiment("x" * (longest + 1))
    assert (limits.of_text("a\0") is None) == nul
    assert "surrogate" in limits.of_text("a\ud800")
    assert "surrogate" in limits.of_experiment("a\ud800")
    assert limits.of_text("käse 🧀") is None


def test_a_text_of_ours_becomes_one_that_can_be_kept():
    assert storable("plain ✓") == "plain ✓"
    assert storable("caf\udce9\0") == r"caf\udce9\x00"
    assert storable("x" * 10, 4) == "xxx…"


def test_a_file_name_is_text():
    assert of_file_name("a b#1.png") is None
    assert "UTF-8" in of_file_name("caf\udce9.png")


@pytest.mark.parametrize("value", ["high", None, 10**400])
def test_what_is_no_number_is_no_value(value):
    assert as_number("loss", "0.5") == 0.5
    with pytest.raises(TypeError, match="metric 'loss' must be a number"):
        as_number("loss", value)


@pytest.mark.parametrize("step", [True, 0.5, "3", None, float("inf")])
def test_what_is_no_whole_number_is_no_step(step):
    assert as_step(3.0) == 3
    with pytest.raises(TypeError, match="step must be a whole number"):
        as_step(step)
