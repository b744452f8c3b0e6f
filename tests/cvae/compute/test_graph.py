"""What a CUDA graph does to a step is tested on a GPU (tests/cvae/test_gpu.py), and by a stand-in in training/test_steps.py."""

import pytest
import torch

from cvae.compute.graph import CopyStream, CudaRecorder

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is visible"),
]


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


def test_after_a_recording_that_failed_the_stream_is_the_one_before_and_works():
    device = torch.device("cuda")
    before, value = torch.cuda.current_stream(), torch.ones(1, device=device)

    def waits():
        if torch.cuda.is_current_stream_capturing():
            value.item()

    with pytest.raises(RuntimeError):
        CudaRecorder(device)(waits)
    assert torch.cuda.current_stream() == before
    assert float(value + 1) == 2


def test_what_is_brought_is_there_before_it_is_computed_on():
    device = torch.device("cuda")
    here = torch.arange(1 << 20, dtype=torch.float32).pin_memory()
    (there,) = CopyStream(device).bring(lambda: (here.to(device, non_blocking=True),))
    assert torch.equal((there + 1).cpu(), here + 1)
