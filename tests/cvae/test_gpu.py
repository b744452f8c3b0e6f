"""What only a GPU can show: the same numbers as on the CPU, compiled, as CUDA graphs, in bf16."""

import copy
import json
import os

import numpy as np
import pytest
import torch

from cvae.compute.device import set_numerics
from cvae.compute.graph import CudaRecorder
from cvae.compute.optimizer import make_optimizer
from cvae.data.video import Video
from cvae.errors import NonFiniteLossError
from cvae.evaluate import rollout
from cvae.model import VideoCVAE
from cvae.step import Mode, train_step
from cvae.train import train
from cvae.training import attempt, steps
from cvae.training.epoch_plan import EpochPlan
from cvae.training.predictions import Predictions
from cvae.training.steps import QueuedSteps, losses_of
from tests.cvae.runs import SETTINGS, RecordingRun

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is visible"),
]
os.environ.setdefault(
    "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
)  # read once, before the first test: of the deterministic ones
WITHIN = {"fp32": 1e-3, "bf16": 5e-2}


@pytest.fixture(autouse=True)
def full_fp32(monkeypatch):
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.fixture
def deterministic():
    set_numerics(torch.device("cuda"), tf32=False, deterministic=True)
    yield
    torch.use_deterministic_algorithms(False)


def batch(length=6):
    draws = torch.Generator().manual_seed(0)
    frames, labels = (torch.rand(2, length, 3, 16, 32, generator=draws) for _ in range(2))
    return frames, labels, torch.randn(2, length - 1, 4, 16, 32, generator=draws)


@pytest.mark.parametrize(
    "compiled", [False, pytest.param(True, marks=pytest.mark.extra)], ids=["eager", "compiled"]
)
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


@pytest.mark.parametrize("way", ["eager", "recorded", pytest.param("compiled", marks=pytest.mark.extra)])
def test_a_rollout_on_the_gpu_predicts_the_frames_of_the_cpu(way):
    torch.manual_seed(0)
    on_cpu = VideoCVAE(16, 6, 4, 16)
    on_gpu = copy.deepcopy(on_cpu).cuda()
    if way == "compiled":
        on_gpu.compile_parts()
    predict = Predictions(on_gpu, CudaRecorder(torch.device("cuda")), "fp32") if way == "recorded" else None
    frames, labels, noise = batch(length=40)
    expected = rollout(on_cpu, frames[:, 0], labels, noise_BTNHW=noise)
    found = rollout(on_gpu, frames[:, 0].cuda(), labels.cuda(), noise_BTNHW=noise.cuda(), predict=predict)
    torch.testing.assert_close(found.cpu(), expected, rtol=1e-2, atol=1e-3)


def test_a_recorded_rollout_in_bf16_has_the_weights_of_now_and_the_frames_of_one_call_by_call():
    device = torch.device("cuda")
    torch.manual_seed(0)
    model = VideoCVAE(16, 6, 4, 16).to(device)
    frames, labels, noise = (tensor.cuda() for tensor in batch(length=8))
    predict = Predictions(model, CudaRecorder(device), "bf16")
    for _ in range(2):
        expected, found = (
            rollout(model, frames[:, 0], labels, noise_BTNHW=noise, precision="bf16", predict=given)
            for given in (None, predict)
        )
        torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-2)
        with torch.no_grad():
            model.Decoder_Fusion[5].weight.mul_(1.5)


def test_a_clip_arrives_on_the_gpu_as_it_is_on_the_cpu():
    images = np.random.default_rng(0).integers(0, 256, size=(8, 3, 16, 32), dtype=np.uint8)
    video = Video(images, images[::-1].copy())
    for here, there in zip(video.clip(2, 4), video.clip_on(torch.device("cuda"), 2, 4), strict=True):
        assert there.device.type == "cuda"
        assert torch.equal(here, there.cpu())


