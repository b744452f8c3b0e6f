from tests.sweeps.sources.following.runs import Run, stdout

LINES = "loss: 1.0\ntest loss: 0.25\nloss: 0.5\ntest loss: 0.125\n"
TEST = stdout(r"test loss: (?P<test_loss>\S+)", step="count")


def notes(root, *sources):
    made = Run(root, *sources).attempt()
    made.prints(LINES)
    made.ends()
    return made.follower.notes()


def test_a_number_that_two_patterns_read_under_different_names_is_told_once(tmp_path):
    (note,) = notes(tmp_path, TEST, stdout(r"loss: (?P<loss>\S+)", step="count"))
    assert "both read the number 0.25 of the line 'test loss: 0.25', as 'test_loss' and 'loss'" in note


def test_numbers_of_one_line_that_patterns_read_apart_are_no_news(tmp_path):
    of_line = stdout(r"(?P<step>1) loss: (?P<loss>\S+)")
    other = stdout(r"1 loss: \S+ acc: (?P<acc>\S+)")
    made = Run(tmp_path, of_line, other, stdout(r"^(?P<step>\d+) (?P<name>\w+): (?P<value>\S+)")).attempt()
    made.prints("1 loss: 0.5 acc: 0.25\n1 loss: 0.5 acc: 0.25\n")
    made.ends()
    assert not [note for note in made.follower.notes() if "both read" in note]
    assert notes(tmp_path / "anchored", TEST, stdout(r"^loss: (?P<loss>\S+)", step="count")) == []
