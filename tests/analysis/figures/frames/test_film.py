import io

import numpy as np
import pytest
from PIL import Image

from analysis.figures.frames import film
from analysis.figures.frames.film import GAP_PX, MOST_FRAMES, TILE_PX, film_bytes


def clips(count, *shades, size=8):
    return [(f"name {shade}", np.full((count, size, size, 3), shade, np.uint8)) for shade in shades]


def opened(content):
    return Image.open(io.BytesIO(content))


def test_a_film_shows_all_clips_side_by_side_for_ever():
    made = opened(film_bytes(clips(5, 10, 200)))
    frame = np.asarray(made.convert("RGB")).astype(int)
    assert (made.format, made.n_frames, made.info["loop"]) == ("WEBP", 5, 0)
    assert made.width == 2 * (TILE_PX + GAP_PX) + GAP_PX
    middle = frame.shape[0] // 2
    assert abs(frame[middle, GAP_PX + 50, 0] - 10) < 8
    assert abs(frame[middle, TILE_PX + 2 * GAP_PX + 50, 0] - 200) < 8


def test_many_clips_stand_in_rows_and_large_ones_are_not_enlarged():
    assert opened(film_bytes(clips(1, *range(7)))).height > 2 * TILE_PX
    assert opened(film_bytes(clips(1, 10, size=2 * TILE_PX))).width == 2 * TILE_PX + 2 * GAP_PX


def test_a_long_film_is_shown_in_even_steps():
    assert opened(film_bytes(clips(3 * MOST_FRAMES - 1, 10))).n_frames == MOST_FRAMES


@pytest.mark.parametrize("count", [1, 40])
def test_a_film_that_is_too_large_has_fewer_frames_down_to_one(monkeypatch, count):
    noise = np.random.default_rng(0).integers(0, 255, (count, 8, 8, 3), np.uint8)
    whole = len(film_bytes([("a", noise)]))
    monkeypatch.setattr(film, "MOST_BYTES", whole // 2)
    assert opened(film_bytes([("a", noise)])).n_frames <= max(1, count // 2)


def test_the_same_clips_give_the_same_bytes():
    assert film_bytes(clips(3, 10, 20)) == film_bytes(clips(3, 10, 20))
