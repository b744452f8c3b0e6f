import pytest

from analysis.read.outcomes import Outcome


@pytest.mark.parametrize(
    ("outcome", "status", "is_result"),
    [
        ("finished", "FINISHED", True),
        ("failed", "FAILED", False),
        ("pruned", "FINISHED", True),
        ("interrupted", "KILLED", False),
        ("orphaned", "KILLED", False),
        ("abandoned", "KILLED", False),
    ],
)
def test_an_outcome_is_its_word_and_has_mlflows_status(outcome, status, is_result):
    read = Outcome.read(outcome)
    assert read == outcome
    assert (read.status, read.is_result) == (status, is_result)


def test_a_trial_with_a_result_is_over_and_so_is_one_that_was_given_up():
    assert [outcome for outcome in Outcome if outcome.is_closed] == ["finished", "pruned", "abandoned"]
    assert [outcome for outcome in Outcome if outcome.is_end] == ["finished", "failed", "pruned", "abandoned"]


@pytest.mark.parametrize("text", ["", "Finished", "done"])
def test_any_other_word_is_no_outcome(text):
    assert Outcome.read(text) is None
