"""The test of what the scores of a search depend on: seeded, on settings that matter and on noise."""

import random

import pytest

from analysis.results.searches.above_chance import above_chance


def drawn(seed, trials=30):
    rng = random.Random(seed)
    settings = {
        "lr": [rng.random() for _ in range(trials)],
        "width": [rng.randint(16, 256) for _ in range(trials)],
        "kind": [rng.choice(["a", "b", None]) for _ in range(trials)],
    }
    return settings, [rng.gauss(0, 1) for _ in range(trials)]


def test_of_pure_noise_hardly_ever_anything_is_above_chance():
    found = [above_chance(*drawn(seed)) for seed in range(60)]
    assert sum(map(bool, found)) <= 6  # 3 are expected


@pytest.mark.parametrize("seed", range(3))
def test_a_setting_that_matters_is_found_among_those_that_do_not(seed):
    settings, noise = drawn(seed, trials=50)
    hill = [-8 * (lr - 0.5) ** 2 + 0.1 * each for lr, each in zip(settings["lr"], noise, strict=True)]
    assert above_chance(settings, hill) == ("lr",)
    by_kind = [(kind == "a") + 0.3 * each for kind, each in zip(settings["kind"], noise, strict=True)]
    assert above_chance(settings, by_kind) == ("kind",)


def test_settings_that_matter_equally_are_all_found():
    settings, noise = drawn(1, trials=60)
    both = [
        lr + width / 256 + 0.1 * each
        for lr, width, each in zip(settings["lr"], settings["width"], noise, strict=True)
    ]
    assert above_chance(settings, both) == ("lr", "width")


def test_the_same_trials_give_the_same_answer_and_equal_scores_none():
    settings, noise = drawn(2)
    assert above_chance(settings, noise) == above_chance(settings, noise)
    assert above_chance(settings, [0.5] * 30) == ()
    assert above_chance({"lr": [0.1] * 30}, noise) == ()
