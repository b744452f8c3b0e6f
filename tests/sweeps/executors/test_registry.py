"""What the command line may say to which executor, before anything is started."""

import pytest

from sweeps.errors import HeldError
from sweeps.executors.ray import links_in
from sweeps.executors.registry import ExecutorChoice, executor_named, shipped_code
from sweeps.rundir.paths import RunPaths
from tests.sweeps.specs import run_sweep


def test_the_executor_is_the_one_that_is_named():
    said = {"address": None, "gpus": None, "jobs": 3}
    assert executor_named("local", **said | {"gpus": "0"}) == ExecutorChoice("local", gpus="0", jobs=3)
    assert executor_named("ray", **said | {"address": "auto"}) == ExecutorChoice("ray", "auto", jobs=3)
    assert executor_named("slurm", **said) == ExecutorChoice("slurm", jobs=3)
    assert executor_named("slurm", **said | {"address": "local"}) == ExecutorChoice("slurm", "local", jobs=3)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--address", "auto"), "--address is for --executor ray and slurm, not local"),
        (("--executor", "slurm", "--address", "auto"), "--address auto: for --executor slurm there is only"),
        (("--executor", "ray", "--gpus", "0"), "--gpus is for --executor local; with ray set"),
    ],
)
def test_an_option_of_another_executor_is_refused(tmp_path, monkeypatch, options, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.py").write_text("def train(config, run): ...\n")
    (tmp_path / "e.yaml").write_text("experiment: e\ntrainer: toy:train\nsweeps: {a: {seeds: 1}}\n")
    done = run_sweep("run", "e.yaml", *options, "--tracking-uri", f"sqlite:///{tmp_path / 'none.db'}")
    assert (done.code, done.err.startswith(told)) == (2, True), done.err
    assert not (tmp_path / ".sweep").exists()


def test_no_other_executor_takes_what_slurm_may_work_on(tmp_path):
    paths = RunPaths(tmp_path)
    assert ExecutorChoice().kept([paths]) == set()
    paths.job.write_text('{"job": "7", "attempt": 1}')
    for executor in (ExecutorChoice(), ExecutorChoice("ray"), ExecutorChoice("slurm", "local")):
        with pytest.raises(HeldError, match="run it with --executor slurm, or cancel"):
            executor.kept([paths])
    paths.job.write_text('{"job": "7", "attempt": 1, "address": "local"}')
    with pytest.raises(HeldError, match="run it with --executor slurm --address local, or cancel"):
        ExecutorChoice().kept([paths])


def test_the_code_that_goes_along_is_the_first_on_the_search_path(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name / "package").mkdir(parents=True)
    (tmp_path / "second" / "single.py").touch()
    places = [str(tmp_path / name) for name in ("first", "second")]
    found = shipped_code(["package.train", "single", "installed.elsewhere"], places)
    assert found == [str(tmp_path / "first" / "package"), str(tmp_path / "second" / "single.py")]


def test_what_a_package_links_to_is_not_shipped_with_it(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "pkg/sub").mkdir(parents=True)
    (tmp_path / "pkg/t.py").touch()
    (tmp_path / "pkg/sub/big [1].bin").symlink_to(tmp_path / "data")
    (tmp_path / "pkg/data").symlink_to(tmp_path / "data")
    assert links_in([str(tmp_path / "pkg"), str(tmp_path / "missing")]) == [
        "/data",
        r"/sub/big\ \[1\].bin",
    ]
