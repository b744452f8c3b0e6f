"""Files that a program wrote outside its run's directory, and those that two trials wrote."""

import os
import subprocess
import sys

import pytest

from sweeps.program.outputs import written_files
from sweeps.program.outputs.appended_files import end_of
from sweeps.program.outputs.written_files import CLOCK_NS, SharedFiles, Written, open_beside, written_since

S = 1_000_000_000


def make(folder, **times_s):
    for name, time_s in times_s.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        os.utime(path, ns=(0, time_s * S))


def names(written, folder):
    return sorted(path.removeprefix(f"{folder}/") for path in written.files)


def test_what_changed_is_found_but_for_what_people_edit_what_is_skipped_and_what_links_lead_to(tmp_path):
    work, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    make(work, model_pt=20, old_pt=5, train_py=20, runs__a=20, venv__x_pt=20, left__y=20, state__z=20)
    make(elsewhere, big=20)
    (work / "data").symlink_to(elsewhere)
    found = written_since(
        10 * S, 30 * S, str(work), "", {"venv"}, {str(work / "left"), str(work / "state/z")}
    )
    assert names(found, work) == ["model.pt", "runs/a"]
    assert (found.copied, found.is_whole) == ([], True)
    assert found.ends == {path: end_of(path) for path in found.files}
    assert Written.of_json(found.to_json()) == found


def test_what_is_written_into_the_copy_of_the_code_is_found_whatever_it_is(tmp_path):
    copy = tmp_path / "copy"
    make(copy, train_py=20, __pycache____t_pyc=20, out_txt=20, helper_py=5)
    make(copy, **{"__pycache__/t.pyc": 20})
    found = written_since(10 * S, 30 * S, "", str(copy), ())
    assert names(found, copy) == ["out.txt", "train.py"]
    assert sorted(found.copied) == sorted(found.files)
    assert not found.ends


def test_a_report_that_is_drawn_meanwhile_is_no_trials(tmp_path):
    make(tmp_path / "figures" / "sweep", **{"loss.png": 20})
    make(tmp_path / "figures", **{"manifest.json": 20, "report.html": 20, "report.md": 20})
    make(tmp_path / "plots", **{"loss.png": 20, "report.md": 20})
    found = written_since(10 * S, 30 * S, str(tmp_path), "", ())
    assert names(found, tmp_path) == ["plots/loss.png"]


def test_a_search_that_does_not_come_to_its_end_says_so(tmp_path, monkeypatch):
    make(tmp_path, a=20, b=20, c=20)
    monkeypatch.setattr(written_files, "MOST_FILES", 2)
    found = written_since(10 * S, 30 * S, str(tmp_path), "", ())
    assert (len(found.files), found.is_whole) == (2, False)
    monkeypatch.setattr(written_files, "MOST_ENTRIES", 1)
    assert not written_since(10 * S, 30 * S, str(tmp_path), "", ()).is_whole


def test_a_folder_of_very_many_files_is_data(tmp_path, monkeypatch):
    monkeypatch.setattr(written_files, "MOST_IN_FOLDER", 2)
    make(tmp_path, data__a=20, data__b=20, data__c=20, runs__a=20)
    found = written_since(10 * S, 30 * S, str(tmp_path), "", ())
    assert (names(found, tmp_path), found.is_whole) == (["runs/a"], True)


def attempt(start_s, end_s, **times_s):
    return Written(start_s * S, end_s * S, {name: time_s * S for name, time_s in times_s.items()})


def test_a_file_that_changed_in_two_trials_that_ran_one_after_the_other_is_shared():
    shared = SharedFiles()
    assert shared.add("a", attempt(0, 10, model=9, own=8)) == []
    assert shared.add("b", attempt(11, 20, model=19)) == [("model", "a")]
    assert shared.of("b", attempt(11, 20, model=19)) == {"model": "a"}
    assert shared.add("c", attempt(21, 30, model=29, mine=28)) == []  # it is told once
    assert shared.of("c", attempt(21, 30, model=29, mine=28)) == {"model": "a"}
    assert shared.shared == ["model"]


def test_what_one_trial_may_have_written_alone_is_not_said_of_two():
    shared = SharedFiles()
    shared.add("a", attempt(0, 10, own_a=9, own_b=8, model=9))
    assert (
        shared.add("b", attempt(1, 20, own_a=9, own_b=19, model=19)) == []
    )  # beside each other: nobody can tell
    assert shared.add("c", attempt(11, 30, model=29)) == [("model", "a")]


def test_a_trial_that_still_runs_may_have_written_all_of_it():
    shared = SharedFiles()
    shared.begin("long", 0)
    shared.add("a", attempt(1, 10, model=9))
    assert shared.add("b", attempt(11, 20, model=19)) == []
    shared.end("long", 15 * S)
    assert shared.add("c", attempt(21, 30, model=29)) == [("model", "a")]


def test_what_was_written_as_a_trial_began_may_be_its_own_although_the_clock_of_files_is_late():
    shared = SharedFiles()
    shared.add("a", attempt(5, 10, model=9))
    ended = Written(4 * S + CLOCK_NS, 30 * S, {"model": 4 * S})
    assert shared.add("long", ended) == []
    shared = SharedFiles()
    shared.begin("runs", 9 * S + CLOCK_NS)
    shared.add("a", attempt(1, 10, model=9))
    assert shared.add("b", attempt(11, 20, model=19)) == []


def test_attempts_of_one_trial_share_nothing():
    shared = SharedFiles()
    shared.add("a", attempt(0, 10, model=9))
    assert shared.add("a", attempt(11, 20, model=19)) == []


def test_the_clock_of_files_may_be_a_little_late(tmp_path):
    make(tmp_path, a=20)
    assert names(written_since(20 * S + CLOCK_NS, 30 * S, str(tmp_path), "", ()), tmp_path) == ["a"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells which files are open")
def test_what_the_shells_pipeline_writes_is_known(tmp_path):
    program = "from sweeps.program.outputs.written_files import open_beside; print(*open_beside(), sep='\\n', flush=True)"
    script = f'"{sys.executable}" -c "{program}" | tee "{tmp_path}/run.log"'
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=True, start_new_session=True
    )
    assert f"{tmp_path}/run.log" in done.stdout.splitlines()
    assert all(path.startswith("/") for path in open_beside())
