import pytest

from sweeps.sources.formats.output import Pattern, cleaned, read_lines
from sweeps.sources.reader import CHUNK_BYTES


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "attempt-1.log"

    def write(data):
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def texts(path, offset=0, **asked):
    return [line.text for line in read_lines(path, offset, **asked)[0]]


def test_each_piece_that_a_progress_bar_writes_over_itself_is_a_line(log):
    assert texts(log(" 10%|#  \r 20%|## \r100%|###\nloss 1\r\n")) == [
        " 10%|#",
        " 20%|##",
        "100%|###",
        "loss 1",
    ]


def test_half_a_line_waits(log):
    path = log("loss 0.5\nloss 0.12")
    lines, end = read_lines(path, 0)
    assert [(line.start, line.text) for line in lines] == [(0, "loss 0.5")]
    path.write_text("loss 0.5\nloss 0.1234\n")
    assert [(line.start, line.text) for line in read_lines(path, end)[0]] == [(9, "loss 0.1234")]


def test_what_stands_at_the_end_is_a_line_where_nothing_more_comes(log):
    assert texts(log("a\nloss 0.5"), half=True) == ["a", "loss 0.5"]


def test_lines_of_sweep_itself_are_left_out(log):
    assert texts(log("sweep: loss 0.5\nmy sweep: loss 0.6\n")) == ["my sweep: loss 0.6"]


def test_a_log_is_read_in_pieces_and_each_line_once(log):
    count = 3 * CHUNK_BYTES // 20
    path = log("".join(f"loss {number:012d}\n" for number in range(count)))
    offset, found = 0, []
    while True:
        lines, end = read_lines(path, offset)
        if end == offset:
            break
        assert end - offset <= CHUNK_BYTES
        found += lines
        offset = end
    assert [line.text for line in found] == [f"loss {number:012d}" for number in range(count)]


def test_megabytes_without_a_line_break_are_no_line_and_hold_nothing_up(log):
    path = log(b"x" * (2 * CHUNK_BYTES) + b"\nloss 1\n")
    offset, found = 0, []
    for _ in range(4):
        lines, offset = read_lines(path, offset)
        found += [line.text for line in lines if "loss" in line.text]
    assert found == ["loss 1"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[1;32mloss\x1b[0m 0.5", "loss 0.5"),
        ("\x1b[2K\x1b[1Gloss 0.5\x1b[?25h", "loss 0.5"),
        ("\x1b]0;title\x07loss 0.5", "loss 0.5"),
        ("\x1b]8;;http://x\x1b\\loss\x1b]8;;\x1b\\ 0.5", "loss 0.5"),
        ("\x1b(Bloss 0.5", "loss 0.5"),
        ("\x08\x08\x08loss 0.5\x00", "loss 0.5"),
        ("loss\t0.5", "loss\t0.5"),
        ("\x1b[0m   loss 0.5 \x1b[K ", "   loss 0.5"),
        ("ж loss 0.5", "ж loss 0.5"),
    ],
)
def test_control_sequences_are_taken_out(text, clean):
    assert cleaned(text) == clean


def test_bytes_that_are_no_text_hide_nothing(log):
    assert texts(log(b"\xff\xfeloss 0.5\n"))[0].endswith("loss 0.5")


def matches(pattern, text):
    return [(match.values, match.odd) for match in Pattern(pattern).matches(text)]


def test_groups_are_metrics():
    assert matches(r"epoch (?P<epoch>\d+) loss (?P<loss>\S+)", "epoch 3 loss 0.5,") == [
        ({"epoch": 3, "loss": 0.5}, {})
    ]


def test_names_and_values_are_one_metric_a_match():
    found = matches(r"(?P<name>\w+)=(?P<value>\S+)", "loss=0.5 acc=12% mode=train")
    assert found == [({"loss": 0.5}, {}), ({"acc": 12}, {}), ({}, {"mode": "train"})]


def test_groups_that_did_not_take_part_are_absent():
    assert matches(r"loss (?P<loss>\S+)(?: acc (?P<acc>\S+))?", "loss 1") == [({"loss": 1}, {})]
