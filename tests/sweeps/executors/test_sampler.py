import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from analysis.results import machine
from sweeps.executors.gpus import Nvml
from sweeps.executors.sampler import Sampler, Usage, due_after, gpu_sample, sample_of
from sweeps.rundir.journal import JournalWriter, Metrics, last_epoch, read_entries
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.samples import next_sample
from sweeps.runner.attempt_spec import AttemptSpec
from tests.sweeps.executors.fake_nvml import Device
from tests.sweeps.outages import until

BUSY = """
import os, sys
taken = bytearray(60_000_000)
with open("written", "wb") as file:
    file.write(bytes(3_000_000))
    file.flush()
    os.fsync(file.fileno())
end = os.times().user + 0.3
while os.times().user < end:
    pass
print("reached", flush=True)
sys.stdin.read()
"""


def sampled(paths):
    return [entry for entry in read_entries(paths.journal, 0)[0] if isinstance(entry, Metrics)]


def attempt(root, sample_s, **environment):
    return AttemptSpec("r1", 1, root, {}, None, None, ("cpu",), environment, sample_s=sample_s)


@pytest.fixture
def parent(tmp_path):
    """A process that has started one that is busy, and waits for it."""
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)"
    started = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout.readline() == "reached\n"
    yield started
    started.communicate("")


def test_all_of_a_process_tree_is_counted_and_nothing_of_one_that_has_ended(parent):
    process = psutil.Process(parent.pid)
    usage = Usage.of(process)
    assert usage.cpu_s > 0.25
    assert usage.memory_bytes > 60_000_000
    assert usage.written_bytes >= 3_000_000 or not Path("/proc/self/io").exists()
    more = Usage(read_bytes=0, written_bytes=10**12)
    assert Usage.of(process, more).written_bytes == 10**12
    parent.communicate("")
    assert Usage.of(process) is None


def test_where_the_disk_is_hidden_the_rest_is_counted(monkeypatch):
    def refuse(self):
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "io_counters", refuse, raising=False)
    usage = Usage.of(psutil.Process())
    assert usage.memory_bytes > 0
    assert (usage.read_bytes, usage.written_bytes) == (0, 0)


def test_a_sample_says_what_was_taken_since_the_last_one():
    before = Usage(cpu_s=1.0, memory_bytes=9, read_bytes=2_000_000, written_bytes=0)
    now = Usage(cpu_s=4.0, memory_bytes=5_000_000, read_bytes=7_000_000, written_bytes=1_000_000)
    assert sample_of(before, now, 2.0) == {
        machine.CPU: 150.0,
        machine.MEMORY: 5.0,
        machine.DISK_READ: 7.0,
        machine.DISK_WRITE: 1.0,
    }
    assert sample_of(now, before, 2.0)[machine.CPU] == 0  # what ended was not waited for


def test_gpus_are_numbered_as_the_trial_does_and_tell_what_they_can(fake_nvml):
    fake_nvml.device(0, parts=[Device("MIG-a", used=2_000_000_000, percent=None)])
    fake_nvml.device(1, used=5_000_000, percent=35)
    assert gpu_sample(Nvml.open(), ["1", "MIG-a", "9"]) == {
        machine.gpu_use(0): 35.0,
        machine.gpu_memory(0): 5.0,
        machine.gpu_memory(1): 2000.0,
    }


def test_samples_come_soon_at_first_and_then_all_at_the_same_moments():
    assert [due_after(100.3, taken, 10.0) for taken in range(6)] == [101.3, 102.3, 104.3, 108.3, 110, 110]
    assert due_after(100.3, 0, 0.5) == 100.5
    assert due_after(109.999, 4, 10.0) == 120  # no two within moments


def test_a_running_attempt_is_sampled_into_its_journal_until_it_has_ended(parent, tmp_path, fake_nvml):
    fake_nvml.device(0, percent=60)
    paths = RunPaths(tmp_path / "r1")
    writer = JournalWriter(paths)
    writer.metrics({"loss": 0.5}, 3)
    sampler = Sampler()
    sampler.follow(attempt(paths.root, 0.01, CUDA_VISIBLE_DEVICES="0"), psutil.Process(parent.pid))
    until(lambda: len(sampled(paths)) > 3, "samples")
    writer.metrics({"loss": 0.25}, 4)
    sampler.forget("r1")
    size = paths.journal.stat().st_size
    loss, *rest = sampled(paths)
    samples = [row for row in rest if row.is_of_machine]
    assert [row.step for row in samples] == list(range(len(samples)))
    assert all(row.values[machine.gpu_use(0)] == 60 for row in samples)
    assert len(samples) == len(rest) - 1
    assert not loss.is_of_machine
    assert last_epoch(paths) == 4
    assert paths.journal.stat().st_size == size
    sampler.close()
    assert next_sample(paths.journal) == len(samples)  # where the next attempt goes on


def test_an_attempt_that_is_not_to_be_sampled_is_not(tmp_path):
    sampler = Sampler()
    sampler.follow(attempt(tmp_path, None), psutil.Process())
    sampler.follow(attempt(tmp_path, 1.0), None)
    assert sampler._thread is None
