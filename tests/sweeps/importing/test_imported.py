"""The text of a file, and the names of its sweeps."""

from sweeps.importing.imported import Imported, sweeps_of
from sweeps.importing.studies.study import Description, Study
from sweeps.spec.parser import read_spec_text


def imported(*studies, **more):
    sweeps = sweeps_of(Description({}, studies))
    return Imported("x.sh", "e", {"command": ["python", "t.py", "{args}"]}, sweeps=sweeps, **more)


def test_sweeps_are_named_after_what_they_vary_and_what_tells_them_apart():
    one, two = Study(grid={"a.lr": (1, 2)}), Study(grid={"a.lr": (1, 2)}, settings={"opt": "sgd"})
    three = Study(include=({"a": 1}, {"b": 2}))
    assert list(sweeps_of(Description({}, (one, two, two, three, Study())))) == [
        "lr",
        "lr-sgd",
        "lr-2",
        "trials",
        "trial",
    ]
    assert list(sweeps_of(Description({}, (Study(grid={"k" * 99: (1, 2)}),)))) == ["grid"]


def test_long_lists_get_lines_of_their_own_and_the_text_is_read_again():
    grid = {key * 20: tuple(range(20)) for key in "ab"}
    text = imported(
        Study(grid=grid, whens=(({"a" * 20: (1, 2)}, {"c": [1]}),), exclude=({"b" * 20: (3,)},))
    ).text()
    (sweep,) = read_spec_text(text, "e.yaml").sweeps
    assert [len(axis.values) for axis in sweep.grid] == [20, 20]
    assert len(sweep.when) == len(sweep.exclude) == 1
    assert max(map(len, text.splitlines())) < 115


def test_what_is_left_out_stands_at_the_top():
    text = imported(Study(), left_out=dict.fromkeys(range(30), "no\nway"), notes=["so"]).text()
    assert "#   line 3 is left out: no way\n" in text
    assert "#   and 10 more lines\n#   so\n" in text


def test_the_file_asks_where_the_metrics_are():
    text = imported(Study(grid={"lr": (1, 2)})).text()
    assert "  # ? metrics:  # where are its metrics?" in text
    assert "`sweep init t.py --out -` tells" in text
    assert "sweep init" not in Imported("x.sh", "e", {"command": ["julia", "t.jl"]}, sweeps={"a": {}}).text()
