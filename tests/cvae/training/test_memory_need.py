import gc

import pytest
import torch

from cvae.config import parse_config
from cvae.model import CHANNELS_LAST_FROM, VideoCVAE
from cvae.step import predict_clip
from cvae.training.memory_need import CONTEXT_BYTES, activation_bytes, memory_need

SETTINGS = {
    "F_dim": 8,
    "L_dim": 4,
    "N_dim": 4,
    "D_out_dim": 8,
    "frame_H": 8,
    "frame_W": 12,
    "train_vi_len": 6,
}


def network(width=8):
    return VideoCVAE(width, 4, 4, 8)


@pytest.mark.parametrize("width", [8, CHANNELS_LAST_FROM])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_what_a_clip_keeps_grows_by_the_same_with_each_frame(teacher_forcing, precision, width):
    config = parse_config(SETTINGS)
    two, three, six = (
        activation_bytes(network(width), config, precision, frames=frames, teacher_forcing=teacher_forcing)
        for frames in (2, 3, 6)
    )
    assert six == two + 4 * (three - two)
    assert three > two > 0


def test_the_need_is_weights_gradients_moments_activations_and_cuda_itself():
    config, model = parse_config(SETTINGS), network()
    weights = sum(weight.numel() * 4 for weight in model.parameters())
    kept = [activation_bytes(model, config, "fp32", frames=6, teacher_forcing=kind) for kind in (True, False)]
    assert memory_need(model, config, "fp32") == CONTEXT_BYTES + 4 * weights + max(kept)


def test_videos_that_share_a_step_are_in_memory_together():
    one, two = (
        memory_need(network(), parse_config(SETTINGS | {"update": update}), "fp32") - CONTEXT_BYTES
        for update in ("per_video", "per_batch")
    )
    assert 1.5 < two / one < 2.1


def test_nothing_of_what_was_measured_is_left():
    """A node that lives on would tie later work to the stream of now, and no graph of that could be recorded."""
    memory_need(network(), parse_config(SETTINGS), "fp32")
    gc.collect()
    assert [each for each in gc.get_objects() if type(each).__name__ == "_GateBackward"] == []


def test_what_is_counted_is_what_autograd_keeps_alive():
    config, model = parse_config(SETTINGS), network()
    count = activation_bytes(model, config, "fp32", frames=3, teacher_forcing=False)
    images, noise = torch.zeros(3, 3, 8, 12), torch.zeros(2, 4, 8, 12)
    outputs = predict_clip(model, images, images[1:], noise, videos=1, teacher_forcing=False)
    found, seen, todo = {}, set(), [output.grad_fn for output in outputs]
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        todo += [before for before, _ in node.next_functions]
        names = [name for name in dir(node) if name.startswith("_saved_")]
        values = [getattr(node, name) for name in names] + list(getattr(node, "saved_tensors", ()))
        for value in values:
            if isinstance(value, torch.Tensor) and not isinstance(value, torch.nn.Parameter):
                found[value.untyped_storage().data_ptr()] = value.untyped_storage().nbytes()
    assert sum(found.values()) == pytest.approx(count, rel=1e-3)
