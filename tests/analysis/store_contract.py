"""One contract, inherited by every kind of store."""

import contextlib
import math
import sqlite3
from collections import Counter

import pytest
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

import analysis
import analysis.read.stores.history_cache
from analysis.read.errors import UnknownExperimentError
from analysis.read.record import open_store
from analysis.read.tags import FINGERPRINT, KIND_SWEEP, KIND_TRIAL
from analysis.results.curves import LARGEST
from tests.analysis.recorded import (
    EPOCHS,
    EXPERIMENT,
    FAILED,
    RUNNING,
    START_MS,
    Recording,
    ratio_sweep,
    record,
)

SWEEP = ratio_sweep(strategies=("Cyclical",))
MANY = 25_100
"""MLflow's bulk endpoint gives 25,000 points of all runs together, and does not say when there are more."""
NAN = Recording(nan=(("val/psnr", 3), ("train/loss", EPOCHS - 1)))


def runs_of(uri, experiment):
    return open_store(uri).runs(experiment)


class StoreContract:
    """What `analysis` promises of a store, whatever it is made of. Subclasses give `written`: (uri, client, ids)."""

    def test_every_run_is_read_with_its_tags(self, written):
        uri, _, run_ids = written
        runs = runs_of(uri, EXPERIMENT)
        assert Counter(run.kind for run in runs) == {KIND_SWEEP: 1, KIND_TRIAL: 3}
        run = next(run for run in runs if run.name == "Cyclical-tfr1.0")
        assert run.run_id == run_ids["Cyclical-tfr1.0"]
        assert run.parent_run_id == next(run.run_id for run in runs if run.kind == KIND_SWEEP)
        assert (run.start_ms, run.end_ms, run.status) == (START_MS, START_MS + 60_000, "FINISHED")
        assert run.fingerprint == SWEEP.trials[0].fingerprint
        assert (run.outcome, run.attempt, run.tags["sweeps.trial"]) == ("finished", 1, "Cyclical-tfr1.0")

    def test_a_running_run_has_no_end_and_no_outcome(self, written):
        uri, _, run_ids = written
        run = next(run for run in runs_of(uri, EXPERIMENT) if run.run_id == run_ids["Cyclical-tfr0.0"])
        assert (run.status, run.end_ms, run.outcome) == ("RUNNING", None, None)

    def test_runs_are_found_by_a_tag(self, written):
        uri, client, run_ids = written
        store, one = open_store(uri), run_ids["Cyclical-tfr0.5"]
        (found,) = store.runs_tagged(EXPERIMENT, FINGERPRINT, SWEEP.trials[1].fingerprint)
        assert found == next(run for run in store.runs(EXPERIMENT) if run.run_id == one)
        client.set_tag(one, FINGERPRINT, "another")
        assert store.runs_tagged(EXPERIMENT, FINGERPRINT, SWEEP.trials[1].fingerprint) == []
        assert [run.run_id for run in store.runs_tagged(EXPERIMENT, FINGERPRINT, "another")] == [one]

    def test_the_places_of_deleted_runs_are_told_too(self, written):
        uri, client, run_ids = written
        gone = run_ids["Cyclical-tfr0.5"]
        client.delete_run(gone)
        places = {place.run_id: place for place in open_store(uri).places(EXPERIMENT)}
        client.restore_run(gone)
        assert {run_id for run_id, place in places.items() if place.is_deleted} == {gone}
        assert set(places) > set(run_ids.values())
        assert places[gone].artifacts == client.get_run(gone).info.artifact_uri
        with pytest.raises(UnknownExperimentError):
            open_store(uri).places("another")

    def test_points_are_counted_or_the_store_says_that_it_cannot(self, written):
        uri, _, run_ids = written
        counts = open_store(uri).counts(EXPERIMENT, [run_ids["Cyclical-tfr1.0"]])
        if counts:
            assert counts[run_ids["Cyclical-tfr1.0"], "train/loss"] == EPOCHS
            assert {run_id for run_id, _ in counts} == {run_ids["Cyclical-tfr1.0"]}

    def test_runs_come_as_typed_rows(self, written):
        uri, _, run_ids = written
        runs = analysis.load_runs(uri, EXPERIMENT).set_index("run_id")
        assert set(runs.index) == set(run_ids.values())
        row = runs.loc[run_ids["Cyclical-tfr0.5"]]
        assert (row["trial"], row["outcome"], row["status"]) == ("Cyclical-tfr0.5", "failed", "FAILED")
        assert row["reason"] == "loss is NaN in epoch 4, batch 2"
        assert row["start_time"].isoformat() == "2023-11-14T22:13:21+00:00"
        assert (row["params.tfr"], row["params.kl_anneal_type"], row["params.num_epoch"]) == (
            0.5,
            "Cyclical",
            EPOCHS,
        )
        assert runs["params.num_epoch"].dtype == "int64"
        running = runs.loc[run_ids["Cyclical-tfr0.0"]]
        assert running[["outcome", "reason", "end_time"]].isna().all()
        assert running[["name", "status"]].notna().all()
        assert row["metrics.val/psnr_copy_first"] == pytest.approx(19.83)
        assert math.isnan(row["metrics.frame/psnr"])
        assert math.isnan(runs.loc[run_ids["Cyclical-tfr1.0"]]["metrics.train/loss"])

    def test_parent_runs_are_rows_only_when_asked_for(self, written):
        uri, _, _ = written
        assert Counter(analysis.load_runs(uri, EXPERIMENT, parents=True)["kind"]) == {
            KIND_SWEEP: 1,
            KIND_TRIAL: 3,
        }

    def test_curves_are_tidy_sorted_and_whole(self, written):
        uri, _, run_ids = written
        curves = analysis.load_curves(uri, EXPERIMENT)
        assert list(curves.columns) == ["run_id", "key", "step", "value"]
        assert not curves.duplicated(["run_id", "key", "step"]).any()
        assert curves.equals(curves.sort_values(["run_id", "key", "step"], ignore_index=True))
        counts = curves[curves["key"] == "train/loss"].groupby("run_id").size()
        assert counts.to_dict() == {
            run_ids["Cyclical-tfr1.0"]: EPOCHS,
            run_ids["Cyclical-tfr0.5"]: 4,
            run_ids["Cyclical-tfr0.0"]: 5,
        }

    def test_a_nan_is_kept_where_it_was_logged(self, written):
        uri, _, run_ids = written
        curves = analysis.load_curves(uri, EXPERIMENT, ["val/psnr"])
        curve = curves[curves["run_id"] == run_ids["Cyclical-tfr1.0"]]
        assert curve.loc[curve["value"].isna(), "step"].tolist() == [3]

    def test_keys_and_runs_can_be_picked(self, written):
        uri, _, run_ids = written
        wanted = run_ids["Cyclical-tfr0.0"]
        with pytest.warns(UserWarning, match="has recorded 'never/logged'"):
            curves = analysis.load_curves(uri, EXPERIMENT, ["beta", "never/logged"], run_ids=[wanted])
        assert set(curves["run_id"]) == {wanted}
        assert set(curves["key"]) == {"beta"}
        assert curves["step"].tolist() == [0, 1, 2, 3, 4]

    def test_no_keys_and_no_runs_mean_no_rows(self, written):
        uri, _, _ = written
        assert analysis.load_curves(uri, EXPERIMENT, []).empty
        empty = analysis.load_curves(uri, EXPERIMENT, run_ids=[])
        assert empty.empty
        assert empty.dtypes.to_dict() == analysis.load_curves(uri, EXPERIMENT).dtypes.to_dict()
        assert (empty["step"].dtype, empty["value"].dtype) == ("int64", "float64")

    def test_of_a_step_logged_twice_the_later_value_stands(self, written):
        uri, client, run_ids = written
        run_id = run_ids["Cyclical-tfr0.0"]
        again = [Metric("again", 9.0, START_MS, 0), Metric("again", 1.0, START_MS + 5, 0)]
        client.log_batch(run_id, again)
        assert analysis.load_curves(uri, EXPERIMENT, ["again"])["value"].tolist() == [1.0]
        assert analysis.load_runs(uri, EXPERIMENT).set_index("run_id").loc[run_id, "metrics.again"] == 1.0

    def test_infinities_come_as_the_greatest_numbers_and_a_later_nan_stands(self, written):
        uri, client, run_ids = written
        points = [(math.inf, 0, 0), (-math.inf, 1, 0), (5.0, 2, 0), (math.nan, 2, 1)]
        metrics = [Metric("odd", value, START_MS + later, step) for value, step, later in points]
        client.log_batch(run_ids["Cyclical-tfr0.0"], metrics)
        odd = analysis.load_curves(uri, EXPERIMENT, ["odd"])
        assert odd["step"].tolist() == [0, 1, 2]
        assert odd["value"].iloc[0] >= LARGEST
        assert odd["value"].iloc[1] <= -LARGEST
        assert math.isnan(odd["value"].iloc[2])

    def test_another_experiment_in_the_store_is_left_alone_and_names_may_be_in_any_script(self, written):
        uri, client, _ = written
        name = "café-実験-💃"
        if client.get_experiment_by_name(name) is None:
            other = client.create_run(client.create_experiment(name), run_name="試行")
            client.log_param(other.info.run_id, "größe", "œuvre")
            client.log_metric(other.info.run_id, "beta", 7.0, step=3)
        runs = analysis.load_runs(uri, name)
        assert (runs["name"].tolist(), runs["params.größe"].tolist()) == (["試行"], ["œuvre"])
        assert analysis.load_curves(uri, name)["value"].tolist() == [7.0]
        assert not set(analysis.load_curves(uri, EXPERIMENT)["run_id"]) & set(runs["run_id"])

    def test_more_points_than_mlflow_gives_at_once_are_all_read(self, written):
        uri, client, run_ids = written
        self.insert(client, run_ids["Cyclical-tfr0.0"], "many", MANY)
        many = analysis.load_curves(uri, EXPERIMENT, ["many"])
        assert many["step"].tolist() == list(range(MANY))
        assert many["value"].tolist() == [step / 2 for step in range(MANY)]

    def insert(self, client, run_id, key, count):
        """Log so many points, the value being half the step; stores with a faster way override this."""
        for start in range(0, count, 1000):
            steps = range(start, min(count, start + 1000))
            client.log_batch(run_id, [Metric(key, step / 2, START_MS + step, step) for step in steps])

    def test_deleted_runs_are_left_out(self, written):
        uri, client, run_ids = written
        client.delete_run(run_ids["Cyclical-tfr0.0"])
        assert run_ids["Cyclical-tfr0.0"] not in {run.run_id for run in runs_of(uri, EXPERIMENT)}
        assert run_ids["Cyclical-tfr0.0"] not in set(analysis.load_runs(uri, EXPERIMENT)["run_id"])
        assert run_ids["Cyclical-tfr0.0"] not in set(analysis.load_curves(uri, EXPERIMENT)["run_id"])
        client.restore_run(run_ids["Cyclical-tfr0.0"])

    def test_an_experiment_without_runs_gives_empty_frames(self, written):
        uri, client, _ = written
        if client.get_experiment_by_name("empty") is None:
            client.create_experiment("empty")
        assert runs_of(uri, "empty") == []
        runs = analysis.load_runs(uri, "empty")
        assert runs.empty
        assert "fingerprint" in runs.columns
        assert analysis.load_curves(uri, "empty").empty

    @pytest.mark.parametrize("read", [runs_of, analysis.load_runs, analysis.load_curves])
    def test_an_unknown_experiment_is_an_error_that_names_it(self, written, read):
        uri, _, _ = written
        with pytest.raises(UnknownExperimentError, match=f"'no-such-thing'.* Recorded there: .*{EXPERIMENT}"):
            read(uri, "no-such-thing")

    def test_a_deleted_experiment_is_unknown(self, written):
        uri, client, _ = written
        client.delete_experiment(client.create_experiment("dropped"))
        with pytest.raises(UnknownExperimentError, match="deleted"):
            runs_of(uri, "dropped")


def insert_into(database, run_id, key, count):
    """As MLflow writes them, but thousands at once."""
    rows = [(key, step / 2, START_MS + step, run_id, step, 0) for step in range(count)]
    columns = "(key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, ?, ?)"
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as store, store:
        store.executemany(f"insert or ignore into metrics {columns}", rows)
        store.execute(f"insert or replace into latest_metrics {columns}", rows[-1])


def write(uri):
    client = MlflowClient(uri)
    outcomes = {"Cyclical-tfr1.0": NAN, "Cyclical-tfr0.5": FAILED, "Cyclical-tfr0.0": RUNNING}
    return uri, client, record(client, SWEEP, outcomes)
