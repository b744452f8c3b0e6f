import ctypes
import subprocess
import sys
import uuid

import pytest

from sweeps.executors import cuda_order
from sweeps.executors.cuda_order import uuids_by, visible_uuids

FAST, SLOW = uuid.UUID(int=7), uuid.UUID(int=8)


class FakeDriver:
    """CUDA's driver library as far as it is called; `code` is what it answers."""

    def __init__(self, *uuids, code=0):
        self.uuids, self.code = uuids, code

    def cuInit(self, flags):  # noqa: N802 - CUDA's own names, as below
        assert flags == 0
        return self.code

    def cuDeviceGetCount(self, count):  # noqa: N802
        count._obj.value = len(self.uuids)
        return 0

    def cuDeviceGet(self, device, number):  # noqa: N802
        device._obj.value = 40 + number
        return 0

    def cuDeviceGetUuid(self, given, device):  # noqa: N802
        ctypes.memmove(given._obj, self.uuids[device.value - 40].bytes, 16)
        return 0


def test_gpus_come_in_cudas_order_by_the_names_that_the_driver_knows():
    assert uuids_by(FakeDriver(FAST, SLOW)) == [f"GPU-{FAST}", f"GPU-{SLOW}"]
    with pytest.raises(OSError, match="cuInit"):
        uuids_by(FakeDriver(FAST, code=100))


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("print('GPU-a\\nGPU-b')", ["GPU-a", "GPU-b"]),
        ("pass", []),
        ("raise OSError", None),
        ("while True: pass", None),
    ],
)
def test_a_process_of_its_own_is_asked_and_one_that_fails_or_hangs_tells_nothing(
    program, found, tmp_path, monkeypatch
):
    script = tmp_path / "asked.py"
    script.write_text(program)
    monkeypatch.setattr(cuda_order, "__file__", str(script))
    monkeypatch.setattr(cuda_order, "LIMIT_S", 0.2 if program.startswith("while") else 60.0)
    assert visible_uuids() == found


def test_it_is_a_script_that_needs_nothing_but_cuda():
    asked = subprocess.run(
        [sys.executable, "-I", cuda_order.__file__], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0 or "libcuda.so.1" in asked.stderr or "cuInit" in asked.stderr
