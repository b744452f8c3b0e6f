"""`sweep ui` up to the server; `sweep report` and its `--watch` have their tests in commands/, live/ and scenarios/."""

import json

from analysis.report.links import UI_PORT
from sweeps.cli.report_verbs import ui
from sweeps.commands.ui import server

TEXT = "sweeps: {a: {grid: {lr: [1, 2]}}}\n"


def test_the_links_of_a_report_lead_to_the_port_that_is_taken_if_no_other_is_asked_for():
    (port,) = [option for option in ui.params if option.name == "port"]
    assert port.default == UI_PORT


TWO_SWEEPS = """\
measures: {val/acc: higher}
sweeps: {a: {grid: {lr: [1, 2]}}, b: {grid: {lr: [3]}}}
"""


def test_a_measure_of_several_sweeps_is_one_column(recorded, monkeypatch):
    file = recorded(TWO_SWEEPS)
    others = [f"loss{number}" for number in range(5)]
    file.add("lr1", "finished", [("val/acc", 0, 0.5), *((key, 0, 1.0) for key in others)])
    monkeypatch.setattr(server, "serve", lambda _uri, listening, _announce: listening.close())
    assert file.sweep("ui", "--port", "5098").code == 0
    kept = file.client.get_experiment(file.experiment_id).tags["mlflow.sharedViewState.sweep-trials"]
    assert json.loads(kept)["selectedColumns"] == [f"metrics.`{key}`" for key in ("val/acc", *others[:4])]


def test_the_pages_are_named_once_the_ui_answers_and_show_what_varies_with_the_results(recorded, monkeypatch):
    file = recorded(TEXT)
    for trial, lr in (("lr1", 1), ("lr2", 2)):
        run_id = file.add(trial, "finished", [("val/acc", 0, 0.5), ("time/epoch_s", 0, 1.0)])
        file.client.log_param(run_id, "lr", lr)
        file.client.log_param(run_id, "width", 8)
    served = []

    def serve(uri, listening, announce):
        served.append(uri)
        listening.close()
        announce()

    monkeypatch.setattr(server, "serve", serve)
    done = file.sweep("ui", "--port", "5099")
    assert (done.code, served) == (0, [file.uri])
    assert done.err.splitlines()[-2:] == [
        "links of report.html open here once 5099 is its port, below Results",
        "Ctrl-C ends it",
    ]
    assert [line.partition(": http://127.0.0.1:5099/")[0] for line in done.out.splitlines()] == [
        "trials",
        "charts of all trials",
        "sweeps",
    ]
    kept = file.client.get_experiment(file.experiment_id).tags["mlflow.sharedViewState.sweep-trials"]
    assert json.loads(kept)["selectedColumns"] == ["params.`lr`", "metrics.`val/acc`"]
    assert file.sweep("ui", "--port", "5099").code == 0  # again, with the views that are there
