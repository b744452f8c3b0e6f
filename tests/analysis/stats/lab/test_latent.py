import math
from dataclasses import replace

import pytest

from analysis.results.results import (
    ACTIVE_UNITS,
    DRAW_SPREAD,
    KL_MAX_CHANNEL,
    MSE,
    OF_Z,
    PSNR,
    RATE,
    Curve,
)
from analysis.stats.findings import findings
from analysis.stats.lab.latent import use_of_z
from tests.analysis.recorded import result_of, results_of, strategy_sweep, trial

QUESTION = "Is the latent z used?"


def using(name, active, spread, rate=0.0):
    """A trial that ends with so many active units, and such a spread."""
    last = {
        ACTIVE_UNITS: active,
        RATE: rate,
        KL_MAX_CHANNEL: rate,
        DRAW_SPREAD: spread,
        MSE: 0.02,
        PSNR: 21.5,
    }
    curves = {key: Curve((0, 1), (3.0, value)) for key, value in last.items()}
    return replace(result_of(trial(name, {"kl_anneal_type": name})), curves=curves)


def test_without_an_active_unit_in_any_trial_z_is_not_used():
    finding = use_of_z([using("a", 0.0, 0.003, 1e-4), using("b", 0.0, 0.0012)])
    assert finding.answer == (
        "z is not used: no unit is active in any of 2 trials, and frames drawn with other z differ by 0.3 % of the range "
        "at most."
    )
    assert (finding.headline, finding.rank) == (finding.answer, 1)
    assert finding.details[0].startswith("Where no unit is active, the posterior has collapsed")
    assert [[cell.text for cell in row] for row in finding.numbers.rows] == [
        ["a", "0", "0.0001", "0.0001", "0.3", "0.02", "21.50"],
        ["b", "0", "0", "0", "0.12", "0.02", "21.50"],
    ]


def test_the_trial_that_uses_z_most_is_named():
    found = use_of_z([using("a", 0.0, 0.003), using("b", 1.0, 0.02), using("c", 3.0, 0.15)])
    assert found.answer == (
        "Units of z are active in 2 of 3 trials: most in c (3 units; frames drawn with other z differ by 15 % of the "
        "range); in the others none is."
    )
    alone = use_of_z([using("b", 1.0, 0.02)])
    assert alone.answer == (
        "Units of z are active in 1 of 1 trial: b (1 unit; frames drawn with other z differ by 2 % of the range)."
    )
    assert alone.details == ()


def test_trials_without_these_numbers_are_named_and_a_record_without_any_asks_nothing():
    older = result_of(trial("older", {"kl_anneal_type": "None"}))
    odd = using("odd", math.nan, 0.1)
    assert (
        "Not judged, for lack of these metrics: older, odd."
        in use_of_z([older, using("a", 0.0, 0.0), odd]).basis
    )
    assert use_of_z([older, odd]) is None


@pytest.mark.parametrize("recorded", [True, False])
def test_the_report_asks_it_where_it_is_recorded(recorded):
    sweep = results_of(strategy_sweep())
    if recorded:
        last = dict.fromkeys(OF_Z, Curve((0,), (0.0,)))
        sweep = replace(sweep, results=tuple(replace(one, curves=one.curves | last) for one in sweep.results))
    (found,) = findings([sweep])
    assert (QUESTION in [finding.question for finding in found]) is recorded
