import pytest

from analysis.read import tags
from tests.sweeps.recorded import RecordedFile
from tests.sweeps.specs import run_sweep

TWO = "trainer: {command: [python]}\nsweeps: {a: {seeds: 1}, b: {seeds: 1, set: {x: 1}}}\n"


@pytest.fixture
def file(tmp_path, empty_database, monkeypatch):
    """A file of two trials with an empty record, in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    return RecordedFile(tmp_path, empty_database, "sweeps: {a: {grid: {lr: [1, 2]}}}")


def write_log(file, run_id, attempt, text):
    path = file.path / ".sweep" / "runs" / run_id / f"attempt-{attempt}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_log_of_the_last_attempt_is_printed_whole(file):
    run_id = file.add("lr1", "failed", reason="exit code 7")
    write_log(file, run_id, 1, "first\n")
    write_log(file, run_id, 2, "epoch 1\nepoch 2\n")
    assert file.sweep("logs", "lr1").out == "first\n"
    file.client.set_tag(run_id, tags.ATTEMPT, "2")
    done = file.sweep("logs", "a/lr1")
    assert (done.code, done.out, done.err) == (0, "epoch 1\nepoch 2\n", "")


def test_a_log_is_followed_through_further_attempts_to_the_end_of_the_trial(file):
    run_id = file.add("lr1", "failed", reason="exit code 7")
    write_log(file, run_id, 1, "first\nhalf a line")
    write_log(file, run_id, 2, "second\n")
    assert file.sweep("logs", "-f", "lr1").out == "first\nhalf a line\n== attempt 2\nsecond\n"


def run_of(file, trial):
    return f"sweep run {file.path}/e.yaml --sweep a --only trial={trial} --tracking-uri {file.uri}"


def test_a_trial_without_a_run_has_no_log(file):
    done = file.sweep("logs", "lr2")
    assert (done.code, done.out, done.err) == (
        2,
        "",
        f"trial lr2: has not started yet; `{run_of(file, 'lr2')}` starts it\n",
    )


def test_a_log_of_another_machine_is_looked_for_in_mlflow(file):
    file.add("lr1", "finished")
    done = file.sweep("logs", "lr1")
    assert done.code == 2
    assert done.err.endswith("attempt-1.log on this machine; see the artifacts of its run in MLflow\n")


def test_an_adopted_trial_has_no_log_and_says_where_it_was_found(file):
    file.add("lr1", "finished", adopted="folder /old/1")
    done = file.sweep("logs", "lr1")
    told = "trial lr1: `sweep` did not run it; it was adopted from folder /old/1\n"
    assert (done.code, done.err) == (2, told)


def test_a_trial_can_be_named_by_its_fingerprint(file):
    (row, _) = file.json("plan")["trials"]
    assert file.sweep("logs", row["fingerprint"]).err == (
        f"trial {row['fingerprint']}: has not started yet; `{run_of(file, row['trial'])}` starts it\n"
    )


def test_an_unknown_name_is_refused_with_what_is_close(file):
    done = file.sweep("logs", "lr3")
    assert done.code == 2
    assert done.err.startswith("trial lr3: ")
    assert "e.yaml has no such trial; did you mean 'lr" in done.err
    assert file.sweep("logs", "nothing-like-it").err.endswith(
        f"; `sweep plan {file.path}/e.yaml --tracking-uri {file.uri}` lists them\n"
    )


def test_a_name_that_two_sweeps_have_must_say_which(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.yaml").write_text(TWO)
    done = run_sweep("explain", "two.yaml", "seed0")
    assert (done.code, done.err) == (
        2,
        "trial seed0: several sweeps have one; choose one of a/seed0, b/seed0\n",
    )
    assert run_sweep("explain", "two.yaml", "b/seed0").code == 0
