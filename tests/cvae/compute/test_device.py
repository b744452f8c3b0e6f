import os
import subprocess
import sys

import pytest
import torch

from cvae.compute.device import (
    describe_card,
    driver_version,
    finds_mps,
    resolve_device,
    resolve_precision,
    set_numerics,
    use_device,
)
from cvae.errors import DeviceError

HAS_CUDA = torch.cuda.is_available()


def test_the_first_wish_that_is_not_auto_is_taken():
    assert resolve_device("auto", "cpu").type == "cpu"
    assert resolve_device("cpu", "cuda:7").type == "cpu"
    assert resolve_device("auto", "auto").type == ("cuda" if HAS_CUDA else "cpu")


@pytest.mark.parametrize(
    ("wish", "message"), [("cuda:99", "cuda:99 was asked for, but"), ("gpu", "is not one of")]
)
def test_a_device_that_is_not_there_is_refused(wish, message):
    with pytest.raises(DeviceError, match=message):
        resolve_device(wish)


def test_precision_is_what_was_asked_for_and_auto_is_one_of_them():
    cpu = torch.device("cpu")
    assert resolve_precision("fp32", cpu) == "fp32"
    assert resolve_precision("bf16", cpu) == "bf16"
    assert resolve_precision("auto", cpu) in ("fp32", "bf16")


def test_threads_follow_the_environment_even_when_torch_came_first():
    code = """
import os, torch
from cvae.compute.device import use_threads
print(torch.get_num_threads())
for wish in ("", "many", "1", "2"):
    os.environ["OMP_NUM_THREADS"] = wish
    print(use_threads())
"""
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    output = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    before, *after = output.stdout.split()
    assert after == [before, before, "1", "2"]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19\nGCC version: 12.2.0",
            "535.104.05",
        ),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.82.07  Release Build", "580.82.07"),
        ("something else", None),
    ],
)
def test_the_drivers_version_is_read_where_the_kernel_tells_it(text, version, tmp_path):
    (tmp_path / "version").write_text(text)
    assert driver_version(tmp_path / "version") == version
    assert driver_version(tmp_path / "missing") is None


def test_an_mps_daemon_is_one_that_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_MPS_PIPE_DIRECTORY", str(tmp_path))
    assert not finds_mps()
    (tmp_path / "control").touch()
    assert finds_mps()


def test_a_cpu_has_no_card_and_its_arithmetic_is_left_alone():
    cpu = torch.device("cpu")
    assert describe_card(cpu, deterministic=True) == {}
    set_numerics(cpu, tf32=False, deterministic=True)
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(("wish", "current"), [("cuda:1", ["cuda:1"]), ("cuda", []), ("cpu", [])])
def test_a_gpu_that_is_named_is_the_one_that_all_of_the_process_computes_on(wish, current, monkeypatch):
    made = []
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: made.append(str(device)))
    use_device(torch.device(wish))
    assert made == current
