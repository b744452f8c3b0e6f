"""What `sweep best` prints."""

import json
import shlex

import yaml

MEASURED = "measures: {acc: {better: higher, unit: '%'}, loss: lower}"


def test_repeats_are_one_setting_without_their_seed(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2]}}, set: {{net.depth: 3}}, seeds: 3}}}}\n{MEASURED}")
    for seed, value in enumerate((0.5, 0.6, 0.7)):
        file.add(f"lr1-seed{seed}", "finished", [("acc", 1, value)])
    file.add("lr2-seed0", "finished", [("acc", 1, 0.6)])
    printed = file.sweep("best").out
    assert printed.splitlines()[:3] == [
        "# a: lr 1, the best of 2 so far by acc (higher is better): 0.6 %, mean of 3 runs: 0.5 to 0.7",
        "# equal to it: lr 2",
        "# not decided: 1 of 2 is unfinished",
    ]
    assert yaml.safe_load(printed) == {"defaults": {"lr": 1, "net.depth": 3}}


def test_a_setting_is_written_as_in_the_report(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{gamma: [0.5, 2.0]}}}}}}\n{MEASURED}")
    file.add("gamma0.5", "finished", [("acc", 1, 0.5)])
    file.add("gamma2.0", "finished", [("acc", 1, 0.6)])
    assert file.sweep("best").out.startswith("# a: gamma 2, the best of 2 by acc")


def test_settings_that_seeds_do_not_tell_apart_are_named(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2, 3]}}, seeds: 2}}}}\n{MEASURED}")
    for lr, values in ((1, (0.5, 0.6)), (2, (0.52, 0.56)), (3, (0.1, 0.11))):
        for seed, value in enumerate(values):
            file.add(f"lr{lr}-seed{seed}", "finished", [("acc", 1, value)])
    remarks = [line for line in file.sweep("best").out.splitlines() if line.startswith("# not")]
    assert remarks == ["# not significantly worse: lr 2, 0.54 %"]
    (row,) = json.loads(file.sweep("best", "--json").out)
    assert row["not_told_apart"] == [{"lr": 2}]


def test_what_is_missing_is_said_and_sweeps_are_documents(recorded):
    grid = "{grid: {lr: [1, 2]}, seeds: 2}"
    file = recorded(f"sweeps: {{a: {grid}, b: {{grid: {{lr: [3]}}}}}}\n{MEASURED}")
    file.add("lr1-seed0", "finished", [("acc", 1, 0.5)])
    file.add("lr3", "finished", [("acc", 1, 0.5)])
    printed = file.sweep("best").out
    remarks = [line for line in printed.splitlines() if line.startswith("#")]
    assert remarks[1:3] == [
        "# not decided: 2 of 2 are unfinished; 1 of 2 has no finished run with a number",
        "# 1 of its 2 runs has no number",
    ]
    assert [one["defaults"]["lr"] for one in yaml.safe_load_all(printed)] == [1, 3]


def test_what_is_printed_is_a_file_of_the_same_trial(recorded, tmp_path):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2]}}, set: {{net.depth: 'no'}}}}}}\n{MEASURED}")
    file.add("lr2", "finished", [("acc", 1, 0.5)])
    pasted = file.sweep("best").out
    (tmp_path / "e.yaml").write_text(
        f"experiment: toy\ntrainer: {{command: [python]}}\n{pasted}sweeps: {{b: {{include: [{{}}]}}}}\n"
    )
    (trial,) = file.json("plan")["trials"]
    assert trial["action"] == "done"


def test_what_follows_another_setting_still_does_where_it_is_pasted(recorded):
    defaults = (
        "defaults: {exp.seed: '{seed}', wd: '{lr}', both: ['{lr}', 3], text: '{{lr}}', out: '{run_dir}'}\n"
    )
    file = recorded(f"{defaults}sweeps: {{a: {{grid: {{lr: [1, 2]}}, seeds: 2}}}}\n{MEASURED}")
    file.add("lr2-seed1", "finished", [("acc", 1, 0.5)])
    assert yaml.safe_load(file.sweep("best").out)["defaults"] == {
        "exp.seed": "{seed}",
        "wd": "{lr}",
        "both": ["{lr}", 3],
        "text": "{{lr}}",
        "out": "{run_dir}",
        "lr": 2,
    }


def test_a_command_trains_it_once_more(recorded, tmp_path):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2]}}}}}}\n{MEASURED}")
    text = (tmp_path / "e.yaml").read_text()
    (tmp_path / "e.yaml").write_text(text.replace("[python]", '[python, "{args}"]'))
    file.add("lr2", "finished", [("acc", 1, 0.5)])
    assert file.sweep("best", "--command").out.splitlines()[-1] == "python --lr 2"


