"""A search's study compared with the record."""

import pytest

from sweeps.search.reconcile import RecordedTrial, State, StudyTrial, reconcile

ONE = {"tfr": 0.5}


def recorded(fingerprint="f", state=State.COMPLETE, values=(1.0,)):
    return RecordedTrial(
        fingerprint, ONE, state, values if state is State.COMPLETE else None, {0: 1.0}, "run", "trial-001"
    )


def in_study(number=0, state=State.COMPLETE, values=(1.0,), fingerprint="f"):
    return StudyTrial(number, state, ONE, values if state is State.COMPLETE else None, fingerprint)


def test_a_study_that_says_what_the_record_says_is_left_alone():
    found = reconcile([recorded()], [in_study()])
    assert (found.rebuild, found.tell, found.drop, found.add, found.findings) == (False, (), (), (), ())


def test_a_trial_that_ended_unseen_is_reported_to_the_study():
    for state in (State.COMPLETE, State.PRUNED, State.FAILED):
        found = reconcile([recorded(state=state)], [in_study(state=State.OPEN)])
        assert found.tell == ((0, recorded(state=state)),)
        assert found.findings == ("1 trial had ended, still open in the study",)


def test_open_trials_go_on_with_their_run_or_without():
    found = reconcile(
        [recorded(state=State.OPEN)], [in_study(state=State.OPEN), in_study(1, State.OPEN, fingerprint="g")]
    )
    assert found.open_numbers == {"f": (0,), "g": (1,)}
    assert [trial.fingerprint for trial in found.unstarted] == ["g"]
    assert not found.rebuild


def test_a_suggestion_that_was_broken_off_is_dropped():
    assert reconcile([], [in_study(state=State.OPEN, fingerprint=None)]).drop == (0,)


def test_what_the_study_lacks_is_added():
    found = reconcile([recorded(), recorded("g")], [in_study()])
    assert [trial.fingerprint for trial in found.add] == ["g"]
    assert found.findings == ("1 trial of the record had been missing",)
    assert reconcile([recorded()], []).findings == ()


@pytest.mark.parametrize(
    ("mine", "theirs", "why"),
    [
        ([], in_study(), "the study's trial 0 (complete) is not in the record"),
        ([recorded(values=(2.0,))], in_study(), "the study had trial-001 at 1, the record has it at 2"),
        (
            [recorded(state=State.OPEN)],
            in_study(state=State.FAILED),
            "the study had trial-001 as failed, the record has it as running",
        ),
        (
            [recorded(state=State.PRUNED)],
            in_study(),
            "the study had trial-001 as complete, the record has it as pruned",
        ),
    ],
)
def test_a_study_that_says_otherwise_is_made_anew(mine, theirs, why):
    found = reconcile(mine, [theirs])
    assert (found.rebuild, found.findings) == (True, (why,))
    assert list(found.add) == mine


def test_a_failure_without_a_run_is_harmless():
    assert not reconcile([], [in_study(state=State.FAILED, fingerprint=None)]).rebuild
