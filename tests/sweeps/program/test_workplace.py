"""The folder, the environment and the command of an attempt's program."""

import pickle
import sys
from pathlib import Path

import pytest

from sweeps.program.interpreter import Interpreter
from sweeps.program.resuming import Resuming
from sweeps.program.workplace import Workplace, WorkplaceError


def test_the_folder_is_made_with_its_links_and_what_is_there_is_kept(tmp_path):
    (tmp_path / "data").mkdir()
    folder = tmp_path / "run/own"
    place = Workplace(
        str(folder), is_own=True, links=(("data", f"{tmp_path}/data"), ("a/b/c", f"{tmp_path}/data"))
    )
    place.make()
    (folder / "model.pt").write_text("kept")
    place.make()
    assert (folder / "data").readlink() == (folder / "a/b/c").readlink() == tmp_path / "data"
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


def test_a_link_may_lie_beside_the_folder_in_the_runs_directory_and_nowhere_else(tmp_path):
    (tmp_path / "data").mkdir()
    run_dir = tmp_path / "run"
    own = {"run_dir": str(run_dir)}
    Workplace(f"{run_dir}/work", is_own=True, links=(("../data", f"{tmp_path}/data"),), own=own).make()
    assert (run_dir / "data").readlink() == tmp_path / "data"
    for name in ("../../other", "../..", "/abs"):
        place = Workplace(f"{run_dir}/work", is_own=True, links=((name, f"{tmp_path}/data"),), own=own)
        with pytest.raises(WorkplaceError, match=r"trainer\.link: "):
            place.make()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "run"]


def test_nothing_is_made_through_a_link_that_leads_elsewhere(tmp_path):
    (tmp_path / "theirs").mkdir()
    links = (("data", f"{tmp_path}/theirs"), ("data/sub", "/x"))
    with pytest.raises(WorkplaceError, match="would be made outside the run's directory"):
        Workplace(f"{tmp_path}/run", is_own=True, links=links, own={"run_dir": f"{tmp_path}/run"}).make()
    assert list((tmp_path / "theirs").iterdir()) == []


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


def test_the_words_that_resume_follow_only_when_the_trial_is_taken_up_again(tmp_path):
    own = {"run_dir": str(tmp_path), "trial": "t", "run_id": "r"}
    place = Workplace(str(tmp_path), resume=Resuming(("--go-on", "{newest:*.ckpt}")), own=own)
    assert place.command(("toy",), {}, is_again=True) == ("toy",)
    (tmp_path / "a.ckpt").touch()
    assert place.command(("toy",), {}, is_again=True) == ("toy", "--go-on", "a.ckpt")
    assert place.command(("toy",), {}, is_again=False) == ("toy",)


def test_it_travels_and_shows_no_secret():
    place = Workplace("/", variables={"A": "s3cret", "B": "b"}, secrets=("A",), left_out=frozenset({"/x"}))
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 - its own
    assert "s3cret" not in repr(place)
    assert place.secret_texts() == ["s3cret"]
