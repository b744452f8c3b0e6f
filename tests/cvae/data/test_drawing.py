import numpy as np
import pytest

from cvae.data.drawing import capsule, shaded_stage

WHITE = np.ones(3)


def painted(begin, end, *, radius, shade=0.0, colour=WHITE, size=(20, 30)):
    """One black image with one stroke."""
    images = np.zeros((1, 3, *size), dtype=np.float32)
    capsule(images, np.array([begin]), np.array([end]), radius=radius, colour=colour, shade=shade)
    return images[0]


def test_equal_ends_make_a_disc_of_the_right_area_around_their_place():
    disc = painted((15.0, 10.0), (15.0, 10.0), radius=6.0)[0]
    assert disc.sum() == pytest.approx(np.pi * 6**2, rel=0.02)
    rows, columns = np.mgrid[0:20, 0:30] + 0.5
    assert ((disc * rows).sum() / disc.sum(), (disc * columns).sum() / disc.sum()) == pytest.approx((10, 15))


def test_a_stroke_has_the_area_of_a_bar_with_round_ends():
    stroke = painted((8.0, 10.0), (22.0, 10.0), radius=3.0)[0]
    assert stroke.sum() == pytest.approx(14 * 6 + np.pi * 3**2, rel=0.02)
    assert stroke[10, 15] == 1
    assert stroke[2, 15] == stroke[10, 2] == 0


def test_edges_are_smooth_and_the_rim_is_darker_by_the_shade():
    disc = painted((15.0, 10.0), (15.0, 10.0), radius=6.0)[0]
    assert ((disc > 0) & (disc < 1)).any()
    shaded = painted((15.5, 10.5), (15.5, 10.5), radius=6.0, shade=0.5)[0]
    assert shaded[10, 15] == 1
    assert shaded[10, 10] == pytest.approx(1 - 0.5 * (5 / 6) ** 2)


def test_the_colour_covers_what_is_below_it_and_each_image_has_its_own_place():
    images = np.full((2, 3, 12, 12), 0.5, dtype=np.float32)
    places = np.array([[3.5, 3.5], [8.5, 8.5]])
    capsule(images, places, places, radius=2.0, colour=np.array([1.0, 0.0, 0.25]), shade=0.0)
    assert images[0, :, 3, 3].tolist() == images[1, :, 8, 8].tolist() == [1.0, 0.0, 0.25]
    assert images[0, :, 8, 8].tolist() == images[1, :, 3, 3].tolist() == [0.5] * 3


@pytest.mark.parametrize("seed", range(3))
def test_a_stage_is_light_and_its_floor_is_darker_than_its_wall(seed):
    stage = shaded_stage(np.random.default_rng(seed), 40, 60)
    assert (stage.shape, stage.dtype) == ((3, 40, 60), np.float32)
    assert stage.min() > 0.25
    assert stage.max() <= 1
    assert (stage[:, -4:].mean(axis=(1, 2)) < stage[:, :20].mean(axis=(1, 2))).all()
    assert np.array_equal(stage, shaded_stage(np.random.default_rng(seed), 40, 60))
