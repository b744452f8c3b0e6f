import torch

from cvae.compute.randomness import derived_seed, generator


def draw(*purpose):
    return torch.randn(4, generator=generator(*purpose)).tolist()


def test_the_seeds_are_pinned():
    assert derived_seed(42, "weights") == 1218831237610215275
    assert derived_seed(42, "posterior", 3, 1) == 9182385451193292357


def test_seed_purpose_and_every_index_count():
    purposes = [
        (0, "posterior"), (1, "posterior"), (0, "validation"), (0, "posterior", 1), (0, "posterior", 1, 1),
        (0, "posterior", 11), (0, "posterior", 1, 0),
    ]  # fmt: skip
    seeds = {derived_seed(*purpose) for purpose in purposes}
    assert len(seeds) == len(purposes)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_draw_does_not_depend_on_what_was_drawn_before_and_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = draw(42, "posterior", 5)
    draw(42, "posterior", 4)
    assert draw(42, "posterior", 5) == first
    assert torch.equal(torch.get_rng_state(), before)
