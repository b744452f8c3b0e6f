"""Attempts run the code as it was at launch, and the record says which that was."""

import json
import os
import subprocess
import sys

import pytest
from mlflow.tracking import MlflowClient

from sweeps.rundir.paths import StateDir
from sweeps.trainer import code_files, code_tree, git, snapshot
from sweeps.trainer.snapshot import listing_in, take_snapshot
from tests.sweeps.outages import go_on, reached
from tests.sweeps.repositories import commit
from tests.sweeps.specs import read

TRAINER = """
import time
from pathlib import Path

def train(config, run):
    Path(f"reached{config['n']}").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    import helper
    run.log({"version": helper.VERSION}, 0)
"""
SCRIPT = """
import sys, time
from pathlib import Path
Path(f"reached{sys.argv[1]}").touch()
while not Path("go").exists():
    time.sleep(0.01)
import helper
print("version", helper.VERSION)
"""


def version(project, number):
    (project.path / "helper.py").write_text(f"VERSION = {number}\n")


def test_a_source_edited_while_a_sweep_runs_changes_the_next_launch_and_no_attempt_of_this_one(project):
    (project.path / "toy.py").write_text(TRAINER)
    version(project, 1)
    project.spec("sweeps: {a: {grid: {n: [1, 2]}}}")
    process = project.start("run", "e.yaml", "--jobs", "1", "--gpus", "")
    reached(project, 1)
    version(project, 2)
    go_on(project)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    project.spec("sweeps: {a: {grid: {n: [1, 2, 3]}}}")
    assert project.sweep("run", "e.yaml", "--gpus", "")[0] == 0
    runs = project.runs()
    assert [project.curve(runs[name], "version") for name in ("n1", "n2", "n3")] == [
        [(0, 1.0)],
        [(0, 1.0)],
        [(0, 2.0)],
    ]
    digests = [json.loads(runs[name].tags["sweeps.code"])["snapshot"] for name in ("n1", "n2", "n3")]
    assert digests[0] == digests[1] != digests[2]
    assert sorted(path.name for path in (project.path / ".sweep/snapshots").iterdir()) == sorted(digests[1:])
    kept = MlflowClient(project.uri).list_artifacts(project.runs("sweep")["a"].run_id, "code")
    assert {f"code/{digest}.diff" for digest in digests} <= {file.path for file in kept}


def test_a_commands_script_and_what_it_imports_are_those_of_the_launch(project):
    (project.path / "script.py").write_text(SCRIPT)
    version(project, 1)
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: {command: [python, script.py, '{n}']}\nsweeps: {a: {grid: {n: [1, 2]}}}\n"
    )
    process = project.start("run", "e.yaml", "--jobs", "1", "--gpus", "")
    reached(project, 1)
    version(project, 2)
    (project.path / "script.py").write_text("raise SystemExit(5)\n")
    go_on(project)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert project.sweep("logs", "e.yaml", "n2")[1] == "version 1\n"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with a trainer, a tracked file, an ignored one and an uncommitted change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in {
        "owned/__init__.py": "",
        "owned/t.py": "A = 1\n",
        "note.md": "n",
        "big.bin": "b",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".gitignore").write_text("*.bin\n.sweep\n__pycache__\n_version.py\n")
    commit(tmp_path, "init", "--quiet")
    (tmp_path / "owned/t.py").write_text("A = 2\n")
    (tmp_path / "owned/new.py").write_text("B = 1\n")
    return tmp_path


def taken(folder, trainer="owned.t:train", state=None):
    spec = read(folder, "sweeps: {a: {set: {x: 1}}}", f"trainer: {trainer}\n")
    (folder / "e.yaml").unlink()
    return take_snapshot(spec.trainer, StateDir(state or folder / ".sweep"))


