"""Recordings and copies of a GPU. What a CUDA graph does to a step is tested in tests/cvae/test_gpu.py, and by a stand-in in
training/test_steps.py."""

import logging
import subprocess
import sys
from contextlib import nullcontext

import pytest
import torch

from cvae.compute.graph import WARM_UPS, CopyStream, CudaRecorder, Recorded

needs_gpu = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is visible"),
]


def on_gpu(test):
    for mark in needs_gpu:
        test = mark(test)
    return test


@on_gpu
def test_recordings_do_their_work_again_on_what_the_tensors_hold_then():
    device = torch.device("cuda")
    record = CudaRecorder(device)
    given, doubled, summed = (torch.ones(4, device=device) for _ in range(3))
    double, add = record(lambda: doubled.copy_(given * 2)), record(lambda: summed.add_(doubled))
    summed.zero_()
    given.fill_(5)
    double()
    add()
    assert summed.tolist() == [10.0] * 4


FAILS = """
import torch
from cvae.compute.graph import CudaRecorder

device = torch.device("cuda")
before, value, doubled = torch.cuda.current_stream(), torch.ones(1, device=device), torch.zeros(1, device=device)

def waits():
    if torch.cuda.is_current_stream_capturing():
        value.item()

recorder = CudaRecorder(device)
try:
    recorder(waits)
except RuntimeError:
    print("refused")
assert torch.cuda.current_stream() == before
assert float(value + 1) == 2
torch.cuda.empty_cache()
for other in (recorder, CudaRecorder(device)):
    other(lambda: doubled.copy_(value * 2))()
    assert float(doubled) == 2
    doubled.zero_()
print("goes on")
"""


@on_gpu
def test_after_a_recording_that_failed_all_goes_on_and_others_can_be_made():
    done = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, check=False)
    assert (done.stdout.split("\n")[:2], done.returncode) == (["refused", "goes on"], 0), done.stderr


@on_gpu
def test_what_is_brought_is_there_before_it_is_computed_on():
    device = torch.device("cuda")
    here = torch.arange(1 << 20, dtype=torch.float32).pin_memory()
    copies = CopyStream(device)
    for factor in range(1, 9):  # more often than tensors are in use at once
        (there,) = copies.bring(lambda factor=factor: (here.to(device, non_blocking=True) * factor,))
        assert torch.equal((there + 1).cpu(), here * factor + 1)


class Event:
    def __init__(self, done):
        self.query = lambda: self in done


class Stream:
    """Stands for a stream of a GPU: notes its events."""

    def __init__(self, done):
        self.done, self.events = done, []

    def record_event(self):
        self.events.append(Event(self.done))
        return self.events[-1]

    def wait_stream(self, other):
        pass


def test_what_was_brought_is_kept_until_the_gpu_has_computed_on_it(monkeypatch):
    done = set()
    current = Stream(done)
    monkeypatch.setattr(torch.cuda, "Stream", lambda _: Stream(done))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: current)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    freed = []

    class Brought:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            freed.append(self.name)

    copies = CopyStream(torch.device("cuda"))
    for number in range(4):
        copies.bring(lambda number=number: (Brought(number),))
        assert freed == []
    done.update(current.events[:2])
    copies.bring(lambda: (Brought(4),))
    assert freed == [0, 1]


class Graph:
    """Stands for a recording: where what is recorded raises, ending it raises as well, as CUDA does."""

    def __init__(self, *_, **__):
        self.replay = "replays"

    def __enter__(self):
        pass

    def __exit__(self, kind, *_):
        if kind is not None:
            raise RuntimeError("operation failed due to a previous error during capture")


def test_the_reason_of_a_refusal_is_what_broke_the_recording_and_not_that_it_was_broken(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "cvae")
    current, chosen, calls = Stream(set()), [], []
    for name, stand_in in (
        ("graph_pool_handle", lambda: (0, 1)),
        ("Stream", lambda _: Stream(set())),
        ("current_stream", lambda _: current),
        ("current_device", lambda: 0),
        ("CUDAGraph", Graph),
        ("graph", Graph),
        ("stream", lambda _: nullcontext()),
        ("set_stream", chosen.append),
    ):
        monkeypatch.setattr(torch.cuda, name, stand_in)

    def waits(tensor):
        calls.append("call")
        if len(calls) == WARM_UPS + 1:
            raise RuntimeError("operation not permitted when stream is capturing\nmore")
        return tensor * 2

    double = Recorded(waits, CudaRecorder(torch.device("cuda")), "predictions")
    assert double(torch.ones(1)).item() == 2.0
    assert chosen == [current], "what follows is put where all was before"
    assert caplog.messages == [
        "predictions are computed call by call: they cannot be recorded: operation not permitted when stream is capturing"
    ]


def test_a_function_that_cannot_be_recorded_is_called_as_it_is_and_that_is_said_once(caplog):
    caplog.set_level(logging.INFO, "cvae")

    def refuse(work):
        work()
        raise RuntimeError("out of memory\nmore")

    double = Recorded(lambda tensor: tensor * 2, refuse, "predictions")
    assert [double(torch.ones(1)).item() for _ in range(2)] == [2.0, 2.0]
    assert caplog.messages == [
        "predictions are computed call by call: they cannot be recorded: out of memory"
    ]
