"""Which option of a script is its seed, whatever it is called."""

import pytest

from sweeps.authoring.option import Formula, Option
from sweeps.authoring.seed_options import is_called_seed, likely_seed, name_of, seed_of


def option(key, default=0, told="", **more):
    return Option(key, kind=more.pop("kind", "int"), default=default, help=told, flag=f"--{key}", **more)


@pytest.mark.parametrize(
    "one",
    [
        option("seed"),
        option("rng"),
        option("random-state", None, kind=""),
        option("optim.rand_seed"),
        option("prng_key"),
        option("rng", Formula("int(time())")),
        option("x", told="seed of the generator"),
        option("x", told="Random state of the split"),
        option("x", told="seeds the random number generator"),
        option("x", told="initialises numpy's random number generator's state"),
        option("x", told="the seed"),
    ],
)
def test_a_seed_is_known_by_its_name_or_its_help(one):
    assert seed_of([option("width", 3), one]) is one


@pytest.mark.parametrize(
    "one",
    [
        option("rng", "pcg64", kind="str"),
        option("rng", "a", kind="", choices=("a", "b")),
        option("rng", default=False, kind="bool"),
        option("rng", [1], is_list=True),
        option("initial", 5, "number of seed nodes"),
        option("share", 0.5, "seed of the generator", kind="float"),
        option("width", 5, "units of a layer"),
    ],
)
def test_what_is_no_whole_number_or_a_number_of_something_is_no_seed(one):
    assert seed_of([one]) is likely_seed([one]) is None


def test_the_word_seed_as_a_name_comes_before_what_a_help_says():
    seed = option("seed")
    assert seed_of([option("xi", told="seed of the generator"), seed]) is seed


@pytest.mark.parametrize(
    "one",
    [
        *map(option, ("rand", "rs", "rep-id", "replicate", "run_id", "data_seed")),
        option("xi", told="start of the random generator"),
        option("xi", told="for reproducible runs"),
    ],
)
def test_a_likely_seed_is_no_sure_one(one):
    assert seed_of([one]) is None
    assert likely_seed([one]) is one


def test_names_are_compared_by_their_last_part():
    assert name_of("train.Random-State") == "random_state"
    assert is_called_seed(option("train.RNG"))
