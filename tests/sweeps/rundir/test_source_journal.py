import json

import pytest

from analysis.read.tags import anew_of
from sweeps.rundir.journal import JournalReader, JournalWriter, Metrics, last_epoch, last_step, read_entries
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.source_journal import Mark, Reading, SourceJournal


@pytest.fixture
def paths(tmp_path):
    made = RunPaths(tmp_path)
    made.create()
    return made


@pytest.fixture
def journal(paths):
    made = SourceJournal(paths)
    made.begin(1, resumed=False)
    yield made
    made.close()


def reading(step, value, *, file="m.csv", at=0, **more):
    return Reading("s", file, Mark({"bytes": at}), {"loss": value}, step, **more)


def metrics(paths):
    return [(e.step, dict(e.values)) for e in read_entries(paths.journal, 0)[0] if isinstance(e, Metrics)]


def test_positions_counts_and_the_carried_step_are_known_again(paths, journal):
    journal.record(
        [
            reading(3, 0.5, at=10, count=4),
            reading(4, 0.25, at=20, count=5, has_several=True, from_zero=True, epochs=5),
        ]
    )
    journal.record([Reading("t", "attempt-1.log", Mark({"bytes": 7}, 2), carried=4)], positions=True)
    again = SourceJournal(paths)
    assert again.marks == {("s", "m.csv"): Mark({"bytes": 20}), ("t", "attempt-1.log"): Mark({"bytes": 7}, 2)}
    assert (again.counts, again.carried, again.last, again.epochs) == ({"s": 5}, 4, 4, 5)
    assert (again.several, again.from_zero, again.attempt) == ({"s"}, True, 1)
    assert again.latest == {"loss": (4, 0.25)}
    again.close()


def test_lines_that_hold_a_position_alone_are_no_entries(paths, journal):
    journal.record([Reading("t", "attempt-1.log", Mark({"bytes": 7}))], positions=True)
    journal.record([Reading("t", "attempt-1.log", Mark({"bytes": 9}))])
    assert read_entries(paths.journal, 0)[0] == []
    assert len(paths.journal.read_text().splitlines()) == 2
    reader = JournalReader(paths)
    assert list(reader.batches()) == [[]]


def test_of_one_file_the_later_value_stands_and_is_the_later_one(paths, journal):
    journal.record([reading(0, 1.0), reading(0, 2.0)])
    first, second = [e for e in read_entries(paths.journal, 0)[0] if isinstance(e, Metrics)]
    assert (second.values, second.time_ms > first.time_ms) == ({"loss": 2.0}, True)


def test_of_two_files_and_of_two_attempts_the_earlier_value_stands(paths, journal):
    journal.record([reading(0, 1.0), reading(0, 2.0, file="n.csv"), reading(1, 2.0, file="n.csv")])
    assert journal.clashes == {"loss": ("s", "n.csv")}
    journal.begin(2, resumed=True)
    journal.record([reading(1, 5.0), reading(2, 5.0)])
    assert metrics(paths) == [(0, {"loss": 1.0}), (1, {"loss": 2.0}), (2, {"loss": 5.0})]


def begins(paths, journal, values, *, resumed=False):
    """What a further attempt says of its beginning, once it gave these values, (step, value) each."""
    attempt = journal.attempt + 1
    journal.begin(attempt, resumed=resumed)
    journal.record([reading(step, value, file=f"{attempt}.csv") for step, value in values])
    journal.end(attempt, "failed", "")
    return anew_of(read_entries(paths.journal, 0)[0][-1].anew)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([(0, 1.5), (1, 0.7)], {"loss": 2}),
        ([(0, 1.0001), (1, 0.7)], {}),
        ([(0, 1.5), (0, 1.0)], {}),  # of several values at a step the last one counts
        ([(2, 0.3), (3, 0.2)], {}),
        ([(3, 0.2)], {}),
        ([(1, 0.7)], None),  # it may have begun there, or gone on
        ([(0, float("nan"))], {"loss": 2}),
        ([], None),
    ],
)
def test_an_attempt_says_whether_it_began_anew_with_other_values(paths, journal, values, told):
    journal.record([reading(step, 1.0 - 0.25 * step) for step in range(3)])
    assert begins(paths, journal, values) == told


def test_where_nothing_was_recorded_before_no_curve_is_of_two_trainings(paths, journal):
    assert begins(paths, journal, [(0, 1.5)]) == {}


def test_nor_is_one_where_the_attempt_is_told_to_go_on_and_nothing_was_recorded(paths, journal):
    journal.end(1, "interrupted", "")
    assert begins(paths, journal, [(0, 1.5)], resumed=True) == {}


