import io
from pathlib import Path

import pytest

from sweeps.cli.screen import Screen
from sweeps.cli.views.gc_table import item_rows, left_rows, print_items, size_text
from sweeps.disk.tree import File
from sweeps.freeing.collect import Freed
from sweeps.freeing.decisions import Decisions, Item, Kind, Left

FILES = tuple(File(Path(f"/r/{name}"), (1, name), 1, 600, 0) for name in range(2))
ITEMS = (
    Item(Kind.CHECKPOINTS, "a/x", Path("/r/0"), "beyond `keep: best`", FILES[:1], None, 600),
    Item(Kind.CHECKPOINTS, "a/x", Path("/r/1"), "beyond `keep: best`", FILES[1:], None, 600),
    Item(Kind.COPIES, "a/y", Path("/r/2"), "the store has it", FILES[1:], Path("/s/2"), 0),
)
FOUND = Decisions(ITEMS, (Left("run", "at work", 2, 3_400_000),), ("a/1", "a/2", "a/3", "a/4"))


def printed(decisions, freed=None):
    out = io.StringIO()
    print_items(Screen(out), "sweep gc e.yaml --yes", decisions, freed)
    return out.getvalue()


def test_things_of_one_run_and_kind_are_one_row_and_what_stays_is_told():
    lines = printed(FOUND).splitlines()
    assert lines[1].split() == ["checkpoints", "a/x", "2", "1.2", "kB", "beyond", "`keep:", "best`"]
    assert lines[3:] == [
        "kept: 2 runs, 3.4 MB: at work",
        "kept: all checkpoints of a/1, a/2, a/3 and 1 more: nothing says which is the best, or the last",
        "1.2 kB can go; `sweep gc e.yaml --yes` frees them",
    ]


def test_what_was_freed_is_told_with_what_could_not_be():
    assert printed(FOUND, Freed(FOUND, 600, ("/r/1: busy; it stays",))).splitlines()[-2:] == [
        "/r/1: busy; it stays",
        "freed 600 bytes",
    ]
    assert printed(Decisions()) == "nothing can go\n"
    assert printed(Decisions(), Freed(Decisions(), 0, ())) == "nothing can go\n"
    assert printed(Decisions(), Freed(Decisions(), 0, ("/r/1: busy",))) == "/r/1: busy\nfreed 0 bytes\n"


def test_rows_have_bytes_and_a_copy_its_original():
    rows = item_rows(FOUND)
    assert [row["bytes"] for row in rows] == [600, 600, 0]
    assert rows[2]["original"] == "/s/2"
    assert left_rows(FOUND) == [{"what": "run", "reason": "at work", "count": 2, "bytes": 3_400_000}]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (34_567, "35 kB"),
        (1_200_000_000, "1.2 GB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes_are_told_in_decimal_units(size, text):
    assert size_text(size) == text
