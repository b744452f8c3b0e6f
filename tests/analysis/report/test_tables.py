import json
from dataclasses import replace

import pytest

from analysis.report.links import RunLinks
from analysis.report.tables import (
    duration,
    plain_number,
    provenance_listing,
    results_listing,
    settings_listing,
    size,
)
from analysis.results.machine import Load
from analysis.results.provenance_marks import with_marks
from analysis.stats.measures import NONE
from tests.analysis.judged import F1, at_batches, called, judged
from tests.analysis.recorded import FINISHED, ratio_sweep, results_of, strategy_sweep, with_code
from tests.analysis.report.test_sections import of_another_trainer

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "\N{EN DASH}"), (0.25, "0.2 s"), (59.4, "59.4 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")],
)
def test_a_duration_is_written_for_people(seconds, words):
    assert duration(seconds) == words


def test_what_a_run_took_of_the_machine_stands_beside_its_time():
    sweep = of_another_trainer("accuracy")
    first, second = sweep.results
    sampled = replace(first, load=Load(cores=1.52, memory_bytes=8.24e9, gpu_percent=None))
    table = results_listing(replace(sweep, results=(sampled, second)), LINKS).table
    names = [name for name, _ in table.columns]
    assert names == [
        "trial",
        "outcome",
        "epochs",
        "accuracy",
        "time",
        "cores, mean",
        "memory, most",
        "MLflow run",
    ]
    assert [[cell.text for cell in row][5:7] for row in table.rows] == [["1.5", "8.2 GB"], [NONE, NONE]]
    assert table.rows[0][6].value == 8.24e9
    assert table.units == {"time": "s", "memory, most": "bytes"}
    bare = results_listing(sweep, LINKS).table
    assert [name for name, _ in bare.columns][-2:] == ["time", "MLflow run"]
    assert size(512e6) == "512 MB"


def test_the_settings_of_all_sweeps_stand_in_one_table_with_what_they_share_below():
    listing = settings_listing([results_of(ratio_sweep()), results_of(strategy_sweep())], LINKS)
    heads = [head for head, _ in listing.table.columns]
    assert heads[:4] == ["sweep", "trial", "kl_anneal_type", "tfr"]
    assert heads[-2:] == ["fingerprint", "run"]
    assert "num_epoch" in heads
    assert [cell.text for cell in listing.table.rows[-1]][:4] == ["annealing", "None", "None", "0"]
    assert listing.below == "Shared by all: data.name synthetic."


def test_provenance_has_a_row_for_all_runs_that_share_code_data_and_environment():
    dirty = replace(
        FINISHED,
        tags=FINISHED.tags | {"sweeps.code": json.dumps({"commit": "1f", "dirty": True, "digest": "cc33"})},
    )
    found = {"Cyclical": with_code("bb22"), "None": dirty}
    listing = provenance_listing(with_marks([results_of(strategy_sweep(), found)]))
    assert [head for head, _ in listing.table.columns] == [
        "provenance",
        "runs",
        "trainer",
        "code",
        "data",
        "environment",
    ]
    assert [[cell.text for cell in row][:4] for row in listing.table.rows] == [
        ["[a]", "1: Monotonic", NONE, "digest aa11, commit 4f1c2d3"],
        ["[b]", "1: Cyclical", NONE, "digest bb22, commit 4f1c2d3"],
        ["[c]", "1: None", NONE, "digest cc33, commit 1f with uncommitted changes"],
    ]
    (row,) = provenance_listing([results_of(ratio_sweep())]).table.rows
    assert row[0].text == "9: None-tfr1.0, None-tfr0.5, None-tfr0.0 and 6 more"


def test_provenance_names_the_files_of_runs_that_found_them_alike_in_one_row():
    def naming(**files):
        return replace(FINISHED, tags=FINISHED.tags | {"sweeps.files": json.dumps(files)})

    found = {"Monotonic": naming(x="1"), "Cyclical": naming(y="2"), "None": naming(x="1")}
    (row,) = provenance_listing(with_marks([results_of(strategy_sweep(), found)])).table.rows
    assert row[-1].text == "x 1, y 2"
    found["None"] = naming(x="3")
    listing = provenance_listing(with_marks([results_of(strategy_sweep(), found)]))
    assert listing.table.columns[-1][0] == "files"
    assert [row[-1].text for row in listing.table.rows] == ["x 1, y 2", "x 3"]


