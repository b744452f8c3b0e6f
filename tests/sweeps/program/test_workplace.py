"""The folder, the environment and the command of an attempt's program."""

import pickle
import sys
from pathlib import Path

import pytest

from sweeps.program.interpreter import Interpreter
from sweeps.program.workplace import Workplace, WorkplaceError, is_own_path


def test_the_folder_is_made_with_its_links_and_what_is_there_is_kept(tmp_path):
    (tmp_path / "data").mkdir()
    folder = tmp_path / "run/own"
    place = Workplace(
        str(folder), is_own=True, links=(("data", f"{tmp_path}/data"), ("a/b", f"{tmp_path}/data"))
    )
    place.make()
    (folder / "model.pt").write_text("kept")
    place.make()
    assert (folder / "data").readlink() == (folder / "a/b").readlink() == tmp_path / "data"
    assert (folder / "model.pt").read_text() == "kept"


def test_a_link_is_never_put_in_the_place_of_something_else(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "mine").symlink_to("elsewhere")
    place = Workplace(str(tmp_path), is_own=True, links=(("mine", "/x"),), copies="/state/snapshots")
    place.make()
    assert (tmp_path / "mine").readlink() == Path("elsewhere")
    with pytest.raises(
        WorkplaceError, match=r"trainer\.link: .*/data is in the way of a link to /x; move it away"
    ):
        Workplace(str(tmp_path), is_own=True, links=(("data", "/x"),)).make()


def test_a_link_to_an_earlier_copy_of_the_code_leads_to_the_present_one(tmp_path):
    (tmp_path / "configs").symlink_to("/state/snapshots/old/configs")
    new = "/state/snapshots/new/configs"
    Workplace(str(tmp_path), is_own=True, links=(("configs", new),), copies="/state/snapshots").make()
    assert (tmp_path / "configs").readlink() == Path(new)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkplaceError, match=r"trainer\.cwd: .*/file"):
        Workplace(f"{tmp_path}/file", is_own=True).make()


def test_the_environment_is_the_inherited_one_with_the_variables_and_without_what_is_removed(monkeypatch):
    monkeypatch.setenv("PATH", "/bin")
    ours = str(Path(sys.executable).parent)
    place = Workplace("/", variables={"A": "1"}, removed=("B",))
    assert place.environment({"A": "0", "B": "0", "C": "2"}) == {"A": "1", "C": "2", "PATH": f"{ours}:/bin"}
    assert Workplace("/", variables={"PATH": "/x"}).environment({})["PATH"] == f"{ours}:/x"
    other = Workplace("/", variables={"PATH": f"{ours}:/x"}, python=Interpreter("/other/bin/python"))
    assert other.environment({})["PATH"] == "/other/bin:/x"


def resumed(tmp_path, *words, is_again=True, **config):
    place = Workplace("/", resume=words, own={"run_dir": str(tmp_path), "trial": "t", "run_id": "r"})
    return place.command(("toy",), config, is_again=is_again)


def test_the_words_that_resume_follow_when_the_trial_is_taken_up_again_and_their_files_are_there(tmp_path):
    newest, own = "{newest:{run_dir}/*.ckpt}", "--from={run_dir}/last.pt"
    assert resumed(tmp_path, "--ckpt", newest) == ("toy",)
    assert resumed(tmp_path, own) == ("toy",)
    assert resumed(tmp_path, "--go-on", "{n}", n=3) == ("toy", "--go-on", "3")
    (tmp_path / "a.ckpt").touch()
    (tmp_path / "last.pt").touch()
    assert resumed(tmp_path, "--ckpt", newest) == ("toy", "--ckpt", f"{tmp_path}/a.ckpt")
    assert resumed(tmp_path, own) == ("toy", f"--from={tmp_path}/last.pt")
    assert resumed(tmp_path, own, is_again=False) == ("toy",)


def test_it_travels_and_shows_no_secret():
    place = Workplace("/", variables={"A": "s3cret", "B": "b"}, secrets=("A",), left_out=frozenset({"/x"}))
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 - its own
    assert "s3cret" not in repr(place)
    assert place.secret_texts() == ["s3cret"]


@pytest.mark.parametrize(
    ("path", "is_own"), [("data", True), ("a/../b", True), ("../data", False), ("/data", False)]
)
def test_a_path_below_the_folder_is_told_from_others(path, is_own):
    assert is_own_path(path) is is_own
