import inspect
import os
import sys
from types import SimpleNamespace

import pynvml
import pytest

from sweeps.executors import gpus
from sweeps.executors.gpus import Gpu, Nvml, counts_as_driver, devices_in, memory_of, named_gpus, visible_gpus
from tests.sweeps.executors.fake_nvml import SPELLINGS, Device, FakeNvml

G = 1 << 30


@pytest.mark.parametrize("name", [name for name in vars(FakeNvml) if name.startswith("nvml")])
def test_the_fake_is_called_as_the_real_library_is(name):
    own = list(inspect.signature(getattr(FakeNvml(), name)).parameters.values())
    real = list(inspect.signature(getattr(pynvml, name)).parameters.values())
    assert [(one.name, one.default) for one in own] == [(one.name, one.default) for one in real]
    assert issubclass(pynvml.NVMLError, Exception)


def test_the_real_librarys_answers_have_the_fields_that_are_read():
    fields = {
        pynvml.c_nvmlMemory_t: {"total", "used"},
        pynvml.c_nvmlUtilization_t: {"gpu"},
        pynvml.c_nvmlProcessInfo_v2_t: {"pid", "usedGpuMemory"},
    }
    for answer, names in fields.items():
        assert names <= {name for name, _ in answer._fields_}


@pytest.mark.parametrize("given", SPELLINGS)
def test_the_environment_decides_which_devices_there_are(given, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    assert visible_gpus(None) == devices_in(given) == SPELLINGS[given]
    assert named_gpus({"CUDA_VISIBLE_DEVICES": given}) == SPELLINGS[given]


def test_without_the_environment_the_driver_is_asked(fake_nvml, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    fake_nvml.device(0, used=3 * G)
    fake_nvml.device(1, is_lost=True)
    fake_nvml.device(2, parts=[Device("MIG-a", 5 * G), Device("MIG-b", 5 * G)])
    nvml = Nvml.open()
    assert visible_gpus(nvml) == ["0", "MIG-a", "MIG-b"]
    assert nvml.gpus()[0] == Gpu("0", "model of GPU-000-000", 20 * G, 3 * G)


def test_without_a_library_or_a_driver_there_is_no_gpu(fake_nvml, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    fake_nvml.device(0)
    fake_nvml.has_driver = False
    assert Nvml.open() is None
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert Nvml.open() is None
    assert visible_gpus(None) == []
    assert memory_of(None, ["0"], shared=False) == {}


@pytest.mark.parametrize("missing", ["libnvidia-ml.so.1", None])
def test_where_the_driver_has_no_library_nothing_of_ours_is_imported(missing, fake_nvml, monkeypatch):
    def load(name):
        if name == missing:
            raise OSError

    finder = SimpleNamespace(find_spec=lambda name, *_: asked.append(name) if name == "pynvml" else None)
    asked = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(gpus.ctypes, "CDLL", load)
    monkeypatch.delitem(sys.modules, "pynvml")
    monkeypatch.setattr(sys, "meta_path", [finder])
    assert Nvml.open() is None
    assert asked == ([] if missing else ["pynvml"])


@pytest.mark.parametrize("name", ["1", "GPU-111-000", "GPU-11"])
def test_a_gpu_is_found_by_its_number_and_by_its_uuid(name, fake_nvml):
    fake_nvml.device(0)
    fake_nvml.device(1, used=G, percent=40)
    nvml = Nvml.open()
    assert nvml.gpu(name).used_bytes == G
    assert nvml.load(name) == (40, G)


def test_what_is_not_there_or_does_not_tell_is_nothing(fake_nvml):
    fake_nvml.device(0, parts=[Device("MIG-a", percent=None)])
    nvml = Nvml.open()
    assert nvml.gpu("MIG-a").memory_bytes == 20 * G
    assert nvml.load("MIG-a") == (None, 0)
    assert (nvml.gpu("7"), nvml.gpu("GPU-9"), nvml.load("7"), nvml.users("7")) == (
        None,
        None,
        (None, None),
        [],
    )


def test_who_computes_is_told_as_far_as_it_can_be_seen(fake_nvml):
    fake_nvml.device(0, pids={os.getpid(): 2_000_000_000, 2**22 + 1: None})
    own, other = map(str, Nvml.open().users("0"))
    assert own.startswith(f"pid {os.getpid()} (")
    assert own.endswith("), 2.0 GB")
    assert other == f"pid {2**22 + 1}"


def test_trials_have_all_memory_but_what_those_hold_beside_whom_they_are_to_run(fake_nvml):
    fake_nvml.device(0, used=G)  # the driver's own
    fake_nvml.device(1, used=8 * G, pids={4242: 8 * G})
    ids, nvml = ["0", "1", "7"], Nvml.open()
    assert memory_of(nvml, ids, shared=False) == {"0": 19 * G, "1": 20 * G}
    assert memory_of(nvml, ids, shared=True) == {"0": 19 * G, "1": 12 * G}


def test_what_this_process_holds_is_not_the_trials_whoever_else_computes(fake_nvml):
    fake_nvml.device(0, used=13 * G, pids={os.getpid(): 12 * G})
    fake_nvml.device(1, used=14 * G, pids={os.getppid(): 12 * G, 2**22 + 1: 2 * G})
    assert memory_of(Nvml.open(), ["0", "1"], shared=False) == {"0": 7 * G, "1": 8 * G}


def test_clients_of_mps_compute_too(fake_nvml):
    fake_nvml.device(0, pids={4242: G}, clients={4242: G, 2**22 + 1: 2 * G})
    fake_nvml.device(1, pids={4242: G}, clients=None)
    users = [[user.pid for user in Nvml.open().users(name)] for name in ("0", "1")]
    assert users == [[4242, 2**22 + 1], [4242]]


def test_only_of_unlike_gpus_does_cuda_count_in_its_own_order(fake_nvml, monkeypatch):
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    fake_nvml.device(0, model="H200")
    fake_nvml.device(1, model="H200")
    nvml = Nvml.open()
    assert counts_as_driver(nvml, ["1"])
    fake_nvml.device(2, model="L4")
    assert [counts_as_driver(nvml, ids) for ids in (["1"], ["GPU-1"], [])] == [False, True, True]
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert counts_as_driver(nvml, ["1"])
