"""What is said of runs that differ in code: which files, and what trains them anew."""

import json
import re
import shlex
import subprocess

import pytest

from analysis.read.store import RunRecord
from analysis.read.tags import files_text, readings_text
from sweeps.rundir.paths import StateDir
from sweeps.sources.following.readings import readings_of
from sweeps.trainer.changes.named_files import state_of
from sweeps.trainer.changes.sentences import told
from sweeps.trainer.provenance import code_identity
from sweeps.trainer.snapshot import take_snapshot
from tests.sweeps.specs import read

END = "finished trials stay as they are, `sweep run` trains them with the code of now"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A script, runs of it as it is edited, and what is said of them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("A = 0\n")
    runs = []

    def trainer_of(said):
        written = f"trainer: {{command: [python, train.py]{said}}}\n"
        return read(tmp_path, "sweeps: {a: {set: {x: 1}}}", written).trainer

    def ran(name, *files, keys="", without=(), tags=None, **more):
        trainer = trainer_of(keys)
        code = {**take_snapshot(trainer, StateDir.here()).identity, **more}
        for key in without:
            del code[key]
        tags = {"sweeps.code": json.dumps(code), "sweeps.outcome": "finished", **(tags or {})}
        runs.append((name, RunRecord(name, name, None, "trial", "FINISHED", 0, 1, tags)))
        for file in files:
            with (tmp_path / file).open("a") as text:
                text.write(f"# {name}\n")

    def again(run_ids):
        asked_for.append(sorted(run_ids))
        return "sweep run", "them"

    def said(keys="", **asked):
        trainer = trainer_of(keys)
        now = {"sweeps.code": json.dumps(code_identity(trainer))}
        said.whole = told(runs, now, trainer, again, **asked)
        return [re.sub(r"; `diff -u [^`]*` shows how", "", sentence) for sentence in said.whole]

    said.asked_for = asked_for = []
    said.trainer_of = trainer_of
    return ran, said


def test_of_an_edit_the_file_is_named_and_what_trains_anew(project):
    ran, said = project
    ran("one")
    ran("two")
    assert said() == []
    ran("three", "helper.py")
    (line,) = said()
    assert line == f"the code has changed since these ran (one, two, three): helper.py (changed); {END}"
    assert said(from_now=True) == [line]


def test_a_command_shows_how_an_edited_file_was(project):
    ran, said = project
    ran("one", "helper.py")
    said()
    (line,) = said.whole
    command = line.partition("; `")[2].partition("` shows how; ")[0]
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    assert "+# one" in done.stdout
    ran("two", "train.py")
    said()
    assert "`diff" not in said.whole[0]  # there are two copies, of two times


def test_of_several_edits_each_is_told_with_its_runs(project):
    ran, said = project
    ran("one", "train.py")
    ran("two", "helper.py")
    (line,) = said()
    assert line.endswith(
        f"; since one: helper.py (changed), train.py (changed); since two: helper.py (changed); {END}"
    )


def test_runs_that_differ_though_now_is_as_some_of_them_are_no_difference_from_now(project):
    ran, said = project
    ran("one", "train.py")
    ran("two")
    (line,) = said()
    assert line.endswith(f"; since then: train.py (changed); {END}")
    assert said.asked_for == [["one"]]
    assert said(from_now=True) == []


def test_of_code_that_runs_in_place_the_file_is_named_too(project):
    """Of an edit after the first run and after the second, each has its own."""
    ran, said = project
    in_place = ", snapshot: false"
    ran("one", "helper.py", keys=in_place)
    (line,) = said(in_place)
    assert line == f"the code has changed since these ran (one): helper.py (changed); {END}"
    ran("two", "train.py", keys=in_place)
    (line,) = said(in_place)
    assert "since one: helper.py (changed), train.py (changed); since two: train.py (changed)" in line


def test_where_no_copy_is_named_the_digests_are_told(project):
    ran, said = project
    ran("one", "train.py", snapshot=None)
    (line,) = said()
    assert line.endswith(f" (now); {END}")


ENV = ", env: {{OMP_NUM_THREADS: {}, API_TOKEN: {{from: HOME}}}}"


