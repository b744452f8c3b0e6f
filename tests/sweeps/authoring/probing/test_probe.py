import sys
import textwrap

import psutil
import pytest

from sweeps.authoring.probing.probe import probe
from sweeps.errors import ScriptError

LONG_S = 300.0


def probed(tmp_path, text, limit_s=LONG_S, beside=()):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "t.py").write_text(textwrap.dedent(text))
    for name in beside:
        (folder / name).write_text("")
    (tmp_path / "scratch").mkdir()
    found = probe([sys.executable, "t.py"], folder, tmp_path / "scratch", tmp_path / "run", limit_s)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["t.py", *beside])
    return found


def test_a_run_shows_what_the_program_prints_and_leaves(tmp_path):
    found = probed(
        tmp_path,
        """
        import os
        with open("log.csv", "w") as file:
            print("epoch,loss", "1,0.5", "2,0.25", sep="\\n", file=file)
        open(os.environ["SWEEP_RUN_DIR"] + "/m.csv", "w").write("step,a\\n1,2\\n")
        for epoch in range(3):
            print(f"epoch {epoch} loss {1 / (epoch + 1):.3f}")
        """,
    )
    assert (found.exit_code, found.wrote) == (0, ("log.csv",))
    assert [left.path.name for left in (*found.inside, *found.outside)] == ["m.csv", "log.csv"]
    assert [(form.metrics, form.step) for form in found.forms] == [(("loss",), "epoch")]


def test_files_that_it_opens_to_read_are_seen_and_code_and_outputs_are_none(tmp_path):
    found = probed(
        tmp_path,
        """
        import helper, os
        os.makedirs("sub", exist_ok=True)
        open(os.path.join("sub", "..", "cohort" + ".csv")).read()
        open("kept.csv", "a").close()
        open("new.csv", "w").close()
        open("new.csv").read()
        """,
        beside=("cohort.csv", "helper.py", "kept.csv", "other.csv"),
    )
    assert (found.exit_code, found.read) == (0, ("cohort.csv",))


def test_the_last_lines_that_it_printed_are_kept(tmp_path):
    found = probed(tmp_path, "for n in range(9): print('at', n, end='\\n\\n')\nraise ValueError('no data')\n")
    assert (found.exit_code, found.last_lines[-1]) == (1, "ValueError: no data")
    assert len(found.last_lines) == 5
    assert found.lines > 9


def test_when_its_time_is_over_all_that_it_started_is_ended(tmp_path):
    found = probed(
        tmp_path,
        """
        import subprocess, sys, time
        wait = [sys.executable, "-c", "import time; time.sleep(600)"]
        subprocess.Popen(wait)
        subprocess.Popen(wait, start_new_session=True)
        time.sleep(600)
        """,
        limit_s=1.0,
    )
    assert found.exit_code is None
    # Other tests probe at the same time: theirs run in other folders.
    ours = [
        process
        for process in psutil.process_iter()
        if str(tmp_path) in _environment(process).get("SWEEP_RUN_DIR", "")
    ]
    assert ours == []


def test_a_program_that_does_not_exist_is_told(tmp_path):
    (tmp_path / "s").mkdir()
    with pytest.raises(ScriptError, match="nosuch: cannot be started"):
        probe(["nosuch"], tmp_path / "s", tmp_path, tmp_path / "run", 1.0)


def _environment(process):
    try:
        return process.environ()
    except psutil.Error:
        return {}
