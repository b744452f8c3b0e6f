import os
import subprocess
import sys

import pytest
import torch

from cvae.compute.device import resolve_device, resolve_precision
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


@pytest.mark.parametrize("wish", ["1", "2", "", "many"])
def test_threads_follow_the_environment_even_when_torch_came_first(wish):
    code = (
        "import os, torch; before = torch.get_num_threads(); "
        f"os.environ['OMP_NUM_THREADS'] = {wish!r}; "
        "from cvae.compute.device import use_threads; print(before, use_threads())"
    )
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    output = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    before, after = output.stdout.split()
    assert after == (wish if wish.isdecimal() else before)