def test_what_once_began_anew_stays_of_two_trainings(paths, journal):
    journal.record([reading(0, 1.0), reading(4, 0.5)])
    assert begins(paths, journal, [(0, 2.0), (6, 1.0)]) == {"loss": 4}
    again = SourceJournal(paths)
    assert begins(paths, again, [(6, 1.0), (7, 1.0)]) == {"loss": 4}
    again.close()


def test_an_attempt_that_is_told_to_go_on_and_one_of_which_times_alone_differ_are_none_that_began_anew(
    paths, journal
):
    journal.record([Reading("s", "m.csv", Mark(), {"epoch_time": 1.0, "loss": 0.5}, 0)])
    assert begins(paths, journal, [(0, 2.0)], resumed=True) is None
    journal.begin(3, resumed=False)
    journal.record([Reading("s", "3.csv", Mark(), {"epoch_time": 9.0, "loss": 0.5}, 0)])
    journal.end(3, "finished", "")
    assert anew_of(read_entries(paths.journal, 0)[0][-1].anew) == {}


def test_whoever_catches_up_goes_on_as_the_same_attempt(paths, journal):
    journal.record([reading(0, 1.0)])
    again = SourceJournal(paths)
    again.record([reading(0, 2.0)])
    again.close()
    assert metrics(paths) == [(0, {"loss": 1.0}), (0, {"loss": 2.0})]


def test_what_may_have_been_read_before_is_not_read_twice(paths, journal):
    journal.record([reading(0, 1.0)])
    journal.record([reading(0, 2.0, is_again=True), reading(1, 3.0, is_again=True)])
    assert metrics(paths) == [(0, {"loss": 1.0}), (1, {"loss": 3.0})]


def test_a_step_that_stayed_open_is_the_next_attempts_or_recorded_at_the_end(paths, journal):
    journal.record([reading(0, 1.0), reading(1, 2.0, is_open=True), reading(2, 3.0, is_open=True)])
    assert journal.open == {("loss", 1): 2.0, ("loss", 2): 3.0}
    again = SourceJournal(paths)
    again.begin(2, resumed=True)
    again.record([reading(0, 5.0), reading(1, 5.0)])
    again.close_open()
    again.close_open()
    again.close()
    given = [row for row in metrics(paths) if row[1]]
    assert given == [(0, {"loss": 1.0}), (1, {"loss": 5.0}), (2, {"loss": 3.0})]


def test_a_step_that_an_older_journal_left_open_is_the_next_attempts(paths):
    paths.journal.write_text(
        '{"t": 1, "metrics": {"loss": 0.5}, "step": 3, "epochs": 4, '
        '"read": {"source": "s", "file": "m.csv", "position": {}, "open": true}}\n'
    )
    again = SourceJournal(paths)
    again.begin(2, resumed=True)
    again.record([reading(3, 9.0)])
    again.close()
    assert metrics(paths) == [(3, {"loss": 0.5}), (3, {"loss": 9.0})]


def test_the_same_value_is_not_recorded_again(paths, journal):
    journal.record([reading(0, 1.0), reading(0, 1.0)])
    journal.record([reading(0, 1.0)])
    assert metrics(paths) == [(0, {"loss": 1.0})]


def test_counts_of_metrics_are_kept_where_they_changed(paths, journal):
    journal.record(
        [reading(0, 1.0, counts={"loss": 1, "acc": 4}), reading(1, 1.0, counts={"loss": 2, "acc": 4})]
    )
    lines = [json.loads(line).get("read", {}) for line in paths.journal.read_text().splitlines()]
    assert [line.get("counts") for line in lines] == [None, {"loss": 1, "acc": 4}, {"loss": 2}]
    again = SourceJournal(paths)
    assert again.metric_counts == {"s": {"loss": 2, "acc": 4}}
    again.begin(2, resumed=False)
    assert again.metric_counts == {}
    again.close()


def test_progress_is_kept_where_no_metrics_say_it(paths, journal):
    for epochs in (0, 2, 2):
        journal.progress(epochs, from_zero=True)
    assert (metrics(paths), last_epoch(paths), last_step(paths)) == ([(0, {})], 1, None)
    again = SourceJournal(paths)
    assert (again.epochs, again.from_zero) == (2, True)
    again.close()


def test_counts_begin_anew_unless_the_attempt_resumes(journal):
    journal.record([reading(0, 1.0, count=3)])
    journal.begin(2, resumed=True)
    assert journal.counts == {"s": 3}
    journal.begin(3, resumed=False)
    assert journal.counts == {}
    assert journal.resumptions == {1: False, 2: True, 3: False}


