import pytest

from cvae.errors import ConfigError
from cvae.schedules import kl_beta, learning_rate, teacher_forcing_ratio


def betas(num_epoch, kind, num_cycles=10, ratio=0.5):
    return [
        kl_beta(epoch, num_epoch=num_epoch, kind=kind, num_cycles=num_cycles, ratio=ratio)
        for epoch in range(num_epoch)
    ]


def ratios(num_epoch, tfr, sde=10, step=0.1):
    return [teacher_forcing_ratio(epoch, tfr=tfr, tfr_sde=sde, tfr_d_step=step) for epoch in range(num_epoch)]


def test_beta_without_annealing_is_one_throughout():
    assert betas(100, "None") == [1.0] * 100


def test_cyclical_beta_is_the_reports_curve():
    cycle = [1e-6, 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1]
    assert betas(100, "Cyclical") == pytest.approx(cycle * 10)
    assert betas(100, "Cyclical")[0] == 1e-6


def test_monotonic_beta_is_the_reports_curve_whatever_the_cycles():
    curve = [1e-6, *(step / 50 for step in range(1, 50)), *[1.0] * 50]
    assert betas(100, "Monotonic") == pytest.approx(curve)
    assert betas(100, "Monotonic", num_cycles=3) == betas(100, "Monotonic")


def test_a_ratio_of_one_rises_over_the_whole_cycle_and_never_reaches_one():
    assert betas(8, "Cyclical", num_cycles=2, ratio=1.0) == pytest.approx([1e-6, 0.25, 0.5, 0.75] * 2)


def test_a_ratio_of_zero_has_no_rise():
    assert betas(8, "Cyclical", num_cycles=2, ratio=0.0) == [1.0] * 8


def test_a_ratio_shorter_than_an_epoch_leaves_one_low_epoch_a_cycle():
    assert betas(8, "Cyclical", num_cycles=2, ratio=0.1) == pytest.approx([1e-6, 1, 1, 1] * 2)


def test_epochs_that_do_not_divide_begin_one_more_cycle():
    assert betas(11, "Cyclical", num_cycles=3, ratio=1.0) == pytest.approx(
        [1e-6, 1 / 3, 2 / 3] * 3 + [1e-6, 1 / 3]
    )


@pytest.mark.parametrize("num_epoch", [1, 3, 9])
def test_fewer_epochs_than_cycles_makes_each_epoch_a_start(num_epoch):
    assert betas(num_epoch, "Cyclical", num_cycles=10) == [1e-6] * num_epoch


@pytest.mark.parametrize("kind", ["None", "Cyclical", "Monotonic"])
def test_a_ceiling_scales_the_whole_schedule(kind):
    shape = {"num_epoch": 20, "kind": kind, "num_cycles": 2, "ratio": 0.5}
    scaled = [kl_beta(epoch, ceiling=1e-3, **shape) for epoch in range(20)]
    assert scaled == pytest.approx([1e-3 * value for value in betas(20, kind, num_cycles=2)])
    assert [kl_beta(epoch, ceiling=1.0, **shape) for epoch in range(20)] == betas(20, kind, num_cycles=2)
    assert {kl_beta(epoch, ceiling=0.0, **shape) for epoch in range(20)} == {0.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "Cyclic"},
        {"epoch": -1},
        {"num_epoch": 0},
        {"num_cycles": 0},
        {"ratio": 1.1},
        {"ratio": -0.1},
        {"ceiling": -1.0},
    ],
)
def test_beta_refuses_what_is_out_of_range(wrong):
    right = {"epoch": 0, "num_epoch": 10, "kind": "Cyclical", "num_cycles": 2, "ratio": 0.5}
    with pytest.raises(ConfigError):
        kl_beta(**(right | wrong))


def test_teacher_forcing_from_one_falls_by_tenths_to_exactly_nothing():
    falling = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert ratios(30, 1.0) == [1.0] * 10 + falling + [0.0] * 11


def test_teacher_forcing_from_a_half_falls_by_twentieths_to_exactly_nothing():
    falling = [0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05]
    assert ratios(30, 0.5, step=0.05) == [0.5] * 10 + falling + [0.0] * 11


def test_no_teacher_forcing_stays_none():
    assert ratios(30, 0.0) == [0.0] * 30


@pytest.mark.parametrize("sde", [0, 1])
def test_the_first_fall_comes_with_epoch_one_at_the_earliest(sde):
    assert ratios(4, 1.0, sde=sde, step=0.25) == [1.0, 0.75, 0.5, 0.25]


def test_a_step_that_overshoots_stops_at_nothing():
    assert ratios(4, 0.5, sde=1, step=0.3) == [0.5, 0.2, 0.0, 0.0]


def test_learning_rate_falls_at_each_milestone():
    rates = [learning_rate(epoch, lr=1.0, milestones=[2, 5], gamma=0.1) for epoch in range(7)]
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.1, 0.01, 0.01])
    assert learning_rate(9, lr=0.5, milestones=[], gamma=0.1) == 0.5
