import csv

import pytest
import torch

from cvae.compute.randomness import generator
from cvae.data.folder import read_test_videos
from cvae.errors import CvaeError
from cvae.evaluate import rollout
from cvae.model import VideoCVAE
from cvae.output.submission import write_submission


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_submission_values_are_rounded_and_not_clamped(tmp_path, folder):
    torch.manual_seed(0)
    model = VideoCVAE(8, 4, 4, 8)
    with torch.no_grad():
        model.Generator[-1].bias += torch.tensor([-1.0, 0.5, 2.0])
    videos = read_test_videos(folder, height=8, width=10)
    table = rows(write_submission(model, videos, tmp_path, seed=7))
    first = torch.from_numpy(videos[1].first_frame.copy())[None] / 255
    labels = torch.from_numpy(videos[1].labels)[None] / 255
    expected = rollout(model, first, labels, generator=generator(7, "test", 1))[0, 2].flatten() * 255
    values = [int(table[4 + 2][str(n)]) for n in range(240)]
    assert values == [round(value) for value in expected.tolist()]
    assert min(values) < 0
    assert max(values) > 255


def test_a_prediction_that_is_not_finite_is_refused(tmp_path, folder):
    model = VideoCVAE(8, 4, 4, 8)
    with torch.no_grad():
        model.Generator[-1].bias += torch.nan
    with pytest.raises(CvaeError, match="test sequence 0: the prediction is not finite"):
        write_submission(model, read_test_videos(folder, height=8, width=10), tmp_path, seed=0)
