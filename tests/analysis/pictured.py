"""What runs predicted, drawn by numbers: clips of a few pixels, and the folders of runs that handed them over."""

from types import SimpleNamespace

import numpy as np

from analysis.read.store import RunPlace
from analysis.results.pictures.clips import Clip

FRAMES = (1, 5, 10, 15)
HEIGHT, WIDTH, LENGTH = 6, 8, 15


def clip(error=40, frames=FRAMES, shade=100, length=LENGTH):
    """A clip whose prediction is brighter than the truth, by `error` in each colour."""
    truth = np.full((len(frames), HEIGHT, WIDTH, 3), shade, np.uint8)
    truth += np.arange(len(frames), dtype=np.uint8)[:, None, None, None]
    film = np.full((length, HEIGHT, WIDTH, 3), shade, np.uint8)
    return Clip(frames, truth, truth + np.uint8(error), film, film + np.uint8(error))


def clips_of(sweep, errors):
    """A clip for each run of a sweep, by run id; errors are by trial."""
    found = {result.trial.name: result.run.run_id for result in sweep.results if result.run}
    return {found[name]: clip(error) for name, error in errors.items() if name in found}


def record_of(**folders):
    """A record of runs by id, whose files lie in these places."""
    places = [RunPlace(run_id, False, str(folder)) for run_id, folder in folders.items()]
    return SimpleNamespace(places=lambda: places, tracking_uri="sqlite:///none.db")
