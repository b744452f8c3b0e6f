"""The first column of a table that a script writes is its step where it is called like a counter."""

import pytest

from sweeps.authoring.outputs.openings import openings
from sweeps.authoring.outputs.table_steps import step_column
from sweeps.authoring.outputs.writers import written_by
from tests.sweeps.authoring.scripts import script_of

FRAME = """
import pandas as pd
def simulate():
    rows = []
    for day in range(3):
        rows.append((day, 1))
    return pd.DataFrame(rows, columns=["day", "S"])
frame = simulate()
frame.to_csv("series.csv", index=False)
"""
ROWS = """
import pandas as pd
rows = []
for year in range(3):
    rows.append({"year": year, "cost": 1.0})
pd.DataFrame(rows).to_csv("series.csv")
"""
WRITER = """
import csv
def save(rows):
    with open("series.csv", "w") as f:
        w = csv.writer(f)
        w.writerow(["generation", "fitness"])
        w.writerows(rows)
"""
DICTS = """
import csv
with open("series.csv", "w") as f:
    w = csv.DictWriter(f, fieldnames=["round", "acc"])
"""
TEXT = 'f = open("series.csv", "w")\nf.write("tick,energy\\n")\n'
PRINTED = 'f = open("series.csv", "w")\nprint("week,energy", file=f)\n'
LINES = """
import json
with open("series.jsonl", "a") as f:
    f.write(json.dumps({"frame": 1, "psnr": 2.0}) + "\\n")
"""
LOOP = TEXT.replace("tick", "t") + "for t in range(3): pass\n"


def step_of(tmp_path, text):
    script = script_of(tmp_path, text)
    (one,) = openings(script)
    return step_column(script, one.call)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        (FRAME, "day"),
        (ROWS, "year"),
        (WRITER, "generation"),
        (DICTS, "round"),
        (TEXT, "tick"),
        (PRINTED, "week"),
        (LINES, "frame"),
        (LOOP, "t"),
    ],
)
def test_a_first_column_that_counts_is_the_step(tmp_path, text, step):
    assert step_of(tmp_path, text) == step
    (source,) = written_by(script_of(tmp_path, text)).sources
    assert (source.step, source.step_told) == (step, "its first column, which counts")


@pytest.mark.parametrize(
    "text",
    [
        FRAME.replace('"day"', '"person"'),
        FRAME.replace('"day", "S"', '"S", "day"'),
        FRAME.replace('"S"', '"epoch"'),
        FRAME.replace('columns=["day", "S"]', "columns=names"),
        TEXT.replace("tick", "t"),
        LOOP.replace("range(3)", "times"),
        TEXT.replace("f.write", "g.write"),
        WRITER.replace("csv.writer(f)", "csv.writer(other)"),
    ],
)
def test_other_columns_and_what_is_taken_anyway_are_not_named(tmp_path, text):
    assert step_of(tmp_path, text) == ""
