from tests.sweeps.specs import run_sweep

SEARCH = """
sweeps:
  s:
    search:
      space:
        lr: {float: [0.001, 0.1], log: true}
        kind: {choice: [None, Cyclical]}
      objective: {val/psnr: max}
      trials: 5
      enqueue: [{lr: 0.01, kind: Cyclical}]
"""


def run_of(file):
    return f"sweep run {file.path}/e.yaml --tracking-uri {file.uri}"


def test_plan_lists_what_a_run_would_start_and_counts_it(here):
    done = run_sweep("plan", "experiments.yaml")
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert lines[0].split() == ["sweep", "trial", "action"]
    assert lines[1].split() == ["tfr-by-annealing", "None-tfr1.0", "new"]
    assert lines[-1] == "18 new; `sweep run experiments.yaml` would start 15"
    assert len(lines) == 20


def test_a_long_plan_is_printed_line_by_line_as_well(here):
    (here / "long.yaml").write_text("trainer: {command: [python]}\nsweeps: {a: {seeds: 1500}}\n")
    lines = run_sweep("plan", "long.yaml").out.splitlines()
    assert lines[:2] == ["sweep  trial     action", "a      seed0     new"]
    assert lines[-2:] == ["a      seed1499  new", "1500 new; `sweep run long.yaml` would start 1500"]


def test_a_recorded_trial_shows_where_it_stands_and_why(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2, 3, 4]}}}")
    file.add("lr1", "finished")
    run_id = file.add("lr2", "interrupted", reason="signal: SIGINT", epochs="3")
    file.add("lr3", "failed", reason="exit code 7")
    lines = [line.split() for line in file.sweep("plan").out.splitlines()]
    anew = ["begins", "anew,", "unless", "it", "finds", "its", "own", "checkpoint"]
    assert lines[:5] == [
        ["sweep", "trial", "action", "reason"],
        ["a", "lr1", "done"],
        ["a", "lr2", "restart", "signal:", "SIGINT;", *anew],
        ["a", "lr3", "retry", "exit", "code", "7;", *anew],
        ["a", "lr4", "new"],
    ]
    counts = f"1 new, 1 restart, 1 retry, 1 done; `{run_of(file)}` would start 2, about "
    assert " ".join(lines[-1]).startswith(counts)
    assert " ".join(lines[-1]).endswith(
        "m00s at the recorded pace, with --retry-failed 1 that failed, too"
    )  # a minute for each slot's trials
    rows = {row["trial"]: row for row in file.json("plan")["trials"]}
    assert (rows["lr2"]["run_id"], rows["lr2"]["epoch"]) == (run_id, None)
    assert rows["lr2"]["action"] == "resume"
    assert file.json("plan")["counts"] == {"new": 1, "resume": 1, "retry": 1, "done": 1}
    assert (rows["lr1"]["epoch"], rows["lr4"]["run_id"]) == (None, None)


def test_a_trial_that_the_file_no_longer_has_is_shown_as_removed(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    run_id = file.add("lr2", "finished")
    text = (file.path / "e.yaml").read_text()
    (file.path / "e.yaml").write_text(text.replace("[1, 2]", "[1]"))
    row = file.json("plan")["trials"][-1]
    reason = "in the record, not in the file; it is kept"
    assert (row["trial"], row["action"], row["reason"], row["run_id"]) == ("lr2", "removed", reason, run_id)
    assert row["command"] is None
    assert file.sweep("plan").out.splitlines()[-1] == f"1 new, 1 removed; `{run_of(file)}` would start 1"


def test_a_search_says_how_far_it_is_and_which_starting_points_come_first(recorded):
    file = recorded(SEARCH)
    text = file.sweep("plan").out
    assert "s: 0 of 5 trials done, 5 to be suggested by " in text
    assert "s: starting point to come: lr 0.01, kind Cyclical\n" in text
    assert f"`{run_of(file)}` would start 0, then search 5" in text
    (search,) = file.json("plan")["searches"]
    assert (search["wanted"], search["ended"], search["to_begin"]) == (5, {}, 5)
    assert search["starting_points"] == [{"lr": 0.01, "kind": "Cyclical"}]
