from sweeps.pace.progress import Progress
from sweeps.rundir.journal import Metrics


def test_the_epochs_of_frames_do_not_count():
    progress = Progress()
    progress.begin(3)
    progress.note(Metrics(0, 500, {"frame/psnr": 20.0}))
    progress.note(Metrics(0, 4, {"train/loss": 0.5}))
    assert (progress.first_epoch, progress.epochs_done) == (4, 5)


def test_a_line_of_progress_alone_is_no_metric():
    progress = Progress()
    progress.begin(None)
    progress.note(Metrics(0, 7, {}, 2))
    assert (progress.epochs_done, progress.has_metrics) == (2, False)
