"""Files below a folder of artifacts; what MLflow's own repository makes of the same is compared in `test_sqlite_writes.py`."""

import pytest

from sweeps.record.store.local_artifacts import UnusualError, copy_file, write_text


def test_a_file_is_there_as_a_whole_or_not(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("new")
    copy_file(str(tmp_path / "to"), tmp_path / "a.txt", "deep/er")

    def broken(_source, target):
        target.write_text("ha")
        raise OSError

    monkeypatch.setattr("sweeps.record.store.local_artifacts.shutil.copyfile", broken)
    with pytest.raises(OSError, match=r"^$"):
        copy_file(str(tmp_path / "to"), tmp_path / "a.txt", "deep/er")
    assert [path.name for path in (tmp_path / "to" / "deep" / "er").iterdir()] == ["a.txt"]
    assert (tmp_path / "to" / "deep" / "er" / "a.txt").read_text() == "new"


def test_a_file_that_is_there_already_is_left(tmp_path):
    (tmp_path / "a.txt").write_text("kept")
    copy_file(str(tmp_path), tmp_path / "a.txt", None)
    assert (tmp_path / "a.txt").read_text() == "kept"


@pytest.mark.parametrize(
    "place", ["s3://bucket/a", "file:///store/a", "relative", "/a%20b", "mlflow-artifacts:/a"]
)
def test_places_that_are_no_plain_folder_are_left_to_mlflow(place):
    with pytest.raises(UnusualError):
        write_text(place, "text", "a.txt")


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "a/../../b.txt", ".artifact.uploading.x"])
def test_nothing_is_written_outside(tmp_path, name):
    with pytest.raises(UnusualError):
        write_text(str(tmp_path / "in"), "text", name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_through_a_link_that_leads_out(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    with pytest.raises(UnusualError):
        write_text(str(tmp_path / "in"), "text", "link/a.txt")
    assert list((tmp_path / "out").iterdir()) == []
