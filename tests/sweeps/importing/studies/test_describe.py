"""Descriptions give exactly the configs that they were made of, and are as short as a person would write them."""

import random

import pytest

from sweeps.importing.studies.describe import describe
from sweeps.importing.studies.study import Study
from sweeps.spec.settings import identity

ANNEALING = ["None", "Cyclical", "Monotonic"]


def marks(configs):
    return sorted(
        tuple(sorted((key, identity(value)) for key, value in config.items())) for config in configs
    )


def described(configs):
    """The description, which must give these configs and no others."""
    description = describe(configs)
    assert marks(description.configs()) == marks(configs)
    return description


def product(**values):
    configs = [{}]
    for key, choices in values.items():
        configs = [{**config, key: choice} for config in configs for choice in choices]
    return configs


def report():
    nine = product(num_epoch=[100], kl=ANNEALING, tfr=[1, 0.5, 0])
    for config in nine:
        if config["tfr"] == 0.5:
            config["tfr_d_step"] = 0.05
    return [{"lr": 1e-4, **config} for config in (*nine, *product(num_epoch=[200], tfr=[0], kl=ANNEALING))]


def test_the_reports_commands_are_two_sweeps():
    description = described(report())
    assert description.defaults == {"lr": 1e-4}
    assert description.studies == (
        Study(
            settings={"num_epoch": 100},
            grid={"kl": tuple(ANNEALING), "tfr": (1, 0.5, 0)},
            whens=(({"tfr": (0.5,)}, {"tfr_d_step": 0.05}),),
        ),
        Study(settings={"num_epoch": 200, "tfr": 0}, grid={"kl": tuple(ANNEALING)}),
    )


def test_a_product_is_a_grid_and_its_seeds_are_seeds():
    (study,) = described(product(lr=[0.1, 0.01], bs=[1, 2, 4], seed=[3, 4])).studies
    assert study == Study(grid={"lr": (0.1, 0.01), "bs": (1, 2, 4)}, seeds=(3, 4))


def test_the_slowest_key_stands_first_in_whatever_order_the_options_stand():
    configs = [{"b": b, "a": a} for a in (1, 2) for b in (1, 2, 3)]
    (study,) = described(configs).studies
    assert list(study.grid) == ["a", "b"]


def test_keys_that_change_together_are_zipped():
    (study,) = described([{"lr": lr, "wd": lr / 10} for lr in (1.0, 2.0, 3.0)]).studies
    assert study == Study(zipped={"lr": (1.0, 2.0, 3.0), "wd": (0.1, 0.2, 0.3)})


def test_a_hole_is_excluded_and_a_stranger_included():
    configs = product(a=[1, 2, 3], b=[1, 2, 3], c=[1, 2])
    (study,) = described(configs[:-1]).studies
    assert study.exclude == ({"a": (3,), "b": (3,), "c": (2,)},)
    (study,) = described([*configs, {"a": 9, "b": 9, "c": 9}]).studies
    assert study.include == ({"a": 9, "b": 9, "c": 9},)


def test_groups_that_vary_other_keys_are_sweeps_of_their_own():
    adam = product(optim=["adam"], beta=[0.9, 0.99], lr=[1, 2])
    sgd = product(optim=["sgd"], momentum=[0.5, 0.6, 0.7], lr=[1, 2])
    description = described([*adam, *sgd])
    assert [list(study.grid) for study in description.studies] == [["beta", "lr"], ["momentum", "lr"]]


def test_a_few_configs_with_little_in_common_are_listed():
    configs = [{"a": 1, "b": 2}, {"a": 1, "c": 3}, {"a": 5}]
    assert described(configs).studies == (Study(include=tuple(configs)),)


@pytest.mark.parametrize("config", [{}, {"a": 1}, {"a": [1, 2], "b": None}])
def test_one_config(config):
    assert described([config]).studies == (Study(settings=config),)


def test_no_config():
    assert describe([]).studies == ()


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_described_is_given_again(seed):
    draw = random.Random(seed)
    keys = ["a", "b.c", "d", "seed", "amp"][: draw.randint(1, 5)]
    values = [1, 2, "x", True, 0.5, None, [1, 2]]
    configs = {}
    for _ in range(draw.randint(1, 20)):
        few = values[: draw.randint(1, 7)]
        config = {key: draw.choice(few) for key in keys if draw.random() < 0.85}
        configs[str(marks([config]))] = config
    described(list(configs.values()))


@pytest.mark.parametrize("seed", range(30))
def test_a_drawn_product_with_conditions_is_found_again(seed):
    draw = random.Random(seed)
    keys = draw.sample(["a", "b", "c", "d"], draw.randint(1, 3))
    configs = product(**{key: draw.sample(range(9), draw.randint(2, 4)) for key in keys})
    key = keys[0]
    value = configs[0][key]
    for config in configs:
        if config[key] == value:
            config["only"] = 7
    draw.shuffle(configs)
    (study,) = described(configs).studies
    assert set(study.grid) == set(keys)
    assert study.whens == (({key: (value,)}, {"only": 7}),)
