import numpy as np
import torch
from PIL import Image

from cvae.evaluate import Reference
from cvae.output.artifacts import (
    COMPARISON_HEIGHT,
    PICTURED_FRAMES,
    is_pictured,
    write_comparison_gif,
    write_gif,
    write_picture,
)


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


def test_a_picture_has_frames_from_the_whole_clip_and_what_they_are_compared_with(tmp_path):
    labels, truth, generated = ramp(30) * 0.0, ramp(30) * 0.5, ramp(30)
    write_picture(tmp_path / "x.png", generated, Reference.of(truth, labels))
    with Image.open(tmp_path / "x.png") as image:
        pixels = np.asarray(image)
    assert pixels.shape == (3 * 8, PICTURED_FRAMES * 10, 3)
    assert pixels[[0, 8, 16], -1, 0].tolist() == [0, 128, 255]
    assert (np.diff(pixels[16, ::10, 0].astype(int)) > 0).all()


def test_few_epochs_are_pictured_the_first_and_the_last_among_them():
    assert [epoch for epoch in range(40) if is_pictured(epoch, 40)] == [0, 8, 16, 23, 31, 39]
    assert [epoch for epoch in range(3) if is_pictured(epoch, 3)] == [0, 1, 2]
    assert is_pictured(0, 1)
