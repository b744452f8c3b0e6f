import io

import pytest
from PIL import Image

from analysis.results.pictures.shrunk import FEWER_PX, MOST_BYTES, MOST_PX, as_png


def saved(image, form="PNG", **more):
    made = io.BytesIO()
    image.save(made, form, **more)
    return made.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


def test_a_small_png_is_taken_as_it_lies_there():
    content = saved(Image.new("RGB", (40, 30), "red"))
    assert as_png(content) == content


def test_a_large_one_is_made_smaller_and_keeps_its_shape():
    found = opened(as_png(saved(Image.new("RGB", (3000, 1500), "red"))))
    assert (found.format, found.size) == ("PNG", (MOST_PX, MOST_PX // 2))


def test_what_would_still_have_many_bytes_has_fewer_pixels():
    noise = Image.effect_noise((1200, 1200), 100)
    assert len(saved(noise)) > MOST_BYTES
    assert opened(as_png(saved(noise))).size == (FEWER_PX, FEWER_PX)


@pytest.mark.parametrize("form", ["JPEG", "GIF", "WEBP", "TIFF"])
def test_other_kinds_become_a_png(form):
    found = opened(as_png(saved(Image.new("RGB", (40, 30), "red"), form)))
    assert (found.format, found.size) == ("PNG", (40, 30))


def test_of_an_animation_the_first_frame_is_shown():
    red, blue = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    content = saved(red, "GIF", save_all=True, append_images=[blue])
    found = opened(as_png(content))
    assert (found.format, found.getpixel((0, 0))[:3]) == ("PNG", (255, 0, 0))


def test_transparent_parts_stay_so():
    content = saved(Image.new("RGBA", (2000, 8), (0, 0, 0, 0)))
    assert opened(as_png(content)).getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("content", [b"", b"no picture", saved(Image.new("RGB", (90, 90)))[:60], b"<svg/>"])
def test_what_is_no_picture_gives_nothing(content):
    assert as_png(content) == b""
