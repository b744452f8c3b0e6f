from sweeps.commands.request import Request
from sweeps.commands.session import open_session
from sweeps.rows.notes import status_notes
from sweeps.rows.status import status_of


def notes_of(file):
    session = open_session(Request(file.path / "e.yaml"), file.uri)
    planned = session.plan()
    return status_notes(session, planned, status_of(session, planned))


def test_a_measure_that_nobody_recorded_is_noted_once_a_trial_has_finished(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}\nmeasures: {losss: lower}")
    assert notes_of(file) == []
    file.add("lr1", "finished", [("loss", 1, 0.5)])
    (note,) = notes_of(file)
    assert note.startswith("`measures:` has losss, which no run recorded; did you mean loss?")
    assert file.sweep("status").out.count(note) == 1


def test_of_what_is_in_order_nothing_is_noted(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}\nmeasures: {loss: lower}")
    file.add("lr1", "finished", [("loss", 1, 0.5)])
    assert notes_of(file) == []
