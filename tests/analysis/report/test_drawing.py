from analysis.figures.averages.band import Band
from analysis.figures.files.images import spare_processes
from analysis.report.drawing import ONCE, Drawing


def test_a_report_is_drawn_in_full_and_without_pdfs_unless_they_are_asked_for():
    assert (ONCE.plain, ONCE.pdf, ONCE.band, ONCE.follows) == (False, False, Band.MINMAX, False)


def test_beside_training_one_process_draws():
    assert (Drawing(follows=True).processes, ONCE.processes) == (1, spare_processes())
