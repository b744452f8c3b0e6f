"""Which files programs append to, by what the files are at the ends of attempts."""

import pytest

from sweeps.program.outputs.appended_files import HEAD_BYTES, AppendedFiles, end_of

HEAD = b"epoch,loss\n"
LONG = b"x" * (3 * HEAD_BYTES)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "results.csv"


def ended(found, file, *contents):
    """Take note of the ends of attempts, each of which left one content."""
    for content in contents:
        file.write_bytes(content)
        found.add(str(file), end_of(str(file)))
    return found.has(str(file))


@pytest.mark.parametrize(
    ("contents", "are_appended"),
    [
        ([HEAD + b"a\n"], False),  # nothing is known of what it was before
        ([HEAD + b"a\n", HEAD + b"a\nb\n"], True),
        ([LONG, LONG + b"more", LONG + b"more and more"], True),
        ([HEAD + b"a\n", HEAD + b"b\n"], False),
        ([HEAD + b"a\n", HEAD + b"b\nc\n"], False),
        ([HEAD + b"a\nb\n", HEAD + b"a\n"], False),
        ([b"", HEAD], True),
        ([HEAD, HEAD], False),  # the same again is nothing more
        ([LONG, b"y" + LONG], False),
        ([LONG + b"]", LONG + b", more]"], False),  # rewritten at its end
        ([HEAD, b"other", b"other and more"], False),  # once is enough
        ([HEAD, HEAD + b"a\n", HEAD + b"a\n"], True),  # nothing was written since
    ],
)
def test_a_file_is_appended_to_that_becomes_longer_and_keeps_what_it_held(file, contents, are_appended):
    assert ended(AppendedFiles(), file, *contents) is are_appended


def test_the_order_in_which_ends_are_heard_of_does_not_matter(file):
    ends = []
    for rows in (b"", b"a\n", b"a\nb\n"):
        file.write_bytes(HEAD + rows)
        ends.append(end_of(str(file)))
    for order in (ends, ends[::-1], [ends[1], ends[0]]):
        found = AppendedFiles()
        for end in order:
            found.add(str(file), end)
        assert found.has(str(file))


def test_a_file_whose_end_nobody_saw_is_taken_as_it_is_now(file):
    found = AppendedFiles()
    for rows in (b"", b"a\n"):
        file.write_bytes(HEAD + rows)
        found.add(str(file), None)
    assert found.has(str(file))


def test_what_cannot_be_read_is_not_known_to_be_appended_to(file):
    found = AppendedFiles()
    assert ended(found, file, HEAD, HEAD + b"a\n")
    file.unlink()
    found.add(str(file), None)
    assert not found.has(str(file))
    file.mkdir()
    with pytest.raises(OSError, match="directory"):
        end_of(str(file))
