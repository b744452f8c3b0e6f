import pytest
from PIL import Image

from analysis.results.pictures.artifacts import Artifacts
from analysis.results.pictures.found import (
    MOST_FILES,
    MOST_PICTURES,
    last_of_series,
    pictures_below,
    pictures_of,
)
from tests.analysis.pictured import record_of


def draw(path, shade=0, form=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (shade, 0, 0)).save(path, form)
    return path


def names(*args):
    return [picture.name for picture in pictures_of(*args)]


@pytest.fixture
def logged(tmp_path):
    """The artifacts of a run that has none."""
    (tmp_path / "artifacts").mkdir()
    return tmp_path / "artifacts"


@pytest.fixture
def files(logged):
    return Artifacts(record_of(run=logged))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def test_pictures_of_a_runs_folder_and_of_its_artifacts_are_found(files, logged, folder):
    draw(folder / "confusion.png", 1)
    draw(folder / "plots" / "roc.jpg", 2)
    draw(logged / "figures" / "curve.png", 3)
    (folder / "weights.pt").write_bytes(b"x")
    assert names("run", files, folder) == ["confusion.png", "figures/curve.png", "plots/roc.jpg"]
    assert names("run", files, None) == ["figures/curve.png"]


def test_what_lies_in_the_folder_and_was_logged_is_shown_once(files, logged, folder):
    for path in (folder / "confusion.png", logged / "confusion.png", logged / "plots" / "same.png"):
        draw(path, 1)
    assert names("run", files, folder) == ["confusion.png"]


def test_of_a_series_the_last_picture_is_shown(files, logged, folder):
    for epoch in (2, 10, 9):
        draw(folder / f"samples_{epoch}.png", epoch)
    assert names("run", files, folder) == ["samples_10.png"]


def test_a_picture_that_mlflow_logged_with_steps_is_shown_once_as_of_its_last_step(files, logged):
    for step in (2, 11):
        place = logged / "images" / f"val#grid%step%{step}%timestamp%17{step}%aa-bb"
        draw(place.with_name(f"{place.name}.png"), step)
        draw(place.with_name(f"{place.name}%compressed.webp"), step + 100)
    assert names("run", files, None) == ["val/grid.png, step 11"]


def test_there_are_a_few_at_most_and_those_that_lie_highest_first(files, folder):
    for place, letter in enumerate("abcdefgh"):
        draw(folder / ("deep/" * (letter < "c")) / f"{letter}.png", place)
    assert names("run", files, folder) == [f"{letter}.png" for letter in "cdef"][:MOST_PICTURES]


def test_what_is_no_picture_is_left_out_and_the_next_one_shown(files, folder):
    (folder / "a.png").write_bytes(b"half a pict")
    draw(folder / "b.png")
    assert names("run", files, folder) == ["b.png"]


def test_hidden_folders_links_and_what_lies_very_deep_are_not_looked_at(folder, tmp_path):
    draw(folder / "1" / "2" / "3" / "4" / "seen.png")
    draw(folder / "1" / "2" / "3" / "4" / "5" / "deep.png")
    draw(folder / ".cache" / "hidden.png")
    (folder / "link.png").symlink_to(draw(tmp_path / "secret.png"))
    (folder / "linked").symlink_to(tmp_path / "artifacts", target_is_directory=True)
    assert pictures_below(folder) == ["1/2/3/4/seen.png"]
    assert pictures_below(folder / "gone") == []


def test_a_folder_of_very_many_files_is_looked_at_in_part(folder):
    for place in range(MOST_FILES):
        (folder / f"a{place}").touch()
    draw(folder / "z.png")
    assert pictures_below(folder) == []


def test_series_are_told_apart_by_all_but_their_numbers():
    found = last_of_series(["b/x_1.png", "roc.png", "x_1.png", "x_02.png", "b/x_3.png", "x_2_final.png"])
    assert found == ["roc.png", "x_02.png", "x_2_final.png", "b/x_3.png"]
