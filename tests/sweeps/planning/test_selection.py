import pytest

from sweeps.errors import SelectionError
from sweeps.planning.selection import Selection, words_for
from tests.sweeps.specs import expanded

TEXT = """\
    sweeps:
      a: {grid: {kind: [None, Cyclical], tfr: [0, 0.5]}}
      b: {grid: {fast: [true, false]}, set: {steps: [1, 2], data.root: null}}
    """


@pytest.fixture
def select(tmp_path):
    sweeps, _ = expanded(tmp_path, TEXT)

    def chosen(only=(), excepting=()):
        selection = Selection.parse(only, excepting, list(sweeps.values()))
        return [f"{t.sweep}/{t.name}" for s in sweeps.values() for t in s.trials if t in selection]

    return chosen


A = ["a/None-tfr0", "a/None-tfr0.5", "a/Cyclical-tfr0", "a/Cyclical-tfr0.5"]
B = ["b/fast-true", "b/fast-false"]


@pytest.mark.parametrize(
    ("only", "excepting", "found"),
    [
        ([], [], A + B),
        (["tfr=0.5"], [], [A[1], A[3]]),
        (["tfr=0.50"], [], [A[1], A[3]]),
        (["tfr=0"], [], [A[0], A[2]]),
        (["tfr=0.0", "tfr=0.5"], [], A),
        (["tfr=0.5", "kind=None"], [], [A[1]]),
        (["tfr=1"], [], B),
        (["kind=Cyclical"], [], A[2:]),
        ([], ["kind=None"], A[2:]),
        (["sweep=a"], ["tfr=0.5", "kind=Cyclical"], [A[0]]),
        (["sweep=b"], [], B),
        (["trial=Cyclical-tfr0"], [], [A[2]]),
        (["fast=true"], [], [B[0]]),
        (["steps=[1, 2]"], ["sweep=a"], B),
        (["data.root=null"], ["fast=true", "sweep=a"], [B[1]]),
        (["lr=0.001"], [], A + B),
        (["lr=1e-3"], ["trial=fast-true"], [*A, B[1]]),
    ],
)
def test_of_each_key_one_value_must_hold_and_none_of_the_exceptions(only, excepting, found, select):
    assert select(only, excepting) == found


@pytest.mark.parametrize(
    ("only", "excepting", "message"),
    [
        (["tfr"], [], "--only tfr: is not key=value; write for example --only tfr=0.5"),
        ([], ["=3"], "--except =3: is not key=value; write for example --except tfr=0.5"),
        (["tfr=0.7"], [], "--only tfr=0.7: no trial has it; there is 0.0, 0.5, 1.0"),
        (
            ["kind=cyclical"],
            [],
            "--only kind=cyclical: no trial has it; there is Cyclical, None; did you mean 'Cyclical'?",
        ),
        (["fast=yes"], [], "--only fast=yes: no trial has it; there is false, true"),
        (["fast=1"], [], "--only fast=1: no trial has it; there is false, true"),
        ([], ["knd=None"], "--except knd=...: no trial has the key 'knd'; did you mean 'kind'?"),
        (["tfr=0.5"], ["sweep=a"], "--only tfr=0.5 --except sweep=a: no trial is left"),
        (["sweep=c"], [], "--only sweep=c: no trial has it; there is a, b"),
    ],
)
def test_a_selection_of_nothing_is_refused_with_what_there_is(only, excepting, message, select):
    with pytest.raises(SelectionError) as caught:
        select(only, excepting)
    assert str(caught.value) == message


def test_of_a_single_trial_a_key_that_it_has_is_proposed(tmp_path):
    sweeps, _ = expanded(tmp_path, "sweeps: {a: {set: {kind: Cyclical}}}")
    with pytest.raises(SelectionError, match="no trial has the key 'knd'; did you mean 'kind'"):
        Selection.parse(["knd=None"], [], list(sweeps.values()))


@pytest.mark.parametrize(
    ("wanted", "asked", "words", "which"),
    [
        (A, {}, ["--sweep", "a"], "them"),
        (A + B, {}, ["--sweep", "a", "--sweep", "b"], "them"),
        ([A[1], A[3]], {}, ["--sweep", "a", "--only", "tfr=0.5"], "them"),
        ([A[0]], {}, ["--sweep", "a", "--only", "trial=None-tfr0"], "them"),
        ([A[0], A[3]], {}, ["--sweep", "a", "--only", f"trial={A[0][2:]}", "--only", f"trial={A[3][2:]}"], "them"),
        ([A[0]], {"names_sweeps": True}, ["--only", "trial=None-tfr0"], "them"),
        ([A[0], A[2]], {"only": ["tfr=0"]}, ["--only", "tfr=0"], "them"),
        ([A[0]], {"only": ["tfr=0"]}, ["--only", "tfr=0", "--only", "kind=None"], "them"),
        ([A[0]], {"only": ["tfr=0", "tfr=0.5"], "excepting": ["kind=Cyclical"]},
         ["--only", "tfr=0.0", "--except", "kind=Cyclical"], "them"),
    ],
)  # fmt: skip
def test_the_words_for_some_trials_select_them_and_no_other_ones(
    wanted, asked, words, which, select, tmp_path
):
    only, excepting = asked.get("only", []), asked.get("excepting", [])
    sweeps, _ = expanded(tmp_path, TEXT)
    meant = select(only, excepting)
    trials = [t for s in sweeps.values() for t in s.trials if f"{t.sweep}/{t.name}" in meant]
    found = words_for(
        [(t, f"{t.sweep}/{t.name}" in wanted) for t in trials],
        only,
        excepting,
        names_sweeps=asked.get("names_sweeps", False),
    )
    assert found == (words, which)


def test_of_more_trials_than_a_few_that_share_nothing_the_whole_sweep_is_selected(tmp_path):
    text = "sweeps: {a: {grid: {lr: [1, 2, 3, 4], epochs: [1, 2, 3, 4]}}}"
    sweeps, _ = expanded(tmp_path, text)
    trials = [(t, t.config["lr"] != t.config["epochs"]) for t in sweeps["a"].trials]
    assert words_for(trials, [], []) == (["--sweep", "a"], "all of a")
