"""Pictures of a series reach MLflow under the names by which its UI finds them."""

import re

import pytest
from PIL import Image

from sweeps.rundir.artifacts.step_images import PREVIEW_PIXELS, Picture

MLFLOW_NAME = re.compile(r"(.+?)\+step\+(\d+)\+timestamp\+(\d+)\+[0-9a-f-]{36}(\+compressed\.webp|\.png)")
"""As `MlflowClient.log_image` writes them; the test of the ledger holds ours beside its own."""


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("generated+step+7.png", Picture("generated", 7)),
        ("val~frames 2+step+0.png", Picture("val~frames 2", 0)),
        ("generated.png", None),
        ("generated+step+x.png", None),
        ("generated+step+7.jpg", None),
        ("+step+7.png", None),
        ("a/b+step+7.png", None),
    ],
)
def test_a_name_says_whether_a_file_is_a_step_of_a_series(name, picture):
    assert Picture.named(name) == picture


def test_a_picture_is_written_whole_and_as_a_preview_under_names_that_stay(tmp_path):
    Image.new("RGBA", (2 * PREVIEW_PIXELS, 10), "red").save(tmp_path / "x.png")
    for _ in range(2):
        assert Picture("x", 3).write(tmp_path / "x.png", tmp_path / "out", run_id="run", time_ms=5)
    preview, whole = sorted((tmp_path / "out").iterdir())
    for path in (preview, whole):
        assert MLFLOW_NAME.fullmatch(path.name).group(1, 2, 3) == ("x", "3", "5")
    assert whole.read_bytes() == (tmp_path / "x.png").read_bytes()
    with Image.open(preview) as image:
        assert (image.format, image.size) == ("WEBP", (PREVIEW_PIXELS, 5))


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "x.png").write_bytes(content)
    assert not Picture("x", 0).write(tmp_path / "x.png", tmp_path / "out", run_id="run", time_ms=0)
    assert not (tmp_path / "out").exists()


def test_a_name_that_would_grow_too_long_for_a_file_is_no_picture_of_a_series():
    assert Picture.named(f"{'k' * 130}+step+1.png") is not None
    assert Picture.named(f"{'k' * 200}+step+1.png") is None
