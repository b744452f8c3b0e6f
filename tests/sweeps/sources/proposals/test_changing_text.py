import re

from sweeps.sources.proposals.changing_text import (
    as_pattern,
    has_bar,
    is_after_bar,
    marked,
    spans,
    without_marks,
)

LINE = "2026-01-02 03:04:05,678 run 3:  12%|█▎        | 5/40 [00:01<1:02:03, 47.63it/s, loss=0.5]"


def test_what_changes_with_the_clock_is_marked_and_read_whatever_it_is():
    text = marked(LINE)
    assert text == "<time> run 3:  <bar> 5/40 <rate>, loss=0.5]"
    assert without_marks(text) == " run 3:   5/40 , loss=0.5]"
    slow = LINE.replace("█▎        ", "█████████▉").replace("47.63it/s", " 8.4s/it").replace("1:02:03", "?")
    assert re.fullmatch(as_pattern(text), slow)
    assert not re.fullmatch(as_pattern(text), LINE.replace("run", "ran"))


def test_the_places_of_such_parts():
    assert sorted(LINE[first:end][:3] for first, end in spans(LINE)) == ["00:", "12%", "1:0", "202", "[00"]
    assert spans("epoch 3 loss 0.5") == []


def test_a_bar_is_known_in_a_line_and_in_a_pattern():
    assert is_after_bar("run: 12%|█▎   | ")
    assert not is_after_bar("12%|█▎   | 5/")
    assert has_bar(as_pattern("run <bar> loss"))
    assert not has_bar(as_pattern("run <rate> loss"))


def test_paths_from_the_root_are_read_whatever_they_are():
    text = marked("saved /tmp/a-1/run.d/best.pt: loss ~/b/c a/b /x 3/4 w.r.t./d/e")
    assert text == "saved <path>: loss ~/b/c a/b /x 3/4 w.r.t./d/e"
    assert re.match(as_pattern(text), text.replace("<path>", "/home/me/.sweep/runs/9c/files/best.pt"))
    assert spans("[/a/b/] 3") == [(1, 6)]