def test_series_that_wait_are_known_again_and_are_no_metrics(paths, journal):
    journal.record([Reading("s", "m", Mark({"bytes": 1}), held={"PSNR/3": 20.0}, step=7)])
    assert metrics(paths) == []
    again = SourceJournal(paths)
    assert again.held == [("PSNR/3", 7, 20.0)]
    again.close()


def test_the_time_of_a_value_is_that_of_its_source_where_it_is_known(paths, journal):
    journal.record([reading(0, 1.0, times={"loss": 1000}), reading(1, 1.0, times={"loss": 10**15})])
    first, second = (entry.time_ms for entry in read_entries(paths.journal, 0)[0])
    assert first == 1000
    assert 1000 < second < 10**15


def test_epochs_are_what_a_source_shows_of_them(paths, journal):
    journal.record([reading(100, 1.0, epochs=1), reading(200, 1.0, epochs=2)])
    assert (last_step(paths), last_epoch(paths)) == (200, 1)
    journal.record([reading(300, 1.0, epochs=0)])
    assert last_epoch(paths) is None


def test_an_older_journal_is_read_as_before(paths):
    paths.journal.write_text('{"t": 1, "metrics": {"loss": 0.5}, "step": 3}\n')
    again = SourceJournal(paths)
    again.record([reading(3, 9.0), reading(4, 9.0)])
    again.close()
    assert metrics(paths) == [(3, {"loss": 0.5}), (4, {"loss": 9.0})]
    writer = JournalWriter(paths)
    writer.metrics({"loss": 1.0}, 4)
    writer.close()
    assert len(metrics(paths)) == 2


def test_a_picture_is_handed_over_once_a_step(paths, journal):
    for _ in range(2):
        journal.picture("val/sample 1!", 3, b"png")
    (line,) = [line for line in map(json.loads, paths.journal.read_text().splitlines()) if "artifact" in line]
    assert line["name"] == "val~sample 1_+step+3.png"
    assert (paths.outbox / line["artifact"]).read_bytes() == b"png"


def test_values_of_a_step_keep_their_own_times(paths, journal):
    values = {"loss": 1.0, "acc": 0.5, "late": 2.0}
    journal.record([Reading("s", "m.csv", Mark(), values, 3, times={"loss": 1000, "acc": 2000})])
    journal.record(
        [Reading("s", "m.csv", Mark(), {"loss": 0.9, "acc": 0.6}, 4, times={"loss": 3000, "acc": 3000})]
    )
    first, second = [e for e in read_entries(paths.journal, 0)[0] if isinstance(e, Metrics)]
    assert [first.time_of(key) for key in values] == [1000, 2000, first.time_ms]
    assert first.time_ms > 10**12
    assert (second.time_ms, second.times) == (3000, {})


def test_metrics_that_are_held_back_are_not_recorded_and_others_are(paths, journal):
    journal.held_back = {"loss"}
    journal.record([Reading("s", "m.csv", Mark({"bytes": 5}), {"loss": 1.0, "acc": 0.5}, 1)])
    assert metrics(paths) == [(1, {"acc": 0.5})]


def test_only_metrics_of_which_nothing_is_recorded_are_taken_over(paths, journal):
    journal.record([reading(1, 0.5)])
    journal.take_over({"loss": {1: 9.0, 2: 8.0}, "acc": {2: 0.2, 1: 0.1}, "lr": {2: 3.0}})
    taken = [(1, {"acc": 0.1}), (2, {"acc": 0.2, "lr": 3.0})]
    assert metrics(paths) == [(1, {"loss": 0.5}), *taken]


def test_it_is_known_which_sources_gave_each_metric(paths, journal):
    journal.record([reading(1, 0.5), Reading("t", "n.csv", Mark({"bytes": 1}), {"loss": 0.5, "acc": 1.0}, 2)])
    journal.record([Reading("u", "o.csv", Mark({"bytes": 1}), {"acc": 1.0}, 2)])
    again = SourceJournal(paths)
    again.close()
    assert journal.read_by == {"loss": {"s", "t"}, "acc": {"t", "u"}}
    assert again.read_by == {"loss": {"s", "t"}, "acc": {"t"}}


def test_a_source_whose_values_were_there_already_gave_some(paths, journal):
    journal.record([reading(1, 0.5)])
    journal.begin(2, resumed=True)
    journal.record([Reading("t", "m.csv", Mark({"bytes": 5}), {"loss": 0.5}, 1)])
    journal.record([Reading("t", "m.csv", Mark({"bytes": 9}))], positions=True)
    again = SourceJournal(paths)
    again.close()
    assert again.gave == {"s", "t"}
