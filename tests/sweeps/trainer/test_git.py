"""Whatever state a repository is in and however git is set up, there is an answer or a sentence."""

import os
import shutil
import subprocess
import sys

import pytest

from sweeps.trainer import git
from sweeps.trainer.git import find_repository
from tests.sweeps.repositories import AUTHOR, commit

ALLOW = ("-c", "protocol.file.allow=always")


def run(folder, *words):
    command = ["git", *AUTHOR, *ALLOW, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A repository with a commit and an uncommitted change of each kind."""
    monkeypatch.setattr(git, "_silent", set())
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "latin.csv").write_bytes(b"Ren\xe9\n")
    (folder / "blob.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "gone.txt").write_text("gone\n")
    (folder / "tool.sh").write_text("echo\n")
    (folder / "link").symlink_to("tool.sh")
    commit(folder, "init", "--quiet")
    (folder / "latin.csv").write_bytes(b"Ren\xe9\nZo\xe9")
    (folder / "blob.bin").write_bytes(bytes(range(255, -1, -1)) * 40)
    (folder / "gone.txt").unlink()
    (folder / "tool.sh").chmod(0o755)
    (folder / "link").unlink()
    (folder / "link").symlink_to("latin.csv")
    odd = os.fsdecode(b'caf\xe9 "new".txt')
    (folder / odd).write_text("x\n")
    run(folder, "add", "--", odd)
    return folder


def contents(folder):
    """The files below a folder, but for git's own: their kind, mode and bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if ".git" in name.parts or (path.is_dir() and not path.is_symlink()):
            continue
        linked = path.is_symlink()
        found[name] = path.readlink() if linked else (path.stat().st_mode & 0o111 != 0, path.read_bytes())
    return found


def taken_back(folder, diff, name="clone"):
    """What a fresh clone holds after `git apply` of a difference."""
    clone = folder.parent / name
    run(folder.parent, "clone", "--quiet", "--recurse-submodules", str(folder), str(clone))
    (folder.parent / "d.diff").write_bytes(diff)
    if diff:
        run(clone, "apply", str(folder.parent / "d.diff"))
    return contents(clone)


def changes_of(folder):
    repository, trouble = find_repository(folder)
    assert (repository.top, trouble) == (folder, "")
    answer = repository.changes()
    assert answer.output is not None, answer.trouble
    return answer.output


SETTINGS = {
    "plain": [],
    "external diff": ["diff.external", "echo pretty"],
    "no prefix": ["diff.noprefix", "true"],
    "mnemonic prefix": ["diff.mnemonicPrefix", "true"],
    "colour": ["color.ui", "always"],
    "raw names": ["core.quotePath", "false"],
    "no context": ["diff.context", "0"],
    "relative": ["diff.relative", "true"],
    "renames": ["diff.renames", "copies"],
    "pager": ["core.pager", "cat; sleep 100"],
    "fsmonitor": ["core.fsmonitor", "sleep 100; false"],
    "blank lines": ["diff.suppressBlankEmpty", "true"],
    "line ends": ["core.autocrlf", "input"],
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_the_difference_is_a_patch_that_gives_the_files_back_however_git_is_set_up(work, setting):
    if setting:
        run(work, "config", *setting)
    assert taken_back(work, changes_of(work)) == contents(work)


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=shown"])
def test_attributes_and_text_converters_leave_the_patch_whole(work, attribute):
    (work / ".git/info").mkdir(exist_ok=True)
    (work / ".git/info/attributes").write_text(f"*.csv {attribute}\n")
    run(work, "config", "diff.shown.textconv", "wc -c <")
    run(work, "config", "diff.shown.command", "echo shown")
    assert taken_back(work, changes_of(work)) == contents(work)


def test_variables_of_another_repository_are_not_heard(work, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a").write_text("a")
    commit(other, "init", "--quiet")
    expected = changes_of(work)
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_PREFIX": "x/",
        "GIT_EXTERNAL_DIFF": "echo pretty",
        "GIT_DIFF_OPTS": "--unified=0",
    }.items():
        monkeypatch.setenv(name, value)
    assert changes_of(work) == expected != b""


def test_a_locked_index_is_no_hindrance_and_nothing_of_the_repository_is_touched(work):
    (work / ".git/index.lock").touch()
    index = (work / ".git/index").read_bytes()
    repository, _ = find_repository(work)
    assert repository.is_dirty()
    assert b"Zo\xe9" in repository.changes().output
    assert (work / ".git/index").read_bytes() == index


def test_a_merge_in_progress_is_recorded_as_it_stands(work):
    run(work, "add", "--all")
    run(work, "commit", "--quiet", "--message", "ours")
    run(work, "checkout", "--quiet", "-b", "theirs", "HEAD~1")
    (work / "latin.csv").write_text("theirs\n")
    run(work, "commit", "--quiet", "--all", "--message", "theirs")
    with pytest.raises(subprocess.CalledProcessError):
        run(work, "merge", "--quiet", "-")
    assert b"<<<<<<<" in (work / "latin.csv").read_bytes()
    repository, _ = find_repository(work)
    names = {path.name for path in repository.tracked()[0]}
    assert {"latin.csv", "tool.sh"} <= names
    assert taken_back(work, changes_of(work)) == contents(work)


def test_a_submodules_own_changes_are_in_the_patch(work, tmp_path):
    inner = tmp_path / "inner"
    (inner / "deep").mkdir(parents=True)
    (inner / "deep/a.py").write_text("A = 1\n")
    commit(inner, "init", "--quiet")
    run(work, "add", "--all")
    run(work, "submodule", "--quiet", "add", str(inner), "vendored/inner")
    run(work, "commit", "--quiet", "--message", "with a submodule")
    (work / "vendored/inner/deep/a.py").write_text("A = 2\n")
    (work / "latin.csv").write_text("new\n")
    run(work, "config", "diff.submodule", "log")
    repository, _ = find_repository(work)
    assert work / "vendored/inner/deep/a.py" in repository.tracked()[0]
    assert taken_back(work, changes_of(work)) == contents(work)
    run(work / "vendored/inner", "commit", "--quiet", "--all", "--message", "committed there")
    assert taken_back(work, changes_of(work), "second") == contents(work)


def test_a_worktree_a_detached_head_and_a_sparse_checkout_have_their_own_commit_and_changes(work, tmp_path):
    run(work, "add", "--all")
    run(work, "commit", "--quiet", "--message", "two")
    tree = tmp_path / "tree"
    run(work, "worktree", "add", "--quiet", "--detach", str(tree), "HEAD~1")
    (tree / "gone.txt").write_text("changed\n")
    repository, _ = find_repository(tree)
    assert repository.top == tree
    assert repository.commit == run(work, "rev-parse", "HEAD~1").decode().strip()
    assert b"+changed" in repository.changes().output
    run(work, "sparse-checkout", "set", "nothing")
    (work / "latin.csv").unlink(missing_ok=True)
    sparse, _ = find_repository(work)
    assert sparse.tracked()[0]
    assert sparse.changes().output is not None


def test_a_repository_without_a_commit_has_files_and_no_difference(tmp_path):
    (tmp_path / "a.py").write_text("A = 1\n")
    run(tmp_path, "init", "--quiet")
    run(tmp_path, "add", "a.py")
    repository, trouble = find_repository(tmp_path)
    assert (repository.commit, repository.is_dirty(), trouble) == (None, None, "")
    assert repository.tracked() == ([tmp_path / "a.py"], "")
    assert repository.changes().output == b""


def test_a_bare_repository_is_none_that_code_lies_in(tmp_path):
    run(tmp_path, "init", "--quiet", "--bare", "bare.git")
    assert find_repository(tmp_path / "bare.git") == (None, "")
    assert find_repository(tmp_path) == (None, "")


def test_another_owners_repository_is_said_with_the_remedy(work, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    repository, trouble = find_repository(work)
    assert repository is None
    assert trouble == (
        f"{work}: git does not say which commit this is: it belongs to another user; "
        f"`git config --global --add safe.directory {work}` allows it"
    )


def test_a_damaged_repository_is_said(work):
    (work / ".git/HEAD").write_text("nonsense\n")
    repository, trouble = find_repository(work)
    assert repository is None
    assert trouble.startswith(f"{work}: git does not say which commit this is: ")


def test_a_git_that_is_missing_is_said_only_where_there_is_a_repository(work, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert find_repository(work)[1].endswith("there is no git on the PATH")
    shutil.rmtree(work / ".git")
    assert find_repository(work) == (None, "")


def test_a_git_that_hangs_is_waited_for_once_and_ended_with_what_it_started(work, tmp_path, monkeypatch):
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{sys.executable} -c 'import time; time.sleep(600)'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "ANSWER_S", 0.5)
    first, second = find_repository(work), find_repository(work)
    assert first == (
        None,
        f"{work}: git does not say which commit this is: git rev-parse does not answer within 0.5 s",
    )
    assert second == (None, f"{work}: git does not say which commit this is: git does not answer")


def test_a_difference_that_is_too_large_or_cannot_be_made_is_said(work, monkeypatch):
    repository, _ = find_repository(work)
    monkeypatch.setattr(git, "MOST_DIFF_BYTES", 100)
    assert repository.changes() == git.Answer(None, "it is larger than 0 MiB")
    monkeypatch.undo()
    run(work, "config", "filter.broken.clean", "false")
    run(work, "config", "filter.broken.required", "true")
    (work / ".git/info").mkdir(exist_ok=True)
    (work / ".git/info/attributes").write_text("*.csv filter=broken\n")
    (work / "latin.csv").write_text("another\n")
    assert "external filter 'false' failed" in repository.changes().trouble


def test_an_index_that_cannot_be_read_is_said(work):
    (work / ".git/index").write_bytes(b"DIRC nonsense")
    repository, trouble = find_repository(work)
    assert trouble == ""
    files, trouble = repository.tracked()
    assert files == []
    assert trouble.startswith(f"{work}: git does not list its files: ")
    assert repository.changes().trouble
