"""By what of the file metrics are read, and which edits of it make another reading."""

from dataclasses import replace

import pytest

from analysis.read.provenance import differences
from analysis.read.store import RunRecord
from analysis.read.tags import readings_text
from sweeps.sources.following.readings import current, note_readings, readings_of, recorded_readings
from tests.sweeps.sources.following.runs import LOSS, Run, stdout
from tests.sweeps.specs import read

PRINTED = r"stdout: 'epoch (?P<epoch>\d+) loss (?P<loss>\S+)'"
LEADING = r"{stdout: 'Epoch (?P<epoch>\d+)$'}, {stdout: 'Train (?P<epoch>\d+)$'}"


def sources_of(folder, keys):
    return read(
        folder, "sweeps: {a: {set: {x: 1}}}", f"trainer: {{command: [./prog], {keys}}}\n"
    ).trainer.sources


def metrics(*entries, more=""):
    return f"metrics: [{', '.join(f'{{{entry}}}' for entry in entries)}]{more}"


def changed(folder, before, after, *keys, source=0):
    """Which of the metrics that a source gave are read otherwise after an edit of `trainer:`."""
    first = sources_of(folder, before)
    identity = first.sources[source].identity
    then = readings_of(dict.fromkeys(keys, (identity,)), first)
    now = current([readings_text(then)], sources_of(folder, after))
    return [key for key in keys if now.get(key, then[key]) != then[key]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (metrics(PRINTED), metrics(PRINTED + ", several: mean")),
        (metrics(PRINTED), metrics(PRINTED + ", several: {loss: mean}")),
        (metrics(PRINTED), metrics(PRINTED + ", step: epoch * 10")),
        (metrics(PRINTED), metrics(PRINTED.replace("loss (", "val loss ("))),
        (metrics(PRINTED), metrics(PRINTED.replace("<loss>", "<raw>") + ", derive: {loss: raw / 10}")),
        (metrics(PRINTED), metrics(PRINTED, more=", derive: {loss: acc / 10}")),
        (metrics(PRINTED), metrics("csv: '{run_dir}/m.csv'")),
        (metrics("csv: '{run_dir}/m.csv'"), metrics(PRINTED)),
        (metrics("csv: '{run_dir}/m.csv'"), metrics("csv: '{run_dir}/n.csv'")),
        (metrics("csv: '{run_dir}/m.csv'"), metrics("csv: '{run_dir}/m.csv', several: mean")),
        (metrics("csv: '{run_dir}/m.csv'"), metrics("csv: '{run_dir}/m.csv', step: epoch")),
        (metrics("csv: '{run_dir}/m.csv'"), metrics("csv: '{run_dir}/m.csv'", more=", rename: {b: loss}")),
        (metrics("json: m.json"), metrics("json: m.json, at: history")),
        (metrics("tensorboard: logs"), metrics("tensorboard: logs", more=", rename: {'{x}/loss': loss}")),
    ],
)
def test_what_changes_the_values_of_a_metric_is_another_reading(tmp_path, before, after):
    assert changed(tmp_path, before, after, "loss") == ["loss"]
    assert changed(tmp_path, after, after, "loss") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PRINTED, "several: last, step: epoch, " + PRINTED),
        (PRINTED + ", several: {loss: mean}", PRINTED + ", several: {acc: last, loss: mean}"),
        (PRINTED + ", step: epoch * 10", PRINTED + ", step: epoch*10"),
        ("csv: '{run_dir}/m.csv'", "several: last, csv: '{run_dir}/m.csv'"),
        ("csv: '{run_dir}/m.csv'", "several: {acc: mean}, csv: '{run_dir}/m.csv'"),
        ("csv: '{run_dir}/m.csv'", "csv: '{run_dir}/m.csv', derive: {share: a / b}"),
    ],
)
def test_what_leaves_them_as_they_are_is_none(tmp_path, before, after):
    assert changed(tmp_path, metrics(before), metrics(after), "loss") == []


