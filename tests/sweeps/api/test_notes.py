import warnings
from pathlib import Path

import pandas as pd
import pytest

import sweeps
from sweeps.api.notes import noted


def test_notes_are_values_and_warnings_at_the_callers_line_each_time():
    with pytest.warns(sweeps.SweepWarning) as told:
        frames = [noted(pd.DataFrame(), ["one", "two", "one"]) for _ in range(2)]
    assert frames[0].attrs == {"notes": ["one", "two"]}
    assert [str(one.message) for one in told] == ["one", "two"] * 2
    assert {Path(one.filename).name for one in told} == {Path(__file__).name}


def test_they_can_be_turned_off():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", sweeps.SweepWarning)
        noted(pd.DataFrame(), ["one"])
    assert told == []
