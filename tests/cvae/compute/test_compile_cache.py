"""Processes that compile the same wait for the first; a stand-in for the compiler writes into the cache's folder."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cvae.compute.compile_cache import CACHE, CompileCache

WHAT = {"network": "a", "torch": "2"}


@pytest.fixture(autouse=True)
def no_folder_of_the_user(monkeypatch):
    monkeypatch.delenv(CACHE, raising=False)


def never():
    """Nobody asks for a stop."""


def fill(base, log, begun=None, go=None):
    """In a process of its own: have the part compiled, or taken from the cache, and say which."""
    cache = CompileCache(base, WHAT)

    def compile_part():
        code = Path(os.environ[CACHE]) / "code"
        found = code.exists()
        with log.open("a") as file:
            file.write(f"{'found' if found else 'compiles'}\n")
        if begun is not None:
            begun.set()
            go.wait()
        code.write_text("half" if not found else code.read_text())
        code.write_text("whole")

    cache.fill({"step": compile_part}, lambda: None)


@pytest.fixture
def start(tmp_path):
    """Starts `fill` in processes, and ends them."""
    context, started = multiprocessing.get_context("fork"), []

    def one(*more):
        process = context.Process(target=fill, args=(tmp_path / "base", tmp_path / "log", *more))
        process.start()
        started.append(process)
        return process

    yield one
    for process in started:
        process.kill()
        process.join()


def test_one_process_compiles_and_the_others_wait_and_find_it(start, tmp_path):
    begun, go = multiprocessing.Event(), multiprocessing.Event()
    first = start(begun, go)
    assert begun.wait(60)
    others = [start(), start()]
    polls = iter([None, None])  # one that is asked to stop while it waits does not wait on
    with pytest.raises(StopIteration):
        CompileCache(tmp_path / "base", WHAT).fill({"step": fails}, polls.__next__)
    go.set()
    for process in (first, *others):
        process.join(60)
        assert process.exitcode == 0
    assert (tmp_path / "log").read_text().split() == ["compiles", "found", "found"]
    assert CompileCache(tmp_path / "base", WHAT).has(["step"])


def fails():
    raise RuntimeError("the compiler")


def test_a_stop_is_answered_before_the_next_part(tmp_path):
    done, polls = [], iter([None])
    with pytest.raises(StopIteration):
        CompileCache(tmp_path, WHAT).fill(
            {name: lambda name=name: done.append(name) for name in "ab"}, polls.__next__
        )
    assert done == ["a"]


def test_a_process_that_is_killed_while_it_compiles_leaves_the_lock_and_nothing_half_done(start, tmp_path):
    begun, go = multiprocessing.Event(), multiprocessing.Event()
    first = start(begun, go)
    assert begun.wait(60)
    cache = CompileCache(tmp_path / "base", WHAT)
    (cache.folder / "code").write_text("half")
    os.kill(first.pid, signal.SIGKILL)
    first.join(60)
    assert not cache.has(["step"])
    second = start()
    second.join(60)
    assert second.exitcode == 0
    assert (tmp_path / "log").read_text().split() == ["compiles", "compiles"]
    assert (cache.folder / "code").read_text() == "whole"


def test_parts_are_complete_one_by_one(tmp_path):
    cache, done = CompileCache(tmp_path, WHAT), []
    with pytest.raises(RuntimeError, match="the compiler"):
        cache.fill({"a": lambda: done.append("a"), "b": fails}, never)
    assert cache.has(["a"])
    assert not cache.has(["a", "b"])
    cache.fill({name: lambda name=name: done.append(name) for name in "ab"}, never)
    assert cache.has(["a", "b"])
    assert done == ["a", "a", "b"]


def test_each_network_has_a_folder_of_its_own_in_each_process_too(tmp_path):
    one, other = CompileCache(tmp_path, WHAT), CompileCache(tmp_path, {**WHAT, "network": "b"})
    assert one.folder != other.folder
    used = []
    for cache in (one, other):
        CompileCache(tmp_path, WHAT if cache is one else {**WHAT, "network": "b"}).fill(
            {"step": lambda: used.append(os.environ[CACHE])}, never
        )
    assert used == [str(one.folder), str(other.folder)]


def test_the_users_own_folder_is_used_as_it_is_and_nothing_in_it_is_removed(tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "code").write_text("of another program")
    monkeypatch.setenv(CACHE, str(theirs))
    (theirs / "half.begun").touch()
    cache = CompileCache(tmp_path / "base", WHAT)
    used = []
    cache.fill({"step": lambda: used.append(os.environ[CACHE])}, never)
    assert used == [str(theirs)]
    assert cache.has(["step"])
    assert (theirs / "code").read_text() == "of another program"
    assert not (tmp_path / "base").exists()


COMPILES = """
import json, os, sys, torch
from pathlib import Path
from cvae.compute.compile_cache import CompileCache
torch.set_num_threads(1)
layer = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.LeakyReLU())
compiled = torch.compile(layer, dynamic=False)  # names torch's own folder in the environment
cache = CompileCache(Path(sys.argv[1]), {})
cache.fill({"step": lambda: compiled(torch.ones(4, 8)).sum().backward()}, lambda: None)
from torch._dynamo.utils import counters
found = counters["inductor"]
print(json.dumps([found["fxgraph_cache_miss"], found["fxgraph_cache_hit"], os.environ[sys.argv[2]] == str(cache.folder)]))
"""


@pytest.mark.extra
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_torchs_compiler_compiles_forward_and_backward_once_for_two_processes(tmp_path):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", COMPILES, str(tmp_path), CACHE], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    found = sorted(json.loads(process.communicate()[0].splitlines()[-1]) for process in started)
    assert found == [[0, 2, True], [2, 0, True]]


def test_a_folder_that_cannot_be_made_is_no_reason_not_to_compile(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE, "")  # put back afterwards
    monkeypatch.delenv(CACHE)
    (tmp_path / "file").touch()
    done = []
    CompileCache(tmp_path / "file", WHAT).fill({"step": lambda: done.append(os.environ.get(CACHE))}, never)
    assert done == [None]
