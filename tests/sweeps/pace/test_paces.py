import pytest

from sweeps.pace.paces import MOST, Pace, Paces, Sample


def sample(epoch_s, weight=10.0, start_s=0.0, **config):
    return Sample(config, Pace(epoch_s, start_s), weight)


def test_without_samples_nothing_is_known():
    assert not Paces([])
    assert Paces([]).of({"lr": 1}) is None
    assert Paces([sample(1.0, weight=0.0)]).of({}) is None


def test_what_is_alike_counts_more_and_the_same_most():
    paces = Paces([sample(1.0, kind="a", lr=1), sample(4.0, kind="b", lr=1), sample(2.0, kind="a", lr=2)])
    same, new = paces.of({"kind": "b", "lr": 1}), paces.of({"kind": "b", "lr": 2})
    assert same.epoch_s == pytest.approx((4 + 1 / 4 + 2 / 16) / (1 + 1 / 4 + 1 / 16))
    assert new.epoch_s == pytest.approx((4 / 4 + 2 / 4 + 1 / 16) / (1 / 4 + 1 / 4 + 1 / 16))
    assert same.epoch_s > new.epoch_s > paces.of({"kind": "a", "lr": 1}).epoch_s


def test_what_all_samples_share_tells_nothing_and_longer_measurements_count_more():
    paces = Paces(
        [sample(1.0, weight=30.0, lr=1, seed=0), sample(2.0, weight=10.0, start_s=4.0, lr=1, seed=0)]
    )
    assert paces.of({"lr": 7}) == Pace(1.25, 1.0)
    assert paces.of({}).of(10) == 13.5


def test_only_the_last_samples_count():
    paces = Paces([sample(1.0, n=number) for number in range(MOST)] + [sample(9.0, n=-1)] * MOST)
    assert paces.of({"n": 0}).epoch_s == pytest.approx(9.0)


def test_values_that_cannot_be_hashed_are_values_too():
    paces = Paces([sample(1.0, layers=[1, 2]), sample(5.0, layers=[3])])
    assert paces.of({"layers": [3]}).epoch_s > 4.0
