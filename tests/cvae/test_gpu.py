"""What only a GPU can show: the same numbers as on the CPU, compiled, as CUDA graphs, in bf16."""

import copy

import numpy as np
import pytest
import torch

from cvae.data.video import Video
from cvae.evaluate import rollout
from cvae.model import VideoCVAE
from cvae.step import train_step

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is visible"),
]
WITHIN = {"fp32": 1e-3, "bf16": 5e-2}


@pytest.fixture(autouse=True)
def full_fp32(monkeypatch):
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


def batch(length=6):
    draws = torch.Generator().manual_seed(0)
    frames, labels = (torch.rand(2, length, 3, 16, 32, generator=draws) for _ in range(2))
    return frames, labels, torch.randn(2, length - 1, 4, 16, 32, generator=draws)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("teacher_forcing", [True, False], ids=["teacher forcing", "free-running"])
def test_steps_on_the_gpu_lose_what_steps_on_the_cpu_lose(teacher_forcing, precision, compiled):
    torch.manual_seed(0)
    on_cpu = VideoCVAE(16, 6, 4, 16)
    on_gpu = copy.deepcopy(on_cpu).cuda()
    if compiled:
        on_gpu.compile_parts()
    losses = []
    for model in (on_cpu, on_gpu):
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
        device = next(model.parameters()).device
        frames, labels, noise = (tensor.to(device) for tensor in batch())
        modes = {"teacher_forcing": teacher_forcing, "beta": 0.3, "kl_divisor": 2, "noise_BTNHW": noise}
        chosen = precision if model is on_gpu else "fp32"
        steps = [train_step(model, optimizer, frames, labels, precision=chosen, **modes) for _ in range(3)]
        losses.append([step.loss for step in steps])
    assert losses[1] == pytest.approx(losses[0], rel=WITHIN[precision])


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_a_rollout_on_the_gpu_predicts_the_frames_of_the_cpu(compiled):
    torch.manual_seed(0)
    on_cpu = VideoCVAE(16, 6, 4, 16)
    on_gpu = copy.deepcopy(on_cpu).cuda()
    if compiled:
        on_gpu.compile_parts()
    frames, labels, noise = batch(length=40)
    expected = rollout(on_cpu, frames[:, 0], labels, noise_BTNHW=noise)
    found = rollout(on_gpu, frames[:, 0].cuda(), labels.cuda(), noise_BTNHW=noise.cuda())
    torch.testing.assert_close(found.cpu(), expected, rtol=1e-2, atol=1e-3)


def test_a_clip_arrives_on_the_gpu_as_it_is_on_the_cpu():
    images = np.random.default_rng(0).integers(0, 256, size=(8, 3, 16, 32), dtype=np.uint8)
    video = Video(images, images[::-1].copy())
    for here, there in zip(video.clip(2, 4), video.clip_on(torch.device("cuda"), 2, 4), strict=True):
        assert there.device.type == "cuda"
        assert torch.equal(here, there.cpu())