def test_code_of_which_nothing_was_recorded_is_said_to_be_not_watched():
    def cell(code, **more):
        recorded = {"commit": None, "dirty": None, "digest": None, **code}
        tags = FINISHED.tags | {"sweeps.code": json.dumps(recorded), **more}
        found = dict.fromkeys(("Monotonic", "Cyclical", "None"), replace(FINISHED, tags=tags))
        listing = provenance_listing([results_of(strategy_sweep(), found)])
        at = [head for head, _ in listing.table.columns].index("code")
        return listing.table.rows[0][at].text

    assert cell({}) == "not watched"
    assert cell({"trainer": {"cwd": "w"}}) == "not watched, trainer.cwd w"
    assert cell({"commit": "1f"}) == "commit 1f"
    assert cell({}, **{"sweeps.files": json.dumps({"sim.jl": "1"})}) == NONE


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (-0.5, -0.5), (True, None), ("3", None), (None, None), (10**400, None), (float("nan"), None)],
)
def test_a_cell_is_sorted_by_the_number_in_it_where_it_is_one(value, number):
    assert plain_number(value) == number


def test_epochs_that_nothing_tells_are_left_open_and_have_no_column_where_nothing_tells_any():
    untold, told = at_batches(judged(F1), noted="unknown"), judged(F1)
    assert "epochs" not in dict(results_listing(untold, LINKS).table.columns)
    table = results_listing(replace(untold, results=(*untold.results[1:], told.results[0])), LINKS).table
    (place,) = (at for at, (head, _) in enumerate(table.columns) if head == "epochs")
    assert [row[place].text for row in table.rows] == [NONE] * 8 + ["3"]
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_steps_are_called_so_where_they_are_what_the_file_asks_for():
    table = results_listing(at_batches(judged(F1), noted="60", by_epoch=False, unit="step"), LINKS).table
    (place,) = (at for at, (head, _) in enumerate(table.columns) if head == "steps")
    assert {row[place].text for row in table.rows} == {"60"}


@pytest.mark.parametrize("own", ["time", "outcome", "epochs", "MLflow run"])
def test_a_metric_that_is_called_as_a_column_of_its_own_is_told_apart(own):
    table = results_listing(of_another_trainer(own, "loss"), LINKS).table
    heads = [head for head, _ in table.columns]
    assert len(heads) == len(set(heads))
    assert table.rows[0][heads.index(f"{own} (metric)")].text == "0.5"
    assert table.units == {"time": "s"}


def test_a_metric_that_is_called_as_a_setting_is_told_apart():
    heads = [head for head, _ in results_listing(of_another_trainer("x", "loss"), LINKS).table.columns]
    assert ("x (metric)" in heads, "x" in heads) == (True, False)


def test_so_is_a_setting():
    sweep = ratio_sweep()
    trials = tuple(replace(one, config={**one.config, "run": n}) for n, one in enumerate(sweep.trials))
    listing = settings_listing([results_of(replace(sweep, trials=trials))], LINKS)
    heads = [head for head, _ in listing.table.columns]
    assert ("run (setting)" in heads, heads.count("run"), heads[-1]) == (True, 1, "run")


def test_heads_of_results_call_metrics_as_the_file_does_and_settings_keep_their_keys():
    names = {
        "val/f1": "F1 score",
        "loss": "Loss",
        "optimizer": "method",
        "val/majority": "majority",
        "t": "time (ps)",
    }
    sweep = called(at_batches(judged(F1), by_epoch=False), names, "t")
    heads = [head for head, _ in results_listing(sweep, LINKS).table.columns]
    assert heads[3:9] == [
        "F1 score, last (%)",
        "F1 score, best (time)",
        "majority",
        "better than majority by",
        "Loss",
        "lr",
    ]
    settings = [head for head, _ in settings_listing([sweep], LINKS).table.columns]
    assert settings[:3] == ["trial", "optimizer", "seed"]