def files(found):
    """The files of a copy, and what its links lead to."""
    paths = [path for path in found.folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {str(p.relative_to(found.folder)): str(p.readlink()) if p.is_symlink() else None for p in paths}


def test_a_snapshot_holds_the_tracked_files_as_they_stand_and_the_trainers_own(repository):
    found = taken(repository)
    copied = dict.fromkeys(("owned/__init__.py", "owned/t.py", "owned/new.py", "note.md", ".gitignore"))
    assert files(found) == {**copied, "big.bin": str(repository / "big.bin")}
    assert (found.folder / "owned/t.py").read_text() == "A = 2\n"
    assert found.identity["dirty"]
    assert b"-A = 1\n+A = 2" in found.diff
    assert b"+B = 1" in found.diff
    assert found.search_path([str(repository)]) == (str(found.folder), str(repository))


def test_the_recorded_difference_makes_the_copy_of_the_commit(repository):
    (repository / "owned/_version.py").write_text("VERSION = 1")
    (repository / "owned/fast.so").write_bytes(bytes(range(256)))
    (repository / "owned/names.csv").write_bytes(b"Zo\xe9\n")
    (repository / "note.md").unlink()
    found = taken(repository)
    clone = repository.parent / f"{repository.name}-clone"
    for words in (["clone", "--quiet", str(repository), str(clone)], ["-C", str(clone), "apply", "-"]):
        subprocess.run(["git", *words], input=found.diff, check=True)  # noqa: S607 - the PATH's git
    copied = [name for name, link in files(found).items() if link is None]
    assert {"owned/_version.py", "owned/fast.so", "owned/names.csv"} <= set(copied)
    for name in copied:
        assert (clone / name).read_bytes() == (found.folder / name).read_bytes()
    assert not (clone / "note.md").exists()


def test_what_a_sparse_checkout_leaves_out_is_no_change_and_not_told(repository):
    for number in range(3):
        (repository / f"other{number}").mkdir()
        (repository / f"other{number}/x.md").write_text("x")
    commit(repository, "init", "--quiet")
    git.ask(repository, "sparse-checkout", "set", "owned")
    assert not (repository / "other0").exists()
    found = taken(repository)
    assert (found.findings, found.diff, found.identity["dirty"]) == ((), b"", False)


def test_committing_the_very_changes_makes_no_other_snapshot(repository):
    before = taken(repository)
    commit(repository)
    (repository / "results.csv").touch()  # what trials write is no code
    after = taken(repository)
    assert after.folder == before.folder
    assert after.identity["commit"] != before.identity["commit"]
    assert (after.identity["dirty"], after.diff) == (False, b"")
    assert files(after)["results.csv"] == str(repository / "results.csv")


def test_code_that_is_too_large_is_linked_and_said(repository, monkeypatch):
    monkeypatch.setattr(code_files, "MOST_BYTES", 10)
    found = taken(repository)
    assert found.findings == ("too large to be copied, read where it is: .gitignore, owned/new.py",)
    assert files(found)["owned/new.py"] == str(repository / "owned/new.py")


PROGRAM = """
import sys
from pathlib import Path
from lib import VERSION
here = Path(__file__).parent
names = ["lib/words.txt", "conf/a.yaml", ".env", "data/x.csv", "inside/x.csv", "large.bin"]
print(VERSION, *((here / name).read_text() for name in names), Path("local.csv").read_text(), *sys.argv[1:])
"""


@pytest.mark.parametrize("kind", ["git", "nothing committed", "no git"])
def test_a_program_reads_in_the_copy_what_it_reads_when_run_by_hand(tmp_path, monkeypatch, kind):
    work, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    monkeypatch.setattr(code_files, "MOST_FILE_BYTES", 5000)
    for name in ("lib/words.txt", "conf/a.yaml", ".env", "real/x.csv", "local.csv", "../elsewhere/x.csv"):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(name)
    (work / "large.bin").write_text("w" * 6000)
    (work / "data").symlink_to(elsewhere)
    (work / "inside").symlink_to("real")
    (work / "lib/__init__.py").write_text("from lib._version import VERSION\n")
    (work / "lib/_version.py").write_text("VERSION = 7\n")
    (work / "train.py").write_text(PROGRAM)
    (work / ".gitignore").write_text("_version.py\n.env\nreal\n.sweep\n")
    if kind == "git":
        commit(work, "init", "--quiet")
    elif kind == "nothing committed":
        subprocess.run(["git", "init", "--quiet"], cwd=work, check=True)  # noqa: S607 - the PATH's git
    monkeypatch.chdir(work)
    command = [sys.executable, "train.py", "3"]
    by_hand = subprocess.check_output(command, text=True)
    found = taken(work, f"{{command: [{sys.executable}, train.py, '{{x}}']}}")
    in_copy = found.command(command)
    assert in_copy[1] == str(found.folder / "train.py")
    assert subprocess.check_output(in_copy, text=True) == by_hand
    assert by_hand.endswith("local.csv 3\n")
    large = "too large to be copied, read where it is: large.bin"
    assert found.findings == ((large,) if kind == "git" else ())


def test_a_package_in_a_source_folder_is_imported_from_the_copy_and_finds_the_projects_files(
    tmp_path, monkeypatch
):
    (tmp_path / "src/sourced").mkdir(parents=True)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/a.yaml").write_text("a")
    (tmp_path / "src/sourced/__init__.py").touch()
    (tmp_path / "src/sourced/t.py").write_text("def train(config, run): ...\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "src")
    found = taken(tmp_path, "sourced.t:train")
    assert found.root == tmp_path
    assert found.first == (str(found.folder / "src"),)
    assert (found.folder / "conf/a.yaml").read_text() == "a"
    assert found.copies_of([str(tmp_path / "src"), "src", "/nowhere", ""]) == (
        str(found.folder / "src"),
        str(found.folder),
    )


def test_a_repository_in_the_specs_folder_reads_what_lies_beside_it(tmp_path, monkeypatch):
    (tmp_path / "code").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv").write_text("1\n")
    program = "from pathlib import Path\nprint((Path(__file__).parents[1] / 'data/x.csv').read_text())\n"
    (tmp_path / "code/train.py").write_text(program)
    commit(tmp_path / "code", "init", "--quiet")
    (tmp_path / "code/train.py").write_text(f"{program}# changed\n")
    monkeypatch.chdir(tmp_path)
    found = taken(tmp_path, "{command: [python, code/train.py]}")
    command = found.command([sys.executable, "code/train.py"])
    assert command[1] == str(found.folder / "code/train.py")
    assert subprocess.check_output(command, text=True) == "1\n\n"
    assert found.identity["commit"]
    assert b"+# changed" in found.diff


def test_a_file_that_is_deleted_meanwhile_is_in_neither_copy_nor_difference(repository, monkeypatch):
    chosen = code_tree.choose

    def choose(*args, **kwargs):
        found = chosen(*args, **kwargs)
        (repository / "owned/new.py").unlink()
        return found

    monkeypatch.setattr(code_tree, "choose", choose)
    found = taken(repository)
    assert "owned/new.py" not in files(found)
    assert b"new.py" not in found.diff
    assert b"+A = 2" in found.diff


def test_a_repository_that_is_a_package_itself_is_imported_from_the_copy(tmp_path, monkeypatch):
    package = tmp_path / "wholepack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "t.py").write_text("def train(config, run): ...\n")
    commit(package, "init", "--quiet")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(package)
    found = taken(package, "wholepack.t:train")
    assert found.first == (str(found.folder),)
    assert (found.folder / "wholepack/t.py").is_file()


def test_scripts_in_folders_far_apart_do_not_make_a_copy_of_what_is_between(tmp_path, monkeypatch):
    for name in ("one/train.py", "two/three/other.py", "huge.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path / "one")
    other = tmp_path / "two/three/other.py"
    found = taken(tmp_path / "one", f"{{command: [python, train.py, '{other}']}}")
    assert set(files(found)) == {"train.py"}
    assert found.command(["python", "train.py", str(other)]) == (
        "python",
        str(found.folder / "train.py"),
        str(other),
    )


def test_equal_code_of_two_folders_that_share_a_state_directory_reads_its_own_data(tmp_path, monkeypatch):
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.py").write_text("pass\n")
        (tmp_path / name / "data.csv").write_text(name)
        monkeypatch.chdir(tmp_path / name)
        found.append(taken(tmp_path / name, "{command: [python, train.py]}", tmp_path / "shared"))
    one, other = found
    assert one.digest == other.digest
    assert [(snapshot.folder / "data.csv").read_text() for snapshot in found] == ["a", "b"]


def test_a_repository_that_git_refuses_to_read_is_copied_all_the_same(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    found = taken(repository)
    assert "git config --global --add safe.directory" in found.findings[0]
    assert found.identity["commit"] is None
    assert {"owned/t.py", "owned/new.py", "note.md"} <= set(files(found))
    assert b"+A = 2" in found.diff


def test_a_difference_that_is_too_large_is_said_and_the_copy_is_there(repository, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_ADDED_BYTES", 3)
    found = taken(repository)
    assert found.findings == ("not in the recorded difference, too large: owned/new.py",)
    assert b"+A = 2" in found.diff
    monkeypatch.setattr(git, "MOST_DIFF_BYTES", 10)
    found = taken(repository)
    assert found.findings == ("the difference from the commit is not recorded: it is larger than 0 MiB",)
    assert (found.diff, (found.folder / "owned/new.py").read_text()) == (b"", "B = 1\n")


def test_names_of_any_bytes_are_copied_and_in_the_difference(repository):
    name = os.fsdecode(b"owned/caf\xe9 \xff.py")
    (repository / name).write_bytes(b"# Zo\xe9\n")
    found = taken(repository)
    assert (found.folder / name).read_bytes() == b"# Zo\xe9\n"
    assert b'"b/owned/caf\\351 \\377.py"' in found.diff
    assert taken(repository).folder == found.folder


AROUND = """
import os
here = os.path.dirname(os.path.abspath(__file__))
print(open(here + "/../data/x").read(), open(here + "/../../far/y").read())
"""


def test_what_lies_beside_the_code_and_beside_that_is_reachable_from_the_copy(tmp_path, monkeypatch):
    code = tmp_path / "lab/code"
    for name in ("lab/code/train.py", "lab/data/x", "far/y", "lab/mlruns/0/meta.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (code / "train.py").write_text(AROUND)
    monkeypatch.chdir(code)
    found = taken(code, "{command: [python, train.py]}")
    (script,) = found.command(["train.py"])
    assert subprocess.check_output([sys.executable, script], text=True) == "lab/data/x far/y\n"
    assert not (found.folder.parent / "mlruns").exists()
    (tmp_path / "lab/new").touch()  # what came since is there with the next launch
    assert (taken(code, "{command: [python, train.py]}").folder.parent / "new").is_symlink()


def test_a_folder_above_with_very_many_files_is_not_linked(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_BESIDE", 2)
    for name in ("code/train.py", "a", "b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path / "code")
    found = taken(tmp_path / "code", "{command: [python, train.py]}")
    assert [path.name for path in found.folder.parent.iterdir()] == ["code"]


def test_a_copy_that_was_written_into_is_not_used_again(repository):
    first = taken(repository)
    (first.folder / "owned/t.py").write_text("A = 66\n")
    second = taken(repository)
    assert (second.digest, second.identity["snapshot"]) == (first.digest, first.digest)
    assert (second.folder / "owned/t.py").read_text() == "A = 2\n"
    assert taken(repository).folder == second.folder
    (second.folder / "out.txt").touch()  # beside the code it changes none
    assert taken(repository).folder == second.folder


def test_code_that_is_run_in_place_is_recorded_and_its_changes_are_known(repository):
    found = taken(repository, "{run: 'owned.t:train', snapshot: false}")
    assert (found.is_in_place, found.folder, found.base) == (True, repository, None)
    assert found.identity["in_place"]
    assert found.identity["snapshot"] is None
    assert b"-A = 1\n+A = 2" in found.diff
    listed = listing_in(found.identity["digest"], StateDir(repository / ".sweep"))
    assert {"owned/t.py", "owned/new.py"} <= json.loads(listed.read_text()).keys()
    assert not (repository / ".sweep/snapshots").exists()
    assert found.command(["python", "owned/t.py"]) == ("python", "owned/t.py")
    assert found.search_path([str(repository)]) == (str(repository),)
    assert found.changed() == []
    (repository / "owned/t.py").write_text("A = 333\n")
    (repository / "owned/new.py").unlink()
    (repository / "note.md").write_text("no code")
    assert found.changed() == ["owned/new.py", "owned/t.py"]
    again = taken(repository, "{run: 'owned.t:train', snapshot: false}")
    assert again.identity["digest"] != found.identity["digest"]
