import math
from dataclasses import replace

from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, LOSS, Curve, SweepResults
from analysis.stats.lab.cycles import Cycle, beta_cycles, cycles_of
from tests.analysis.recorded import RUNNING, result_of, trial


def curve(*values):
    return Curve(tuple(range(len(values))), tuple(values))


SAW = curve(0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0)
LOSSES = curve(3.0, 3.5, 4.0, 3.8, 2.0, 2.5, 3.0, 2.9)


def sweep_of(**runs):
    trials = tuple(trial(name, {"kl_anneal_type": name}) for name in runs)
    results = tuple(
        replace(result_of(one, *made[2:]), curves={BETA: made[0], LOSS: made[1]})
        for one, made in zip(trials, runs.values(), strict=True)
    )
    return SweepResults(ExpectedSweep("annealing", ("kl_anneal_type",), trials), results)


def test_a_cycle_starts_where_beta_falls():
    assert cycles_of(SAW, LOSSES) == (
        Cycle(0, 2, 3, (0.0, 1.0), (3.0, 4.0, 3.8)),
        Cycle(4, 6, 7, (0.0, 1.0), (2.0, 3.0, 2.9)),
    )


def test_a_constant_or_rising_beta_is_one_cycle():
    assert cycles_of(curve(1.0, 1.0), curve(3.0, 2.0)) == (Cycle(0, 0, 1, (1.0, 1.0), (3.0, 3.0, 2.0)),)
    assert len(cycles_of(curve(0.0, 0.5, 1.0), curve(1.0, 1.0, 1.0))) == 1


def test_epochs_without_both_numbers_are_left_out():
    (found,) = cycles_of(curve(0.0, 0.5, 1.0), curve(3.0, math.nan, 2.0))
    assert found == Cycle(0, 2, 2, (0.0, 1.0), (3.0, 2.0, 2.0))
    assert cycles_of(curve(0.0), curve(math.nan)) == ()


def test_the_finding_counts_restarts_and_ramps_and_says_that_it_tests_nothing():
    found = beta_cycles(sweep_of(Cyclical=(SAW, LOSSES), Monotonic=(curve(0.0, 1.0), curve(3.0, 2.0))))
    assert found.answer == (
        "Where beta restarts, the loss falls 1 of 1 times (mean change -1.8); "
        "while beta rises again, it rises 1 of 1 times (mean change +1)."
    )
    cyclical, monotonic = found.details
    assert cyclical == (
        "Cyclical: the loss falls 1 of 1 times (mean change -1.8) at a restart and rises 1 of 1 times "
        "(mean change +1) on the way up again; it goes from 3 to 2.9 in all."
    )
    assert monotonic == (
        "Monotonic: beta rises once, until epoch 1, where the loss is 2; it goes from 3 to 2 in all."
    )
    assert [cell.text for cell in found.numbers.rows[0]] == [
        *("Cyclical", "1", "0 to 3", "0 to 1", "3", "4 (2)", "3.8", "-1.8")
    ]
    assert found.answered
    assert "test nothing, and one run a setting (n = 1)" in found.basis[0]


def test_without_a_restart_the_data_tell_of_no_cycles():
    found = beta_cycles(sweep_of(Monotonic=(curve(0.0, 1.0), curve(3.0, 2.0))))
    assert found.answer.startswith("In these runs beta rises and never falls again")
    assert not found.answered


def test_no_beta_that_moves_is_no_question():
    assert beta_cycles(sweep_of(Cyclical=(curve(1.0, 1.0), curve(3.0, 2.0)))) is None


def test_a_table_of_many_cycles_says_that_it_is_not_all_of_them():
    found = beta_cycles(sweep_of(**{f"kind{n:02}": (SAW, LOSSES) for n in range(40)}))
    assert len(found.numbers.rows) == 60
    assert "The table has the first 60 of 80 cycles." in found.basis
    assert "falls 40 of 40 times" in found.answer


def test_the_cycle_that_a_run_stopped_in_does_not_count():
    found = beta_cycles(sweep_of(Cyclical=(SAW, LOSSES, RUNNING), Monotonic=(SAW, LOSSES)))
    assert [row[0].text for row in found.numbers.rows] == ["Cyclical", "Monotonic", "Monotonic"]
