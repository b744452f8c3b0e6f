import pytest

from sweeps.adoption.decisions import Terms, Verdict, decide
from sweeps.adoption.found_run import FoundRun
from sweeps.errors import SelectionError


def found(label="one", problem="", began_ms=0, **known):
    return FoundRun(
        label, f"folder /{label}", {key: str(value) for key, value in known.items()}, problem, began_ms
    )


def decided(adopting, *runs, **terms):
    return [
        (decision.verdict, decision.reason) for decision in decide(adopting.session(), runs, Terms(**terms))
    ]


def test_a_run_that_fits_is_adopted_and_one_with_a_problem_of_its_own_is_left(adopting):
    assert decided(
        adopting, found(lr=0.1), found("two", "is not finished", lr=0.01), found("three", lr=7)
    ) == [
        (Verdict.ADOPT, "not said, taken as in the file: epochs"),
        (Verdict.LEFT, "is not finished"),
        (Verdict.LEFT, "lr is 7, in the file 0.1 or 0.01"),
    ]


def test_a_trial_that_is_done_stays_as_it_is(adopting):
    adopting.add("lr0.1", "finished")
    run_id = adopting.add("lr0.01", "finished", adopted="folder /mine")
    ((first, reason), again, (last, why)) = decided(
        adopting, found(lr=0.1), found("mine", lr=0.01), found("other", lr=0.01)
    )
    assert first is last is Verdict.DONE
    assert (again, why) == (
        (Verdict.ADOPTED, "already recorded"),
        "the trial is done: adopted from folder /mine",
    )
    assert reason.startswith("the trial is done: run ")
    assert run_id


def test_a_trial_that_failed_here_takes_a_finished_run_of_elsewhere(adopting):
    adopting.add("lr0.1", "failed")
    assert decided(adopting, found(lr=0.1))[0][0] is Verdict.ADOPT


def test_of_two_runs_of_a_trial_none_is_taken_unless_the_newest_is_asked_for(adopting):
    runs = found("old", began_ms=1, lr=0.1, size=8), found("new", began_ms=2, lr=0.1, size=16)
    reason = "2 runs fit this trial: they differ in size, which the file does not set; --newest takes the one that began last"
    assert decided(adopting, *runs) == [(Verdict.LEFT, reason)] * 2
    assert [verdict for verdict, _ in decided(adopting, *runs, newest=True)] == [Verdict.LEFT, Verdict.ADOPT]


def test_a_key_that_no_trial_has_is_told(adopting):
    with pytest.raises(SelectionError, match="--key epoch: no trial has this key; did you mean 'epochs'"):
        decided(adopting, found(lr=0.1), names={"epoch": "n"})
    with pytest.raises(SelectionError, match="--ignore out: no trial has this key"):
        decided(adopting, found(lr=0.1), ignored=frozenset({"out"}))


def test_a_place_of_each_trials_own_may_be_ignored_and_is_no_key_to_compare_by(adopting):
    text = (adopting.path / "e.yaml").read_text()
    (adopting.path / "e.yaml").write_text(text.replace("epochs: 3", "epochs: 3, out: '{run_dir}'"))
    ((verdict, _),) = decided(adopting, found(lr=0.1, out="old/1"), ignored=frozenset({"out"}))
    assert verdict is Verdict.ADOPT
    with pytest.raises(SelectionError, match="--key out: trials are not compared by this key; leave it out"):
        decided(adopting, found(lr=0.1), names={"out": "folder"})


def test_trials_that_are_not_selected_are_left(adopting):
    decision, *_ = decide(adopting.session(only=("lr=0.01",)), [found(lr=0.1)], Terms())
    assert (decision.verdict, decision.reason) == (Verdict.LEFT, "its trial is not selected")


def test_a_file_of_searches_alone_has_nothing_to_adopt_for(adopting):
    search = "search: {space: {lr: {float: [0.1, 1.0]}}, trials: 2, objective: {loss: min}}"
    (adopting.path / "e.yaml").write_text(f"trainer: {{command: [python]}}\nsweeps: {{a: {{{search}}}}}\n")
    with pytest.raises(SelectionError, match="has only searches"):
        decided(adopting, found(lr=0.1))
