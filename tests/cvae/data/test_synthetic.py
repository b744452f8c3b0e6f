import numpy as np
import pytest

from cvae.data.synthetic import draw_dataset
from cvae.evaluate import copy_first_baseline, foreground_mask


def draw(seed=0, train=24, val=24, height=24, width=32):
    return draw_dataset(train_frames=train, val_frames=val, seed=seed, height=height, width=width)


def test_equal_seeds_draw_equal_pixels_and_other_seeds_others():
    one, two, other = draw(), draw(), draw(seed=1)
    assert np.array_equal(one.train.frames_TCHW, two.train.frames_TCHW)
    assert np.array_equal(one.val.labels_TCHW, two.val.labels_TCHW)
    assert one.content_id == two.content_id
    assert one.content_id != other.content_id
    assert not np.array_equal(one.train.frames_TCHW, other.train.frames_TCHW)


def test_the_content_id_is_pinned():
    assert draw().content_id == "synthetic-4b2b0d9c2c4d"


def test_the_picture_is_pinned_to_within_rounding():
    """A change here must raise GENERATOR_VERSION, as runs on the old pictures do not compare with runs on new ones."""
    video = draw().train
    assert video.frames_TCHW.mean() == pytest.approx(158.81, abs=0.05)
    assert video.labels_TCHW.mean() == pytest.approx(13.54, abs=0.05)


def test_a_longer_video_begins_with_the_shorter_one():
    assert np.array_equal(draw(train=70).train.frames_TCHW[:24], draw(train=24).train.frames_TCHW)


def test_training_and_validation_share_the_stage_but_not_the_dance():
    data = draw(train=120, val=120)
    stages = [np.median(video.frames_TCHW.astype(int), axis=0) for video in (data.train, data.val)]
    assert np.mean(np.abs(stages[0] - stages[1]) > 12) < 0.15
    assert not np.array_equal(data.train.labels_TCHW, data.val.labels_TCHW)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [(16, 16), (24, 32), (32, 64), (64, 32), (48, 96)])
def test_repeating_the_first_frame_stays_below_22_db(seed, size):
    data = draw(seed, train=40, val=40, height=size[0], width=size[1])
    for video in (data.train, data.val):
        frames, _ = video.clip(0, 40)
        assert copy_first_baseline(frames).mean() < 22


def test_much_of_the_picture_moves_and_much_stands_still():
    frames, _ = draw(train=80).train.clip(0, 80)
    mask = foreground_mask(frames)
    assert 0.05 < mask.float().mean() < 0.4
    assert (~mask.any(dim=0)).float().mean() > 0.05


def test_labels_are_stick_figures_on_black_where_the_dancer_is():
    frames, labels = draw(train=80).train.clip(0, 80)
    figure = labels.amax(dim=1) > 0.5
    assert (labels.amax(dim=1) == 0).float().mean() > 0.5
    stage = frames.median(dim=0).values
    moved = (frames - stage).abs().amax(dim=1)
    assert moved[figure].mean() > 3 * moved[~figure].mean()
