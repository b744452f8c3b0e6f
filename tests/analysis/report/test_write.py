import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.figures.files import figure_cache
from analysis.figures.files.images import paths
from analysis.read.errors import UnknownExperimentError
from analysis.read.record import Record
from analysis.report.write import write_report
from tests.analysis import odd
from tests.analysis.figures.lab.test_lab_figures import OVERVIEWS, REPORT_FIGURES
from tests.analysis.recorded import (
    EXPERIMENT,
    FAILED,
    RUNNING,
    Recording,
    ratio_sweep,
    record,
    strategy_sweep,
    with_code,
)
from tests.analysis.searched import ONE

FIGURES = REPORT_FIGURES | OVERVIEWS
IMAGES = FIGURES | {path.replace(".png", ".svg") for path in FIGURES}
RATIOS, STRATEGIES = ratio_sweep(), strategy_sweep()


def report(store, out, *sweeps):
    sweeps = sweeps or (RATIOS, STRATEGIES)
    return write_report(
        Record(store.uri, EXPERIMENT), sweeps, out, spec_name="experiments.yaml", profile="quick"
    )


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()
    }


@pytest.fixture
def undrawn(monkeypatch):
    """What a report says does not depend on its pictures: their files have their names in them."""
    monkeypatch.setattr(
        figure_cache,
        "images",
        lambda figures, _, pdf: [tuple(map(str.encode, paths(figure, pdf=pdf))) for figure in figures],
    )


def test_a_finished_grid_gives_its_figures_and_three_documents_and_the_same_again(store, tmp_path):
    record(store.client, RATIOS)
    record(store.client, STRATEGIES)
    written = report(store, tmp_path / "out")
    first = files(tmp_path / "out")
    assert first.keys() == IMAGES | {"report.md", "report.html", "manifest.json"}
    assert {str(path.relative_to(tmp_path / "out")) for path in written.paths} == first.keys()
    assert (written.figures, written.incomplete) == (len(FIGURES), ())
    assert report(store, tmp_path / "out") == written
    assert files(tmp_path / "out") == first


def test_the_same_record_gives_the_same_bytes_in_any_folder_and_old_images_go(store, tmp_path):
    few = ratio_sweep(strategies=("None",))
    record(store.client, few)
    other = replace(few, name="other")
    report(store, tmp_path / "one", other, few)
    assert "tfr-by-annealing/diff_tfr/None_loss.png" in files(tmp_path / "one")
    report(store, tmp_path / "one", few)
    report(store, tmp_path / "two", few)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_what_is_not_whole_is_named_everywhere(store, tmp_path, undrawn):
    odd = {
        "Cyclical-tfr0.5": FAILED,
        "Monotonic-tfr0.0": RUNNING,
        "Monotonic-tfr1.0": None,
        "None-tfr1.0": with_code("bb22"),
        "None-tfr0.5": Recording(nan=(("train/loss", 3),)),
    }
    run_ids = record(store.client, RATIOS, odd)
    written = report(store, tmp_path)
    expected = {
        "Cyclical-tfr0.5": "failed after 4 epochs: loss is NaN in epoch 4, batch 2",
        "Monotonic-tfr0.0": "running, 5 epochs so far",
        "Monotonic-tfr1.0": "missing: no run is recorded",
        **{trial.name: "missing: no run is recorded" for trial in STRATEGIES.trials},
    }
    assert {result.trial.name: result.condition for result in written.incomplete} == expected
    text = (tmp_path / "report.md").read_text()
    for name, condition in expected.items():
        assert f"- `{name}`: {condition}" in text
    assert "9 trials: 6 finished, 1 failed, 1 missing, 1 running." in text
    assert "**Compare with care: these runs differ in code.**" in text
    assert "- \\[b\\] digest bb22: None-tfr1.0" in text
    assert "- runs differ in code: \\[a\\] digest aa11; \\[b\\] digest bb22" in text
    assert "**In progress: Monotonic-tfr0.0 still running." in text
    assert "- None-tfr0.5: train/loss is not a finite number at epoch 3, marked x" in text
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {entry["trial"]: entry["condition"] for entry in manifest["incomplete"]} == expected
    (figure,) = [entry for entry in manifest["figures"] if entry["path"] == "diff_tfr/Cyclical_loss.png"]
    assert figure["trials"][1] == {
        "name": "Cyclical-tfr0.5",
        "fingerprint": RATIOS.trials[4].fingerprint,
        "run_id": run_ids["Cyclical-tfr0.5"],
        "state": "failed",
    }


def test_a_recorded_epoch_changes_the_hash_of_the_figures_that_show_it(store, tmp_path, undrawn):
    run_ids = record(store.client, STRATEGIES)
    report(store, tmp_path / "before", STRATEGIES)
    store.client.log_metric(run_ids["Cyclical"], "beta", 0.5, step=24)
    report(store, tmp_path / "after", STRATEGIES)
    before, after = (
        {
            entry["path"]: entry["data_sha256"]
            for entry in json.loads((tmp_path / at / "manifest.json").read_text())["figures"]
        }
        for at in ("before", "after")
    )
    assert {path for path in before if before[path] != after[path]} == {"diff_strategy/beta.png"}


def test_an_experiment_without_runs_is_drawn_as_missing(store, tmp_path):
    store.client.create_experiment(EXPERIMENT)
    written = report(store, tmp_path)
    assert len(written.incomplete) == 12
    assert files(tmp_path).keys() > REPORT_FIGURES
    assert "The data cannot tell: no trial has both PSNRs." in (tmp_path / "report.md").read_text()


def test_searches_whose_names_differ_in_case_alone_have_folders_of_their_own(store, tmp_path, undrawn):
    store.client.create_experiment(EXPERIMENT)
    searches = [replace(ONE, name=name) for name in ("S", "s", "Comparison")]
    write_report(Record(store.uri, EXPERIMENT), (), tmp_path, searches=searches, spec_name="e.yaml")
    assert {path.name for path in (tmp_path / "search").iterdir()} >= {"S", "s-2", "Comparison"}
    written = files(tmp_path)
    assert len({path.casefold() for path in written}) == len(written)


def test_an_unknown_experiment_writes_nothing(store, tmp_path):
    with pytest.raises(UnknownExperimentError):
        report(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.extra) for n in range(1, 8))])
def test_any_record_gives_a_report(seed, tmp_path):
    draw = random.Random(seed)
    made, sweep = odd.record(draw)
    written = write_report(
        made, [sweep], tmp_path / "out", searches=[odd.search(draw)], spec_name="e<b>.yaml"
    )
    first = files(tmp_path / "out")
    assert first.keys() == {str(path.relative_to(tmp_path / "out")) for path in written.paths}
    assert b"\x1b" not in first["report.md"] + first["report.html"]
    json.loads(first["manifest.json"], parse_constant=pytest.fail)
