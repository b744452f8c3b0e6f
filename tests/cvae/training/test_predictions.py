"""Recorded predictions against those of the network, by a stand-in for a CUDA graph."""

import pytest
import torch

from cvae.evaluate import rollout
from cvae.model import VideoCVAE
from cvae.training.predictions import Predictions
from tests.cvae.recorded_ops import Recorder


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_recorded_rollout_has_the_weights_of_now_and_the_frames_of_one_call_by_call(precision):
    torch.manual_seed(0)
    model, recorder = VideoCVAE(8, 6, 4, 16), Recorder()
    draws = torch.Generator().manual_seed(0)
    first, labels = (torch.rand(1, *shape, 6, 8, generator=draws) for shape in ((3,), (5, 3)))
    noise = torch.randn(1, 4, 4, 6, 8, generator=draws)
    predict = Predictions(model, recorder, precision)
    seen = []
    for _ in range(2):
        expected, found = (
            rollout(model, first, labels, noise_BTNHW=noise, precision=precision, predict=given)
            for given in (None, predict)
        )
        assert torch.equal(found, expected)
        seen.append(found)
        with torch.no_grad():
            for weight in model.parameters():
                weight.mul_(1.1)
    assert not torch.equal(*seen)
    assert (recorder.recordings, recorder.replays) == (1, 8)