def test_keys_around_the_command_that_say_something_else_are_named(project):
    ran, said = project
    ran("one", keys=ENV.format(1))
    assert said(ENV.format(1)) == []
    (line,) = said(ENV.format(4))
    since = "trainer.env OMP_NUM_THREADS (changed)"
    assert line == f"the code has changed since these ran (one): {since}; {END}"
    assert said(ENV.format(4), from_now=True) == [line]
    (line,) = said(", cwd: '{run_dir}', link: [train.py]")
    since = "trainer.cwd (new), trainer.env API_TOKEN (gone), trainer.env OMP_NUM_THREADS (gone) and 1 more"
    assert line == f"the code has changed since these ran (one): {since}; {END}"


def test_keys_and_files_are_named_together(project):
    ran, said = project
    ran("one", "helper.py", keys=ENV.format(1))
    (line,) = said(", env: {API_TOKEN: {from: HOME}}")
    since = "trainer.env OMP_NUM_THREADS (gone), helper.py (changed)"
    assert line == f"the code has changed since these ran (one): {since}; {END}"


def test_where_files_have_changed_that_no_copy_tells_the_digests_stay(project):
    ran, said = project
    ran("one", "helper.py", keys=ENV.format(1), snapshot=None)
    (line,) = said(ENV.format(2))
    assert "runs differ in code: imports" in line
    assert f"; since then: trainer.env OMP_NUM_THREADS (changed); {END}" in line


def test_a_run_of_an_earlier_version_is_alike_whatever_the_file_says_around_the_command(project):
    ran, said = project
    ran("one", keys=ENV.format(1), without=["trainer"])
    assert said(ENV.format(2)) == []
    ran("two", "helper.py", keys=ENV.format(2))
    (line,) = said(ENV.format(2))
    assert line == f"the code has changed since these ran (one, two): helper.py (changed); {END}"


def test_files_that_trials_name_are_told_like_code_where_they_have_changed(project, tmp_path):
    ran, said = project
    for name in ("x", "y"):
        (tmp_path / f"{name}.csv").write_text(name)
        ran(name, tags={"sweeps.files": files_text({f"{name}.csv": state_of(tmp_path / f"{name}.csv")})})
    ran("older")
    assert said() == []
    (tmp_path / "x.csv").write_text("another")
    (line,) = said()
    end = END.replace("code", "files")
    assert line == f"files have changed since these ran (x): x.csv; {end}"
    assert said.asked_for == [["x"]]
    (tmp_path / "y.csv").write_text("another")
    (line,) = said(from_now=True)
    assert line == f"files have changed since these ran (x, y): x.csv, y.csv; {end}"
    ran("z", tags={"sweeps.files": files_text({"x.csv": state_of(tmp_path / "x.csv")})})
    assert said()[0].startswith("runs differ in files: x.csv ")
    (tmp_path / "x.csv").unlink()
    (tmp_path / "y.csv").unlink()
    assert said(from_now=True) == []


def test_of_metrics_that_are_read_otherwise_it_says_what_reads_again_and_what_trains_anew(project):
    ran, said = project
    keys = ", metrics: [{{stdout: 'loss (?P<loss>\\S+) acc (?P<acc>\\S+)', several: {{loss: {}}}}}]"
    sources = said.trainer_of(keys.format("last")).sources
    found = readings_of(dict.fromkeys(("loss", "acc"), (sources.sources[0].identity,)), sources)
    for name in "xy":
        ran(name, tags={"sweeps.metrics": readings_text(found)})
    ran("older")
    ran("another", tags={"sweeps.metrics": readings_text({"acc": found["acc"]})})
    assert said(keys.format("last")) == []
    (line,) = said(keys.format("mean"), from_now=True)
    trains = "`sweep run` trains them with the reading of now"
    told = "how metrics are read has changed since these ran (x, y): loss; finished trials stay as they are"
    assert line == f"{told}, {trains}"
    assert said.asked_for == [["x", "y"]]
    StateDir.here().run("y").root.mkdir(parents=True)
    (line,) = said(keys.format("mean"), read_again="sweep metrics --apply")
    assert (
        line
        == f"{told}: `sweep metrics --apply` reads what they left, and says which values are others; {trains}"
    )
