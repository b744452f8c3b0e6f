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


def test_the_value_that_stands_at_the_end_is_that_of_the_highest_step():
    progress = Progress()
    progress.begin(None)
    for step, value in ((0, 1.0), (5, 0.5), (5, 0.4), (3, 0.7)):
        progress.note(Metrics(0, step, {"loss": value}))
    assert progress.metrics == {"loss": 0.7}
    progress.settle()
    assert progress.metrics == {"loss": 0.4}
