from sweeps.sources.reader import Row


def test_a_row_without_a_step_or_pictures_says_so():
    row = Row({"loss": 1.0})
    assert (row.step, row.time_ms, row.images) == (None, None, {})
