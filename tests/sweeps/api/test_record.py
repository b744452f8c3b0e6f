import re

import pytest

import analysis
import sweeps
from analysis.read.errors import UnknownExperimentError
from tests.sweeps.recorded import RecordedFile

MEASURED = "sweeps: {a: {grid: {lr: [1, 2], depth: [3, 4]}, seeds: 3}}\nmeasures: {acc: higher, loss: lower}"
ENDS = {"lr1-depth3": 0.5, "lr1-depth4": 0.6, "lr2-depth3": 0.9, "lr2-depth4": 0.7}


@pytest.fixture
def measured(tmp_path, empty_database, monkeypatch):
    """A file of four settings with three seeds each, all finished, in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    recorded = RecordedFile(tmp_path, empty_database, MEASURED)
    for name, end in ENDS.items():
        for seed in range(3):
            noise = 0.01 * (seed * 7 % 5)
            recorded.add(
                f"{name}-seed{seed}", "finished", [("acc", 1, end + noise), ("loss", 1, 2 - end + noise)]
            )
    return recorded


def test_the_record_of_a_file_is_that_of_its_experiment(measured):
    runs = sweeps.load_runs("e.yaml")
    assert runs.equals(analysis.load_runs(measured.uri, "toy"))
    assert sweeps.load_curves("e.yaml", "acc").equals(analysis.load_curves(measured.uri, "toy", "acc"))
    one = runs["run_id"].iloc[0]
    assert set(sweeps.load_curves("e.yaml", run_ids=one, tracking_uri=measured.uri)["run_id"]) == {one}


def test_a_key_that_nobody_recorded_is_warned_of_where_it_was_asked_for(measured):
    with pytest.warns(sweeps.SweepWarning, match="did you mean 'acc'. Recorded: acc, loss") as told:
        sweeps.load_curves("e.yaml", "accc")
    assert told[0].filename == __file__


def test_a_file_of_which_nothing_is_recorded_is_told_apart(measured):
    (measured.path / "b.yaml").write_text(
        "experiment: too\ntrainer: {command: [python]}\nsweeps: {a: {grid: {x: [1]}}}\n"
    )
    with pytest.raises(UnknownExperimentError, match=r"no experiment 'too' .* Recorded there: toy"):
        sweeps.load_runs("b.yaml")


def test_a_comparison_has_the_numbers_of_the_report(measured):
    found = sweeps.compare("e.yaml")
    assert set(found["measure"]) == {"acc", "loss"}
    assert set(found["axis"]) == {"lr", "depth"}
    text = "".join(path.read_text() for path in sweeps.report("e.yaml").paths if path.name == "report.md")
    for _, pair in found[found["within"] == ""].iterrows():
        p = f"{pair['p_corrected']:.2g}" if pair["p_corrected"] >= 0.001 else "< 0.001"
        said = re.search(rf"{pair['high']} above {pair['low']} by [^;]*corrected p (= )?{re.escape(p)}", text)
        assert said, (pair.to_dict(), text)
    assert (found["ci_low"] <= found["difference"]).all()
    assert (found["difference"] <= found["ci_high"]).all()
    assert found.groupby("measure")["better"].first().to_dict() == {"acc": "high", "loss": "low"}
    assert found.groupby("measure")["unit"].first().to_dict() == {"acc": "", "loss": "%"}


def test_a_comparison_by_one_measure_is_corrected_as_all_are(measured):
    every, one = sweeps.compare("e.yaml"), sweeps.compare("e.yaml", "acc")
    assert one["p_corrected"].tolist() == every[every["measure"] == "acc"]["p_corrected"].tolist()
    with pytest.raises(
        sweeps.SweepError, match=r"by acd; did you mean 'acc'\? the report compares by acc, loss"
    ):
        sweeps.compare("e.yaml", measure="acd")


def test_where_nothing_is_repeated_a_comparison_is_empty_and_says_so(measured):
    with pytest.warns(sweeps.SweepWarning, match="nothing is tested: .*--seeds 3"):
        found = sweeps.compare("e.yaml", "acc", seeds=1)
    assert (len(found), "p_corrected" in found.columns) == (0, True)


def test_the_best_setting_is_that_of_the_command_line(measured):
    (row,) = measured.json("best")
    (found,) = sweeps.best("e.yaml").to_dict("records")
    assert {key: found[key] for key in row if key != "commands"} == {
        key: value for key, value in row.items() if key != "commands"
    }
    assert found["varied"] == {"lr": 2, "depth": 3}
    assert sweeps.best("e.yaml", metric="loss", only="depth=4")["settings"].tolist() == [
        {"lr": 2, "depth": 4}
    ]
