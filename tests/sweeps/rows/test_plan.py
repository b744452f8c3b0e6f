import json

from sweeps.rundir.paths import StateDir
from tests.sweeps.specs import run_sweep


def test_plan_as_json_has_every_trial_with_the_command_that_repeats_it(here):
    done = run_sweep("plan", "experiments.yaml", "--only", "tfr=0.5", "--set", "seed=7", "--json")
    found = json.loads(done.out)
    assert found["counts"] == {"new": 3}
    expected = {
        "sweep": "tfr-by-annealing",
        "trial": "Cyclical-tfr0.5",
        "action": "new",
        "reason": "",
        "run_id": None,
        "command": "sweep run experiments.yaml --profile quick --set seed=7 --sweep tfr-by-annealing "
        "--only trial=Cyclical-tfr0.5",
    }
    assert found["trials"][1] | expected == found["trials"][1]
    assert found["trials"][1]["fingerprint"].startswith("s1-")


def test_a_program_goes_on_only_where_what_it_goes_on_from_is_there(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    path = file.path / "e.yaml"
    more = "cwd: '{run_dir}', resume: {when: 'out/*.pt', add: [--go-on]}"
    path.write_text(path.read_text().replace("[python]", f"[python], {more}"))
    runs = [file.add(name, "interrupted", reason="stopped", epochs="3") for name in ("lr1", "lr2")]
    checkpoint = StateDir.here().run(runs[0]).files / "out/a.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    rows = [(row["epoch"], row["reason"]) for row in json.loads(file.sweep("plan", "--json").out)["trials"]]
    assert rows == [
        (3, "stopped"),
        (None, "stopped; begins anew: what `resume:` goes on from is not there"),
    ]
    reasons = [row["reason"] for row in json.loads(file.sweep("status", "--json").out)]
    assert reasons == ["stopped", "stopped"]