def test_other_sources_and_metrics_make_no_difference(tmp_path):
    more = ", derive: {share: a / b}, rename: {a: c}, progress: {metric: epoch}"
    before, after = metrics(PRINTED), metrics("csv: m.csv", PRINTED, "tensorboard: logs", more=more)
    assert changed(tmp_path, before, after, "loss") == []
    both = PRINTED.replace("'epoch", "'(?P<acc>\\S+) at epoch")
    renamed = both.replace("<acc>", "<share>")
    assert changed(tmp_path, metrics(both), metrics(renamed), "loss", "acc") == []
    assert changed(tmp_path, metrics(both), metrics(both + ", several: {acc: mean}"), "loss", "acc") == [
        "acc"
    ]


def test_a_metric_that_no_source_names_any_more_is_no_difference(tmp_path):
    csv = metrics("csv: m.csv", "csv: n.csv")
    assert changed(tmp_path, metrics(PRINTED), csv, "loss") == []
    assert changed(tmp_path, csv, metrics("csv: o.csv", "csv: p.csv"), "loss") == []
    assert changed(tmp_path, csv, csv + ", rename: {loss: train_loss}", "loss") == []


def test_a_line_that_others_lead_is_read_by_these_too(tmp_path):
    first, second = LEADING.split("}, {")
    loss = r"stdout: 'loss (?P<loss>\S+)'"
    before, after = (metrics(one.strip("{}"), loss) for one in (first, second))
    assert changed(tmp_path, before, after, "loss", source=1) == ["loss"]
    assert changed(tmp_path, before, before, "loss", source=1) == []


def test_a_name_that_stays_by_a_rename_is_read_alike(tmp_path):
    after = metrics(PRINTED.replace("<loss>", "<train_loss>"), more=", rename: {train_loss: loss}")
    assert changed(tmp_path, metrics(PRINTED), after, "loss") == []


def test_the_directory_of_a_run_says_how_each_metric_was_read_first(tmp_path):
    run = Run(tmp_path, LOSS).attempt()
    run.prints("epoch 1 loss 0.5\n")
    run.ends()
    first = recorded_readings(run.paths)
    assert list(first) == ["loss"]
    later = Run(
        tmp_path,
        stdout(r"epoch (?P<epoch>\d+) (loss|acc) (?P<loss>\S+)"),
        ("csv", str(tmp_path / "run/files/m.csv"), {}),
    )
    later.number = 1
    later.attempt()
    later.writes("m.csv", "epoch,acc\n1,0.5\n")
    later.prints("epoch 2 loss 0.25\n")
    later.ends()
    found = recorded_readings(run.paths)
    assert found["loss"].startswith(first["loss"])
    assert sorted(found) == ["acc", "loss"]


def test_of_a_metric_that_two_sources_give_it_makes_no_difference_which_was_first(tmp_path):
    found = []
    for is_printed_first in (True, False):
        run = Run(tmp_path / f"{is_printed_first}", LOSS, ("csv", "run/files/m.csv", {}))
        run.attempt()
        for prints in (is_printed_first, not is_printed_first):
            if prints:
                run.prints("epoch 1 loss 0.5\nepoch 2 loss 0.25\n")
            else:
                run.writes("m.csv", "epoch,loss\n1,0.5\n2,0.25\n")
            run.is_read()
        run.ends()
        found.append(recorded_readings(run.paths))
    assert found[0] == found[1]
    assert found[0]["loss"].startswith("csv ")
    assert " + stdout " in found[0]["loss"]
    text = readings_text(found[0])
    assert current([text], run.order.sources) == found[0]
    mean = [replace(source, several="mean") for source in run.order.sources.sources]
    assert current([text], replace(run.order.sources, sources=tuple(mean))) != found[0]


