"""`sweep ui`: the addresses that it prints, and the views that they name."""

import json
import os
import shutil
import subprocess
import sys

from mlflow.tracking import MlflowClient

from sweeps.commands.ui.pages import MOST_COLUMNS, Recorded, addresses, keep_views, varied, views

RECORDED = Recorded("7", ("tfr",), ("val/psnr",))


def test_the_addresses_are_pages_of_the_experiment_and_name_its_views():
    pages = addresses(RECORDED, "http://127.0.0.1:5000/", has_views=True)
    assert list(pages) == ["trials", "charts of all trials", "sweeps"]
    for address in pages.values():
        assert address.startswith("http://127.0.0.1:5000/#/experiments/7/runs?")
        assert " " not in address
    assert pages["trials"].endswith("viewStateShareKey=sweep-trials")
    assert pages["sweeps"].endswith("viewStateShareKey=sweep-sweeps")
    without = addresses(RECORDED, "http://127.0.0.1:5000/", has_views=False)
    assert "viewStateShareKey" not in "".join(without.values())
    assert "searchFilter" in without["trials"]


def test_where_nothing_is_recorded_the_first_page_is_given_without_a_password(tmp_path):
    recorded = Recorded.of(f"sqlite:///{tmp_path / 'none.db'}", "toy")
    pages = addresses(recorded, "http://me:secret@host:5000", has_views=False)
    assert pages == {"MLflow": "http://***@host:5000"}


def test_a_setting_varies_where_it_has_more_than_one_value():
    params = [("tfr", "0.0"), ("lr", "1"), ("tfr", "0.5"), ("lr", "1"), ("late", "2"), ("annealing", "a")]
    assert varied([*params, ("annealing", "b")]) == ("annealing", "tfr")


def test_a_view_shows_what_varies_and_the_results():
    kept = views(("tfr", "lr"), ("val/psnr",))
    (trials, sweeps) = (
        json.loads(kept[f"mlflow.sharedViewState.{name}"]) for name in ("sweep-trials", "sweep-sweeps")
    )
    assert trials["selectedColumns"] == ["params.`tfr`", "params.`lr`", "metrics.`val/psnr`"]
    assert trials["searchFilter"] == "tags.`sweeps.kind` = 'trial'"
    assert sweeps == {"selectedColumns": trials["selectedColumns"]}
    many = views([f"key{number}" for number in range(90)], ("val/psnr",))
    shown = json.loads(many["mlflow.sharedViewState.sweep-trials"])["selectedColumns"]
    assert len(shown) == MOST_COLUMNS + 1
    assert shown[-1] == "metrics.`val/psnr`"


def test_of_many_columns_results_give_way_to_what_varies_but_for_the_first():
    kept = views(("a", "b", "c"), ("acc", "loss", "speed"))
    shown = json.loads(kept["mlflow.sharedViewState.sweep-trials"])["selectedColumns"]
    assert shown == ["params.`a`", "params.`b`", "params.`c`", "metrics.`acc`", "metrics.`loss`"]


def test_views_are_kept_with_the_experiment_and_replaced(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(uri)
    experiment_id = client.create_experiment("toy")
    for number, setting in enumerate(("lr", "tfr")):
        run = client.create_run(experiment_id, tags={"sweeps.kind": "trial", "mlflow.runName": f"a{number}"})
        client.log_param(run.info.run_id, setting, 1)
        client.log_param(run.info.run_id, "width", number)
        client.log_metric(run.info.run_id, "loss", 0.5)
    recorded = Recorded.of(uri, "toy")
    assert recorded == Recorded(experiment_id, ("width",), ("loss",))
    for shown in ("tfr", "lr"):
        wanted = views((shown,), ())
        assert keep_views(uri, "toy", wanted)
        assert wanted.items() <= client.get_experiment(experiment_id).tags.items()
    assert not keep_views("sqlite:////dev/null/none/mlflow.db", "toy", wanted)


def test_for_a_tracking_server_the_command_prints_its_address_and_ends(tmp_path):
    (tmp_path / "e.yaml").write_text("trainer: toy:train\nsweeps: {a: {grid: {x: [1]}}}\n")
    command = [sys.executable, "-m", "sweeps", "ui", "e.yaml", "--tracking-uri", "http://127.0.0.1:9"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "MLflow: http://127.0.0.1:9\n"