def test_a_command_that_only_sweep_can_complete_is_a_run_of_it(recorded, tmp_path):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2]}}}}}}\n{MEASURED}")
    text = (tmp_path / "e.yaml").read_text()
    (tmp_path / "e.yaml").write_text(text.replace("[python]", '[python, "{args}", "{newest:*.pt}"]'))
    file.add("lr2", "finished", [("acc", 1, 0.5)])
    (row,) = file.json("best")
    (command,) = row["commands"]
    assert command.startswith("sweep run ")
    assert file.sweep("best", "--command").out.splitlines()[-1] == command


def test_where_trials_have_copies_of_a_config_file_the_verb_that_writes_them_is_named(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2]}}}}}}\n{MEASURED}")
    (file.path / "base.yaml").write_text("lr: 3\n")
    text = (file.path / "e.yaml").read_text()
    own = "trainer: {command: [python, '{trial_config}'], config_file: base.yaml}"
    (file.path / "e.yaml").write_text(text.replace("trainer: {command: [python]}", own))
    file.add("lr1", "finished", [("acc", 1, 0.5)])
    lines = file.sweep("best", "--command").out.splitlines()
    assert lines[-2].startswith("# each takes a config file of its own: this writes them below best/")
    verb, *words = shlex.split(lines[-1])[1:]
    printed = file.sweep(verb, *words[1:]).out
    assert yaml.safe_load((file.path / "best/a/lr1/base.yaml").read_text()) == {"lr": 1}
    assert "best/a/lr1/base.yaml" in printed


def _searched(recorded, objective, **ends):
    """A file whose search has a trial for each lr, recorded with these metrics and outcome."""
    search = (
        f"{{space: {{lr: {{float: [1, 9]}}}}, objective: {objective}, trials: 5, pruner: {{name: none}}}}"
    )
    pruning = search.replace("none", "median") if "," not in objective else search
    file = recorded(f"sweeps: {{g: {{grid: {{lr: [1, 2, 3, 4]}}}}, s: {{search: {pruning}}}}}")
    for number, (name, (outcome, metrics)) in enumerate(ends.items(), start=1):
        entry = {"s": {"name": f"trial-00{number}", "params": {"lr": int(name[2:])}}}
        reason = {"reason": "median: acc 0.1 after epoch 1"} if outcome == "pruned" else {}
        points = [(key, 1, value) for key, value in metrics.items()]
        file.add(name, outcome, points, search=json.dumps(entry), **reason)
    return file


def test_the_best_of_a_search_is_said_to_be_the_luckiest_and_the_pruned_are_counted_as_such(recorded):
    ends = {f"lr{n}": ("finished", {"acc": n / 10}) for n in (1, 2)} | {"lr3": ("pruned", {"acc": 0.1})}
    printed = _searched(recorded, "{acc: max}", **ends).sweep("best", "--sweep", "s").out
    lines = printed.splitlines()
    assert lines[0] == "# s: lr 2, the best of 3 by acc (higher is better): 0.2"
    assert lines[1].startswith("# the luckiest of 2 trials: with another seed it is likely to do worse.")
    assert lines[2] == "# 1 of 3 was pruned"
    assert yaml.safe_load(printed) == {"defaults": {"lr": 2}}


def test_a_search_of_several_objectives_has_a_front(recorded):
    ends = {
        "lr1": ("finished", {"acc": 0.9, "size": 9.0}),
        "lr2": ("finished", {"acc": 0.5, "size": 1.0}),
        "lr3": ("finished", {"acc": 0.4, "size": 2.0}),
        "lr4": ("failed", {"acc": 1.0, "size": 0.1}),
    }
    file = _searched(recorded, "{acc: max, size: min}", **ends)
    rows = json.loads(file.sweep("best", "--sweep", "s", "--json").out)
    assert [(row["varied"], row["front"]) for row in rows] == [
        ({"lr": 1}, {"acc": 0.9, "size": 9.0}),
        ({"lr": 2}, {"acc": 0.5, "size": 1.0}),
    ]
    printed = file.sweep("best", "--sweep", "s").out
    assert printed.startswith("# s: lr 1, on the Pareto front of 4: acc 0.9, size 9\n")
    assert [one["defaults"]["lr"] for one in yaml.safe_load_all(printed)] == [1, 2]
    (row,) = json.loads(file.sweep("best", "--sweep", "s", "--json", "--metric", "size").out)
    assert (row["varied"], row["front"]) == ({"lr": 2}, {})
