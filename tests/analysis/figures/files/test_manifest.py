import json

from analysis.figures.catalogue import lay_out
from analysis.figures.files.images import DrawnFigure, paths
from analysis.figures.files.manifest import data_sha256, manifest
from analysis.figures.searches.search_figures import search_figures
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import Recording, results_of, strategy_sweep
from tests.analysis.searched import ONE

SWEEP = strategy_sweep()


def figure_of(recordings=None):
    return lay_out([results_of(SWEEP, recordings)])[SWEEP.name][0]


def drawn(figures, as_pdf=()):
    return [
        DrawnFigure(
            figure, data_sha256(figure), dict.fromkeys(paths(figure, pdf=figure.path in as_pdf), b"drawn")
        )
        for figure in figures
    ]


def test_equal_data_have_equal_hashes_and_a_changed_value_another():
    assert data_sha256(figure_of()) == data_sha256(figure_of())
    odd = {"Cyclical": Recording(nan=(("train/loss", 3),))}
    assert data_sha256(figure_of(odd)) != data_sha256(figure_of())


def test_it_names_what_is_not_complete_and_is_json_also_where_a_value_is_no_number():
    results = results_of(SWEEP, {"Cyclical": None, "None": Recording(nan=(("train/loss", 3),))})
    figures = lay_out([results])[SWEEP.name]
    made = manifest("e", "e.yaml", "quick", drawn(figures), results.results[1:2], drawn_by="")
    assert made["incomplete"] == [{"trial": "Cyclical", "condition": "missing: no run is recorded"}]
    assert (made["experiment"], made["spec"], made["profile"]) == ("e", "e.yaml", "quick")
    assert [entry["path"] for entry in made["figures"]] == [figure.path for figure in figures]
    json.dumps(made, allow_nan=False)


def test_the_manifest_has_the_runs_that_each_figure_is_drawn_from():
    figures = {figure.plot: figure for figure in search_figures(ONE)}
    entries = manifest("e", "e.yaml", None, drawn(figures.values()), (), drawn_by="")["figures"]
    runs = {one["path"]: [trial["run_id"] for trial in one["trials"]] for one in entries}
    assert runs["search/s/history.png"] == ["run2", "run3", "run4", "run6"]
    assert runs["search/s/curves.png"] == ["run2", "run3", "run4", "run5", "run6"]
    assert entries[0]["trials"][1] == {
        "name": "trial-003",
        "fingerprint": "print3",
        "run_id": "run3",
        "state": "finished",
    }
    assert entries[0]["keys"] == ["val/psnr"]


def test_a_film_is_listed_where_there_is_one():
    results = results_of(SWEEP)
    figures = lay_out([results], clips_of(results, {"Cyclical": 9}))[SWEEP.name]
    entries = manifest("e", "e.yaml", None, drawn(figures), (), drawn_by="")["figures"]
    films = {entry["path"]: entry["film"] for entry in entries if "film" in entry}
    assert films == {"diff_strategy/frames.png": "diff_strategy/frames.webp"}


def test_a_pdf_is_listed_where_there_is_one():
    figures = lay_out([results_of(SWEEP)])[SWEEP.name]
    made = manifest("e", "e.yaml", None, drawn(figures, [figures[0].path]), (), drawn_by="")
    assert [entry.get("pdf") for entry in made["figures"][:2]] == [figures[0].pdf_path, None]
    assert [path for path in made["files"] if path.endswith(".pdf")] == [figures[0].pdf_path]
