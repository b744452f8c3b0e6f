"""Tables know which values are the same."""

from sweeps.importing.studies.table import ABSENT, Table, in_order, most_frequent, shape


def test_equal_values_have_one_code_and_missing_ones_none():
    table = Table([{"a": 1}, {"a": 1.0, "b": "x"}, {"a": True}, {"a": "1"}])
    assert table.columns == {"a": [0, 0, 1, 2], "b": [ABSENT, 0, ABSENT, ABSENT]}
    assert table.config(1) == {"a": 1, "b": "x"}
    assert not table.is_common("a")
    assert Table([{"a": 1}, {"a": 1}]).is_common("a")


def test_codes_in_order_and_their_shape():
    assert in_order([2, 1, 2]) == [2, 1]
    assert most_frequent([2, 1, 1]) == 1
    assert shape([5, 7, 5]) == (0, 1, 0)
