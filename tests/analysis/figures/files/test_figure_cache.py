import json
from pathlib import Path

import pytest

from analysis.figures import mpl as figures
from analysis.figures.catalogue import lay_out
from analysis.figures.files.figure_cache import draw, drawn_by, last_manifest, remove_stale
from analysis.figures.files.manifest import manifest
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import results_of, strategy_sweep

SWEEP = strategy_sweep()
LAID_OUT = lay_out([results_of(SWEEP)])[SWEEP.name][:2]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Two figures, drawn once."""
    return draw(LAID_OUT, tmp_path_factory.mktemp("drawn"), {})


@pytest.fixture
def folder(drawn, tmp_path):
    """A report's folder with two figures and their manifest."""
    for one in drawn:
        for path, content in one.files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_bytes(content)
    told = manifest("e", "s.yaml", None, drawn, (), drawn_by=drawn_by())
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    return tmp_path


@pytest.fixture
def redrawn(monkeypatch):
    """The paths of the figures that are drawn, not kept; drawing them is what `test_mpl.py` is about."""
    found = []
    monkeypatch.setattr(
        figures, "curve_images", lambda data, **_: found.append(data.path) or (b"png", b"svg")
    )
    return found


def test_plain_images_have_no_words_around_and_are_not_taken_for_the_others(folder, drawn):
    plain = draw(LAID_OUT, folder, last_manifest(folder), plain=True)
    for one, whole in zip(plain, drawn, strict=True):
        assert one.figure == whole.figure
        assert one.data_sha256 != whole.data_sha256
        height, of_whole = (int.from_bytes(image.png[20:24]) for image in (one, whole))
        assert height < of_whole


def test_images_of_the_same_data_are_kept(folder, redrawn):
    kept = draw(LAID_OUT, folder, last_manifest(folder))
    assert redrawn == []
    assert all((folder / path).read_bytes() == content for one in kept for path, content in one.files.items())


@pytest.mark.parametrize("damage", ["data", "png", "svg", "missing", "version", "manifest"])
def test_an_image_that_may_not_hold_is_drawn_again(folder, redrawn, damage):
    first, second = LAID_OUT
    last = last_manifest(folder)
    wanted = [first, second]
    if damage == "data":
        wanted[0] = lay_out([results_of(SWEEP, {"Cyclical": None})])[SWEEP.name][0]
    elif damage == "png":
        (folder / first.path).write_bytes(b"cut")
    elif damage == "svg":
        (folder / first.svg_path).write_bytes(b"<svg")
    elif damage == "missing":
        (folder / first.svg_path).unlink()
    elif damage == "version":
        last["drawn_by"] = "matplotlib 1.0"
    else:
        last = {}
    made = draw(wanted, folder, last)
    assert (made[0].png, made[0].svg) == (b"png", b"svg")
    every = [first.path, second.path]
    assert redrawn == (every if damage in {"version", "manifest"} else every[:1])


def test_an_edit_of_any_module_that_draws_makes_images_of_another_version(monkeypatch):
    drawing = sorted(path.name for path in Path(figures.__file__).parent.rglob("*_mpl.py"))
    assert {"point_mpl.py", "response_mpl.py"} <= set(drawing)
    read_bytes, before = Path.read_bytes, drawn_by.__wrapped__()
    for name in drawing:
        monkeypatch.setattr(
            Path, "read_bytes", lambda path, name=name: read_bytes(path) + b"#" * (path.name == name)
        )
        assert drawn_by.__wrapped__() != before, name


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 1}', "not json"])
def test_a_manifest_of_anything_else_is_no_manifest(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    assert last_manifest(tmp_path) == {}


def test_images_of_an_earlier_report_are_removed_and_nothing_else(folder):
    last = last_manifest(folder)
    (folder / "mine.png").write_bytes(b"kept")
    outside = folder.parent / "outside.png"
    outside.write_bytes(b"kept")
    last["files"] |= {"../outside.png": "", str(outside): "", "manifest.json": "", "gone/away.png": ""}
    kept = [LAID_OUT[0].path, LAID_OUT[0].svg_path]
    removed = remove_stale(folder, last, kept)
    assert {str(path.relative_to(folder)) for path in removed} == {LAID_OUT[1].path, LAID_OUT[1].svg_path}
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*")) == sorted(
        [*kept, "manifest.json", "mine.png"]
    )
    assert outside.exists()


def test_a_file_that_this_disk_takes_for_one_written_now_stays(folder):
    old, new = folder / "a" / "Loss.png", folder / "a" / "loss.png"
    old.parent.mkdir()
    new.write_bytes(b"now")
    old.hardlink_to(new)  # as a disk that knows no case has it: two names, one file
    assert remove_stale(folder, {"files": {"a/Loss.png": ""}}, ["a/loss.png"]) == []
    assert new.read_bytes() == b"now"
    old.unlink()
    old.write_bytes(b"before")
    assert remove_stale(folder, {"files": {"a/Loss.png": ""}}, ["a/loss.png"]) == [old]


def test_a_folder_that_is_left_empty_goes_too(folder):
    remove_stale(folder, last_manifest(folder), [])
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


def test_a_pdf_that_is_asked_for_later_is_drawn_and_goes_when_it_is_not_asked_for_any_more(folder, drawn):
    asked = draw(LAID_OUT[:1], folder, last_manifest(folder), pdf=True)
    (first,) = asked
    path = first.figure.pdf_path
    assert first.files[path].startswith(b"%PDF-")
    assert (first.png, first.svg) == (drawn[0].png, drawn[0].svg)
    (folder / path).write_bytes(first.files[path])
    told = manifest("e", "s.yaml", None, asked, (), drawn_by=drawn_by())
    assert (told["figures"][0]["pdf"], path in told["files"]) == (path, True)
    assert draw(LAID_OUT[:1], folder, told, pdf=True) == asked
    (plainly,) = draw(LAID_OUT[:1], folder, told)
    assert path not in plainly.files
    assert remove_stale(folder, told, plainly.files) == [folder / path]


def test_another_file_in_the_place_of_a_pdf_is_not_kept(folder):
    (made,) = draw(LAID_OUT[:1], folder, last_manifest(folder), pdf=True)
    told = manifest("e", "s.yaml", None, [made], (), drawn_by=drawn_by())
    (folder / made.figure.pdf_path).write_bytes(made.png)
    assert draw(LAID_OUT[:1], folder, told, pdf=True) == (made,)


def test_a_film_is_kept_with_its_picture_and_made_again_where_it_is_gone(tmp_path):
    results = results_of(SWEEP)
    picture = lay_out([results], clips_of(results, {"Cyclical": 9}))[SWEEP.name][:1]
    (made,) = draw(picture, tmp_path, {})
    assert made.files.keys() == {f"diff_strategy/frames.{kind}" for kind in ("png", "svg", "webp")}
    for path, content in made.files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    told = manifest("e", "s.yaml", None, [made], (), drawn_by=drawn_by())
    assert draw(picture, tmp_path, told) == (made,)
    (tmp_path / "diff_strategy" / "frames.webp").unlink()
    assert draw(picture, tmp_path, told) == (made,)
    assert remove_stale(tmp_path, told, []) == [
        tmp_path / "diff_strategy" / f"frames.{kind}" for kind in ("png", "svg")
    ]
