import os

from sweeps.disk.tree import file_at, files_below, freed_bytes


def test_files_are_listed_at_any_depth_with_links_as_links(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "one").write_bytes(b"12345")
    (tmp_path / "a" / "to-b").symlink_to("b")
    found = {file.path.name: (file.size, file.leads_to) for file in files_below(tmp_path)}
    assert found == {"one": (5, None), "to-b": (0, "b")}
    assert files_below(tmp_path / "a" / "b" / "one") == (file_at(tmp_path / "a" / "b" / "one"),)
    assert files_below(tmp_path / "nowhere") == ()
    assert file_at(tmp_path) is None


def test_bytes_come_free_with_the_last_name_of_a_file(tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / name).write_bytes(b"12345")
    os.link(tmp_path / "one", tmp_path / "one-again")
    os.link(tmp_path / "two", tmp_path / "two-again")
    one, again, three, two, _ = files_below(tmp_path)
    assert (one.path.name, again.path.name, two.path.name) == ("one", "one-again", "two")
    assert freed_bytes([[one], [again, three], [two]]) == [0, 10, 0]


def test_a_folder_that_goes_meanwhile_is_left_out(tmp_path, monkeypatch):
    walk = [(str(tmp_path / "gone"), ["more"], ["one"]), (str(tmp_path), [], ["two"])]
    (tmp_path / "two").touch()
    monkeypatch.setattr(os, "walk", lambda _: walk)
    assert [file.path.name for file in files_below(tmp_path)] == ["two"]
