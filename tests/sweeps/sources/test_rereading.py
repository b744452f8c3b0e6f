"""What a trial left is read once more by another file, and compared with its journal."""

from dataclasses import replace

from sweeps.rundir.journal import last_epoch
from sweeps.sources.following.order import ReadOrder
from sweeps.sources.following.readings import EARLIER, recorded_readings
from sweeps.sources.rereading import Other, record_again, reread
from sweeps.spec.trainer.source_model import Source, Sources
from tests.sweeps.sources.following.runs import LOSS, Run, stdout

TWO = "epoch 1 loss 3\nepoch 1 loss 1\nepoch 2 loss 4\nepoch 2 loss 2\n"


def ran(folder, *sources, text=TWO, finished=True):
    run = Run(folder, *(sources or (LOSS,))).attempt()
    run.prints(text)
    return run.ends(finished=finished)


def order_of(run, *sources, **more):
    found = (Source(kind, text, label=text, **said).identified() for kind, text, said in sources)
    return replace(run.order, sources=Sources(tuple(found), **more))


def again(run, *sources, **more):
    """Record what the file reads now, as `sweep metrics --apply` does."""
    before, order = ReadOrder.read(run.paths), order_of(run, *sources, **more)
    order.write(run.paths)
    return record_again(run.paths, before, order, finished=True)


def left(run):
    return {path: path.read_bytes() for path in sorted(run.paths.root.rglob("*")) if path.is_file()}


def test_a_file_that_reads_as_before_is_not_read_again(tmp_path):
    run = ran(tmp_path)
    assert reread(run.paths, run.order, run.order, finished=True) is None
    assert reread(run.paths, None, order_of(run), finished=True) is None


def test_other_values_are_found_and_nothing_is_written(tmp_path):
    run = ran(tmp_path)
    before = left(run)
    found = reread(run.paths, run.order, order_of(run, stdout(LOSS[1], several="mean")), finished=True)
    assert found.other == {"loss": Other(2, 1, 1.0, 2.0)}
    assert left(run) == before
    found = reread(run.paths, run.order, order_of(run, stdout(LOSS[1], step="epoch + 7")), finished=True)
    assert found.other == {"loss": Other(0, 1, 1.0, None)}


def test_beside_values_that_are_recorded_otherwise_none_is_added_and_it_is_known_later(tmp_path):
    run = ran(tmp_path)
    first = recorded_readings(run.paths)
    other = stdout(r"epoch (?P<epoch>\d+) loss (?P<loss>\S+)", step="3 * epoch - 2")
    for _ in range(2):  # steps 1 and 4, of which 1 is recorded with the same value
        assert again(run, other).other == {}
        assert run.points() == {"loss": [(1, 1.0), (2, 2.0), (4, 2.0)]}
    later = stdout(LOSS[1], step="2 * epoch + 2")  # steps 4 and 6
    for _ in range(2):
        assert again(run, later).other == {"loss": Other(1, 4, 2.0, 1.0)}
        assert run.points() == {"loss": [(1, 1.0), (2, 2.0), (4, 2.0)]}
    assert recorded_readings(run.paths).keys() == first.keys()


def test_of_a_journal_without_readings_those_that_differ_are_known_as_earlier_ones(tmp_path):
    run = ran(tmp_path, LOSS, stdout(r"epoch (?P<epoch>\d+) .*(?P<share>\d)$"))
    run.paths.readings.unlink()
    sources = (stdout(LOSS[1], several="mean"), stdout(r"epoch (?P<epoch>\d+) .*(?P<share>\d)$"))
    for _ in range(2):
        assert list(again(run, *sources).other) == ["loss"]
        readings = recorded_readings(run.paths)
        assert readings["loss"] == EARLIER
        assert readings["share"].startswith("stdout ")


def test_so_are_those_of_several_tables_of_which_the_file_does_not_tell_which_has_a_metric(tmp_path):
    tables = [("csv", str(tmp_path / f"run/files/{name}.csv"), {}) for name in "ab"]
    run = Run(tmp_path, *tables).attempt()
    run.writes("a.csv", "epoch,loss\n1,3\n1,1\n")
    run.ends()
    run.paths.readings.unlink()
    for _ in range(2):
        found = again(run, *((kind, path, {"several": "mean"}) for kind, path, _ in tables))
        assert found.other == {"loss": Other(1, 1, 1.0, 2.0)}


def test_a_new_name_is_recorded_of_what_is_read_already_with_its_epochs(tmp_path):
    run = ran(tmp_path)
    done = last_epoch(run.paths)
    found = again(run, LOSS, rename={"loss": "train_loss"})
    assert found.other == {}
    points = run.points()
    assert points["train_loss"] == [(1, 1.0), (2, 2.0)]
    assert last_epoch(run.paths) == done
    again(run, LOSS, rename={"loss": "train_loss"})
    assert run.points() == points


def test_of_several_attempts_the_first_values_stand_in_both_readings(tmp_path):
    run = Run(tmp_path, LOSS).attempt()
    run.prints(TWO)
    run.ends(finished=False)
    run.attempt()
    run.prints("epoch 1 loss 9\nepoch 3 loss 5\nepoch 4 loss 6\n")
    run.ends()
    points = run.points()
    found = again(run, stdout(r"epoch (?P<epoch>\d+) (loss) (?P<loss>\S+)"))
    assert (found.other, run.points()) == ({}, points)


def test_a_source_whose_values_are_all_recorded_is_not_said_to_give_none(tmp_path):
    run = ran(tmp_path)
    wider = stdout(r"epoch (?P<epoch>\d+) (loss) (?P<loss>\S+)")
    for _ in range(2):
        assert not any("gave no metric" in note for note in again(run, wider).notes)
