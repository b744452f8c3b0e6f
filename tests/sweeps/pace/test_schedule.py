import pytest

from sweeps.pace.schedule import time_left_s


@pytest.mark.parametrize(
    ("running_s", "waiting_s", "slots", "left_s"),
    [
        ([], [], 2, 0.0),
        ([5.0], [], 2, 5.0),
        ([5.0, 3.0], [4.0], 2, 7.0),
        ([5.0, 3.0], [4.0, 1.0, 9.0], 2, 15.0),
        ([], [1.0, 2.0, 3.0], 1, 6.0),
        ([], [1.0, 1.0, 4.0], 2, 5.0),
        ([], [4.0, 1.0, 1.0], 2, 4.0),
        ([6.0, 1.0], [2.0], 1, 3.0 + 3.0),
        ([0.5], [2.0, 2.0], 4, 2.0),
    ],
)
def test_each_starts_as_soon_as_a_slot_falls_free(running_s, waiting_s, slots, left_s):
    assert time_left_s(running_s, waiting_s, slots) == left_s
