import pytest

from sweeps.adoption.matching import Matcher, is_same, listed, names_of
from tests.sweeps.specs import FREE, expanded

GRID = """
defaults: {epochs: 3, optim.name: adam, device: cpu, out: "{run_dir}"}
sweeps: {a: {grid: {optim.lr: [0.1, 0.01], fast: [true, false]}, seeds: 2}}
"""
RUN = {"optim.lr": "0.01", "fast": "True", "seed": "1"}


def matcher(path, text=GRID, names=(), ignored=()):
    sweeps, _ = expanded(path, text, head=FREE)
    return Matcher((trial for sweep in sweeps.values() for trial in sweep.trials), dict(names), ignored)


def test_a_run_is_the_trial_whose_varied_keys_it_says_and_what_it_does_not_say_is_told(tmp_path):
    match = matcher(tmp_path).match(RUN)
    assert {key: match.trial.config[key] for key in RUN} == {"optim.lr": 0.01, "fast": True, "seed": 1}
    assert match.reason == ""
    assert set(match.assumed) == {"epochs", "optim.name"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": None}, "does not say seed, by which trials differ"),
        ({"optim.lr": "0.3"}, "optim.lr is 0.3, in the file 0.1 or 0.01"),
        ({"epochs": "5"}, "epochs is 5, in the file 3"),
        (
            {"optim.lr": None, "fast": None, "seed": None, "gamma": "1"},
            "says none of the file's keys; it has gamma",
        ),
        (
            {"optim.lr": None, "fast": None, "seed": None},
            "nothing is known of its config; --config or --name tells it",
        ),
        (
            {"optim.lr": None, "eta": "0.1"},
            "does not say optim.lr, by which trials differ; it says eta: --key optim.lr=NAME names the right one",
        ),
    ],
)
def test_a_run_that_contradicts_or_says_too_little_is_no_trial_and_the_reason_says_why(
    tmp_path, change, reason
):
    known = {key: text for key, text in (RUN | change).items() if text is not None}
    match = matcher(tmp_path).match(known)
    assert (match.trial, match.reason) == (None, reason)


def test_keys_that_change_no_result_or_name_the_trial_are_not_compared(tmp_path):
    assert matcher(tmp_path).match(RUN | {"device": "cuda", "out": "runs/7"}).trial is not None


def test_keys_of_the_user_and_keys_to_ignore(tmp_path):
    known = {"fast": "True", "seed": "1", "eta": "0.1", "epochs": "5"}
    match = matcher(tmp_path, names={"optim.lr": "eta"}, ignored={"epochs"}).match(known)
    assert match.trial.config["optim.lr"] == 0.1
    assert match.renamed == {"optim.lr": "eta"}
    assert "epochs" not in match.assumed
    match = matcher(tmp_path, names={"optim.lr": "rate"}, ignored={"epochs"}).match(known)
    assert match.reason.startswith("has no rate, which --key names; it says ")


TWO = """
sweeps:
  a: {grid: {lr: [0.1, 0.01]}}
  b: {grid: {lr: [0.1, 1.0], decay: [0.5]}}
  c: {grid: {lr: [0.1], momentum: [0.9]}}
"""


def test_of_trials_that_fit_the_one_counts_of_which_more_is_said_and_equal_ones_are_not_told_apart(tmp_path):
    assert matcher(tmp_path, TWO).match({"lr": "0.1"}).trial.sweep == "a"
    assert matcher(tmp_path, TWO).match({"lr": "0.1", "decay": "0.5"}).trial.sweep == "b"
    match = matcher(tmp_path, TWO).match({"lr": "0.1", "decay": "0.5", "momentum": "0.9"})
    assert match.trial is None
    assert match.reason.startswith("is not told apart: it may be ")


def test_a_trial_that_several_sweeps_share_is_one(tmp_path):
    shared = "sweeps: {a: {grid: {lr: [0.1]}}, b: {grid: {lr: [0.1, 1.0]}}}"
    assert matcher(tmp_path, shared).match({"lr": "1e-1"}).trial.sweep == "a"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        (".5", 0.5),
        ("3", 3.0),
        ("true", True),
        ("True", True),
        ("None", None),
        ("null", None),
        ("", None),
        ("[1, 2]", [1, 2]),
        ("1", "1"),
        ("adam", "adam"),
    ],
)
def test_values_are_equal_as_what_they_are(text, value):
    assert is_same(text, value)


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("0.1001", 0.1), ("Adam", "adam"), ("0", None), ("nan", 1)]
)
def test_other_values_are_not_equal(text, value):
    assert not is_same(text, value)


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (["optim.lr"], {"optim.lr": "optim.lr"}),
        (["optim/LR"], {"optim.lr": "optim/LR"}),
        (["config.optim.lr"], {"optim.lr": "config.optim.lr"}),
        (["lr"], {"optim.lr": "lr"}),
        (["--batch-size"], {"batch_size": "--batch-size"}),
        (["scheduler.lr"], {}),
        (["a_b", "a-b"], {}),
    ],
)
def test_a_run_may_spell_a_key_otherwise_where_nothing_else_can_be_meant(known, found):
    assert names_of(["optim.lr", "batch_size", "optim.name", "data.name"], known, {}) == found


def test_the_last_part_of_two_keys_is_neither_of_them():
    assert names_of(["optim.name", "data.name"], ["name"], {}) == {}


def test_words_are_listed_shortened():
    assert (listed(["a"]), listed(["a", "b"], "or"), listed([])) == ("a", "a or b", "")
    assert listed(list("abcdefgh")) == "a, b, c, d, e and 3 more"
