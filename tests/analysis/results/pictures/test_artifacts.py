import pytest

from analysis.results.pictures.artifacts import Artifacts, local_folder
from tests.analysis.pictured import record_of


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "a run"
    (folder / "images" / "below").mkdir(parents=True)
    (folder / "images" / "b.png").write_bytes(b"b")
    (folder / "images" / "a.png").write_bytes(b"a")
    return folder


def test_files_on_this_machine_are_listed_and_read_without_mlflow(run):
    files = Artifacts(record_of(one=run, two=run.as_uri()))
    for run_id in ("one", "two"):
        assert files.names(run_id, "images") == ["a.png", "b.png"]
        assert files.content(run_id, "images/a.png") == b"a"


@pytest.mark.parametrize("place", ["/no/such/folder", "file:///no/such/folder", "", "s3:"])
def test_what_cannot_be_read_is_not_there(place):
    files = Artifacts(record_of(one=place))
    assert files.names("one") == files.names("another") == []
    assert files.content("one", "a.png") == files.content("another", "a.png") == b""


def test_a_folder_without_the_file_has_none(run):
    files = Artifacts(record_of(one=run))
    assert files.names("one", "films") == []
    assert files.content("one", "images") == b""


def test_a_local_folder_is_found_by_its_address(run):
    assert local_folder(str(run)) == local_folder(run.as_uri()) == run
    assert local_folder("mlflow-artifacts:/1/x") is None
    assert local_folder(str(run / "gone")) is None


def test_all_files_of_a_run_are_listed_down_to_a_depth(run):
    (run / "images" / "below" / "c.png").write_bytes(b"c")
    (run / "z.txt").write_bytes(b"z")
    files = Artifacts(record_of(one=run))
    assert files.below("one", 2) == ["z.txt", "images/a.png", "images/b.png", "images/below/c.png"]
    assert files.below("one", 1) == ["z.txt", "images/a.png", "images/b.png"]
    assert files.below("another", 1) == []


def test_a_file_that_is_too_large_is_not_read(run):
    files = Artifacts(record_of(one=run))
    assert files.content("one", "images/a.png", most=1) == b"a"
    assert files.content("one", "images/a.png", most=0) == b""
