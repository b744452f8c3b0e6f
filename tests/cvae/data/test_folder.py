import os
import struct

import numpy as np
import pytest
from PIL import Image

from cvae.config import parse_config
from cvae.data import load_dataset
from cvae.data.folder import numbered_images, read_folder, read_test_videos
from cvae.errors import DataError


def read(root, height=8, width=10):
    return read_folder(str(root), height=height, width=width)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).transpose(2, 0, 1)


def test_frames_and_labels_come_in_the_order_of_their_numbers(folder):
    data = read(folder)
    assert (len(data.train), len(data.val)) == (12, 6)
    for n in range(12):
        assert np.array_equal(data.train.frames_TCHW[n], pixels(folder / f"train/train_img/{n}.png"))
        assert np.array_equal(data.train.labels_TCHW[n], pixels(folder / f"train/train_label/{n}.png"))


def test_names_may_start_with_frame_and_other_files_do_not_matter(folder):
    images = folder / "val/val_img"
    for path in list(images.iterdir()):
        path.rename(images / f"frame{path.name}")
    (images / "Thumbs.db").write_bytes(b"x")
    (images / ".hidden.png").write_bytes(b"x")
    assert [path.name for _, path in sorted(numbered_images(images).items())] == [
        f"frame{n}.png" for n in range(6)
    ]
    assert len(read(folder).val) == 6


def test_numbers_may_start_anywhere(folder):
    for kind in ("img", "label"):
        (folder / f"train/train_{kind}/0.png").unlink()
    data = read(folder)
    assert len(data.train) == 11
    assert np.array_equal(data.train.frames_TCHW[0], pixels(folder / "train/train_img/1.png"))


def test_images_are_resized_bilinearly(folder):
    data = read(folder, height=16, width=5)
    with Image.open(folder / "val/val_img/3.png") as image:
        expected = np.asarray(image.resize((5, 16), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    assert np.array_equal(data.val.frames_TCHW[3], expected)


def test_grey_palette_and_transparent_images_are_read_as_rgb(folder):
    path = folder / "val/val_img/0.png"
    for mode in ("L", "P", "RGBA"):
        Image.new(mode, (10, 8), 1).save(path)
        assert read(folder).val.frames_TCHW[0].shape == (3, 8, 10)


def remove(path):
    return lambda root: (root / path).unlink()


def rename(path, name):
    return lambda root: (root / path).rename((root / path).parent / name)


def empty(path):
    return lambda root: [file.unlink() for file in (root / path).iterdir()]


def remove_directory(path):
    def break_it(root):
        empty(path)(root)
        (root / path).rmdir()

    return break_it


def write(path, content):
    return lambda root: (root / path).write_bytes(content)


def resize(path):
    return lambda root: Image.new("RGB", (9, 8)).save(root / path)


def truncate(path):
    return lambda root: os.truncate(root / path, 60)


def claim_size(path):
    """A picture that says that it is far larger than memory."""

    def break_it(root):
        Image.new("RGB", (1, 1)).save(root / path, "BMP")
        content = (root / path).read_bytes()
        (root / path).write_bytes(content[:18] + struct.pack("<ii", 30_000, 30_000) + content[26:])

    return break_it


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (remove_directory("val/val_img"), r"there is no directory .*val_img"),
        (remove_directory("train/train_label"), r"there is no directory .*train_label"),
        (empty("train/train_img"), r"there are no images \(\.png, .*\) in .*train_img"),
        (remove("train/train_label/7.png"), r"label missing for frame 7 \(1 in all\): .*train_label"),
        (remove("train/train_img/11.png"), r"frame missing for label 11 \(1 in all\): .*train_img"),
        (remove("train/train_img/4.png"), r"frame 4 is missing between frames 0 and 11 in .*train_img"),
        (rename("val/val_img/5.png", "last.png"), r"last\.png: no frame number in the name"),
        (rename("val/val_img/5.png", "frame4.png"), r"frame4\.png and 4\.png are both frame 4"),
        (resize("train/train_img/3.png"), r"sizes differ: .*3\.png is 9 x 8, the first frame .* 10 x 8"),
        (resize("val/val_label/0.png"), r"sizes differ: .*val_label/0\.png is 9 x 8"),
        (write("train/train_img/0.png", b"no image"), r"train_img/0\.png is not a readable image"),
        (write("train/train_label/5.png", b""), r"train_label/5\.png is not a readable image"),
        (claim_size("train/train_img/0.png"), r"train_img/0\.png is not a readable image"),
        (claim_size("val/val_label/3.png"), r"val_label/3\.png is not a readable image"),
        (truncate("val/val_img/2.png"), r"val_img/2\.png is not a readable image"),
    ],
)
def test_a_broken_folder_is_refused_with_what_is_wrong(folder, cache_dir, break_it, message):
    break_it(folder)
    with pytest.raises(DataError, match=message):
        read(folder)
    assert not list(cache_dir.glob("*/checksums.json"))


def test_a_root_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"data\.root: there is no directory .*nowhere"):
        read(tmp_path / "nowhere")


def settings(folder, **values):
    base = {"frame_H": 8, "frame_W": 10, "train_vi_len": 4, "val_vi_len": 6}
    return parse_config(base | {"data": {"name": "folder", "root": str(folder)}} | values)


def test_settings_that_the_folder_is_too_short_for_are_refused(folder):
    assert len(load_dataset(settings(folder)).train) == 12
    assert len(load_dataset(settings(folder, val_vi_len="all")).val) == 6
    with pytest.raises(DataError, match="val_vi_len is 7, but there are 6 validation frames"):
        load_dataset(settings(folder, val_vi_len=7))
    with pytest.raises(DataError, match="partial 1 of 12 training frames gives 1 clips of train_vi_len 7"):
        load_dataset(settings(folder, train_vi_len=7))


def test_test_sequences_are_read_in_order(folder):
    first, second = read_test_videos(folder, height=8, width=10)
    assert (first.number, second.number) == (0, 1)
    assert np.array_equal(second.first_frame, pixels(folder / "test/test_img/1/0.png"))
    assert np.array_equal(second.labels[3], pixels(folder / "test/test_label/1/3.png"))


def test_a_missing_test_split_is_refused(folder, tmp_path):
    with pytest.raises(DataError, match=r"there is no directory .*test_img"):
        read_test_videos(tmp_path, height=8, width=10)
    remove_directory("test/test_label/1")(folder)
    with pytest.raises(DataError, match=r"there is no directory .*test_label/1"):
        read_test_videos(folder, height=8, width=10)
