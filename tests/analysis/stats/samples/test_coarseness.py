import random

import numpy as np
import pytest

from analysis.stats.comparison import decide
from analysis.stats.samples.coarseness import coarseness_of, counted_in, written_to
from analysis.stats.seed_tests import Sample


def counted(parts, whole=1.0, *, at=0.87, spread=0.02, seed=1, n=12):
    draw = random.Random(seed)
    return [whole * round(parts * draw.gauss(at, spread)) / parts for _ in range(n)]


def single(values):
    return [float(np.float32(value)) for value in values]


def half(values):
    return [float(np.float16(value)) for value in values]


def brain(values):
    bits = np.array(values, np.float32).view(np.uint32) & np.uint32(0xFFFF0000)
    return bits.view(np.float32).astype(float).tolist()


def test_how_coarsely_numbers_are_written_shows_in_their_digits():
    assert written_to([0.9, 0.93, 12.25, 0.0]) == pytest.approx(0.01)
    assert written_to([3.0, 20.0]) == 1.0
    assert written_to([0.0]) == written_to([]) == 0.0


def test_single_precision_hides_no_digits():
    assert written_to(single([0.875, 0.873, 0.864, 0.862])) == pytest.approx(0.001)
    assert written_to(half([0.875, 0.873, 0.864, 0.862])) == pytest.approx(0.001)


def test_half_precision_itself_is_coarse():
    assert written_to(half([22.01, 22.02, 21.77])) == pytest.approx(2**-6)


def test_how_coarsely_numbers_are_counted_shows_in_what_lies_between_them():
    counts = (380, 360, 377, 389, 362)
    assert counted_in([count / 397 for count in counts]) == pytest.approx(1 / 397)
    assert counted_in(single(count / 397 for count in counts)) == pytest.approx(1 / 397)
    assert counted_in([3.0, 1e6, 3.5, -1e7, 2.0]) == pytest.approx(0.5)
    assert counted_in([0.5, 0.5]) == counted_in([]) == 0.0


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (single([0.875, 0.873, 0.864, 0.862, 0.8695]), 0.0005),
        (single(counted(360)), 1 / 360),
        (half(counted(100)), 1 / 100),
        (counted(360, 100.0), 100 / 360),
        (single(counted(9984, 100.0)), 100 / 9984),
        ([100 * value for value in single(counted(9984))], 100 / 9984),
        ([round(value, 4) for value in counted(360)], 1 / 360),
        ([round(value, 2) for value in counted(360, 100.0)], 100 / 360),
        (counted(3, 1.0, at=200, spread=10), 1 / 3),
        (brain(counted(10**6, 1.0, at=0.7, spread=0.05)), 2**-8),
    ],
    ids=[
        "single",
        "360",
        "half",
        "percent",
        "single percent",
        "times 100",
        "digits",
        "percent digits",
        "thirds",
        "bf16",
    ],
)
def test_a_step_is_found_through_formats_units_and_digits(values, step):
    assert coarseness_of(values) == pytest.approx(step, rel=0.01)


def test_numbers_that_were_never_counted_have_no_step():
    draw = random.Random(3)
    for _ in range(100):
        values = [22 + draw.gauss(0, 1) for _ in range(6)]
        assert coarseness_of(values) < 1e-9
        assert coarseness_of(single(values)) < 1e-5
        assert coarseness_of([round(value, 4) for value in values]) < 1e-3


def test_numbers_at_the_ends_of_double_precision_are_taken():
    assert coarseness_of([1e200, 2e200, 1.5e200]) == pytest.approx(5e199)
    assert coarseness_of([1e-320, 3e-320]) > 0


def test_accuracies_that_lie_the_same_count_apart_by_chance_prove_nothing_among_many():
    """Two seeds each of twelve cells of a page, 2000 items, as TensorBoard hands them over."""
    draw = random.Random(5)
    cells = [counted(2000, spread=0.002, seed=draw.random(), n=4) for _ in range(11)]
    cells.append([0.875, 0.873, 0.864, 0.862])
    step = coarseness_of(single(value for cell in cells for value in cell))
    groups = [
        [
            Sample(label, dict(enumerate(single(values))), step)
            for label, values in (("a", cell[:2]), ("b", cell[2:]))
        ]
        for cell in cells
    ]
    page = decide([[]], groups)
    assert step == pytest.approx(0.0005)
    assert not any(pair.is_significant for group in page.cells for pair in group)
