import os

from sweeps.adoption.folder_metrics import read_folder
from sweeps.rundir.journal import Metrics, read_entries
from sweeps.rundir.paths import RunPaths
from sweeps.sources.following.readings import recorded_readings

PATTERN = "metrics: [{stdout: 'at (?P<step>\\d+) loss (?P<loss>\\S+)'}]"
SAID = "metrics: [{csv: '{run_dir}/logs/{trial}.csv'}]"


def read(adopting, folder, trainer="", log=None):
    (adopting.path / "e.yaml").write_text(
        f"trainer: {{command: [python], epochs: epochs, {trainer}}}\nsweeps: {{a: {{grid: {{lr: [0.1]}}}}}}\ndefaults: {{epochs: 3}}\n"
    )
    session = adopting.session()
    paths = RunPaths(adopting.path / f"staged-{folder.name}{len(trainer)}{log or ''}")
    return read_folder(folder, session.sweeps[0].trials[0], session.trainer, log, paths), paths


def test_what_looks_like_metrics_is_read_into_a_journal_and_the_folder_stays_as_it_is(adopting):
    folder = adopting.folder("a")
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
    found, paths = read(adopting, folder)
    assert (found.metrics, found.files, found.epochs, found.problem) == ({"loss": 3}, ("m.csv",), 3, "")
    points = [(e.step, e.values) for e in read_entries(paths.journal, 0)[0] if isinstance(e, Metrics)]
    assert points == [(0, {"loss": 1.0}), (1, {"loss": 0.5}), (2, {"loss": 1 / 3})]
    assert {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())} == before


def test_a_file_is_read_alike_in_each_folder_and_in_that_of_a_trial(adopting):
    folders = [adopting.folder(name) for name in "ab"]
    said = ["", "", "metrics: [{csv: '{run_dir}/m.csv'}]"]
    readings = [
        recorded_readings(read(adopting, folder, trainer)[1])
        for folder, trainer in zip([*folders, folders[0]], said, strict=True)
    ]
    assert list(readings[0]) == ["loss"]
    assert readings[1] == readings[2] == readings[0]


def test_the_files_own_sources_come_first_with_the_folder_as_the_runs_directory(adopting):
    folder = adopting.folder("a")
    (folder / "logs").mkdir()
    (folder / "logs" / "lr0.1.csv").write_text("step,acc\n1,0.5\n")
    found, _ = read(adopting, folder, SAID)
    assert (found.metrics, found.files) == ({"acc": 1}, ("logs/lr0.1.csv",))


def test_a_log_is_read_with_the_files_patterns_and_of_several_the_one_that_is_named(adopting):
    folder = adopting.folder("a", rows=0)
    (folder / "m.csv").unlink()
    (folder / "train.log").write_text("at 0 loss 1\nat 1 loss 0.5")
    found, _ = read(adopting, folder, PATTERN)
    assert (found.metrics, found.files) == ({"loss": 2}, ("train.log",))
    (folder / "err.log").write_text("at 0 loss 7\n")
    assert "has 2 logs (err.log, train.log); name the one" in read(adopting, folder, PATTERN)[0].problem
    assert read(adopting, folder, PATTERN, "tr*.log")[0].metrics == {"loss": 2}


def test_a_folder_without_metrics_says_what_is_missing(adopting):
    folder = adopting.folder("a")
    (folder / "m.csv").unlink()
    assert read(adopting, folder)[0].problem == "has no file of metrics"
    assert (
        read(adopting, folder, PATTERN)[0].problem
        == "has no file of metrics, and no log; name the log with --log"
    )
    (folder / "train.log").write_text("at 0 loss 1\n")
    assert "would read train.log" in read(adopting, folder)[0].problem


def test_a_file_that_tells_no_times_gives_its_own_time_and_no_duration(adopting):
    folder = adopting.folder("a")
    os.utime(folder / "m.csv", (1000, 1000))
    found, _ = read(adopting, folder)
    assert (found.began_ms, found.ended_ms) == (1_000_000, 1_000_000)
