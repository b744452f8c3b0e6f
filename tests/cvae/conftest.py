import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    """No test touches the user's cache."""
    directory = tmp_path / "cache"
    monkeypatch.setenv("CVAE_CACHE_DIR", str(directory))
    return directory


@pytest.fixture
def write_images():
    """Write images with pixels of their own, `names` into `directory`; returns the directory."""

    def write(directory, names, *, size=(10, 8), seed=0):
        directory.mkdir(parents=True, exist_ok=True)
        draws = np.random.default_rng(seed)
        for name in names:
            pixels = draws.integers(0, 256, size=(size[1], size[0], 3), dtype=np.uint8)
            Image.fromarray(pixels).save(directory / name)
        return directory

    return write


@pytest.fixture
def folder(tmp_path, write_images):
    """A data set in the lab's layout: 12 training frames, 6 validation frames, 2 test sequences of 4 labels."""
    root = tmp_path / "data"
    for number, (split, count) in enumerate((("train", 12), ("val", 6))):
        for kind in ("img", "label"):
            names = [f"{n}.png" for n in range(count)]
            write_images(root / split / f"{split}_{kind}", names, seed=10 * number + len(kind))
    for sequence in range(2):
        write_images(root / "test" / "test_img" / str(sequence), ["0.png"], seed=50 + sequence)
        names = [f"{n}.png" for n in range(4)]
        write_images(root / "test" / "test_label" / str(sequence), names, seed=60 + sequence)
    return root


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """An uninterrupted run of `SETTINGS`."""
    from cvae.train import train
    from tests.cvae.runs import SETTINGS, RecordingRun

    run = RecordingRun(tmp_path_factory.mktemp("finished"))
    train(SETTINGS, run)
    return run