def losses_and_weights(*, recorded, teacher_forcing, precision, compiled=False, count=20):
    """20 steps on the GPU, through `QueuedSteps`; from the fourth on replayed where they are recorded."""
    device = torch.device("cuda")
    torch.manual_seed(0)
    model = VideoCVAE(16, 6, 4, 16).to(device)
    if compiled:
        model.compile_parts(recorded=False)
    optimizer = make_optimizer("Adam", model.parameters(), lr=1e-3, device=device)
    steps = QueuedSteps(
        model,
        optimizer,
        Mode(False, 2, 0.0, precision),
        recorder=CudaRecorder(device) if recorded else None,
        to_come=lambda _: 1000,
    )
    steps.begin(EpochPlan(0, 0.3, 0.5, teacher_forcing, 1e-3, 1.0))
    frames, labels, noise = (tensor[:1].cuda() for tensor in batch())
    clips = ((frames * (1 - step / 50), labels, noise) for step in range(count))
    losses = losses_of(steps, clips, str)
    assert steps.described().startswith("graph" if recorded else "eager")
    return [step.loss for step in losses], model.state_dict()


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("teacher_forcing", [True, False], ids=["teacher forcing", "free-running"])
def test_steps_as_one_graph_are_those_taken_call_by_call(teacher_forcing, precision, deterministic):
    (losses, weights), (same, other) = (
        losses_and_weights(recorded=recorded, teacher_forcing=teacher_forcing, precision=precision)
        for recorded in (False, True)
    )
    assert same == losses
    assert all(torch.equal(other[name], value) for name, value in weights.items())


@pytest.mark.extra
@pytest.mark.parametrize(("precision", "within"), [("fp32", 1e-4), ("bf16", WITHIN["bf16"])])
@pytest.mark.parametrize("teacher_forcing", [True, False], ids=["teacher forcing", "free-running"])
def test_compiled_parts_in_a_graph_lose_what_the_plain_step_loses(teacher_forcing, precision, within):
    plain, found = (
        losses_and_weights(
            recorded=is_fast, teacher_forcing=teacher_forcing, precision=precision, compiled=is_fast
        )[0]
        for is_fast in (False, True)
    )
    assert found == pytest.approx(plain, rel=within)


def test_a_loss_that_is_not_finite_changes_no_weight_of_a_recorded_step():
    device = torch.device("cuda")
    model = VideoCVAE(16, 6, 4, 16).to(device)
    optimizer = make_optimizer("Adam", model.parameters(), lr=1e-3, device=device)
    steps = QueuedSteps(
        model, optimizer, Mode(False, 2, 0.0, "fp32"), recorder=CudaRecorder(device), to_come=lambda _: 1000
    )
    steps.begin(EpochPlan(0, 0.3, 0.5, True, 1e-3, 1.0))
    frames, labels, noise = (tensor[:1].cuda() for tensor in batch())
    losses_of(steps, [(frames, labels, noise)] * 2, str)
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(NonFiniteLossError, match="clip 1"):
        losses_of(steps, [(frames * float("nan"), labels, noise)] * 3, lambda step: f"clip {step + 1}")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_deterministic_run_is_the_same_interrupted_or_not(tmp_path, deterministic):
    settings = SETTINGS | {"device": "cuda", "deterministic": True}
    whole = RecordingRun(tmp_path / "whole")
    train(settings, whole)
    record = {}
    train(settings, RecordingRun(tmp_path / "cut", stop_at=12, record=record))
    resumed = RecordingRun(tmp_path / "cut", record=record)
    train(settings, resumed)
    assert resumed.curves() == whole.curves()


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.extra)])
def test_a_whole_run_whose_work_is_recorded_has_about_the_losses_of_a_cpu(
    compiled, tmp_path, finished, monkeypatch
):
    monkeypatch.setattr(steps, "WORTH_STEPS", 1)
    monkeypatch.setattr(attempt, "WORTH_STEPS", 1)
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"device": "cuda", "compile": compiled, "tf32": False}, run)
    for name in ("train/loss", "val/kl"):
        for epoch in range(SETTINGS["num_epoch"]):
            expected = finished.record[name, epoch]
            assert run.record[name, epoch] == pytest.approx(expected, rel=1e-2), (name, epoch)
    provenance = json.loads((tmp_path / "provenance.json").read_text())
    assert provenance["gpu"]["steps"].startswith("graph (")
    assert provenance["compile"]["compiled"] is compiled
    assert provenance["gpu"]["memory_mb"] > 0
    assert provenance["gpu_mem"] > 0
