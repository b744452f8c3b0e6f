import json

from sweeps.sources.loggers.growing_file import HEAD_BYTES, Mark, bytes_at, size_of


def opened(path):
    return path.open("rb", buffering=0)


def test_a_position_holds_its_place_while_the_file_grows(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"a" * 40)
    with opened(path) as file:
        position = Mark.of({}, file).moved(file, 30)
    path.write_bytes(b"a" * 1000)
    with opened(path) as file:
        mark = Mark.of(json.loads(json.dumps(position)), file)
        assert (mark.offset, mark.again) == (30, 0)
        later = mark.moved(file, 900)
        assert Mark.of(later, file).head_bytes == HEAD_BYTES
        assert (bytes_at(file, 990, 100), size_of(file)) == (b"a" * 10, 1000)


def test_a_file_that_is_shorter_than_its_position_begins_anew_and_says_how_far_it_was_read(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"a" * 400)
    with opened(path) as file:
        position = Mark.of({}, file).moved(file, 300)
    path.write_bytes(b"a" * 299)
    with opened(path) as file:
        mark = Mark.of(position, file)
        assert (mark.offset, mark.again) == (0, 300)
        halfway = mark.moved(file, 100)
        assert Mark.of(halfway, file).again == 300
        assert "again" not in mark.moved(file, 300)


def test_another_file_of_the_same_name_begins_anew_however_long_it_is(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"a" * 400)
    with opened(path) as file:
        position = Mark.of({}, file).moved(file, 300)
    path.write_bytes(b"b" * 4000)
    with opened(path) as file:
        assert Mark.of(position, file).offset == 0


def test_nothing_read_is_an_empty_position(tmp_path):
    path = tmp_path / "log"
    path.touch()
    with opened(path) as file:
        assert Mark.of({}, file).moved(file, 0) == {}
