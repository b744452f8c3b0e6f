from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.rates.rate_data import PATH, rate_figures
from analysis.results.expected import ExpectedSweep
from analysis.results.results import ACTIVE_UNITS, COPY_FIRST, MSE, PSNR, RATE, Curve, SweepResults
from tests.analysis.recorded import result_of, trial

RATES = {1: (0.001, 21.0, 0), 1e-3: (0.5, 22.5, 0), 1e-7: (250.0, 22.0, 2)}
"""By ceiling of beta: nats a frame, dB, active units."""


def of_z(name, axes, rate, psnr, active, **more):
    last = {RATE: rate, PSNR: psnr, ACTIVE_UNITS: active, COPY_FIRST: 13.2, MSE: 0.02} | more
    curves = {key: Curve((0, 1), (9.0, value)) for key, value in last.items() if value is not None}
    return replace(result_of(trial(name, axes, kl_anneal_type="Monotonic")), curves=curves)


def sweep_of(name, axes, results):
    return SweepResults(ExpectedSweep(name, axes, tuple(one.trial for one in results)), tuple(results))


def ceiling(rates=RATES):
    results = [of_z(f"b{beta:g}", {"kl_beta_max": beta}, *last) for beta, last in rates.items()]
    return sweep_of("ceiling", ("kl_beta_max",), results)


def test_each_trial_is_a_mark_with_its_rate_and_distortion_and_its_look_says_whether_z_is_used():
    (figure,) = rate_figures([ceiling()])
    assert [group.label for group in figure.groups] == [
        "kl_beta_max 1: 0 active",
        "kl_beta_max 0.001: 0 active",
        "kl_beta_max 1e-07: 2 active",
    ]
    marks = [mark for group in figure.groups for mark in group.marks]
    assert [(mark.rate, mark.distortion, mark.is_alive) for mark in marks] == [
        (0.001, 21.0, False),
        (0.5, 22.5, False),
        (250.0, 22.0, True),
    ]
    assert len({group.style.color for group in figure.groups}) == 3
    assert figure.is_log
    assert "copying the first frame has 13.20 dB" in figure.notes


def test_seeds_are_one_mark_with_their_ends():
    results = [
        of_z(f"b{beta}-{seed}", {"kl_beta_max": beta, "seed": seed}, rate + seed, 20.0 + seed, active)
        for beta, rate, active in ((1, 1.0, 0), (0, 5.0, 1))
        for seed in (1, 2, 3)
    ]
    (figure,) = rate_figures([sweep_of("s", ("kl_beta_max", "seed"), results)])
    (mark,) = figure.groups[0].marks
    assert (mark.rate, mark.rate_ends, mark.distortion, mark.distortion_ends, mark.n) == (
        3.0,
        (2.0, 4.0),
        22.0,
        (21.0, 23.0),
        3,
    )
    assert not figure.is_log
    assert (
        "with several seeds a mark is their mean, each of its bars goes from their minimum to their maximum"
        in figure.notes
    )


def test_all_sweeps_that_weigh_the_rate_share_the_figure_and_stand_in_it_once():
    shared = ceiling().results[0]
    free = [shared, of_z("f16", {"kl_free_nats": 16}, 30.0, 22.6, 1)]
    free[0] = replace(shared, trial=replace(shared.trial, axes={"kl_free_nats": 0}))
    sweeps = [
        sweep_of("other", ("lr",), [of_z("l", {"lr": 0.1}, 1.0, 1.0, 0)]),
        ceiling(),
        sweep_of("free", ("kl_free_nats",), free),
    ]
    figures = lay_out(sweeps)
    assert [PATH in [one.path for one in figures[name]] for name in ("other", "ceiling", "free")] == [
        False,
        True,
        False,
    ]
    figure = figures["ceiling"][0]
    assert [group.label for group in figure.groups][-1] == "kl_free_nats 16: 1 active"
    assert len(figure.groups) == len(figure.trials) == 4


def test_settings_of_two_sweeps_that_are_called_alike_are_two_marks():
    slow = [
        of_z(f"b{beta}", {"kl_beta_max": beta}, *last)
        for beta, last in ((1, (50.0, 23.0, 2)), (0, (0.0, 20.0, 0)))
    ]
    slow = [replace(one, trial=trial(one.trial.name, one.trial.axes, lr=0.5)) for one in slow]
    sweeps = [ceiling({1: (0.5, 21.0, 0), 0: (5.0, 22.0, 1)}), sweep_of("slow", ("kl_beta_max",), slow)]
    (figure,) = rate_figures(sweeps)
    marks = [(mark.label, mark.rate, mark.n) for group in figure.groups for mark in group.marks]
    assert marks == [
        ("kl_beta_max 1 in ceiling", 0.5, 1),
        ("kl_beta_max 1 in slow", 50.0, 1),
        ("kl_beta_max 0 in ceiling", 5.0, 1),
    ]
    assert "not shown, as a log scale has no place for a rate of 0: b0 in slow" in figure.notes


@pytest.mark.parametrize(
    ("rates", "missing"),
    [({1: (0.1, 20.0, 0)}, "one setting"), ({1: (None, 20.0, 0), 0: (None, 20.0, 0)}, "no rate")],
)
def test_where_two_settings_cannot_be_compared_there_is_none(rates, missing):
    assert rate_figures([ceiling(rates)]) == []


def test_without_psnr_the_training_error_is_the_distortion():
    (figure,) = rate_figures([ceiling({beta: (rate, None, n) for beta, (rate, _, n) in RATES.items()})])
    assert figure.y_label == "training MSE: lower is better"
    assert {mark.distortion for group in figure.groups for mark in group.marks} == {0.02}


def test_a_rate_of_zero_is_named_where_the_scale_has_no_place_for_it():
    (figure,) = rate_figures([ceiling(RATES | {2: (0.0, 21.0, 0)})])
    assert len(figure.groups) == 3
    assert "not shown, as a log scale has no place for a rate of 0: b2" in figure.notes
