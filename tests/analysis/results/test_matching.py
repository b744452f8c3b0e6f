import math
from dataclasses import replace

from analysis.read.record import Record
from analysis.read.stores.sql_store import SqlStore
from analysis.results import machine
from analysis.results.matching import match, read_results
from analysis.results.results import PSNR
from tests.analysis.recorded import (
    EPOCHS,
    EXPERIMENT,
    FAILED,
    START_MS,
    Recording,
    ratio_sweep,
    record,
    record_trial,
    result_of,
    strategy_sweep,
)

SWEEP = ratio_sweep(strategies=("Cyclical",))
TRIAL = SWEEP.trials[0]


def test_a_trial_is_shown_by_the_run_that_stands_whatever_sweep_recorded_it():
    run = result_of(TRIAL).run
    tags = dict(run.tags)
    old = replace(run, run_id="old")
    new = replace(run, run_id="new", start_ms=START_MS + 5)
    foreign = replace(run, run_id="foreign", tags=tags | {"sweeps.sweep": "else"}, start_ms=START_MS + 9)
    parent = replace(run, run_id="parent", kind="sweep", start_ms=START_MS + 99)
    (result, *others) = match(SWEEP, [new, foreign, old, parent]).results
    assert (result.run.run_id, result.others) == ("foreign", 2)
    assert all(other.run is None for other in others)


def test_a_finished_run_stands_before_a_failed_one_that_came_later():
    finished = result_of(TRIAL).run
    tags = dict(finished.tags) | {"sweeps.outcome": "failed"}
    failed = replace(finished, run_id="later", tags=tags, status="FAILED", start_ms=START_MS + 9)
    assert match(SWEEP, [finished, failed]).results[0].state == "finished"


def test_reading_gives_the_curves_of_the_matched_runs(store):
    record(store.client, SWEEP, {"Cyclical-tfr0.5": FAILED, "Cyclical-tfr0.0": None})
    record_trial(store.client, SWEEP, TRIAL, Recording(epochs=3), START_MS + 9_000)
    (found,) = read_results(Record(store.uri, EXPERIMENT), [SWEEP])
    assert [result.state for result in found.results] == ["finished", "failed", "missing"]
    assert [result.epochs for result in found.results] == [3, 4, 0]
    assert found.results[0].others == 1
    expected = result_of(TRIAL, Recording(epochs=3)).curves[PSNR]
    assert found.results[0].curves[PSNR] == expected


def test_what_the_machine_did_is_a_load_and_no_curve(store):
    run_id = record(store.client, SWEEP)[TRIAL.name]
    for step, percent in enumerate((100.0, 300.0)):
        store.client.log_metric(run_id, machine.CPU, percent, step=step + EPOCHS)
        store.client.log_metric(run_id, machine.gpu_memory(0), 1000 * percent, step=step + EPOCHS)
    (found,) = read_results(Record(store.uri, EXPERIMENT), [SWEEP])
    assert found.results[0].load == machine.Load(cores=2.0, gpu_memory_bytes=3e11)
    assert found.results[0].epochs == EPOCHS
    assert not any(key.startswith("system/") for key in found.results[0].curves)
    assert found.results[1].load == machine.Load()


def test_an_infinity_is_no_number(store):
    run_id = record(store.client, SWEEP)[TRIAL.name]
    store.client.log_metric(run_id, PSNR, math.inf, step=EPOCHS)
    (found,) = read_results(Record(store.uri, EXPERIMENT), [SWEEP])
    assert math.isnan(found.results[0].curves[PSNR].last)


def test_the_runs_of_a_record_are_listed_once_however_many_sweeps_are_read(store, monkeypatch):
    listed = []
    list_runs = SqlStore.runs
    monkeypatch.setattr(
        SqlStore, "runs", lambda self, experiment: listed.append(experiment) or list_runs(self, experiment)
    )
    record(store.client, SWEEP)
    read = Record(store.uri, EXPERIMENT)
    read_results(read, [SWEEP, strategy_sweep()])
    assert len(read.runs) == 4
    assert listed == [EXPERIMENT]


def test_what_a_search_pruned_is_unfinished_in_a_grid():
    run = result_of(TRIAL).run
    tags = dict(run.tags) | {"sweeps.outcome": "pruned", "sweeps.reason": "median: loss 9 after epoch 0"}
    assert match(SWEEP, [replace(run, tags=tags)]).results[0].state == "interrupted"
