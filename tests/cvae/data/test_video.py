import numpy as np
import pytest
import torch

from cvae.data.video import Video, floats, floats_of_tensor


def numbered(num_frames=9):
    """Frames of one grey each, 10 more from one to the next; labels are their negatives."""
    frames = np.arange(num_frames, dtype=np.uint8)[:, None, None, None] * 10 + np.zeros(
        (1, 3, 4, 5), np.uint8
    )
    return Video(frames, 255 - frames)


def test_a_clip_is_floats_between_nought_and_one():
    video = numbered()
    frames, labels = video.clip(4, 3)
    assert frames.shape == labels.shape == (3, 3, 4, 5)
    assert frames.dtype == labels.dtype == torch.float32
    assert frames[:, 0, 0, 0].tolist() == pytest.approx([40 / 255, 50 / 255, 60 / 255])
    assert labels[:, 0, 0, 0].tolist() == pytest.approx([215 / 255, 205 / 255, 195 / 255])
    assert len(video) == 9


def test_every_byte_comes_back_from_its_float():
    values = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    assert floats(values).min() == 0
    assert floats(values).max() == 1
    assert torch.equal((floats(values) * 255).round().byte(), torch.from_numpy(values))


def test_a_clip_of_a_memory_map_leaves_the_file_alone(tmp_path):
    path = tmp_path / "frames.npy"
    np.save(path, numbered().frames_TCHW)
    mapped = np.load(path, mmap_mode="r")
    frames, _ = Video(mapped, mapped).clip_on(torch.device("cpu"), 2, 2)
    frames.zero_()
    assert np.array_equal(mapped, numbered().frames_TCHW)


def test_every_byte_has_the_same_bits_whichever_way_it_becomes_a_float():
    images = np.arange(256, dtype=np.uint8).reshape(2, 2, 8, 8)
    assert torch.equal(floats_of_tensor(torch.tensor(images)), floats(images))
