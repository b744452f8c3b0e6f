import pytest

from sweeps.rundir.paths import RunPaths
from sweeps.rundir.source_journal import Mark, Reading, SourceJournal
from sweeps.sources.following.streams import State, Stream
from sweeps.spec.trainer.source_model import Source

SOURCE = Source("csv", several="all").identified()


@pytest.fixture
def journal(tmp_path):
    paths = RunPaths(tmp_path)
    paths.create()
    made = SourceJournal(paths)
    yield made
    made.close()


def test_counts_are_told_to_the_journal_until_it_has_them(journal):
    state = State(SOURCE, journal)
    assert [state.next_of("loss"), state.next_of("loss"), state.next_of("acc")] == [0, 1, 0]
    at = state.counts(None)
    assert at.of_metrics == {"loss": 2, "acc": 1}
    state.saved()
    assert state.counts(None) == at
    journal.record([Reading(SOURCE.identity, "m.csv", Mark(), {"loss": 1.0}, counts=at.of_metrics)])
    state.saved()
    assert state.counts(None).of_metrics == {}
    assert State(SOURCE, journal).next_of("loss") == 2


def test_a_count_of_before_metrics_had_their_own_is_gone_on_with(journal):
    journal.counts[SOURCE.identity] = 7
    state = State(SOURCE, journal)
    assert state.next_of("loss") == 7
    state.count_from()
    assert state.next_of("loss") == 0


def test_a_file_that_is_written_anew_counts_from_where_it_began(journal):
    state = State(SOURCE, journal)
    state.next_of("loss")
    stream = Stream.of(state, "m.csv", None, anew=False)
    assert (state.next_of("loss"), state.next_of("acc")) == (1, 0)
    stream.restart()
    assert (state.next_of("loss"), state.next_of("acc")) == (1, 0)


def test_the_log_of_an_attempt_that_begins_anew_counts_from_0_with_its_first_row(journal):
    state = State(SOURCE, journal)
    stream = Stream.of(state, "attempt-2.log", None, anew=True)
    assert state.next_of("loss") == 0
    stream.begins()
    assert state.next_of("loss") == 0
    stream.begins()
    assert state.next_of("loss") == 1
