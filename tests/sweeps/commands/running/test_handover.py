"""Notes between two processes; here both are this one."""

import os

from sweeps.commands.running.handover import Answer, Note, forget_notes, notes_to_this
from sweeps.rundir.paths import StateDir


def test_a_note_is_seen_until_it_is_answered_and_gone_once_it_is_withdrawn(tmp_path):
    state = StateDir(tmp_path)
    note = Note.to(state, os.getpid(), retry_failed=True)
    Note.to(state, 1, retry_failed=False)
    assert notes_to_this(state) == [note]
    assert note.answered() is None
    note.answer(Answer(taken=True, words="1 trial added"))
    assert notes_to_this(state) == []
    assert note.answered() == Answer(taken=True, words="1 trial added")
    note.withdraw()
    assert note.answered() is None


def test_notes_to_an_earlier_process_of_the_same_id_are_forgotten(tmp_path):
    state = StateDir(tmp_path)
    assert notes_to_this(state) == []
    Note.to(state, os.getpid(), retry_failed=True)
    forget_notes(state)
    assert notes_to_this(state) == []
