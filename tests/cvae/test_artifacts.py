import numpy as np
import torch
from PIL import Image

from cvae.artifacts import COMPARISON_HEIGHT, write_comparison_gif, write_gif
from cvae.evaluate import Reference


def frames_of(path):
    with Image.open(path) as image:
        frames = []
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")).copy())
        return frames


def ramp(num_frames=4):
    """Frames of one grey each, lighter from one to the next."""
    return torch.linspace(0, 1, num_frames)[:, None, None, None].expand(num_frames, 3, 8, 10)


def test_a_gif_shows_each_frame_at_its_own_size(tmp_path):
    write_gif(tmp_path / "x.gif", ramp())
    frames = frames_of(tmp_path / "x.gif")
    assert [frame.shape for frame in frames] == [(8, 10, 3)] * 4
    assert [int(frame[0, 0, 0]) for frame in frames] == [0, 85, 170, 255]


def test_values_outside_the_range_are_clamped_and_nan_is_black(tmp_path):
    clip = ramp(3).clone()
    clip[0], clip[1], clip[2] = torch.nan, 7.0, -3.0
    write_gif(tmp_path / "x.gif", clip)
    assert [int(frame[0, 0, 0]) for frame in frames_of(tmp_path / "x.gif")] == [0, 255, 0]


def test_the_comparison_shows_label_truth_and_prediction_enlarged(tmp_path):
    labels, truth, generated = ramp() * 0.0, ramp() * 0.5, ramp()
    write_comparison_gif(tmp_path / "x.gif", generated, Reference.of(truth, labels))
    scale = COMPARISON_HEIGHT // 8
    frames = frames_of(tmp_path / "x.gif")
    assert [frame.shape for frame in frames] == [(8 * scale, 30 * scale, 3)] * 3
    assert frames[2][0, [0, 10 * scale, 20 * scale], 0].tolist() == [0, 128, 255]
