"""What notes and users are told of what attempts left outside their runs' directories."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sweeps.program.outputs.appended_files import end_of
from sweeps.program.outputs.written_files import Written
from sweeps.rundir.paths import RunPaths
from sweeps.trainer.footprints import Footprints

S = 1_000_000_000


@pytest.fixture
def attempt(tmp_path):
    """The files of a run whose attempt wrote something."""

    def make(name, start_s, end_s, files=(), copied=(), *, is_whole=True):
        paths = RunPaths(tmp_path / name)
        paths.root.mkdir(exist_ok=True)
        times = dict.fromkeys((*files, *copied), end_s * S)
        written = Written(start_s * S, end_s * S, times, list(copied), is_whole)
        paths.written.write_text(json.dumps(written.to_json()))
        return paths

    return make


def code(base=None, changed=()):
    return SimpleNamespace(base=base, folder=f"{base}/me/proj", changed=lambda: list(changed))


def test_an_attempt_that_left_nothing_is_not_spoken_of(tmp_path):
    prints = Footprints(None)
    prints.begin("a/x")
    assert prints.ended("a/x", RunPaths(tmp_path), "") == []
    assert prints.told() == []


def test_what_was_written_into_the_copy_is_told_with_the_remedy(attempt):
    prints = Footprints(code("/s/1"))
    copied = [f"/s/1/me/proj/runs/{n}" for n in range(5)]
    (remark,) = prints.ended("a/x", attempt("x", 0, 1, copied=copied), "")
    assert remark.startswith(
        "it wrote runs/0, runs/1, runs/2 and 2 more into the copy of the code, /s/1/me/proj; write to"
    )
    (told,) = prints.told()
    assert told.startswith(
        "a/x: wrote runs/0, runs/1, runs/2 and 2 more into the copy of the code; write to {run_dir}"
    )
    assert "`snapshot: false`" in told


def test_a_file_that_two_trials_wrote_is_told_in_the_later_ones_note_and_once_to_the_user(attempt):
    prints = Footprints(None)
    assert prints.ended("a/x", attempt("x", 0, 10, ["/w/model.pt"]), "") == []
    (remark,) = prints.ended("a/y", attempt("y", 11, 20, ["/w/model.pt"]), "")
    assert remark.startswith("/w/model.pt changed while a/x ran, and while this one did")
    assert prints.ended("a/z", attempt("z", 21, 30, ["/w/model.pt"]), "") == []
    assert prints.tags_of("a/x") == {}
    for trial in ("a/y", "a/z"):
        assert prints.tags_of(trial) == {"sweeps.shared_files": '{"/w/model.pt": "a/x"}'}
    (told,) = prints.told()
    assert told.startswith("/w/model.pt changed while different trials ran")


def test_a_folder_with_too_many_files_is_said_once(attempt):
    prints = Footprints(None)
    for name in ("x", "y"):
        assert prints.ended(f"a/{name}", attempt(name, 0, 1, is_whole=False), "") == []
    (told,) = prints.told()
    assert "too many files to see whether trials write the same ones" in told


def test_code_that_changed_while_it_was_run_in_place_is_said(tmp_path):
    (remark,) = Footprints(code(changed=["train.py"])).ended("a/x", RunPaths(tmp_path), "")
    assert remark == "the code was run in place, and train.py changed after `sweep run` had started"


def test_a_failure_that_names_the_copy_is_explained(tmp_path):
    reason = "exit code 1: FileNotFoundError: '/s/1/me/proj/../../../x'"
    (remark,) = Footprints(code("/s/1")).ended("a/x", RunPaths(tmp_path), reason)
    assert "`snapshot: false`" in remark


def test_what_was_noted_by_something_else_is_passed_over(tmp_path):
    paths = RunPaths(tmp_path)
    for text in ("", "[]", "{}", '{"start_ns": null}'):
        paths.written.write_text(text)
        assert Footprints(None).ended("a/x", paths, "") == []


def left(paths, file, text):
    """The files of a run whose attempt left a file with this text."""
    file.write_text(text)
    kept = Written.of_json(json.loads(paths.written.read_text()))
    paths.written.write_text(json.dumps(replace(kept, ends={str(file): end_of(str(file))}).to_json()))
    return paths


def test_a_file_that_trials_append_to_is_told_once_and_not_recorded(attempt, tmp_path):
    table = tmp_path / "results" / "all.csv"
    table.parent.mkdir()
    prints, config = Footprints(None), {"lr": 0.1, "results": "results/all.csv"}
    for count, name in enumerate("xyz", 1):
        paths = left(attempt(name, 10 * count, 10 * count + 9, [str(table)]), table, "acc\n" + "1\n" * count)
        assert prints.ended(f"a/{name}", paths, "", config) == []
        assert prints.tags_of(f"a/{name}") == {}
    (told,) = prints.told()
    assert told == (
        f"several trials append to {table}, and none overwrites what another one wrote; to give each trial a place of its "
        'own, set `results: "{run_dir}/all.csv"`; trials that finished are `changed` then'
    )


def test_a_file_that_is_written_anew_after_it_was_appended_to_is_overwritten(attempt, tmp_path):
    table = tmp_path / "all.csv"
    prints = Footprints(None)
    for count, (name, text) in enumerate({"x": "a\n", "y": "a\nb\n", "z": "c\n", "w": "c\nd\n"}.items()):
        paths = left(attempt(name, 10 * count, 10 * count + 9, [str(table)]), table, text)
        remarks = prints.ended(f"a/{name}", paths, "")
        assert bool(remarks) is (name == "z")
        assert bool(prints.tags_of(f"a/{name}")) is (name in "zw")
    (told,) = prints.told()
    assert told.startswith(f"{table} changed while different trials ran, which may overwrite")
    assert "or `cwd:" in told
