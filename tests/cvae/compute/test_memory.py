import platform
import subprocess
import sys

import pytest
import torch

from cvae.compute.memory import time_major


def test_freed_memory_is_kept_where_the_c_library_is_glibc():
    code = (
        "from cvae.compute.memory import keep_freed_memory; print(keep_freed_memory(), keep_freed_memory())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    works = platform.libc_ver()[0] == "glibc"
    assert done.stdout == f"{works} {works}\n"


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_frames_of_a_span_of_time_are_one_slice(layout):
    images = torch.rand(2, 5, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    frames = time_major(images, layout)
    assert frames.shape == (10, 3, 4, 6)
    assert frames.is_contiguous(memory_format=layout)
    for t in range(5):
        assert torch.equal(frames[2 * t : 2 * t + 2], images[:, t])
