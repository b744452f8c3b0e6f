"""The record of one experiment: when its runs are listed, and by which reader."""

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.read.errors import DeletedExperimentError, UnknownExperimentError, UnreachableStoreError
from analysis.read.record import Record, open_store
from analysis.read.stores import client_store, sql_store
from tests.analysis.recorded import EXPERIMENT, ratio_sweep, record

SWEEP = ratio_sweep(strategies=("Cyclical",))


def test_runs_are_listed_once_and_again_after_a_refresh(store):
    run_ids = record(store.client, SWEEP)
    read = Record(store.uri, EXPERIMENT)
    assert {run.run_id for run in read.runs if run.is_trial} == set(run_ids.values())
    store.client.delete_run(run_ids["Cyclical-tfr0.5"])
    assert len(read.runs) == 4
    read.refresh()
    assert len(read.runs) == 3
    assert set(read.standing) == {
        trial.fingerprint for trial in SWEEP.trials if trial.name != "Cyclical-tfr0.5"
    }


def test_an_experiment_that_is_not_there_yet_has_no_runs(store):
    read = Record(store.uri, EXPERIMENT)
    assert not read.exists
    assert read.runs == ()
    assert read.standing == {}
    with pytest.raises(UnknownExperimentError, match=EXPERIMENT):
        read.require()


def test_an_experiment_that_was_deleted_is_another_thing_than_one_that_is_not_there_yet(store):
    store.client.delete_experiment(store.client.create_experiment(EXPERIMENT))
    read = Record(store.uri, EXPERIMENT)
    for ask in (lambda: read.exists, lambda: read.runs, lambda: read.standing, read.require):
        with pytest.raises(DeletedExperimentError, match="mlflow experiments restore -x 1`"):
            ask()


def test_the_experiments_id_is_mlflows(store):
    found = store.client.create_experiment(EXPERIMENT)
    assert Record(store.uri, EXPERIMENT).experiment_id() == found


@pytest.mark.parametrize(
    "uri", ["sqlite:///a.db", "postgresql://h/d", "postgresql+psycopg2://h/d", "mysql+pymysql://h/d"]
)
def test_databases_are_read_with_sql(uri):
    assert isinstance(open_store(uri), sql_store.SqlStore)


@pytest.mark.parametrize("uri", ["http://h:5000", "https://h", "file:///a", "mlruns", "databricks"])
def test_other_stores_are_read_through_the_client(uri):
    assert isinstance(open_store(uri), client_store.ClientStore)


@pytest.mark.parametrize("path", ["../old/mlflow.db", "runs.sqlite", "a file"])
def test_the_path_of_a_file_is_told_how_to_write_it_as_an_address(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    Path("a file").touch()
    with pytest.raises(UnreachableStoreError, match=f"of an sqlite file it is sqlite:///{path}$"):
        open_store(path)


def test_an_experiments_file_is_told_what_reads_its_record():
    with pytest.raises(UnreachableStoreError, match=r"no tracking URI; `sweeps.load_runs\('e.yaml'\)`"):
        open_store("e.yaml")


def test_reading_runs_imports_neither_pandas_nor_mlflow(store):
    record(store.client, SWEEP)
    code = (
        "import sys, analysis, analysis.results.expected; from analysis.read.record import Record\n"
        f"assert len(Record({store.uri!r}, {EXPERIMENT!r}).runs) == 4\n"
        "print(sorted({'torch', 'pandas', 'mlflow', 'matplotlib', 'numpy', 'cvae', 'sweeps'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_imports_no_torch_even_when_all_of_it_is_used():
    code = (
        "import sys, analysis.report.write, analysis.read.stores.client_store; analysis.load_runs, analysis.load_curves\n"
        "print(sorted({'torch', 'mlflow', 'cvae', 'sweeps'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_another_trainers_trials_stand_apart_and_those_that_say_none_do_not(store):
    run_ids = record(store.client, SWEEP)
    one, other, silent = run_ids
    store.client.set_tag(run_ids[one], "sweeps.trainer", "a:train")
    store.client.set_tag(run_ids[other], "sweeps.trainer", "b:train")
    read = Record(store.uri, EXPERIMENT, "a:train")
    assert [run.trial for run in read.others] == [other]
    assert {run.trial for run in read.runs if run.is_trial} == {one, silent}
    assert any(run.is_sweep for run in read.runs)
    assert {run.trial for run in read.standing.values()} == {one, silent}
    assert Record(store.uri, EXPERIMENT).others == ()
    store.client.set_tag(run_ids[other], "sweeps.trainer", "a:train")
    read.refresh()
    assert read.others == ()
