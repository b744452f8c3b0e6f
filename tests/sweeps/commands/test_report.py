"""`sweep report` on whole sweeps: the rule by which it compares runs is that of plan and status."""

import base64
import json
import shutil
import subprocess

import pytest
from PIL import Image

import sweeps
from tests.sweeps.recorded import RecordedFile

AUTHOR = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def commit(folder, message):
    for words in (["add", "train.sh"], [*AUTHOR, "commit", "-q", "-m", message]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607 - the PATH's git


def test_runs_of_a_program_without_a_digest_differ_by_their_commits_in_plan_status_and_report(project):
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)  # noqa: S607 - the PATH's git
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: {command: [sh, -c, 'true {x}']}\nsweeps: {a: {grid: {x: [1, 2]}}}\n"
    )
    for x, script in enumerate(("true\n", "echo another\n"), start=1):
        (project.path / "train.sh").write_text(script)
        commit(project.path, script)
        code, output = project.sweep("run", "e.yaml", "--gpus", "", "--only", f"x={x}")
        assert code == 0, output
    for verb in ("plan", "status"):
        code, output = project.sweep(verb, "e.yaml", COLUMNS="1000")
        assert code == 0, output
        (line,) = [line for line in output.splitlines() if "differ" in line]
        assert line.startswith("runs differ in code: commit ")
        assert "(x1); " in line
        assert "(x2)" in line
    code, output = project.sweep("report", "e.yaml")
    assert code == 0, output
    assert "these runs differ in code" in (project.path / "figures" / "report.md").read_text()


