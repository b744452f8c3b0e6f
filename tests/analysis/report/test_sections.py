from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.report.links import RunLinks
from analysis.report.sections import document, duration, grid_section, size
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.machine import Load
from analysis.results.provenance_marks import with_marks
from analysis.results.results import MOST_METRICS, Curve, SweepResults
from analysis.stats.measures import NONE
from tests.analysis.recorded import (
    EXPERIMENT,
    RUNNING,
    Recording,
    result_of,
    results_of,
    strategy_sweep,
    with_code,
)

LINKS = RunLinks.of("sqlite:///mlflow.db")


def document_of(*sweeps, links=LINKS):
    return document(EXPERIMENT, "experiments.yaml", None, links, sweeps, lay_out(sweeps))


def of_another_trainer(*metrics):
    """A sweep of two trials that log these metrics and have nothing to do with video."""
    trials = tuple(ExpectedTrial(f"x{x}", f"f{x}", {"x": x}, {"x": x}, "") for x in (1, 2))
    curves = dict.fromkeys(metrics, Curve((0, 1), (1.0, 0.5)))
    results = tuple(replace(result_of(one, None), curves=curves) for one in trials)
    return SweepResults(ExpectedSweep("a", ("x",), trials), results)


def test_the_head_counts_the_trials_and_says_which_are_running():
    made = document_of(results_of(strategy_sweep(), {"Cyclical": RUNNING, "None": None}))
    assert made.made_from.endswith("3 trials: 1 finished, 1 running, 1 missing.")
    assert made.in_progress.startswith("In progress: Cyclical still running.")
    assert made.sections[0].incomplete == (
        ("Cyclical", "running, 5 epochs so far"),
        ("None", "missing: no run is recorded"),
    )


def test_only_links_to_a_local_store_need_sweep_ui():
    found = results_of(strategy_sweep())
    assert "while `sweep ui experiments.yaml` is up" in document_of(found).reading
    assert "sweep ui" not in document_of(found, links=RunLinks.of("http://host:5000")).reading


def test_it_says_which_runs_differ_and_how():
    made = document_of(*with_marks([results_of(strategy_sweep(), {"Cyclical": with_code("bb22")})]))
    assert made.sections[0].differences == (
        ("differ in code", ("[a] digest aa11: Monotonic, None", "[b] digest bb22: Cyclical")),
    )
    (_, table, _), _ = made.sections[0].tables
    assert table.columns[-1][0] == "provenance"
    assert [row[-1].text for row in table.rows] == ["[a]", "[b]", "[a]"]


def test_of_more_metrics_than_fit_the_first_are_in_the_table_and_the_rest_is_named():
    found = of_another_trainer(*(f"m{number:02}" for number in range(MOST_METRICS + 2)))
    (results, _) = grid_section(found, (), LINKS, ()).tables
    assert results[2] == "Recorded too, and not shown for want of room: m12, m13."


def test_another_trainers_sweep_has_no_findings():
    assert document_of(of_another_trainer()).sections[0].findings == ()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "\N{EN DASH}"), (0.25, "0.2 s"), (59.4, "59.4 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")],
)
def test_a_duration_is_written_for_people(seconds, words):
    assert duration(seconds) == words


def test_adopted_runs_are_marked_and_their_place_is_named():
    recording = Recording(
        tags={"sweeps.adopted": "folder /old", "sweeps.outcome": "finished", "sweeps.code": ""}
    )
    made = document_of(*with_marks([results_of(strategy_sweep(), {"Cyclical": recording})]))
    (section,) = made.sections
    assert section.warnings == (
        "Adopted, and not run by `sweep`, which knows of them what was recorded there: Cyclical from folder /old.",
    )
    assert section.differences[0] == (
        "may differ in code",
        ("[a] known: Monotonic, None", "[b] adopted, not known: Cyclical"),
    )
    (_, table, _), _ = section.tables
    outcomes = {row[0].text: (row[1].text, row[-1].text) for row in table.rows}
    assert outcomes["Cyclical"] == ("finished (adopted)", "[b]")
    assert outcomes["None"] == ("finished", "[a]")


def test_what_a_run_took_of_the_machine_stands_beside_its_time():
    sweep = of_another_trainer("accuracy")
    first, second = sweep.results
    sampled = replace(first, load=Load(cores=1.52, memory_bytes=8.24e9, gpu_percent=None))
    (_, table, _), _ = grid_section(replace(sweep, results=(sampled, second)), (), LINKS, ()).tables
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
    (_, bare, _), _ = grid_section(sweep, (), LINKS, ()).tables
    assert [name for name, _ in bare.columns][-2:] == ["time", "MLflow run"]
    assert size(512e6) == "512 MB"