def test_a_source_that_a_later_attempt_meets_is_added_to_those_of_the_metric(tmp_path):
    run = Run(tmp_path, LOSS, ("csv", "run/files/m.csv", {})).attempt()
    run.writes("m.csv", "epoch,loss\n1,0.5\n")
    run.ends(finished=False)
    (early,) = recorded_readings(run.paths).values()
    assert early.startswith("csv ")
    later = Run(tmp_path, LOSS, ("csv", "run/files/m.csv", {})).attempt(resumed=True)
    later.prints("epoch 2 loss 0.25\n")
    later.ends()
    (whole,) = recorded_readings(run.paths).values()
    assert whole.startswith(f"{early} + stdout ")


def taken_up(tmp_path, *sources, printed="epoch 2 loss 0.25\n", **more):
    """A run that was interrupted after an epoch and taken up by other sources; its readings before and after."""
    run = Run(tmp_path, LOSS).attempt()
    run.prints("epoch 1 loss 0.5\n")
    run.ends(finished=False)
    first = recorded_readings(run.paths)
    later = Run(tmp_path, *sources, **more)
    later.number = 1
    later.attempt(resumed=True)
    later.prints(printed)
    later.ends()
    return first["loss"], recorded_readings(run.paths)["loss"], later


OTHER = stdout(r"epoch (?P<epoch>\d+) (loss|acc) (?P<loss>\S+)")


def test_a_metric_that_a_later_attempt_reads_otherwise_is_read_in_two_ways_and_like_neither(tmp_path):
    first, both, later = taken_up(tmp_path, OTHER)
    assert both.startswith(f"{first}, then stdout ")
    alone = Run(tmp_path / "alone", OTHER).attempt()
    alone.prints("epoch 1 loss 0.5\n")
    alone.ends()
    second = recorded_readings(alone.paths)["loss"]
    assert both == f"{first}, then {second}"
    runs = [(name, read_by(name, reading)) for name, reading in (("a", first), ("b", second), ("both", both))]
    (found,) = differences(runs)
    assert [names for _, names in found.groups] == [("a",), ("b",), ("both",)]
    assert f"loss read in two ways: {both} (both)" in str(found)
    assert current([readings_text({"loss": both})], later.order.sources) == {"loss": second}


def test_a_metric_of_which_a_later_attempt_records_nothing_is_read_as_at_first(tmp_path):
    first, after, _ = taken_up(tmp_path, OTHER, printed="epoch 1 loss 0.5\n")  # that step has its value
    assert after == first


def test_the_same_reading_written_otherwise_is_no_second_one(tmp_path):
    first, after, _ = taken_up(tmp_path, stdout(r"epoch (?P<epoch>\d+) loss (?P<loss>\S+)", step="epoch"))
    assert after == first


def test_a_reading_that_comes_back_is_not_told_once_more(tmp_path):
    _, both, later = taken_up(tmp_path, OTHER)
    again = Run(tmp_path, LOSS)
    again.number = 2
    again.attempt(resumed=True)
    again.prints("epoch 3 loss 0.125\n")
    again.ends()
    assert recorded_readings(later.paths)["loss"] == both


def test_a_derived_metric_that_is_defined_otherwise_is_read_in_two_ways(tmp_path):
    run = Run(tmp_path, LOSS, derive={"half": "loss / 2"}).attempt()
    run.prints("epoch 1 loss 0.5\n")
    run.ends(finished=False)
    later = Run(tmp_path, LOSS, derive={"half": "loss / 4"})
    later.number = 1
    later.attempt(resumed=True)
    later.prints("epoch 2 loss 0.25\n")
    later.ends()
    found = recorded_readings(run.paths)
    assert (", then derive" in found["half"], ", then" in found["loss"]) == (True, False)


def read_by(name, reading):
    own = {"sweeps.outcome": "finished", "sweeps.metrics": readings_text({"loss": reading})}
    return RunRecord(f"id-{name}", name, None, "trial", "FINISHED", 0, 1, own)


def test_of_a_metric_whose_source_is_not_known_any_more_nothing_is_said(tmp_path):
    run = Run(tmp_path, LOSS)
    note_readings(
        run.paths,
        {"loss": [run.order.sources.sources[0].identity, "of an earlier file"]},
        {},
        run.order.sources,
    )
    assert recorded_readings(run.paths) == {}