@pytest.fixture
def file(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "measures: {cost: lower}\nsweeps: {a: {grid: {lr: [1, 2]}}}\n"
    made = RecordedFile(tmp_path, empty_database, text)
    made.add("lr1", "finished", [("cost", 0, 3.0)])
    return made


def test_another_store_is_shown_side_by_side_and_compared(file, tmp_path):
    shutil.copy(tmp_path / "mlflow.db", tmp_path / "before.db")
    file.add("lr2", "finished", [("cost", 0, 2.0)])
    done = file.sweep("report", "--out", "both", "--with", "sqlite:///before.db")
    assert done.code == 0, done.err
    assert "not complete: lr2 (before): missing: no run is recorded" in done.out
    text = (tmp_path / "both" / "report.md").read_text()
    assert "lr2 (mlflow) (2), then lr1 (mlflow) (3) and lr1 (before) (3)." in text
    assert "record before" in text
    opens = [line for line in text.splitlines() if line.startswith("Links to runs open while")]
    assert [line.rpartition("` runs at port ")[2] for line in opens] == ["5000.", "5001."]
    assert "--port 5001 --tracking-uri sqlite:///" in opens[1]
    assert {f"//127.0.0.1:{port}/#/" in text for port in (5000, 5001)} == {True}


def test_a_store_without_these_runs_or_shown_already_is_refused(file):
    missing = file.sweep("report", "--with", "sqlite:///nothing.db")
    assert (missing.code, "nothing.db: there is no such file yet" in missing.err) == (2, True)
    twice = file.sweep("report", "--with", "sqlite:///mlflow.db")
    assert "mlflow.db: this store is shown already" in twice.err


LIGHTNING = """
defaults: {max_epochs: 2}
measures: {val_loss: lower}
sweeps:
  a: {grid: {lr: [1, 2]}}
"""


@pytest.mark.parametrize(
    ("steps", "key", "word"),
    [((0, 1), "max_epochs", "epoch"), ((21, 43), "max_epochs", "step"), ((0, 1), "max_steps", "step")],
)
def test_steps_are_called_epochs_only_where_the_file_or_the_record_tells_that(
    tmp_path, empty_database, monkeypatch, steps, key, word
):
    monkeypatch.chdir(tmp_path)
    file = RecordedFile(tmp_path, empty_database, LIGHTNING)
    text = (tmp_path / "e.yaml").read_text().replace("[python]}", f"[python], epochs: {key}}}")
    (tmp_path / "e.yaml").write_text(text.replace("max_epochs: 2", f"{key}: 2"))
    points = [("val_loss", step, 3.0 - number) for number, step in enumerate(steps)]
    for trial in ("lr1", "lr2"):
        file.add(trial, "finished", points, epochs="2")
    done = file.sweep("report")
    assert done.code == 0, done.err
    assert f"val_loss by {word}: " in (tmp_path / "figures" / "report.html").read_text()
    report = (tmp_path / "figures" / "report.md").read_text()
    assert f"val_loss, best ({word})" in report
    assert f"2 trials of 2 {'steps' if key == 'max_steps' else 'epochs'}" in report


PRINTS = "for epoch in 1 2; do echo epoch=$epoch batch=$((epoch * 22)) loss={x}$epoch; done"


@pytest.mark.parametrize(("step", "word"), [("epoch", "epoch"), ("batch", "step")])
def test_the_curves_of_a_search_say_what_their_steps_are(project, step, word):
    pattern = r"epoch=(?P<epoch>\d+) batch=(?P<batch>\d+) loss=(?P<loss>\S+)"
    (project.path / "e.yaml").write_text(f"""
experiment: toy
trainer:
  command: [sh, -c, "{PRINTS}"]
  metrics: [{{stdout: '{pattern}', step: {step}}}]
sweeps: {{a: {{search: {{space: {{x: {{int: [1, 9]}}}}, objective: {{loss: min}}, trials: 1}}}}}}
""")
    code, output = project.sweep("run", "e.yaml", "--gpus", "")
    assert code == 0, output
    code, output = project.sweep("report", "e.yaml")
    assert code == 0, output
    report = (project.path / "figures" / "report.md").read_text()
    assert f"every trial by {word}" in report
    assert "| `trial-001` | finished | 2 | " in report


def test_a_report_says_whose_report_it_replaced(file, tmp_path):
    assert " had the report of " not in file.sweep("report").out
    assert " had the report of " not in file.sweep("report").out
    (tmp_path / "figures" / "manifest.json").write_text(
        (tmp_path / "figures" / "manifest.json").read_text().replace('"spec": "', '"spec": "other-')
    )
    assert "figures had the report of other-" in file.sweep("report").out


PARTS = """\
measures: {cost: lower}
sweeps:
  a: {grid: {lr: [1, 2], width: [8, 16]}}
  b: {grid: {depth: [3, 4]}}
"""


def test_a_part_of_the_trials_is_drawn_as_other_verbs_select_it_and_not_stored(
    tmp_path, empty_database, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    file = RecordedFile(tmp_path, empty_database, PARTS)
    for place, trial in enumerate(("lr1-width8", "lr2-width8", "lr1-width16", "lr2-width16", "depth3")):
        file.add(trial, "finished", [("cost", 0, float(place))])
    done = file.sweep("report", "--only", "width=8", "--except", "lr=7", "--out", "none")
    assert (done.code, "--except lr=7: no trial has it" in done.err) == (2, True)
    done = file.sweep("report", "--only", "width=8", "--except", "trial=depth3", "--out", "part")
    assert done.code == 0, done.err
    chosen = "2 of 6 trials chosen by --only width=8 --except trial=depth3"
    assert f"{chosen}; not stored with the sweeps' runs" in done.out
    text = (tmp_path / "part" / "report.md").read_text()
    assert "2 trials: 2 finished. a varies lr (1, 2): 2 trials" in text
    assert chosen in text
    assert "--only width=8 --except trial=depth3" in text.partition("Made again with `")[2].partition("`")[0]
    assert "width16" not in text
    assert "depth" not in text.replace("trial=depth3", "")
    whole = file.sweep("report")
    assert "chosen by" not in whole.out + (tmp_path / "figures" / "report.md").read_text()


def test_a_part_of_a_search_is_drawn_too(project):
    (project.path / "e.yaml").write_text("""
experiment: toy
trainer: {command: [sh, -c, "echo loss={x}"], metrics: [{stdout: 'loss=(?P<loss>\\S+)'}]}
sweeps: {a: {search: {space: {x: {int: [1, 9]}}, objective: {loss: min}, trials: 2}}}
""")
    code, output = project.sweep("run", "e.yaml", "--gpus", "")
    assert code == 0, output
    code, output = project.sweep("report", "e.yaml", "--only", "trial=trial-001")
    assert code == 0, output
    assert "1 of 2 trials chosen by --only trial=trial-001" in output
    report = (project.path / "figures" / "report.md").read_text()
    assert "trial-001" in report
    assert "trial-000" not in report.replace("trial-002", "trial-000")


def picture(path, shade):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (shade, 0, 0)).save(path)
    return path


def test_the_pictures_of_the_best_trials_run_are_in_the_page_and_beside_it(file, tmp_path):
    best = file.add("lr2", "finished", [("cost", 0, 2.0)])
    confusion = picture(tmp_path / ".sweep" / "runs" / best / "files" / "confusion.png", 1)
    file.client.log_artifact(best, str(picture(tmp_path / "roc curve.jpg", 90)), "plots")
    other = next(run for run in file.client.search_runs([file.experiment_id]) if run.info.run_id != best)
    picture(tmp_path / ".sweep" / "runs" / other.info.run_id / "files" / "other.png", 2)
    assert file.sweep("report", "--out", "out").code == 0
    pictures = {path.name: path.read_bytes() for path in (tmp_path / "out" / "a" / "pictures").iterdir()}
    assert sorted(pictures) == ["confusion.png", "plots-roc-curve.png"]
    assert pictures["confusion.png"] == confusion.read_bytes()
    text, page = ((tmp_path / "out" / name).read_text() for name in ("report.md", "report.html"))
    assert "The pictures that lr2 left, the best trial by cost; at most 4." in text
    assert "![plots/roc curve.jpg](a/pictures/plots-roc-curve.png)" in text
    assert base64.b64encode(confusion.read_bytes()).decode() in page
    # What a later best run does not leave goes; of two runs that started at the same time none would be the later.
    file.client.delete_run(best)
    file.add("lr2", "finished", [("cost", 0, 2.0)])
    assert file.sweep("report", "--out", "out").code == 0
    assert not (tmp_path / "out" / "a" / "pictures").exists()
    assert "What did the best setting's run draw?" not in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize("measures", ["", "measures: {cost: neither}\n"])
def test_without_a_measure_that_ranks_no_setting_is_the_best_and_no_picture_is_shown(
    file, tmp_path, measures
):
    (tmp_path / "e.yaml").write_text(
        (tmp_path / "e.yaml").read_text().replace("measures: {cost: lower}\n", measures)
    )
    run = file.add("lr2", "finished", [("cost", 0, 2.0)])
    picture(tmp_path / ".sweep" / "runs" / run / "files" / "confusion.png", 1)
    assert file.sweep("report", "--out", "out").code == 0
    assert not (tmp_path / "out" / "a" / "pictures").exists()


def test_the_report_has_the_names_of_the_file_and_the_word_of_its_sources_along_x(file, tmp_path):
    text = (tmp_path / "e.yaml").read_text()
    source = "{command: [python], metrics: [{csv: '{run_dir}/a.csv', step: t}]}"
    text = text.replace("{command: [python]}", source)
    for names, called, along in (
        ("", "cost", "t"),
        ("names: {cost: Cost, lr: rate, t: time (ps)}\n", "Cost", "time (ps)"),
    ):
        (tmp_path / "e.yaml").write_text(text + names)
        file.add("lr2", "finished", [("cost", step, 9.0 - step) for step in range(5)])
        assert file.sweep("report", "--out", "out").code == 0
        assert f"{called} by {along}: " in (tmp_path / "out" / "report.html").read_text()
    told = (tmp_path / "out" / "report.md").read_text()
    assert ("a varies rate (1, 2)" in told, "Lowest last Cost" in told) == (True, True)


def test_settings_whose_keys_end_alike_have_them_in_full_wherever_the_report_names_them(file, tmp_path):
    text = (tmp_path / "e.yaml").read_text()
    (tmp_path / "e.yaml").write_text(text.replace("{lr: [1, 2]}", "{actor.lr: [1, 2], critic.lr: [1, 2]}"))
    for actor, critic in ((1, 1), (1, 2), (2, 1), (2, 2)):
        file.add(f"lr{actor}-lr{critic}", "finished", [("cost", step, actor + critic) for step in range(5)])
    assert file.sweep("report", "--out", "out").code == 0
    told = (tmp_path / "out" / "report.md").read_text()
    assert "a varies actor.lr (1, 2) and critic.lr (1, 2)" in told
    page = (tmp_path / "out" / "report.html").read_text()
    assert "actor.lr 1, critic.lr 2" in page
    assert "lr 1, lr 2" not in page


def test_metrics_and_sweeps_whose_names_differ_in_case_alone_have_files_of_their_own_on_any_disk(
    tmp_path, empty_database, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    keys = ("VAL-LOSS", "Val-Loss", "val-loss")
    sweeps_text = "sweeps: {A: {grid: {lr: [1, 2]}}, a: {grid: {lr: [3, 4]}}}"
    file = RecordedFile(tmp_path, empty_database, sweeps_text)
    for trial in ("lr1", "lr2", "lr3", "lr4"):
        file.add(trial, "finished", [(key, step, 1.0 + step) for key in keys for step in (0, 1)])
    assert file.sweep("report").code == 0
    written = json.loads((tmp_path / "figures" / "manifest.json").read_text())["files"]
    assert len({path.casefold() for path in written}) == len(written)
    assert {"A/VAL-LOSS.png", "A/Val-Loss-2.png", "A/val-loss-3.png", "a-2/VAL-LOSS.png"} <= written.keys()


def test_figures_are_pdfs_too_where_that_is_asked_for_and_old_ones_go(file, tmp_path):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    done = file.sweep("report", "--pdf", "--plain", "--out", "paper")
    assert done.code == 0, done.err

    def pdfs(folder):
        found = (tmp_path / folder).rglob("*.pdf")
        return {path.relative_to(tmp_path / folder).as_posix(): path.read_bytes() for path in found}

    paper = pdfs("paper")
    listed = json.loads((tmp_path / "paper" / "manifest.json").read_text())
    assert [one["pdf"] for one in listed["figures"]] == list(paper) == ["a/cost.pdf"]
    assert all(content.startswith(b"%PDF-") and b"/FontFile2" in content for content in paper.values())
    text = (tmp_path / "paper" / "report.md").read_text()
    assert "--plain --pdf" in text.partition("Made again with `")[2].partition("`")[0]
    report = sweeps.report("e.yaml", "twice", pdf=True, plain=True, tracking_uri=uri)
    assert pdfs("twice") == paper
    assert tmp_path / "twice" / "a" / "cost.pdf" in [tmp_path / path for path in report.paths]
    again = sweeps.report("e.yaml", "twice", pdf=True, tracking_uri=uri)
    assert len(again.paths) == len(report.paths)
    assert pdfs("twice").keys() == paper.keys()
    assert pdfs("twice") != paper
    sweeps.report("e.yaml", "twice", tracking_uri=uri)
    assert pdfs("twice") == {}


def test_the_report_draws_the_band_that_is_asked_for_and_says_so_everywhere(
    tmp_path, empty_database, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    file = RecordedFile(tmp_path, empty_database, "sweeps: {a: {grid: {lr: [1, 2]}, seeds: 3}}")
    for trial in ("lr1", "lr2"):
        for seed in (0, 1, 2):
            points = [("cost", step, 1.0 + seed + step) for step in (0, 1)]
            file.add(f"{trial}-seed{seed}", "finished", points)
    words = {
        "minmax": "its band goes from their minimum to their maximum",
        "sd": "its band is the mean ± standard deviation",
        "iqr": "its band goes from the lower to the upper quartile",
    }
    for band, said in words.items():
        done = file.sweep("report", *([] if band == "minmax" else ["--band", band]))
        assert done.code == 0, done.err
        figures = json.loads((tmp_path / "figures" / "manifest.json").read_text())["figures"]
        assert {one["band"] for one in figures if "cost" in one["keys"]} == {band}
        for page in ("report.md", "report.html"):
            text = (tmp_path / "figures" / page).read_text()
            assert [other for other in words if words[other] in text] == [band]
            assert said in text
        again = (tmp_path / "figures" / "report.md").read_text().partition("Made again with `")[2]
        assert (f"--band {band}" in again.partition("`")[0]) == (band != "minmax")
    report = sweeps.report("e.yaml", "drawn", band="sd", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    assert words["sd"] in next(path for path in report.paths if path.name == "report.md").read_text()
    with pytest.raises(
        sweeps.SweepError, match=r"band='std': it is not one of minmax, sd, iqr; did you mean 'sd'"
    ):
        sweeps.report("e.yaml", band="std", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
