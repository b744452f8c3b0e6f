import pytest

from sweeps.sources.formats.tables import read_csv

ROWS = [{"step": 0, "energy": -1.5}, {"step": 10, "energy": -1.75}]


@pytest.fixture
def table(tmp_path):
    return tmp_path / "observables.dat"


def values(read):
    return [dict(row.values) for row in read.rows]


@pytest.mark.parametrize(
    "text",
    [
        "step energy\n0 -1.5\n10 -1.75\n",
        "  step   energy\n     0  -1.5000\n    10  -1.7500\n",
        "# step energy\n0 -1.5\n10 -1.75\n",
        "#step\tenergy\n0\t-1.5\n10\t-1.75\n",
        "# step, energy\n0 -1.5\n10 -1.75\n",
        "# Ising model, L = 16\n# T = 2.2\n# step energy\n# - kJ/mol\n0.0D+00 -1.5D+00\n1.0D+01 -1.75d0\n",
        "step energy\n- kJ/mol\n0 -1.5\n10 -1.75\n",
        "An Ising model\nstep,energy\n0,-1.5\n10,-1.75\n",
        "# step energy\n0 -1.5\n# a restart\n# step energy\n10 -1.75\n",
        "# step,energy\n0,-1.5\n# a restart\n10,-1.75\n",
    ],
)
def test_a_table_of_blanks_or_with_comments_is_read(table, text):
    table.write_text(text)
    read = read_csv(table, {})
    assert (values(read), read.odd) == (ROWS, [])


def test_its_head_waits_for_the_first_row(table):
    table.write_text("# T=2\n# step energy\n")
    read = read_csv(table, {})
    assert read.rows == []
    with table.open("a") as file:
        file.write("0 -1.5\n")
    read = read_csv(table, read.position)
    assert values(read) == ROWS[:1]
    with table.open("a") as file:
        file.write("10 -1.75\n")
    assert values(read_csv(table, read.position)) == ROWS[1:]


def test_columns_that_no_head_names_are_numbered(table):
    table.write_text("# T = 2.2, L = 16\n0 -1.5\n")
    assert values(read_csv(table, {})) == [{"column_1": 0, "column_2": -1.5}]


def test_a_row_that_lacks_a_cell_is_left_out_and_told(table):
    table.write_text("step energy m\n0 -1.5 0.5\n5 0.5\n10\n")
    read = read_csv(table, {})
    assert values(read) == [{"step": 0, "energy": -1.5, "m": 0.5}, {}, {}]
    assert read.odd == [("a row of 2", "row 5 0.5"), ("a row of 1", "row 10")]


def test_one_column_may_be_called_with_blanks_and_another_by_the_sign_of_comments(table):
    table.write_text("top 5 error\n0.5\n")
    assert values(read_csv(table, {})) == [{"top 5 error": 0.5}]
    table.write_text("#,loss\n1,0.5\n")
    assert values(read_csv(table, {})) == [{"#": 1, "loss": 0.5}]
